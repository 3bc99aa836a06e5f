// Says when what is on the page may be out of date, and takes it back by itself.

import { Component, h, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { live } from "../net/live.js";
import { LOGGED_OUT, loginAddress } from "../net/login.js";
import { navigate } from "../router.js";
import { announce } from "./av-announcer.js";

class Banner extends Component {
  #text = h("span", { class: "banner-text" });
  #button = h("button", { class: "button small", type: "button", onclick: () => this.#act() });
  #banner = h(
    "div",
    { class: "banner", role: "alert", hidden: true },
    h("div", { class: "banner-inner" }, icon("plug"), this.#text, this.#button),
  );
  #wasLost = false;
  /** Whether a request was refused for want of a session, which the stream may not know yet. */
  #isLoggedOut = false;

  build() {
    this.append(this.#banner);
  }

  start() {
    this.own(live.subscribe(({ kind }) => kind !== "event" && this.#render()));
    const loggedOut = () => {
      this.#isLoggedOut = true;
      this.#render();
    };
    addEventListener(LOGGED_OUT, loggedOut);
    this.own(() => removeEventListener(LOGGED_OUT, loggedOut));
    this.#render();
  }

  #act() {
    if (this.#mustLogIn) location.assign(loginAddress());
    else if (live.connection === "paused") live.touch();
    else if (live.connection === "lost") live.retry();
    else navigate("/benchmarks");
  }

  get #mustLogIn() {
    return this.#isLoggedOut || live.connection === "refused";
  }

  #render() {
    const words = this.#words();
    show(this.#banner, words !== null);
    if (words) {
      setText(this.#text, words.text);
      setText(this.#button, words.action);
    } else if (this.#wasLost && live.connection === "live") {
      announce("Connected again. The page is up to date.");
    }
    const lost = live.connection === "lost";
    this.#wasLost = lost || (this.#wasLost && live.connection !== "live");
  }

  /** @returns {{ text: string, action: string } | null} */
  #words() {
    const { connection, project, scope } = live;
    if (this.#mustLogIn) {
      return { text: "You are logged out. Log in again to go on.", action: "Log in" };
    }
    if (connection === "lost") {
      const why = project.shutdown ? "The server has shut down" : "Connection lost";
      return {
        text: `${why}. What you see may be out of date; this page reconnects by itself.`,
        action: "Try now",
      };
    }
    if (connection === "paused") {
      return {
        text: "Other tabs with other benchmarks were looked at last. This one is paused.",
        action: "Continue here",
      };
    }
    const isKnown = scope === null || project.benchmarks.some((each) => each.id === scope);
    if (project.loaded && connection === "live" && !isKnown) {
      return {
        text: `${scope} was taken out of the list of benchmarks; its pages cannot be loaded again.`,
        action: "All benchmarks",
      };
    }
    return null;
  }
}

customElements.define("av-banner", Banner);
