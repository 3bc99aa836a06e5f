// The tests of a store that pass a filter, brought up to date by what came since. Pure.

import { RowWindow } from "./row-window.js";

/** @typedef {import("../components/test-row.js").TestItem} TestItem */

/** Height of a usual row, pixels. */
const USUAL_HEIGHT = 41;

export class RowView {
  /** Where the rows are. */
  window;
  #store;
  #accepts;
  /** @type {number[]}  slots of the store, rising */
  #found = [];
  #nextSlot = 0;
  #nextReplaced = 0;

  /**
   * @param {import("./row-store.js").RowStore} store
   * @param {((item: TestItem) => boolean) | null} accepts  null for all
   * @param {number} [height]  of a usual row, pixels
   */
  constructor(store, accepts, height = USUAL_HEIGHT) {
    this.window = new RowWindow(height);
    this.#store = store;
    this.#accepts = accepts;
    this.#nextReplaced = store.replaced.length;
  }

  get count() {
    return this.#found.length;
  }

  /** Takes what came into the store since. */
  update() {
    const { length, replaced } = this.#store;
    for (; this.#nextReplaced < replaced.length; this.#nextReplaced += 1) {
      const index = this.#indexOfSlot(replaced[this.#nextReplaced]);
      if (index < 0) continue;
      this.#found.splice(index, 1);
      this.window.remove(index);
    }
    const before = this.#found.length;
    for (; this.#nextSlot < length; this.#nextSlot += 1) {
      if (this.#isWanted(this.#nextSlot)) this.#found.push(this.#nextSlot);
    }
    this.window.append(this.#found.length - before);
  }

  /** @param {number} index @returns {TestItem | null} */
  at(index) {
    return index in this.#found ? this.#store.at(this.#found[index]) : null;
  }

  /** @param {number} slot */
  #isWanted(slot) {
    if (!this.#accepts) return this.#store.isTaken(slot);
    const item = this.#store.look(slot);
    return item !== null && this.#accepts(item);
  }

  /** @param {TestItem} item @returns {number} -1 when it is not here */
  indexOf(item) {
    return this.#store.look(item.slot) === item ? this.#indexOfSlot(item.slot) : -1;
  }

  /** @param {number} slot */
  #indexOfSlot(slot) {
    let low = 0;
    let high = this.#found.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (this.#found[middle] === slot) return middle;
      if (this.#found[middle] < slot) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}
