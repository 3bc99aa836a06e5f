// `/analytics`: targets × experiments, or run by run; tags, baseline and view are kept in the
// address.

import { fill, h, reconcile, setAttribute, setText, show } from "../dom.js";
import { api } from "../net/api.js";
import { replaceQuery } from "../router.js";
import {
  distribution,
  gains,
  regressions,
  tagCounts,
  tagRates,
  trend,
} from "../state/analytics.js";
import { formatChange, formatScore, rateTone } from "../state/format.js";
import "./av-compare-runs.js";
import { dataTable } from "./av-data-table.js";
import { gainBars, histogram, tagTable, trendLines } from "./charts.js";
import { comparisonMatrix } from "./comparison-matrix.js";
import { messageBox } from "./message-box.js";
import { ResourcePage } from "./resource-page.js";
import { field } from "./run-dialog-fields.js";
import { setTitle } from "./title.js";

/** @typedef {{ all: Comparison, shown: Comparison }} Data */

/** @extends {ResourcePage<Data>} */
class AnalyticsPage extends ResourcePage {
  #view = "matrix";
  /** @type {string[]} */
  #tags = [];
  #baseline = "";
  /** The cell of the matrix whose tests are shown. */
  #cell = "";
  /** What the body shows, in short. */
  #drawn = "";
  #views = h("div", { class: "segmented", role: "group", "aria-label": "View" });
  #tagBox = h("div", { class: "chips", role: "group", "aria-label": "Only runs with a tag" });
  #tagLine = h("div", { class: "labelled" }, h("span", { class: "muted" }, "Tags"), this.#tagBox);
  #baselineSelect = /** @type {HTMLSelectElement} */ (
    h("select", { class: "input small", onchange: () => this.#baselineChosen() })
  );
  #baselineBox = field("Baseline target", this.#baselineSelect);
  #body = h("div", { class: "analytics" });
  #runs = /** @type {import("./av-compare-runs.js").CompareRuns} */ (h("av-compare-runs"));

  build() {
    setTitle("Analytics");
    const query = new URLSearchParams(location.search);
    this.#view = query.get("view") === "runs" ? "runs" : "matrix";
    this.#tags = (query.get("tags") ?? "").split(",").filter(Boolean);
    this.#baseline = query.get("baseline") ?? "";
    this.#cell = query.get("cell") ?? "";
    this.content.append(
      h("div", { class: "analytics-tools" }, this.#views, this.#tagLine, this.#baselineBox),
      this.#body,
    );
    this.frame(h("div", { class: "page-head" }, h("h1", { tabindex: "-1" }, "Analytics")));
  }

  async request() {
    const all = await api.compare({});
    const known = new Set(tagCounts(all.runs).map(([tag]) => tag));
    this.#tags = this.#tags.filter((tag) => known.has(tag));
    if (!all.targets.includes(this.#baseline)) this.#baseline = "";
    const choice = { tags: this.#tags.join(",") || null, baseline: this.#baseline || null };
    const isAll = !choice.tags && !choice.baseline;
    return { all, shown: isAll ? all : await this.#filtered(all, choice) };
  }

  /** A baseline that none of the tagged runs has is no baseline. */
  async #filtered(
    /** @type {Comparison} */ all,
    /** @type {{ tags: string | null, baseline: string | null }} */ choice,
  ) {
    const { baseline, tags } = choice;
    const has = all.runs.some(
      (run) =>
        run.target === baseline && (!tags || run.tags?.some((tag) => this.#tags.includes(tag))),
    );
    return api.compare({ tags, baseline: has ? baseline : null });
  }

  /** @param {Data} data */
  render({ all, shown }) {
    this.#fillTools(all);
    // Every run that ends asks for the numbers again: what is the same stays on the page as it is.
    const drawn = signatureOf(shown, this.#view, this.#tags);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    if (all.runs.length === 0) {
      fill(
        this.#body,
        messageBox({
          heading: "Nothing to compare yet",
          text: "Runs appear here once they have results.",
          symbol: "terminal",
        }),
      );
      return;
    }
    if (shown.runs.length === 0) {
      const clear = h(
        "button",
        { class: "button", type: "button", onclick: () => this.#choose({ tags: [] }) },
        "Clear the filter",
      );
      fill(
        this.#body,
        messageBox({
          heading: "No runs with these tags",
          text: this.#tags.join(", "),
          symbol: "question",
          actions: [clear],
        }),
      );
      return;
    }
    if (this.#view === "runs") {
      this.#runs.runs = shown.runs;
      if (this.#runs.parentElement !== this.#body) fill(this.#body, this.#runs);
    } else {
      const open = openCharts(this.#body);
      const matrix = comparisonMatrix(shown, {
        open: this.#cell,
        choose: (cell) => {
          this.#cell = cell;
          replaceQuery({ cell });
        },
      });
      fill(this.#body, matrix, ...this.#charts(shown));
      for (const details of open(this.#body)) details.open = true;
    }
  }

  /** @param {Comparison} data */
  #charts(data) {
    const all = gains(data.cells);
    const worse = regressions(all);
    const rates = tagRates(data.runs);
    const days = trend(data.runs);
    return [
      all.length > 0 ? card(gainBars(all)) : null,
      rates.lines.length > 0 && rates.targets.length > 1 ? card(tagTable(rates, rateTone)) : null,
      card(histogram(distribution(data.cells))),
      days.days.length > 1 ? card(trendLines(days)) : null,
      worse.length > 0 ? regressionTable(worse) : null,
    ];
  }

  /** @param {Comparison} all */
  #fillTools(all) {
    const views = [
      ["matrix", "Targets × experiments"],
      ["runs", `Run by run (${all.runs.length})`],
    ];
    toggles(
      this.#views,
      views.map(([key, label]) => ({ key, label, pressed: this.#view === key })),
      (view) => this.#choose({ view }),
    );
    const counts = tagCounts(all.runs);
    show(this.#tagLine, counts.length > 0);
    toggles(
      this.#tagBox,
      counts.map(([tag, count]) => {
        return { key: tag, label: `${tag} (${count})`, pressed: this.#tags.includes(tag) };
      }),
      (tag) => this.#toggleTag(tag),
    );
    show(this.#baselineBox, this.#view === "matrix" && all.targets.length > 1);
    fill(
      this.#baselineSelect,
      h("option", { value: "" }, "None"),
      ...all.targets.map((target) => h("option", { value: target }, target)),
    );
    this.#baselineSelect.value = this.#baseline;
  }

  #baselineChosen() {
    this.#choose({ baseline: this.#baselineSelect.value });
  }

  /** @param {string} tag */
  #toggleTag(tag) {
    const tags = this.#tags.includes(tag)
      ? this.#tags.filter((each) => each !== tag)
      : [...this.#tags, tag];
    this.#choose({ tags });
  }

  /** @param {{ view?: string, tags?: string[], baseline?: string }} choice */
  #choose({ view = this.#view, tags = this.#tags, baseline = this.#baseline }) {
    const isFetched = tags === this.#tags && baseline === this.#baseline;
    this.#view = view;
    this.#tags = tags;
    this.#baseline = baseline;
    replaceQuery({
      view: view === "matrix" ? null : view,
      tags: tags.join(",") || null,
      baseline: baseline || null,
    });
    if (isFetched && this.resource.data) this.render(this.resource.data);
    else this.resource.load();
  }
}

/** @typedef {{ key: string, label: string, pressed: boolean }} Toggle */

/**
 * Buttons that stay the same elements, so that the one that was pressed keeps the focus.
 * @param {HTMLElement} parent
 * @param {Toggle[]} items
 * @param {(key: string) => void} press
 */
function toggles(parent, items, press) {
  const update = (/** @type {HTMLElement} */ button, /** @type {Toggle} */ { label, pressed }) => {
    setText(button, label);
    setAttribute(button, "aria-pressed", String(pressed));
  };
  reconcile(
    parent,
    items,
    ({ key }) => key,
    (item) => {
      const button = h("button", { class: "chip", type: "button", onclick: () => press(item.key) });
      update(button, item);
      return button;
    },
    update,
  );
}

/**
 * What a drawing is made of, without the tests of each cell and run.
 * @param {Comparison} data @param {string} view @param {string[]} tags
 */
function signatureOf(data, view, tags) {
  const numbers = (/** @type {ComparedCell | ComparedRun} */ each) => [
    each.experiment,
    each.target,
    each.eval_count,
    each.passed_count,
    each.avg_score,
  ];
  const cells = data.cells.map((cell) => [...numbers(cell), cell.delta, cell.normalized_gain]);
  const runs = data.runs.map((run) => [run.run_id, run.started_at, run.tags, ...numbers(run)]);
  return JSON.stringify([view, tags, data.experiments, data.targets, cells, runs]);
}

/**
 * Which charts have their numbers unfolded; gives the same ones of a new drawing.
 * @param {HTMLElement} body
 */
function openCharts(body) {
  const nameOf = (/** @type {Element} */ details) =>
    details.closest("figure")?.querySelector("figcaption")?.textContent ?? "";
  const names = new Set([...body.querySelectorAll("figure details[open]")].map(nameOf));
  return (/** @type {HTMLElement} */ next) =>
    [...next.querySelectorAll("details")].filter((details) => names.has(nameOf(details)));
}

/** @param {Node} content */
function card(content) {
  return h("section", { class: "card" }, content);
}

/** @param {ReturnType<typeof regressions>} worse */
function regressionTable(worse) {
  const table = dataTable({
    caption: "Regressions against the baseline",
    empty: "",
    sort: { key: "delta", descending: false },
    keyOf: (/** @type {(typeof worse)[number]} */ each) => each.label,
    columns: [
      { key: "experiment", label: "Experiment", main: true, value: (each) => each.experiment },
      { key: "target", label: "Target", value: (each) => each.target },
      {
        key: "average",
        label: "Mean score",
        num: true,
        value: (each) => each.average,
        cell: (each) => formatScore(each.average),
      },
      {
        key: "delta",
        label: "Change",
        num: true,
        value: (each) => each.delta,
        cell: (each) => formatChange(each.delta),
      },
    ],
  });
  table.items = worse;
  return table;
}

customElements.define("av-analytics-page", AnalyticsPage);
