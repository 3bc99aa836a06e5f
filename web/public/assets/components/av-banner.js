// Says when what is on the page may be out of date, and takes it back by itself.

import { Component, h, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { live } from "../net/live.js";
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

  build() {
    this.append(this.#banner);
  }

  start() {
    this.own(live.subscribe(({ kind }) => kind !== "event" && this.#render()));
    this.#render();
  }

  #act() {
    if (live.connection === "paused") live.touch();
    else if (live.connection === "refused") location.reload();
    else if (live.connection === "lost") live.retry();
    else navigate("/benchmarks");
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
    if (connection === "refused") {
      return { text: "You are logged out. Log in again to go on.", action: "Log in" };
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
