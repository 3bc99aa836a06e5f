// Runs beyond those that the project's stream brought: pages of `GET /api/runs`, fetched when a person
// asks for more or chooses a filter, one request at a time.

import { api } from "./api.js";

/** Runs of one answer; the server's own limit is 1,000. */
const PAGE = 500;

/** @typedef {Record<string, string>} RunQuery */

export class RunPages {
  // What was fetched for the query.
  /** @type {Map<string, RunMeta>} */
  runs = new Map();
  /** Runs that the query matches on the server, or null before the first answer. */
  total = /** @type {number | null} */ (null);
  /** @type {unknown} */
  error = null;
  busy = false;
  #key = "";
  /** @type {RunQuery} */
  #query = {};
  /** @type {string | null} */
  #cursor = null;
  #changed;

  /** @param {() => void} changed  called when there is something new to show */
  constructor(changed) {
    this.#changed = changed;
  }

  /** Everything that matches is here. */
  get done() {
    return this.total !== null && this.#cursor === null;
  }

  /**
   * Another query forgets what was fetched.
   * @param {RunQuery} query
   */
  choose(query) {
    const key = JSON.stringify(query);
    if (key === this.#key) return;
    this.#key = key;
    this.#query = query;
    this.reset();
  }

  reset() {
    this.runs = new Map();
    this.total = null;
    this.error = null;
    this.#cursor = null;
  }

  /** The next page, if there is one. */
  async more() {
    if (this.busy || this.done) return;
    const key = this.#key;
    this.busy = true;
    this.error = null;
    this.#changed();
    try {
      const page = await api.runs({
        ...this.#query,
        limit: String(PAGE),
        cursor: this.#cursor ?? "",
      });
      if (key !== this.#key) return;
      const runs = new Map(this.runs);
      for (const run of page.runs) runs.set(run.filename, run);
      this.runs = runs;
      this.total = page.total;
      this.#cursor = page.next_cursor;
      this.error = null;
    } catch (error) {
      if (key === this.#key) this.error = error;
    } finally {
      this.busy = false;
      this.#changed();
    }
  }

  /** @param {StreamEvent} event  a run that vanished is not shown any more */
  hear({ name, data }) {
    if (name !== "run" || data.change !== "vanished") return;
    const id = data.run?.filename ?? data.run_id;
    if (!this.runs.has(id)) return;
    this.runs = new Map(this.runs);
    this.runs.delete(id);
    if (this.total !== null) this.total -= 1;
    this.#changed();
  }
}
