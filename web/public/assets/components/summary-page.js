// A page that lists summaries (experiments, targets) in one table. What differs is said by the page.

import { h } from "../dom.js";
import { dataTable } from "./av-data-table.js";
import { ResourcePage } from "./resource-page.js";
import { linkCell, passedCell, rateCell, timeCell } from "./table-cells.js";
import { setTitle } from "./title.js";

/**
 * What experiments and targets have in common.
 * @typedef {{ name: string, run_count: number, eval_count: number, passed_count: number,
 *   pass_rate: number, last_run?: string | null }} Summary
 */

/**
 * @template {Summary} T
 * @typedef {{ title: string, one: string, empty: string,
 *   sort: import("../state/table.js").Sort, path: (name: string) => string,
 *   other: { label: string, count: (item: T) => number } }} SummarySetup
 *   `other` is the column that counts what these things are combined with.
 */

/**
 * @template {Summary} T
 * @extends {ResourcePage<T[]>}
 */
export class SummaryPage extends ResourcePage {
  /** @type {import("./av-data-table.js").DataTable<T> | null} */
  #table = null;

  /** @returns {SummarySetup<T>} */
  setup() {
    throw new Error("a page says what it lists");
  }

  build() {
    const setup = this.setup();
    setTitle(setup.title);
    this.#table = dataTable(tableOf(setup));
    this.content.append(this.#table);
    this.frame(h("div", { class: "page-head" }, h("h1", { tabindex: "-1" }, setup.title)));
  }

  /** @param {T[]} items */
  render(items) {
    if (this.#table) this.#table.items = items;
  }
}

/**
 * @template {Summary} T
 * @param {SummarySetup<T>} setup
 * @returns {import("./av-data-table.js").TableSetup<T>}
 */
function tableOf({ title, one, empty, sort, path, other }) {
  const rate = (/** @type {T} */ item) => (item.eval_count > 0 ? item.pass_rate : null);
  return {
    caption: title,
    heading: `All ${title.toLowerCase()}`,
    search: `Filter ${title.toLowerCase()}`,
    empty,
    sort,
    keyOf: (item) => item.name,
    columns: [
      {
        key: "name",
        label: one,
        main: true,
        value: (item) => item.name,
        cell: (item) => linkCell(path(item.name), item.name),
      },
      { key: "runs", label: "Runs", num: true, value: (item) => item.run_count },
      { key: other.label.toLowerCase(), label: other.label, num: true, value: other.count },
      {
        key: "tests",
        label: "Passed",
        num: true,
        value: (item) => item.passed_count,
        cell: (item) => passedCell(item.passed_count, item.eval_count),
      },
      {
        key: "rate",
        label: "Pass rate",
        num: true,
        value: rate,
        cell: (item) => rateCell(rate(item)),
      },
      {
        key: "last_run",
        label: "Last run",
        value: (item) => item.last_run ?? null,
        cell: (item) => timeCell(item.last_run),
        className: "col-when",
      },
    ],
  };
}
