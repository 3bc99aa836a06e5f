// The tests of a run as a page keeps them, with everything that is counted over all of them kept up
// to date row by row: a thousand rows a second are taken into a hundred thousand. Pure; grows in place.

import { groupInto, suiteOf } from "./breakdown.js";
import { rowKey } from "./rows.js";

/** @typedef {import("../components/test-row.js").TestItem} TestItem */
/** @typedef {import("./breakdown.js").Group} Group */

export class RowStore {
  /**
   * The tests in the order of their rows; null where a later row replaced one.
   * @type {(TestItem | null)[]}
   */
  slots = [];
  /** @type {number[]}  the slots that became null, in that order */
  replaced = [];
  /** @type {import("./rows.js").Tally} */
  sum = { total: 0, ok: 0, qualityFailures: 0, executionErrors: 0, cost: 0, duration: 0 };
  /** @type {Map<string, Group>} */
  categories = new Map();
  /** @type {Map<string, Group>} */
  suites = new Map();
  /** @type {Map<string, number>}  tests of each target that was asked for */
  targets = new Map();
  /** @type {Map<string, number> | null}  slots by key, made when the first row comes */
  #places = null;

  /** @param {Iterable<TestItem>} [items]  one for each identity */
  constructor(items = []) {
    for (const item of items) this.#append(item);
  }

  get size() {
    return this.sum.total;
  }

  /** @param {string} key @returns {TestItem | null} */
  get(key) {
    const place = this.#slotOf(key);
    return place === undefined ? null : this.slots[place];
  }

  /**
   * Adds a test; one of the same identity is replaced and moves to the end, where the newest are.
   * @param {TestItem} item
   */
  put(item) {
    const key = itemKey(item);
    const place = this.#slotOf(key);
    const old = place === undefined ? null : this.slots[place];
    if (place !== undefined && old) {
      this.slots[place] = null;
      this.replaced.push(place);
      this.#count(old, -1);
      // What only the fetched results tell.
      item.suite ??= old.suite;
      item.category ??= old.category;
    }
    this.#places?.set(key, this.slots.length);
    this.#append(item);
  }

  /** @returns {TestItem[]} */
  items() {
    return this.slots.flatMap((item) => item ?? []);
  }

  /** @param {TestItem} item */
  #append(item) {
    item.slot = this.slots.length;
    this.slots.push(item);
    this.#count(item, 1);
  }

  /** @param {string} key */
  #slotOf(key) {
    if (!this.#places) {
      this.#places = new Map();
      for (const item of this.slots) {
        if (item) this.#places.set(itemKey(item), item.slot);
      }
    }
    return this.#places.get(key);
  }

  /** @param {TestItem} item @param {1 | -1} by */
  #count(item, by) {
    const { row } = item;
    const { sum } = this;
    sum.total += by;
    if (row.execution_status === "ok") sum.ok += by;
    else if (row.execution_status === "execution_error") sum.executionErrors += by;
    else sum.qualityFailures += by;
    sum.cost += by * (row.cost_usd ?? 0);
    sum.duration += by * (row.duration_ms ?? 0);
    groupInto(this.categories, item.category ?? null, row, by);
    groupInto(this.suites, suiteOf(item), row, by);
    const target = targetOf(item);
    const left = (this.targets.get(target) ?? 0) + by;
    if (left > 0) this.targets.set(target, left);
    else this.targets.delete(target);
  }
}

/** @param {TestItem} item */
export function targetOf({ row }) {
  return row.requested_target ?? row.target ?? "default";
}

/** @param {TestItem} item */
export function itemKey(item) {
  item.key ??= rowKey(item.row);
  return item.key;
}
