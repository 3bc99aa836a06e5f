// The frame of every page: skip link, header, connection banner, the page itself, announcements.

import { Component, h, whenIdle } from "../dom.js";
import { live } from "../net/live.js";
import { isQueryNew, matchRoute, queryShown, startRouter } from "../router.js";
import { restoreScroll, startScroll } from "../scroll.js";
import "./av-announcer.js";
import "./av-banner.js";
import "./av-header.js";
import "./av-missing-benchmark.js";
import "./av-missing-page.js";
import "./av-notifier.js";
import "./av-shortcuts.js";
import { messageBox } from "./message-box.js";

/**
 * The code of the other pages, which comes when it is needed: the first picture waits for no page but
 * its own.
 * @type {Record<string, () => Promise<unknown>>}
 */
const PAGES = {
  "av-analytics-page": () => import("./av-analytics-page.js"),
  "av-benchmarks-page": () => import("./av-benchmarks-page.js"),
  "av-compare-page": () => import("./av-compare-page.js"),
  "av-eval-page": () => import("./av-eval-page.js"),
  "av-experiment-page": () => import("./av-experiment-page.js"),
  "av-experiments-page": () => import("./av-experiments-page.js"),
  "av-home-page": () => import("./av-home-page.js"),
  "av-job-page": () => import("./av-job-page.js"),
  "av-jobs-page": () => import("./av-jobs-page.js"),
  "av-log-page": () => import("./av-log-page.js"),
  "av-run-page": () => import("./av-run-page.js"),
  "av-settings-page": () => import("./av-settings-page.js"),
  "av-start-page": () => import("./av-start-page.js"),
  "av-target-page": () => import("./av-target-page.js"),
  "av-targets-page": () => import("./av-targets-page.js"),
};

class App extends Component {
  #main = h("main", { id: "main", tabindex: "-1" });
  #path = "";
  /** Brings a page whose code did not come, once the server is there again. */
  #again = () => {};
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
    // Whoever moves is here to stay.
    for (const sign of ["pointermove", "keydown"]) addEventListener(sign, this.#moves);
    this.#show(false);
    startScroll();
  }

  start() {
    // Whether a benchmark is there is known once its stream was asked for.
    this.own(
      live.subscribe(({ kind }) => {
        if (kind !== "connection") return;
        if (live.connection === "live") this.#again();
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
    this.#put(page, params, moved);
    if (moved) restoreScroll();
  }

  /** @param {string} page @param {Record<string, string | undefined>} params @param {boolean} moved */
  #put(page, params, moved) {
    const element = h(page);
    for (const [name, value] of Object.entries(params)) element.dataset[name] = value;
    this.#main.replaceChildren(element);
    if (customElements.get(page)) this.#shown(element, moved);
    else this.#bring(page, element, moved);
  }

  #moves = () => {
    for (const sign of ["pointermove", "keydown"]) removeEventListener(sign, this.#moves);
    bringAll();
  };

  /** @param {string} page @param {HTMLElement} element @param {boolean} moved */
  async #bring(page, element, moved) {
    try {
      await PAGES[page]();
    } catch {
      if (element.parentElement !== this.#main) return;
      const notice = h("div", { class: "page" }, messageBox(unreachable()));
      this.#main.replaceChildren(notice);
      this.#shown(notice, moved);
      this.#again = () => {
        this.#again = () => {};
        if (notice.parentElement === this.#main) this.#put(page, element.dataset, moved);
      };
      return;
    }
    this.#shown(element, moved);
  }

  /** @param {HTMLElement} element @param {boolean} moved */
  #shown(element, moved) {
    if (!moved || element.parentElement !== this.#main) return;
    // Keyboard and screen reader users start at the new page's heading.
    const heading = element.querySelector("h1") ?? this.#main;
    if (heading instanceof HTMLElement) heading.focus({ preventScroll: true });
  }
}

/**
 * The other pages' code, page by page while there is nothing else to do: who goes on does not wait, also
 * when the server is away by then.
 */
async function bringAll() {
  for (const bring of Object.values(PAGES)) {
    await new Promise((idle) => whenIdle(() => idle(null)));
    // Asked for again when it is needed, should it fail.
    await bring().catch(() => {});
  }
}

function unreachable() {
  const again = h(
    "button",
    { class: "button", type: "button", onclick: () => location.reload() },
    "Try again",
  );
  return {
    heading: "The page cannot be loaded",
    level: /** @type {const} */ ("h1"),
    text: "The server cannot be reached.",
    tone: /** @type {const} */ ("bad"),
    symbol: "bang",
    actions: [again],
  };
}

customElements.define("av-app", App);
