// `/`: what is live now, then every run.

import { Component, fill, framed, h, reconcile, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { api, errorText } from "../net/api.js";
import { live } from "../net/live.js";
import { RunPages } from "../net/run-pages.js";
import { plural } from "../state/format.js";
import { liveItems, runItems } from "../state/home.js";
import { isLiveJob } from "../state/phase.js";
import { hasOlderRuns } from "../state/project.js";
import { filterRuns, isFiltered, serverQuery } from "../state/run-filter.js";
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
  /** @type {Facets | null} */
  #facets = null;
  #facetsAsked = false;
  #renderSoon = framed(() => this.#render());
  #pages = new RunPages(() => this.#renderSoon());

  build() {
    this.#list.keepSelection();
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
    this.own(
      live.subscribe((change) => {
        if (change.kind === "event") this.#pages.hear(change.event);
        if (change.kind === "resync") {
          this.#pages.reset();
          this.#facetsAsked = false;
        }
        if (change.kind !== "project") return;
        this.#title();
        this.#renderSoon();
      }),
    );
    this.#filter.onfilter = this.#renderSoon;
    this.#list.onmore = () => this.#pages.more();
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
    const { items, found, rest } = this.#found();
    show(this.#run, !readOnly);
    show(this.#live, cards.length > 0);
    show(this.#stopAll, !readOnly && liveJobs().length > 1);
    setText(this.#liveCount, String(cards.length));
    reconcile(this.#liveCards, cards, (item) => item.key, createCard, updateCard);
    show(this.#runs, items.length > 0);
    const count = items.length + Math.max(0, project.runsTotal - project.runs.size);
    const all = count.toLocaleString("en");
    const some = `${(found.length + rest).toLocaleString("en")} of ${all}`;
    setText(this.#runCount, isFiltered({ ...this.#filter.filter, sort: "" }) ? some : all);
    const none = items.length > 0 && found.length === 0;
    show(this.#noneFound, none);
    const { busy, error } = this.#pages;
    setText(
      this.#noneFound,
      busy ? "Looking…" : error ? errorText(error) : "No run matches the filter.",
    );
    show(this.#list, found.length > 0);
    this.#liveCount.title = plural(cards.length, "live run");
    this.#list.beyond(rest, this.#pages);
    this.#list.items = found;
    const empty = items.length === 0 && cards.length === 0;
    show(this.#state, empty);
    if (empty && !this.#saysEmpty) fill(this.#state, this.#emptyBox(readOnly));
    this.#saysEmpty = empty;
  }

  /**
   * The runs to show. The stream brings the newest; of older ones the server is asked, at once when
   * a filter or an order concerns them all.
   */
  #found() {
    const { project } = live;
    const { filter } = this.#filter;
    const items = runItems(project);
    if (hasOlderRuns(project)) this.#askFacets();
    this.#filter.offer(items, this.#facets);
    if (!hasOlderRuns(project)) return { items, found: filterRuns(items, filter), rest: 0 };
    const pages = this.#pages;
    pages.choose(serverQuery(filter));
    if (isFiltered(filter) && pages.total === null && !pages.error) pages.more();
    const known = { ...project, runs: new Map([...pages.runs, ...project.runs]) };
    const all = filterRuns(runItems(known), filter);
    if (pages.done) return { items, found: all, rest: 0 };
    if (!filter.sort) {
      // In the order of the stream the newest are all here.
      const rest = (pages.total ?? project.runsTotal) - all.filter(({ run }) => run).length;
      return {
        items,
        found: all,
        rest: isFiltered(filter) && pages.total === null ? 0 : Math.max(0, rest),
      };
    }
    // In any other order, what comes after the last fetched one would stand in the wrong place.
    const fetched = all.map(({ run }) => run !== null && pages.runs.has(run.filename));
    const last = fetched.lastIndexOf(true);
    const found = all.slice(0, last + 1);
    return { items, found, rest: Math.max(0, (pages.total ?? 0) - found.length) };
  }

  /** The names in runs that are not here; without them the menus offer what is known. */
  async #askFacets() {
    if (this.#facetsAsked) return;
    this.#facetsAsked = true;
    try {
      this.#facets = await api.facets();
      this.#renderSoon();
    } catch {
      this.#facetsAsked = live.connection === "live";
    }
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
