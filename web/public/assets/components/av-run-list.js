// Every run on disk, newest first, with what can be done with it; and jobs that left no run behind.

import { Component, framed, h, reconcile, setAttribute, setText, show } from "../dom.js";
import { errorText } from "../net/api.js";
import { live } from "../net/live.js";
import { comparePath } from "../router.js";
import { plural } from "../state/format.js";
import { isLiveJob } from "../state/phase.js";
import { deleteDialog } from "./delete-dialog.js";
import { createRunRow, updateRunRow } from "./run-row.js";
import { Selection, selectionBar } from "./selection.js";
import { stopDialog } from "./stop-dialog.js";

/** @typedef {import("./run-row.js").RunItem} RunItem */

const CHUNK = 50;

export class RunList extends Component {
  /** @type {RunItem[]} */
  #items = [];
  #limit = CHUNK;
  /** Runs that match and are not fetched yet. */
  #rest = 0;
  #busy = false;
  #error = h("p", { class: "inline-error", role: "alert", hidden: true });
  /** Fetches some of them. */
  onmore = () => {};
  #body = h("tbody");
  #more = h("button", {
    class: "button",
    type: "button",
    onclick: () => this.#showMore(),
  });
  #selection = new Selection();
  #bar = selectionBar(this.#selection);
  #renderSoon = framed(() => this.#render());

  build() {
    this.#selection.onchange = () => this.#showBar();
    const columns = ["State", "Run", "Tests", "Pass rate", "Cost", "When", ""];
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
          h("thead", {}, h("tr", {}, this.#selection.heading(), ...headings)),
          this.#body,
        ),
      ),
      h("div", { class: "table-more" }, this.#more, this.#error),
      this.#bar.element,
    );
  }

  start() {
    this.#renderSoon();
  }

  /** What is selected is part of the address: for the one list of a page. */
  keepSelection() {
    this.#selection.keep();
  }

  /** @param {RunItem[]} items */
  set items(items) {
    this.#items = items;
    this.#renderSoon();
  }

  /**
   * Says that there is more than the items.
   * @param {number} rest  runs that match beyond them
   * @param {{ busy: boolean, error: unknown }} pages  how fetching them goes
   */
  beyond(rest, { busy, error }) {
    this.#rest = rest;
    this.#busy = busy;
    show(this.#error, Boolean(error));
    setText(this.#error, error ? errorText(error) : "");
  }

  #showMore() {
    this.#limit += CHUNK;
    if (this.#rest > 0 && this.#limit > this.#items.length - CHUNK) this.onmore();
    this.#renderSoon();
  }

  #render() {
    const shown = this.#items.slice(0, this.#limit);
    reconcile(
      this.#body,
      shown,
      (item) => item.key,
      (item) => this.#row(item),
      updateRunRow,
    );
    const keys = new Set(this.#items.map((item) => item.key));
    this.#selection.lines(
      shown.map((item) => item.key),
      (key) => keys.has(key),
    );
    this.#showBar();
    const rest = this.#items.length - shown.length + this.#rest;
    show(this.#more, rest > 0);
    const waits = this.#busy && this.#items.length === shown.length;
    setAttribute(this.#more, "aria-disabled", waits ? "true" : null);
    setText(this.#more, waits ? "Fetching older runs…" : `Show more (${plural(rest, "run")} left)`);
  }

  /** @param {RunItem} item */
  #row(item) {
    const line = createRunRow(item);
    const name = item.run?.filename ?? item.job?.id ?? item.key;
    line.prepend(this.#selection.cell(item.key, name));
    return line;
  }

  /** What can be done with the chosen runs. */
  #showBar() {
    const { keys } = this.#selection;
    const chosen = keys.size === 0 ? [] : this.#items.filter((item) => keys.has(item.key));
    const readOnly = live.project.config.read_only === true;
    const jobs = chosen.flatMap(({ job }) => (job && isLiveJob(job) ? [job] : []));
    const runs = chosen.flatMap(({ run }) => run?.filename ?? []);
    const ended = chosen.flatMap((item) => (item.live ? [] : (item.run?.filename ?? [])));
    const local = ended.filter((run) => !run.startsWith("remote::"));
    const clear = () => this.#selection.clear();
    /** @type {import("./selection.js").SelectionAction[]} */
    const actions = [];
    if (runs.length > 1) {
      actions.push({ label: `Compare ${runs.length}`, href: comparePath(runs) });
    }
    if (jobs.length > 0 && !readOnly) {
      const run = () => stopDialog(jobs, { done: clear });
      actions.push({ label: `Stop ${jobs.length}…`, run });
    }
    if (local.length > 0 && !readOnly) {
      const run = () => deleteDialog(local, clear);
      actions.push({ label: `Delete ${local.length}…`, run });
    }
    this.#bar.show(actions);
  }
}

customElements.define("av-run-list", RunList);
