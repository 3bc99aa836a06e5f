// Tests × targets of a run: what each cell is at. Kept up to date test by test. Pure; grows in place.

import { evalPath } from "../router.js";
import { RowWindow } from "./row-window.js";

/** @typedef {"planned" | "running" | ExecutionStatus} CellState */
/**
 * `version` counts its changes.
 * @typedef {{ key: string, test: string, file: string | null, cells: Map<string, GridCell>,
 *   version: number }} GridLine
 */
/** @typedef {{ state: CellState, score: number | null, href: string | null }} GridCell */

/** Height of a usual line, pixels. */
const USUAL_HEIGHT = 41;

export class GridModel {
  /** @type {GridLine[]}  in the order in which their tests appeared */
  lines = [];
  /** @type {string[]}  by name */
  targets = [];
  /** Where the lines are. */
  window = new RowWindow(USUAL_HEIGHT);
  #store;
  #next = 0;
  /** @type {Map<string, number>} */
  #places = new Map();
  /** @type {Set<string>} */
  #names = new Set();
  /** @type {{ line: GridLine, target: string }[]} */
  #running = [];

  /** @param {import("./row-store.js").RowStore} store */
  constructor(store) {
    this.#store = store;
  }

  /** @param {GridLine} line */
  indexOf(line) {
    return this.#places.get(line.key) ?? -1;
  }

  /**
   * Takes what came into the store since.
   * @param {InFlightTest[]} inFlight  the tests that are running now
   * @returns {boolean} whether there is a grid: most long runs have one target, and lines of theirs
   *   would be made for nothing
   */
  update(inFlight) {
    const asked = new Set(this.#store.targets.keys());
    for (const test of inFlight) asked.add(test.target ?? "default");
    if (asked.size < 2) return false;
    for (const { line, target } of this.#running.splice(0)) {
      if (line.cells.get(target)?.state !== "running") continue;
      line.cells.delete(target);
      line.version += 1;
    }
    for (; this.#next < this.#store.length; this.#next += 1) {
      const item = this.#store.look(this.#next);
      if (!item) continue;
      const { row, run } = item;
      this.#put(row, row.requested_target ?? row.target ?? "default", {
        state: row.execution_status,
        score: row.score ?? null,
        href: run ? evalPath(run, row) : null,
      });
    }
    for (const test of inFlight) {
      const target = test.target ?? "default";
      const line = this.#put(test, target, { state: "running", score: null, href: null });
      this.#running.push({ line, target });
    }
    if (this.#names.size !== this.targets.length) this.targets = [...this.#names].sort();
    return true;
  }

  /**
   * @param {{ test_id: string, eval_file?: string | null }} test
   * @param {string} target
   * @param {GridCell} cell
   */
  #put(test, target, cell) {
    const file = test.eval_file ?? null;
    const key = `${file ?? ""}\u0000${test.test_id}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.lines.length;
      this.#places.set(key, place);
      this.lines.push({ key, test: test.test_id, file, cells: new Map(), version: 0 });
      this.window.append(1);
    }
    const line = this.lines[place];
    line.cells.set(target, cell);
    line.version += 1;
    this.#names.add(target);
    return line;
  }
}
