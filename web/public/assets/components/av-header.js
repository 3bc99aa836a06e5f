// Product name, project, connection and theme.

import { Component, framed, h, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { live } from "../net/live.js";
import "./av-nav.js";
import "./av-switcher.js";
import "./av-theme.js";

const CONNECTION = {
  connecting: "Connecting…",
  live: "Live",
  lost: "Connection lost",
  paused: "Paused",
  missing: "Not found",
  refused: "Logged out",
};

class Header extends Component {
  #readOnly = h(
    "span",
    { class: "chip chip-quiet", title: "Nothing can be started or changed here", hidden: true },
    icon("lock"),
    h("span", { class: "read-only-word" }, "Read-only"),
  );
  // A form, so that the answer's redirect leads to the login page.
  #logout = h(
    "form",
    { class: "logout", method: "post", action: "/logout", hidden: true },
    h("button", { class: "button quiet small" }, "Log out"),
  );
  #connectionText = h("span");
  #connection = h(
    "span",
    { class: "connection" },
    h("span", { class: "connection-dot", "aria-hidden": "true" }),
    this.#connectionText,
  );

  build() {
    const brand = h(
      "a",
      { class: "brand", href: "/" },
      h("img", { src: "/assets/favicon.svg", alt: "", width: 26, height: 26 }),
      h("span", {}, "AgentV ", h("span", { class: "brand-soft" }, "Studio")),
    );
    this.append(
      h(
        "header",
        { class: "site-header" },
        h(
          "div",
          { class: "site-header-inner" },
          brand,
          h("av-switcher"),
          h("av-nav"),
          h("div", { class: "spacer" }),
          this.#readOnly,
          this.#connection,
          h("av-theme"),
          this.#logout,
        ),
      ),
    );
  }

  start() {
    const render = framed(() => this.#render());
    this.own(live.subscribe(render));
    this.#render();
  }

  #render() {
    const { config } = live.project;
    show(this.#readOnly, config.read_only === true);
    show(this.#logout, config.requires_token === true);
    setText(this.#connectionText, CONNECTION[live.connection]);
    this.#connection.dataset.state = live.connection;
  }
}

customElements.define("av-header", Header);
