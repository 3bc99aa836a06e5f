// Says when what is on the page may be out of date, and takes it back by itself.

import { Component, h, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { live } from "../net/live.js";
import { announce } from "./av-announcer.js";

class Banner extends Component {
  #text = h("span", { class: "banner-text" });
  #banner = h(
    "div",
    { class: "banner", role: "alert", hidden: true },
    h(
      "div",
      { class: "banner-inner" },
      icon("plug"),
      this.#text,
      h(
        "button",
        { class: "button small", type: "button", onclick: () => live.retry() },
        "Try now",
      ),
    ),
  );
  #wasLost = false;

  build() {
    this.append(this.#banner);
  }

  start() {
    this.own(live.subscribe(({ kind }) => kind !== "event" && this.#render()));
    this.#render();
  }

  #render() {
    const lost = live.connection === "lost";
    show(this.#banner, lost);
    if (lost) {
      const why = live.project.shutdown ? "The server has shut down" : "Connection lost";
      setText(
        this.#text,
        `${why}. What you see may be out of date; this page reconnects by itself.`,
      );
    } else if (this.#wasLost && live.connection === "live") {
      announce("Connected again. The page is up to date.");
    }
    this.#wasLost = lost || (this.#wasLost && live.connection !== "live");
  }
}

customElements.define("av-banner", Banner);
