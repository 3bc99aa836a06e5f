// Where the rows of a long list are, of which only those on the screen are in the page: heights that
// were measured, and a guess for the others. Pure.

export class RowWindow {
  /** Height of a row that was never drawn, pixels. */
  #guess;
  /** @type {number[]}  0 for a row that was never drawn */
  #heights = [];
  /** @type {number[]}  where each row begins; right up to `#valid` */
  #tops = [0];
  #valid = 0;

  /** @param {number} guess  height of a row before one was measured, pixels */
  constructor(guess) {
    this.#guess = guess;
  }

  get count() {
    return this.#heights.length;
  }

  /** Height of a row that was never drawn, pixels. */
  get usual() {
    return this.#guess;
  }

  /** Height of all rows, pixels. */
  get total() {
    return this.top(this.count);
  }

  /** @param {number} count  rows that came at the end */
  append(count) {
    for (let i = 0; i < count; i += 1) this.#heights.push(0);
  }

  /** @param {number} index */
  remove(index) {
    this.#heights.splice(index, 1);
    this.#touch(index);
  }

  /** Forgets all heights: the rows are as wide as they never were before. */
  forget() {
    this.#heights.fill(0);
    this.#touch(0);
  }

  /**
   * Takes the height of a row that was drawn.
   * @param {number} index
   * @param {number} height
   */
  measure(index, height) {
    if (Math.abs(this.#heights[index] - height) < 0.5) return;
    this.#heights[index] = height;
    this.#touch(index);
  }

  /** @param {number} height  what rows that were never drawn are taken to have */
  guess(height) {
    if (Math.abs(this.#guess - height) < 0.5) return;
    this.#guess = height;
    this.#touch(0);
  }

  /** @param {number} index @returns {number} where a row begins, pixels below the first one's top */
  top(index) {
    for (let i = this.#valid; i < index; i += 1) {
      this.#tops[i + 1] = this.#tops[i] + (this.#heights[i] || this.#guess);
    }
    this.#valid = Math.max(this.#valid, index);
    return this.#tops[index];
  }

  /** @param {number} y @returns {number} the row at a height; the first or the last one outside */
  indexAt(y) {
    this.top(this.count);
    let low = 0;
    let high = Math.max(0, this.count - 1);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#tops[middle] <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** @param {number} index */
  #touch(index) {
    this.#valid = Math.min(this.#valid, index);
  }
}
