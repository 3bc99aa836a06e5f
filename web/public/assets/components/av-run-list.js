// Every run on disk, newest first, with what can be done with it; and jobs that left no run behind.

import { Component, framed, h, reconcile, setText, show } from "../dom.js";
import { plural } from "../state/format.js";
import { createRunRow, updateRunRow } from "./run-row.js";

/** @typedef {import("./run-row.js").RunItem} RunItem */

const CHUNK = 50;

export class RunList extends Component {
  /** @type {RunItem[]} */
  #items = [];
  #limit = CHUNK;
  #body = h("tbody");
  #more = h("button", {
    class: "button",
    type: "button",
    onclick: () => this.#showMore(),
  });
  #renderSoon = framed(() => this.#render());

  build() {
    const columns = ["State", "Run", "Tests", "Pass rate", "When", ""];
    const headings = columns.map((name) =>
      name
        ? h("th", { scope: "col" }, name)
        : h("td", {}, h("span", { class: "visually-hidden" }, "Actions")),
    );
    this.append(
      h(
        "div",
        { class: "table-frame" },
        h(
          "table",
          { class: "table run-table" },
          h("caption", { class: "visually-hidden" }, "Runs, newest first"),
          h("thead", {}, h("tr", {}, ...headings)),
          this.#body,
        ),
      ),
      h("div", { class: "table-more" }, this.#more),
    );
  }

  start() {
    this.#renderSoon();
  }

  /** @param {RunItem[]} items */
  set items(items) {
    this.#items = items;
    this.#renderSoon();
  }

  #showMore() {
    this.#limit += CHUNK;
    this.#renderSoon();
  }

  #render() {
    const shown = this.#items.slice(0, this.#limit);
    reconcile(this.#body, shown, (item) => item.key, createRunRow, updateRunRow);
    const rest = this.#items.length - shown.length;
    show(this.#more, rest > 0);
    setText(this.#more, `Show more (${plural(rest, "run")} left)`);
  }
}

customElements.define("av-run-list", RunList);
