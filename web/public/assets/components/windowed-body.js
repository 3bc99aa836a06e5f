// The body of a long table: only the rows on the screen, some around them, and the one that has the
// focus are in the page; empty rows of the right height stand for the others.

import { h, reconcile, setAttribute } from "../dom.js";

/** Up to so many rows are all in the page, where the browser's own search finds them. */
const WHOLE = 200;
/** Drawn beyond the screen, pixels. */
const MARGIN = 500;

/**
 * What is drawn: rows by their place in the window, in reverse when the newest stand first.
 * @template T
 * @typedef {{ window: import("../state/row-window.js").RowWindow, reversed: boolean,
 *   at: (index: number) => T | null, indexOf: (item: T) => number }} Rows
 */

/**
 * What of the window is on the screen, as the browser tells positions, and how to scroll it.
 * @typedef {{ top: number, bottom: number, scrollBy: (pixels: number) => void }} Seen
 */

/**
 * A row, or the room that others take.
 * @template T
 * @typedef {{ item: T, row: number } | { space: number, name: string }} Line
 */

/** @template T */
export class WindowedBody {
  #body;
  #setup;
  /** @type {WeakMap<Node, T>} */
  #items = new WeakMap();
  /** Told by the browser: asking it would lay the page out once more for each picture. */
  #newWidth = 0;
  #width = 0;
  #isGuessed = false;
  /** @type {{ item: T, y: number } | null}  the first row on the screen, and where it stood */
  #anchor = null;

  /**
   * @param {HTMLElement} body
   * @param {{ columns: number, keyOf: (item: T) => string, create: (item: T) => HTMLElement,
   *   update: (node: HTMLElement, item: T) => void, resized: () => void }} setup  `resized` draws again
   */
  constructor(body, setup) {
    this.#body = body;
    this.#setup = setup;
    new ResizeObserver(([{ contentRect }]) => {
      this.#newWidth = contentRect.width;
      if (this.#width > 0 && this.#newWidth !== this.#width) setup.resized();
    }).observe(body);
  }

  /**
   * @param {Rows<T>} rows
   * @param {Seen} seen
   */
  draw(rows, seen) {
    const { window: place } = rows;
    const count = place.count;
    const table = this.#body.parentElement;
    if (table) {
      table.classList.toggle("is-windowed", count > WHOLE);
      setAttribute(table, "aria-rowcount", count > WHOLE ? count + 1 : null);
    }
    this.#forgetWidth(place);
    if (count <= WHOLE) {
      this.#anchor = null;
      this.#put(rows, range(0, count - 1, rows.reversed));
      return;
    }
    this.#put(rows, this.#chosen(rows, seen));
    if (this.#measure(rows)) this.#put(rows, this.#chosen(rows, seen));
    const moved = this.#moved(rows);
    if (Math.abs(moved) > 0.5) seen.scrollBy(moved);
    this.#drop(rows, seen);
  }

  /**
   * How far the first row on the screen moved since the last picture: rows came above it.
   * @param {Rows<T>} rows
   */
  #moved(rows) {
    const index = this.#anchor ? rows.indexOf(this.#anchor.item) : -1;
    return this.#anchor && index >= 0 ? yOf(rows, index) - this.#anchor.y : 0;
  }

  /**
   * Remembers the first row on the screen. At the top of the list there is none: what is new is seen.
   * @param {Rows<T>} rows
   * @param {Seen} seen
   */
  #drop(rows, { top }) {
    const y = top - this.#body.getBoundingClientRect().top;
    const { window: place, reversed } = rows;
    const index = place.indexAt(reversed ? place.total - y - 1 : y);
    const item = rows.at(index);
    this.#anchor = y > 0 && item ? { item, y: yOf(rows, index) } : null;
  }

  /**
   * The rows are read anew: the first one on the screen is to stay where it is.
   * @param {(item: T) => T | null} find  the row that stands for one of before
   */
  follow(find) {
    const item = this.#anchor && find(this.#anchor.item);
    this.#anchor = this.#anchor && item ? { item, y: this.#anchor.y } : null;
  }

  /** @param {Node} node @returns {T | undefined} what a row shows */
  itemOf(node) {
    return this.#items.get(node);
  }

  /** @param {import("../state/row-window.js").RowWindow} place */
  #forgetWidth(place) {
    const width = this.#newWidth;
    if (width === 0 || width === this.#width) return;
    // The first width is that of what is drawn already.
    if (this.#width > 0) {
      place.forget();
      this.#isGuessed = false;
    }
    this.#width = width;
  }

  /**
   * The places of the rows to be drawn, in the order on the screen.
   * @param {Rows<T>} rows
   * @param {Seen} seen
   */
  #chosen(rows, seen) {
    const { window: place, reversed, indexOf } = rows;
    const { total } = place;
    const start = this.#body.getBoundingClientRect().top - this.#moved(rows);
    const from = seen.top - start - MARGIN;
    const to = seen.bottom - start + MARGIN;
    const first = place.indexAt(reversed ? total - to : from);
    const last = place.indexAt(reversed ? total - from : to);
    const chosen = range(first, last, reversed);
    const focused = this.#focused(indexOf);
    if (focused < 0 || (focused >= first && focused <= last)) return chosen;
    // A row that has the focus keeps it, however far it was scrolled away.
    if (focused < first === reversed) chosen.push(focused);
    else chosen.unshift(focused);
    return chosen;
  }

  /** @param {(item: T) => number} indexOf */
  #focused(indexOf) {
    const active = document.activeElement;
    if (!active || !this.#body.contains(active)) return -1;
    const line = active.closest("tr");
    const item = line ? this.#items.get(line) : undefined;
    return item ? indexOf(item) : -1;
  }

  /** @param {Rows<T>} rows @param {number[]} chosen */
  #put(rows, chosen) {
    const { window: place, reversed, at } = rows;
    const { count, total } = place;
    /** @type {Line<T>[]} */
    const lines = [];
    let end = 0;
    const space = (/** @type {number} */ y, /** @type {string} */ name) => {
      if (y - end > 0.5) lines.push({ space: y - end, name });
    };
    for (const index of chosen) {
      const item = at(index);
      if (!item) continue;
      const y = yOf(rows, index);
      const row = reversed ? count - index : index + 1;
      // Named by what it stands for, so that no row is moved around it: that would take its focus.
      space(y, end > 0 || lines.length > 0 ? "between" : "above");
      lines.push({ item, row });
      end = y + place.top(index + 1) - place.top(index);
    }
    if (count > WHOLE) space(total, "below");
    const { keyOf, create, update, columns } = this.#setup;
    reconcile(
      this.#body,
      lines,
      (line) => ("item" in line ? `row ${keyOf(line.item)}` : `space ${line.name}`),
      (line) => {
        const node = "item" in line ? create(line.item) : spacer(columns);
        this.#show(node, line, count > WHOLE);
        return node;
      },
      (node, line) => {
        if ("item" in line && this.#items.get(node) !== line.item) update(node, line.item);
        this.#show(node, line, count > WHOLE);
      },
    );
  }

  /**
   * @param {HTMLElement} node
   * @param {Line<T>} line
   * @param {boolean} numbered  whether rows are missing around it
   */
  #show(node, line, numbered) {
    if ("item" in line) {
      this.#items.set(node, line.item);
      setAttribute(node, "aria-rowindex", numbered ? line.row + 1 : null);
    } else {
      const cell = /** @type {HTMLElement} */ (node.firstElementChild);
      cell.style.height = `${line.space}px`;
    }
  }

  /**
   * Takes the heights of what is drawn.
   * @param {Rows<T>} rows
   * @returns {boolean} whether another guess makes everything stand elsewhere
   */
  #measure({ window: place, indexOf }) {
    const nodes = [...this.#body.children];
    const tops = nodes.map((node) => node.getBoundingClientRect());
    let sum = 0;
    let drawn = 0;
    for (const [index, node] of nodes.entries()) {
      const item = this.#items.get(node);
      if (!item) continue;
      const next = tops[index + 1];
      // With what is between two rows.
      const height = next ? next.top - tops[index].top : tops[index].height;
      place.measure(indexOf(item), height);
      sum += height;
      drawn += 1;
    }
    // Rows that are not shown have no height.
    if (this.#isGuessed || drawn === 0 || sum === 0) return false;
    this.#isGuessed = true;
    place.guess(sum / drawn);
    return true;
  }
}

/**
 * Where a row begins on the screen, pixels below the beginning of all.
 * @template T
 * @param {Rows<T>} rows
 * @param {number} index
 */
function yOf({ window: place, reversed }, index) {
  return reversed ? place.total - place.top(index + 1) : place.top(index);
}

/** @param {number} columns */
function spacer(columns) {
  return h("tr", { class: "row-space", "aria-hidden": "true" }, h("td", { colspan: columns }));
}

/** @param {number} first @param {number} last @param {boolean} reversed */
function range(first, last, reversed) {
  /** @type {number[]} */
  const numbers = [];
  if (reversed) for (let i = last; i >= first; i -= 1) numbers.push(i);
  else for (let i = first; i <= last; i += 1) numbers.push(i);
  return numbers;
}
