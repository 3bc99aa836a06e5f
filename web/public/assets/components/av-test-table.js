// Finished tests: filter by result and by text, newest or file order, details on demand. However many
// there are, only those on the screen are in the page; filters look at all.

import { Component, framed, h, paced, setAttribute, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { replaceQuery } from "../router.js";
import { itemKey, RowStore } from "../state/row-store.js";
import { RowView } from "../state/row-view.js";
import { openText, tableChoices } from "../state/table-query.js";
import { createTestRow, updateTestRow } from "./test-row.js";
import { WindowedBody } from "./windowed-body.js";

/** @typedef {import("./test-row.js").TestItem} TestItem */

const FILTERS = [
  { name: "all", label: "All", status: null },
  { name: "failed", label: "Failed", status: "quality_failure" },
  { name: "errors", label: "Errors", status: "execution_error" },
  { name: "passed", label: "Passed", status: "ok" },
];
const COLUMNS = ["Result", "Test", "Target", "Score", "Time", "Cost"];

export class TestTable extends Component {
  #store = new RowStore();
  #view = new RowView(this.#store, null);
  #newestFirst = false;
  /** What the address says; it is kept there. */
  #chosen = tableChoices(location.search);
  #filter = FILTERS.find(({ name }) => name === this.#chosen.show) ?? FILTERS[0];
  #query = this.#chosen.q.trim().toLowerCase();
  /** @type {Set<string>}  keys of the tests whose details are shown */
  #open = new Set(this.#chosen.open);
  #tbody = h("tbody");
  #body = /** @type {WindowedBody<TestItem>} */ (
    new WindowedBody(this.#tbody, {
      columns: COLUMNS.length,
      keyOf: itemKey,
      create: (item) => createTestRow(item, this.#open, () => this.#keep()),
      update: updateTestRow,
      resized: () => this.#drawSoon(),
    })
  );
  #caption = h("caption", { class: "visually-hidden" }, "Finished tests");
  #heading = h("h2", {}, "Tests");
  #empty = h("p", { class: "table-empty" });
  #search = h("input", {
    type: "search",
    class: "input small",
    placeholder: "Filter tests",
    "aria-label": "Filter tests by id, target or error",
    value: this.#chosen.q,
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
  #renderSoon = paced(() => this.#render());
  #drawSoon = framed(() => this.#draw());
  #waitingText = "No test has finished yet.";

  build() {
    const headings = COLUMNS.map((name) =>
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
          this.#tbody,
        ),
        this.#empty,
      ),
    );
  }

  start() {
    const moved = { passive: true, capture: true };
    document.addEventListener("scroll", this.#drawSoon, moved);
    addEventListener("resize", this.#drawSoon);
    this.own(() => {
      document.removeEventListener("scroll", this.#drawSoon, moved);
      removeEventListener("resize", this.#drawSoon);
    });
    this.#renderSoon();
  }

  /** @param {string} text  what an empty table says */
  set waitingText(text) {
    if (text === this.#waitingText) return;
    this.#waitingText = text;
    this.#renderSoon();
  }

  /**
   * Shows the tests of a store, and what came into it since.
   * @param {RowStore} store
   * @param {boolean} newestFirst
   */
  show(store, newestFirst) {
    this.#newestFirst = newestFirst;
    if (store !== this.#store) {
      this.#store = store;
      this.#look();
      this.#body.follow((item) => store.get(itemKey(item)));
    }
    this.#renderSoon();
  }

  /** @param {typeof FILTERS[number]} filter */
  #choose(filter) {
    this.#filter = filter;
    this.#keep();
    this.#look();
    this.#renderSoon();
  }

  #searched() {
    this.#query = /** @type {HTMLInputElement} */ (this.#search).value
      .trim()
      .toLowerCase();
    this.#keep();
    this.#look();
    this.#renderSoon();
  }

  /** Keeps what is chosen in the address, where the way back finds it. */
  #keep() {
    const { value } = /** @type {HTMLInputElement} */ (this.#search);
    replaceQuery({
      show: this.#filter.status ? this.#filter.name : null,
      q: value.trim(),
      open: openText(this.#open),
    });
  }

  /** Begins a new look at all tests. */
  #look() {
    const isWhole = !this.#filter.status && !this.#query;
    const accepts = isWhole ? null : (/** @type {TestItem} */ item) => this.#matches(item);
    this.#view = new RowView(this.#store, accepts, this.#view.window.usual);
  }

  #render() {
    const { sum, size } = this.#store;
    const counts = [size, sum.qualityFailures, sum.executionErrors, sum.ok];
    for (const [index, { filter, chip, count }] of this.#chips.entries()) {
      setText(count, counts[index].toLocaleString("en"));
      setAttribute(chip, "aria-pressed", String(filter === this.#filter));
    }
    this.classList.toggle("one-target", this.#store.targets.size < 2);
    this.#view.update();
    this.#draw();
    show(this.#empty, this.#view.count === 0);
    setText(this.#empty, size === 0 ? this.#waitingText : "No test matches the filter.");
  }

  #draw() {
    const view = this.#view;
    this.#body.draw(
      {
        window: view.window,
        reversed: this.#newestFirst,
        at: (index) => view.at(index),
        indexOf: (item) => view.indexOf(item),
      },
      {
        top: 0,
        bottom: innerHeight,
        scrollBy: (pixels) => scrollBy(0, pixels),
      },
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
