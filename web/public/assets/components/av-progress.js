// The bar of a run: passed, failed, errors, running, still to come; with the numbers in words.

import { Component, h, setAttribute, setText, show } from "../dom.js";
import { plural } from "../state/format.js";

const PARTS = [
  { name: "ok", label: "passed" },
  { name: "bad", label: "failed" },
  { name: "warn", label: "errors" },
  { name: "live", label: "running" },
];

export class ProgressBar extends Component {
  #bar = h("div", { class: "bar", role: "progressbar", "aria-valuemin": "0" });
  #count = h("span", { class: "progress-count" });
  #detail = h("span", { class: "progress-detail" });
  #segments = PARTS.map(({ name }) => h("span", { class: `bar-part bar-${name}` }));
  #numbers = PARTS.map(({ name, label }) => {
    const number = h("strong");
    const word = h("span", {}, label);
    return { number, word, item: legend(name, number, word) };
  });

  build() {
    this.#bar.append(...this.#segments);
    this.#detail.append(...this.#numbers.map(({ item }) => item));
    this.append(h("div", { class: "progress-line" }, this.#count, this.#detail), this.#bar);
  }

  /** @param {Progress | null} progress */
  set progress(progress) {
    const planned = progress?.planned ?? null;
    const completed = progress?.completed ?? 0;
    const running = progress?.in_flight.length ?? 0;
    const counts = [
      progress?.ok ?? 0,
      progress?.quality_failures ?? 0,
      progress?.execution_errors ?? 0,
      running,
    ];
    const whole = Math.max(planned ?? 0, completed + running, 1);
    this.#segments.forEach((segment, index) => {
      segment.style.setProperty("--share", String(counts[index] / whole));
      show(segment, counts[index] > 0);
    });
    this.#numbers.forEach(({ number, word, item }, index) => {
      setText(number, counts[index].toLocaleString("en"));
      if (PARTS[index].label === "errors") setText(word, counts[index] === 1 ? "error" : "errors");
      show(item, counts[index] > 0 || (index === 0 && whole > 1));
    });
    const text =
      planned == null ? plural(completed, "test") : `${completed} of ${plural(planned, "test")}`;
    setText(this.#count, text);
    setAttribute(this.#bar, "aria-label", "Tests done");
    setAttribute(this.#bar, "aria-valuemax", planned ?? completed);
    setAttribute(this.#bar, "aria-valuenow", completed);
    setAttribute(this.#bar, "aria-valuetext", text);
  }
}

/** @param {string} name @param {HTMLElement} number @param {HTMLElement} word */
function legend(name, number, word) {
  return h("span", { class: `legend legend-${name}` }, h("span", {}, number, " ", word));
}

customElements.define("av-progress", ProgressBar);

/** @returns {ProgressBar} */
export function progressBar() {
  return /** @type {ProgressBar} */ (document.createElement("av-progress"));
}
