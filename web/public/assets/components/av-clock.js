// Times that tick: elapsed since, left until, or how long ago. They redraw once a second and ask
// nobody.

import { everySecond } from "../clock.js";
import { Component, setAttribute, setText } from "../dom.js";
import { formatAgo, formatClock, formatMoment, formatTime } from "../state/format.js";

export class Clock extends Component {
  /** @type {(now: number) => string} */
  #text = () => "";

  start() {
    this.own(everySecond((now) => setText(this, this.#text(now))));
  }

  /**
   * Time since `iso`, standing still at `end` when that is given.
   * @param {string | null | undefined} iso
   * @param {string | null} [end]
   */
  since(iso, end = null) {
    const from = Date.parse(iso ?? "");
    const stop = Date.parse(end ?? "");
    this.#set((now) =>
      Number.isNaN(from) ? "–" : formatClock((Number.isNaN(stop) ? now : stop) - from),
    );
  }

  /** @param {string | null | undefined} iso */
  ago(iso) {
    this.#set((now) => formatAgo(iso, now));
    setAttribute(this, "title", iso ? formatTime(iso) : null);
  }

  /**
   * As `ago`, for the place of a page where a time is told in full: a phone has no tooltips.
   * @param {string | null | undefined} iso
   */
  moment(iso) {
    this.#set((now) => formatMoment(iso, now));
    setAttribute(this, "title", iso ? formatTime(iso) : null);
  }

  /** @param {(now: number) => string} text */
  showing(text) {
    this.#set(text);
  }

  /** @param {(now: number) => string} text */
  #set(text) {
    this.#text = text;
    setText(this, text(Date.now()));
  }
}

customElements.define("av-clock", Clock);

/** @param {(clock: Clock) => void} configure */
export function clock(configure) {
  const element = /** @type {Clock} */ (document.createElement("av-clock"));
  configure(element);
  return element;
}
