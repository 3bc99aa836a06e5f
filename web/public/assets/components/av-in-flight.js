// The tests that are running now, each with its clock.

import { Component, h, reconcile, setText, show } from "../dom.js";
import { plural } from "../state/format.js";
import { clock } from "./av-clock.js";

/** Shown at once; with more workers than this the rest is a number. */
const SHOWN = 12;

/** @param {InFlightTest} test */
const keyOf = (test) => `${test.eval_file ?? ""}|${test.test_id}|${test.target ?? ""}`;

export class InFlight extends Component {
  #list = h("ul", { class: "in-flight-list" });
  #more = h("p", { class: "muted", hidden: true });

  build() {
    this.append(h("h2", { class: "eyebrow" }, "Running now"), this.#list, this.#more);
  }

  /** @param {InFlightTest[]} tests */
  set tests(tests) {
    show(this, tests.length > 0);
    this.classList.toggle("one-target", new Set(tests.map(({ target }) => target)).size < 2);
    reconcile(this.#list, tests.slice(0, SHOWN), keyOf, createItem, updateItem);
    const hidden = tests.length - SHOWN;
    show(this.#more, hidden > 0);
    if (hidden > 0) setText(this.#more, `and ${plural(hidden, "more test")}`);
  }
}

/** @param {InFlightTest} test */
function createItem(test) {
  const item = h("li", { class: "in-flight-item" });
  updateItem(item, test);
  return item;
}

/** @param {HTMLElement} item @param {InFlightTest} test */
function updateItem(item, test) {
  // Every progress event brings new objects that say the same.
  const signature = JSON.stringify([test.test_id, test.target, test.started_at]);
  if (item.dataset.shown === signature) return;
  item.dataset.shown = signature;
  item.replaceChildren(
    h("span", { class: "spinner", "aria-hidden": "true" }),
    h("span", { class: "in-flight-name" }, test.test_id),
    test.target ? h("span", { class: "in-flight-target muted" }, test.target) : "",
    clock((each) => each.since(test.started_at)),
  );
}

customElements.define("av-in-flight", InFlight);
