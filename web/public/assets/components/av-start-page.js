// `/`: the benchmarks where the server shows several, else the runs of its project.

import { Component, h } from "../dom.js";
import { live } from "../net/live.js";
import "./av-benchmarks-page.js";
import "./av-home-page.js";
import { skeleton } from "./message-box.js";

class StartPage extends Component {
  #shown = "";

  build() {
    this.append(
      h(
        "div",
        { class: "page" },
        h("h1", { class: "visually-hidden", tabindex: "-1" }, "AgentV Studio"),
        skeleton(5),
      ),
    );
  }

  start() {
    this.own(live.subscribe(({ kind }) => kind === "project" && this.#choose()));
    this.#choose();
  }

  #choose() {
    if (!live.project.loaded) return;
    const isMulti = live.project.config.multi_benchmark_dashboard === true;
    const page = isMulti ? "av-benchmarks-page" : "av-home-page";
    if (page === this.#shown) return;
    this.#shown = page;
    this.replaceChildren(h(page));
  }
}

customElements.define("av-start-page", StartPage);
