// `/`: what is live now, then every run.

import { Component, fill, framed, h, reconcile, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { live } from "../net/live.js";
import { plural } from "../state/format.js";
import { liveItems, runItems } from "../state/home.js";
import { isLiveJob } from "../state/phase.js";
import { filterRuns } from "../state/run-filter.js";
import "./av-live-card.js";
import "./av-remote.js";
import "./av-run-dialog.js";
import "./av-run-filter.js";
import "./av-run-list.js";
import { messageBox, skeleton } from "./message-box.js";
import { stopDialog } from "./stop-dialog.js";
import { setTitle } from "./title.js";

/** @typedef {import("./av-live-card.js").LiveItem} LiveItem */
/** @typedef {import("./av-live-card.js").LiveCard} LiveCard */

class HomePage extends Component {
  #dialog = /** @type {import("./av-run-dialog.js").RunDialog} */ (h("av-run-dialog"));
  #list = /** @type {import("./av-run-list.js").RunList} */ (h("av-run-list"));
  #run = h(
    "button",
    {
      class: "button primary",
      type: "button",
      hidden: true,
      onclick: () => this.#dialog.open(),
    },
    icon("play"),
    "Run Eval",
  );
  #liveCards = h("div", { class: "live-cards" });
  #liveCount = h("span", { class: "count" });
  #stopAll = h(
    "button",
    {
      class: "button small",
      type: "button",
      hidden: true,
      onclick: () => stopDialog(liveJobs(), { all: true }),
    },
    "Stop all…",
  );
  #live = h(
    "section",
    { class: "section", "aria-label": "Live now", hidden: true },
    h("div", { class: "section-head" }, h("h2", {}, "Live now", this.#liveCount), this.#stopAll),
    this.#liveCards,
  );
  #filter = /** @type {import("./av-run-filter.js").RunFilterBar} */ (h("av-run-filter"));
  #noneFound = h("p", { class: "table-empty", hidden: true }, "No run matches the filter.");
  #runCount = h("span", { class: "count" });
  #runs = h(
    "section",
    { class: "section", "aria-label": "Runs" },
    h("div", { class: "section-head" }, h("h2", {}, "All runs", this.#runCount), this.#filter),
    this.#list,
    this.#noneFound,
  );
  #state = h("div", {}, skeleton(5));
  #saysEmpty = false;

  build() {
    this.append(
      h(
        "div",
        { class: "page" },
        h(
          "div",
          { class: "page-head" },
          h("div", {}, h("h1", { tabindex: "-1" }, "Runs")),
          h("div", { class: "actions" }, this.#run),
        ),
        this.#live,
        h("av-remote"),
        this.#runs,
        this.#state,
      ),
      this.#dialog,
    );
  }

  start() {
    const renderSoon = framed(() => this.#render());
    this.own(
      live.subscribe((change) => {
        if (change.kind !== "project") return;
        this.#title();
        renderSoon();
      }),
    );
    this.#filter.onfilter = renderSoon;
    this.#title();
    this.#render();
  }

  #title() {
    const count = liveItems(live.project).length;
    setTitle(count > 0 ? `${count} live` : null, "Runs");
  }

  #render() {
    const { project } = live;
    if (!project.loaded) {
      show(this.#runs, false);
      return;
    }
    const readOnly = project.config.read_only === true;
    const cards = liveItems(project);
    const items = runItems(project);
    show(this.#run, !readOnly);
    show(this.#live, cards.length > 0);
    show(this.#stopAll, !readOnly && liveJobs().length > 1);
    setText(this.#liveCount, String(cards.length));
    reconcile(this.#liveCards, cards, (item) => item.key, createCard, updateCard);
    show(this.#runs, items.length > 0);
    this.#filter.items = items;
    const found = filterRuns(items, this.#filter.filter);
    const all = items.length.toLocaleString("en");
    const some = `${found.length.toLocaleString("en")} of ${all}`;
    setText(this.#runCount, found.length === items.length ? all : some);
    show(this.#noneFound, items.length > 0 && found.length === 0);
    show(this.#list, found.length > 0);
    this.#liveCount.title = plural(cards.length, "live run");
    this.#list.items = found;
    const empty = items.length === 0 && cards.length === 0;
    show(this.#state, empty);
    if (empty && !this.#saysEmpty) fill(this.#state, this.#emptyBox(readOnly));
    this.#saysEmpty = empty;
  }

  /** @param {boolean} readOnly */
  #emptyBox(readOnly) {
    const start = h(
      "button",
      {
        class: "button primary",
        type: "button",
        onclick: () => this.#dialog.open(),
      },
      icon("play"),
      "Run Eval",
    );
    return messageBox({
      heading: "No runs yet",
      symbol: "terminal",
      text: h(
        "span",
        {},
        "Runs appear here as soon as they start, also those you start in a terminal: ",
        h("code", { class: "mono" }, "agentv eval evals/"),
      ),
      actions: readOnly ? [] : [start],
    });
  }
}

function liveJobs() {
  return [...live.project.jobs.values()].filter(isLiveJob);
}

/** @param {LiveItem} item */
function createCard(item) {
  const card = /** @type {LiveCard} */ (h("av-live-card"));
  card.item = item;
  return card;
}

/** @param {HTMLElement} node @param {LiveItem} item */
function updateCard(node, item) {
  /** @type {LiveCard} */ (node).item = item;
}

customElements.define("av-home-page", HomePage);
