// A log of any size as bytes with the places of its lines: what is looked at is decoded, nothing
// else. Pure.

const NEWLINE = 10;
/** Lines that are decoded together when something is searched for. */
const SEARCH_LINES = 2000;
/** A longer line is shown cut; one endless line must not freeze a page. */
const LINE_BYTES = 16 << 10;

export class LogBytes {
  #bytes = new Uint8Array(1 << 16);
  #size = 0;
  /** Where each line begins; the last entry is the end of what is here. */
  #starts = new Float64Array(1 << 12);
  #lines = 0;
  #decoder = new TextDecoder();

  /** Bytes that are here. */
  get size() {
    return this.#size;
  }

  /** Lines, the unfinished last one included. */
  get count() {
    return this.#lines + (this.#size > this.#start(this.#lines) ? 1 : 0);
  }

  /** All bytes; valid until more are appended. */
  get bytes() {
    return this.#bytes.subarray(0, this.#size);
  }

  /** @param {Uint8Array} more */
  append(more) {
    this.#reserve(this.#size + more.length);
    this.#bytes.set(more, this.#size);
    let at = this.#size;
    this.#size += more.length;
    for (;;) {
      at = this.#bytes.indexOf(NEWLINE, at);
      if (at < 0 || at >= this.#size) break;
      at += 1;
      this.#lines += 1;
      if (this.#lines >= this.#starts.length) {
        const larger = new Float64Array(this.#starts.length * 2);
        larger.set(this.#starts);
        this.#starts = larger;
      }
      this.#starts[this.#lines] = at;
    }
  }

  /**
   * The text of a line, from 0; without its line break.
   * @param {number} index
   */
  line(index) {
    const start = this.#start(index);
    const end = Math.min(this.#end(index), start + LINE_BYTES);
    const text = this.#decoder.decode(this.#bytes.subarray(start, end)).replace(/\r?\n$/, "");
    return end < this.#end(index) ? `${text}…` : text;
  }

  /**
   * The next line that contains a text, whatever its case; -1 when there is none.
   * @param {string} text
   * @param {number} from  the first line to look at
   * @param {1 | -1} direction
   */
  find(text, from, direction) {
    const wanted = text.toLowerCase();
    if (!wanted) return -1;
    let at = from;
    while (at >= 0 && at < this.count) {
      const first = direction > 0 ? at : Math.max(0, at - SEARCH_LINES + 1);
      const last = direction > 0 ? Math.min(this.count, at + SEARCH_LINES) : at + 1;
      const block = this.#bytes.subarray(this.#start(first), this.#end(last - 1));
      const lines = this.#decoder.decode(block).toLowerCase();
      if (lines.includes(wanted)) {
        const parts = lines.split("\n");
        const found = direction > 0 ? parts.findIndex(has(wanted)) : lastIndex(parts, has(wanted));
        if (found >= 0) return first + found;
      }
      at = direction > 0 ? last : first - 1;
    }
    return -1;
  }

  /** @param {number} index */
  #start(index) {
    return this.#starts[index];
  }

  /** @param {number} index */
  #end(index) {
    return index < this.#lines ? this.#starts[index + 1] : this.#size;
  }

  /** @param {number} size */
  #reserve(size) {
    if (size <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(size, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = larger;
  }
}

/** @param {string} wanted */
const has = (wanted) => (/** @type {string} */ line) => line.includes(wanted);

/** @param {string[]} list @param {(item: string) => boolean} accept */
function lastIndex(list, accept) {
  for (let index = list.length - 1; index >= 0; index -= 1) if (accept(list[index])) return index;
  return -1;
}
