// Finished tests: filter by result and by text, newest or file order, details on demand. Only the
// first rows are in the page; more come as the reader gets there.

import { Component, framed, h, reconcile, setAttribute, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { plural } from "../state/format.js";
import { createTestRow, updateTestRow } from "./test-row.js";

/** @typedef {import("./test-row.js").TestItem} TestItem */

const CHUNK = 100;
const FILTERS = [
  { name: "all", label: "All", status: null },
  { name: "failed", label: "Failed", status: "quality_failure" },
  { name: "errors", label: "Errors", status: "execution_error" },
  { name: "passed", label: "Passed", status: "ok" },
];

export class TestTable extends Component {
  /** @type {TestItem[]} */
  #items = [];
  #filter = FILTERS[0];
  #query = "";
  #limit = CHUNK;
  #body = h("tbody");
  #caption = h("caption", { class: "visually-hidden" }, "Finished tests");
  #heading = h("h2", {}, "Tests");
  #empty = h("p", { class: "table-empty" });
  #more = h("button", {
    class: "button",
    type: "button",
    onclick: () => this.#showMore(),
  });
  #search = h("input", {
    type: "search",
    class: "input small",
    placeholder: "Filter tests",
    "aria-label": "Filter tests by id, target or error",
    oninput: () => this.#searched(),
  });
  #chips = FILTERS.map((filter) => {
    const count = h("span", { class: "chip-count" });
    const chip = h(
      "button",
      { class: "chip", type: "button", onclick: () => this.#choose(filter) },
      filter.label,
      count,
    );
    return { filter, chip, count };
  });
  #renderSoon = framed(() => this.#render());
  #waitingText = "No test has finished yet.";

  build() {
    const columns = ["Result", "Test", "Target", "Score", "Time", "Cost"];
    const headings = columns.map((name) =>
      h("th", { scope: "col", class: `col-${name.toLowerCase()}` }, name),
    );
    this.append(
      h(
        "div",
        { class: "section-head" },
        this.#heading,
        h(
          "div",
          { class: "table-tools" },
          h(
            "div",
            { class: "chips", role: "group", "aria-label": "Show" },
            ...this.#chips.map(({ chip }) => chip),
          ),
          h("label", { class: "search" }, icon("search"), this.#search),
        ),
      ),
      h(
        "div",
        { class: "table-frame" },
        h(
          "table",
          { class: "table test-table" },
          this.#caption,
          h("thead", {}, h("tr", {}, ...headings)),
          this.#body,
        ),
        this.#empty,
      ),
      h("div", { class: "table-more" }, this.#more),
    );
  }

  start() {
    const seen = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) this.#showMore();
    });
    seen.observe(this.#more);
    this.own(() => seen.disconnect());
    this.#renderSoon();
  }

  /** @param {string} text  what an empty table says */
  set waitingText(text) {
    this.#waitingText = text;
    this.#renderSoon();
  }

  /** @param {TestItem[]} items */
  set items(items) {
    this.#items = items;
    this.#renderSoon();
  }

  #showMore() {
    this.#limit += CHUNK;
    this.#renderSoon();
  }

  /** @param {typeof FILTERS[number]} filter */
  #choose(filter) {
    this.#filter = filter;
    this.#limit = CHUNK;
    this.#renderSoon();
  }

  #searched() {
    this.#query = /** @type {HTMLInputElement} */ (this.#search).value
      .trim()
      .toLowerCase();
    this.#limit = CHUNK;
    this.#renderSoon();
  }

  #render() {
    /** @type {Record<string, number>} */
    const counts = {};
    for (const { row } of this.#items) {
      counts[row.execution_status] = (counts[row.execution_status] ?? 0) + 1;
    }
    for (const { filter, chip, count } of this.#chips) {
      const number = filter.status ? (counts[filter.status] ?? 0) : this.#items.length;
      setText(count, number.toLocaleString("en"));
      setAttribute(chip, "aria-pressed", String(filter === this.#filter));
    }
    const target = this.#items[0]?.row.target;
    this.classList.toggle("one-target", !this.#items.some(({ row }) => row.target !== target));
    const isWhole = !this.#filter.status && !this.#query;
    const found = isWhole ? this.#items : this.#items.filter((item) => this.#matches(item));
    const shown = found.slice(0, this.#limit);
    reconcile(this.#body, shown, (item) => item.key, createTestRow, updateTestRow);
    const rest = found.length - shown.length;
    show(this.#more, rest > 0);
    setText(this.#more, `Show more (${plural(rest, "test")} left)`);
    show(this.#empty, found.length === 0);
    setText(
      this.#empty,
      this.#items.length === 0 ? this.#waitingText : "No test matches the filter.",
    );
  }

  /** @param {TestItem} item */
  #matches({ row }) {
    if (this.#filter.status && row.execution_status !== this.#filter.status) return false;
    if (!this.#query) return true;
    const text = `${row.test_id} ${row.target ?? ""} ${row.error ?? ""} ${row.eval_file ?? ""}`;
    return text.toLowerCase().includes(this.#query);
  }
}

customElements.define("av-test-table", TestTable);
