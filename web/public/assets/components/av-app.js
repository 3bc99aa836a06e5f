// The frame of every page: skip link, header, connection banner, the page itself, announcements.

import { Component, h } from "../dom.js";
import { live } from "../net/live.js";
import { isQueryNew, matchRoute, queryShown, startRouter } from "../router.js";
import { restoreScroll, startScroll } from "../scroll.js";
import "./av-analytics-page.js";
import "./av-announcer.js";
import "./av-banner.js";
import "./av-benchmarks-page.js";
import "./av-compare-page.js";
import "./av-eval-page.js";
import "./av-experiment-page.js";
import "./av-experiments-page.js";
import "./av-header.js";
import "./av-home-page.js";
import "./av-job-page.js";
import "./av-jobs-page.js";
import "./av-log-page.js";
import "./av-missing-benchmark.js";
import "./av-missing-page.js";
import "./av-notifier.js";
import "./av-run-page.js";
import "./av-settings-page.js";
import "./av-shortcuts.js";
import "./av-start-page.js";
import "./av-target-page.js";
import "./av-targets-page.js";

class App extends Component {
  #main = h("main", { id: "main", tabindex: "-1" });
  #path = "";
  /** Whether the page says that its benchmark is not there. */
  #isMissing = false;

  build() {
    this.append(
      h("a", { class: "skip-link", href: "#main" }, "Skip to content"),
      h("av-header"),
      h("av-banner"),
      this.#main,
      h("av-announcer"),
      h("av-shortcuts"),
      h("av-notifier"),
    );
    startRouter(() => this.#show(true));
    this.#show(false);
    startScroll();
  }

  start() {
    // Whether a benchmark is there is known once its stream was asked for.
    this.own(
      live.subscribe(({ kind }) => {
        if (kind !== "connection") return;
        if ((live.connection === "missing") !== this.#isMissing) this.#show(false);
      }),
    );
  }

  /** @param {boolean} moved  a person went here from another page */
  #show(moved) {
    const { page: named, params, scope } = matchRoute(location.pathname, location.search);
    this.#isMissing = false;
    live.setScope(scope);
    this.#isMissing = live.connection === "missing";
    const page = this.#isMissing ? "av-missing-benchmark" : named;
    // Pages write their own choices into the query; another query that they did not write (a link,
    // the way back) is another view.
    const path = `${page} ${location.pathname}`;
    if (path === this.#path && !isQueryNew()) return;
    this.#path = path;
    queryShown();
    const element = h(page);
    for (const [name, value] of Object.entries(params)) element.dataset[name] = value;
    this.#main.replaceChildren(element);
    if (!moved) return;
    restoreScroll();
    // Keyboard and screen reader users start at the new page's heading.
    const heading = element.querySelector("h1") ?? this.#main;
    if (heading instanceof HTMLElement) heading.focus({ preventScroll: true });
  }
}

customElements.define("av-app", App);
