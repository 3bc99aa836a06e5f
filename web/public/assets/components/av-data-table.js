// A table of things: sorted by a click on a heading, filtered by text, more rows as the reader gets
// there. Order and filter are kept in the address.

import { Component, framed, h, reconcile, setAttribute, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { replaceQuery } from "../router.js";
import { filtered, nextSort, parseSort, sorted, sortText } from "../state/table.js";
import { Selection, selectionBar } from "./selection.js";

const CHUNK = 100;

/**
 * @template T
 * @typedef {{ caption: string, columns: import("../state/table.js").Column<T>[],
 *   keyOf: (item: T) => string, sort: import("../state/table.js").Sort, search?: string,
 *   empty: string, heading?: string, tools?: Node[],
 *   select?: { name: (item: T) => string,
 *     actions: (items: T[], clear: () => void) => import("./selection.js").SelectionAction[] },
 * }} TableSetup
 */

/** @template T */
export class DataTable extends Component {
  /** @type {T[]} */
  #items = [];
  /** @type {TableSetup<T> | null} */
  #setup = null;
  /** @type {import("../state/table.js").Sort} */
  #sort = { key: "", descending: false };
  #query = "";
  #limit = CHUNK;
  #body = h("tbody");
  #count = h("span", { class: "count" });
  /** @type {Map<string, HTMLElement>} */
  #headings = new Map();
  #empty = h("p", { class: "table-empty" });
  #more = h("button", { class: "button", type: "button", onclick: () => this.#showMore() });
  #selection = new Selection();
  #bar = selectionBar(this.#selection);
  #renderSoon = framed(() => this.#render());

  /** @param {TableSetup<T>} setup */
  set setup(setup) {
    this.#setup = setup;
    const query = new URLSearchParams(location.search);
    this.#sort = parseSort(query.get("sort"), setup.sort);
    this.#query = setup.search ? (query.get("q") ?? "") : "";
    this.classList.add("data-table");
    this.#selection.onchange = () => this.#showBar();
    if (setup.select) this.#selection.keep();
    this.replaceChildren(
      this.#head(setup),
      h(
        "div",
        { class: "table-frame" },
        h(
          "table",
          { class: "table" },
          h("caption", { class: "visually-hidden" }, setup.caption),
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              setup.select ? this.#selection.heading() : null,
              ...setup.columns.map((column) => this.#heading(column)),
            ),
          ),
          this.#body,
        ),
        this.#empty,
      ),
      h("div", { class: "table-more" }, this.#more),
      this.#bar.element,
    );
    this.#renderSoon();
  }

  /** @param {T[]} items */
  set items(items) {
    this.#items = items;
    this.#renderSoon();
  }

  start() {
    const seen = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) this.#showMore();
    });
    seen.observe(this.#more);
    this.own(() => seen.disconnect());
    this.#renderSoon();
  }

  /** @param {TableSetup<T>} setup */
  #head(setup) {
    const search = setup.search
      ? h(
          "label",
          { class: "search" },
          icon("search"),
          h("input", {
            type: "search",
            class: "input small",
            placeholder: "Filter",
            "aria-label": setup.search,
            value: this.#query,
            oninput: (/** @type {Event} */ event) => this.#searched(event),
          }),
        )
      : null;
    return h(
      "div",
      { class: "section-head" },
      h("h2", {}, setup.heading ?? setup.caption, this.#count),
      h("div", { class: "table-tools" }, ...(setup.tools ?? []), search),
    );
  }

  /** @param {import("../state/table.js").Column<T>} column */
  #heading(column) {
    // What holds buttons has no order.
    if (column.plain) {
      return h("td", {}, h("span", { class: "visually-hidden" }, column.label));
    }
    const cell = h(
      "th",
      { scope: "col", class: column.num ? "num" : null },
      h(
        "button",
        { class: "sort", type: "button", onclick: () => this.#sortBy(column) },
        column.label,
        icon("down"),
      ),
    );
    this.#headings.set(column.key, cell);
    return cell;
  }

  /** @param {import("../state/table.js").Column<T>} column */
  #sortBy(column) {
    this.#sort = nextSort(this.#sort, column);
    replaceQuery({ sort: sortText(this.#sort) });
    this.#render();
  }

  /** @param {Event} event */
  #searched(event) {
    this.#query = /** @type {HTMLInputElement} */ (event.target).value;
    this.#limit = CHUNK;
    replaceQuery({ q: this.#query.trim() || null });
    this.#renderSoon();
  }

  #showMore() {
    this.#limit += CHUNK;
    this.#renderSoon();
  }

  #render() {
    const setup = this.#setup;
    if (!setup) return;
    for (const [key, cell] of this.#headings) {
      const direction = this.#sort.descending ? "descending" : "ascending";
      setAttribute(cell, "aria-sort", key === this.#sort.key ? direction : null);
    }
    const found = filtered(this.#items, setup.columns, this.#query);
    const ordered = sorted(found, setup.columns, this.#sort);
    const shown = ordered.slice(0, this.#limit);
    reconcile(
      this.#body,
      shown,
      setup.keyOf,
      (item) => this.#row(setup, item),
      (line, item) => fillRow(line, setup.columns, item),
    );
    if (setup.select) {
      const keys = new Set(this.#items.map(setup.keyOf));
      this.#selection.lines(shown.map(setup.keyOf), (key) => keys.has(key));
      this.#showBar();
    }
    const all = this.#items.length.toLocaleString("en");
    const some = `${found.length.toLocaleString("en")} of ${all}`;
    setText(this.#count, found.length === this.#items.length ? all : some);
    show(this.#more, ordered.length > shown.length);
    setText(this.#more, `Show more (${ordered.length - shown.length} left)`);
    show(this.#empty, found.length === 0);
    setText(this.#empty, this.#items.length === 0 ? setup.empty : "Nothing matches the filter.");
  }

  /** @param {TableSetup<T>} setup @param {T} item */
  #row(setup, item) {
    const line = h("tr");
    fillRow(line, setup.columns, item);
    if (setup.select) {
      line.prepend(this.#selection.cell(setup.keyOf(item), setup.select.name(item)));
    }
    return line;
  }

  #showBar() {
    const setup = this.#setup;
    if (!setup?.select) return;
    const { keys } = this.#selection;
    const chosen = this.#items.filter((item) => keys.has(setup.keyOf(item)));
    this.#bar.show(setup.select.actions(chosen, () => this.#selection.clear()));
  }
}

/** @type {WeakMap<HTMLElement, HTMLElement[]>} */
const cellsOf = new WeakMap();

/**
 * Makes a line show an item. Cells that say the same stay as they are: what somebody has the focus
 * in, has opened, is clicking on or has selected does not go away with a live update.
 * @template T
 * @param {HTMLElement} line
 * @param {import("../state/table.js").Column<T>[]} columns
 * @param {T} item
 */
function fillRow(line, columns, item) {
  const known = cellsOf.get(line);
  const cells = known ?? columns.map(emptyCell);
  columns.forEach((column, index) => {
    const cell = cells[index];
    const before = cell.firstElementChild ?? undefined;
    const content = column.cell ? column.cell(item, before) : (column.value(item) ?? "–");
    // On a phone a cell without a value is not there (styles/tables.css).
    setAttribute(cell, "data-empty", content === "–");
    if (!(content instanceof Node)) {
      const text = String(content ?? "");
      if (before) cell.replaceChildren(text);
      else setText(cell, text);
    } else if (content !== before && !(before && content.isEqualNode(before))) {
      cell.replaceChildren(content);
    }
  });
  if (known) return;
  cellsOf.set(line, cells);
  line.append(...cells);
}

/** @param {import("../state/table.js").Column<any>} column */
function emptyCell(column) {
  const className = [column.num && "num", column.main && "col-main", column.className]
    .filter(Boolean)
    .join(" ");
  return h(column.main ? "th" : "td", {
    class: className || null,
    scope: column.main ? "row" : null,
    "data-label": column.main ? null : column.label,
  });
}

customElements.define("av-data-table", DataTable);

/**
 * @template T
 * @param {TableSetup<T>} setup
 * @returns {DataTable<T>}
 */
export function dataTable(setup) {
  const table = /** @type {DataTable<T>} */ (document.createElement("av-data-table"));
  table.setup = setup;
  return table;
}
