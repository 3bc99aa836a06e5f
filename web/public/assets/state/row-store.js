// The tests of a run as a page keeps them, with everything that is counted over all of them kept up
// to date row by row: a thousand rows a second are taken into a hundred thousand. Pure; grows in place.

import { groupInto, suiteOf } from "./breakdown.js";
import { ColumnItems } from "./columns.js";
import { idOfKey, rowKey } from "./rows.js";

/** @typedef {import("../components/test-row.js").TestItem} TestItem */
/** @typedef {import("./breakdown.js").Group} Group */

/** Tests that are prepared at a time. */
const PREPARED = 5_000;

export class RowStore {
  /**
   * The tests in the order of their rows; null where a later row replaced one, undefined where one was
   * not made yet.
   * @type {(TestItem | null | undefined)[]}
   */
  #slots = [];
  /** @type {import("./columns.js").ColumnItems | null}  makes the first ones */
  #source = null;
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
  /**
   * Slots by test id, made by `prepare`; keys of a hundred thousand tests would take longer.
   * @type {Map<string, number | number[]>}
   */
  #places = new Map();
  #nextPrepared = 0;
  #isPrepared = false;

  /**
   * @param {Iterable<TestItem> | import("./columns.js").ColumnItems} [items]  one for each identity
   */
  constructor(items = []) {
    if (items instanceof ColumnItems) {
      this.#source = items;
      this.#slots = new Array(items.count);
      for (let slot = 0; slot < items.count; slot += 1) this.#count(items.look(slot), 1);
    } else {
      for (const item of items) this.#append(item);
    }
  }

  /** Number of slots, also of those whose tests were replaced. */
  get length() {
    return this.#slots.length;
  }

  /** @param {number} slot */
  isTaken(slot) {
    return slot < this.#slots.length && this.#slots[slot] !== null;
  }

  /** @param {number} slot @returns {TestItem | null} */
  at(slot) {
    const item = this.#slots[slot];
    if (item !== undefined) return item;
    if (!this.#source || !(slot < this.#source.count)) return null;
    const made = this.#source.item(slot);
    this.#slots[slot] = made;
    return made;
  }

  /**
   * A test to look at, until the next look.
   * @param {number} slot
   * @returns {TestItem | null}
   */
  look(slot) {
    const item = this.#slots[slot];
    if (item !== undefined) return item;
    return this.#source && slot < this.#source.count ? this.#source.look(slot) : null;
  }

  get size() {
    return this.sum.total;
  }

  /** @param {string} key @returns {TestItem | null} */
  get(key) {
    const place = this.#slotOf(key);
    return place === undefined ? null : this.at(place);
  }

  /**
   * Adds a test; one of the same identity is replaced and moves to the end, where the newest are.
   * @param {TestItem} item
   */
  put(item) {
    const place = this.#slotOf(itemKey(item));
    const old = place === undefined ? null : this.at(place);
    if (place !== undefined && old) {
      this.#slots[place] = null;
      this.replaced.push(place);
      this.#count(old, -1);
      // What only the fetched results tell.
      item.suite ??= old.suite;
      item.category ??= old.category;
    }
    notePlace(this.#places, item.row.test_id, this.#slots.length, place);
    this.#append(item);
  }

  /**
   * Gets ready for rows to come, some thousand tests at a time.
   * @returns {boolean} whether there is more to do
   */
  prepare() {
    if (this.#isPrepared) return false;
    const end = Math.min(this.#slots.length, this.#nextPrepared + PREPARED);
    for (; this.#nextPrepared < end; this.#nextPrepared += 1) {
      const slot = this.#nextPrepared;
      const id = this.#slots[slot]?.row.test_id ?? this.#source?.idOf(slot);
      if (id !== undefined) notePlace(this.#places, id, slot);
    }
    this.#isPrepared = end === this.#slots.length;
    return !this.#isPrepared;
  }

  /** @returns {TestItem[]} */
  items() {
    return Array.from(this.#slots, (_, slot) => this.at(slot)).flatMap((item) => item ?? []);
  }

  /** @param {TestItem} item */
  #append(item) {
    item.slot = this.#slots.length;
    this.#slots.push(item);
    this.#count(item, 1);
  }

  /** @param {string} key */
  #slotOf(key) {
    while (this.prepare());
    const found = this.#places.get(idOfKey(key));
    if (found === undefined) return undefined;
    const isSame = (/** @type {number} */ slot) => {
      const item = this.at(slot);
      return item !== null && itemKey(item) === key;
    };
    if (typeof found === "number") return isSame(found) ? found : undefined;
    return found.find(isSame);
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

/**
 * @param {Map<string, number | number[]>} places
 * @param {string} id
 * @param {number} slot
 * @param {number} [old]  the slot that it leaves
 */
function notePlace(places, id, slot, old) {
  const known = places.get(id);
  if (known === undefined || known === old) places.set(id, slot);
  else if (typeof known === "number") places.set(id, [known, slot]);
  else if (old === undefined) known.push(slot);
  else known[known.indexOf(old)] = slot;
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
