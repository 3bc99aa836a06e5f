// Tests × targets of a run: what each cell is at. Pure.

import { evalPath } from "../router.js";

/** @typedef {"planned" | "running" | ExecutionStatus} CellState */
/** @typedef {{ test: string, file: string | null, cells: Map<string, GridCell> }} GridLine */
/** @typedef {{ state: CellState, score: number | null, href: string | null }} GridCell */

/**
 * The lines of the grid in the order in which their tests appeared, and its targets by name.
 * @param {import("../components/test-row.js").TestItem[]} items
 * @param {InFlightTest[]} inFlight
 * @returns {{ targets: string[], lines: GridLine[] }}
 */
export function gridOf(items, inFlight) {
  /** @type {Map<string, GridLine>} */
  const lines = new Map();
  /** @type {Set<string>} */
  const targets = new Set();
  const put = (
    /** @type {{ test_id: string, eval_file?: string | null }} */ test,
    /** @type {string} */ target,
    /** @type {GridCell} */ cell,
  ) => {
    const file = test.eval_file ?? null;
    const key = `${file ?? ""}\u0000${test.test_id}`;
    const line = lines.get(key) ?? { test: test.test_id, file, cells: new Map() };
    line.cells.set(target, cell);
    lines.set(key, line);
    targets.add(target);
  };
  // Most long runs have one target and no grid: its lines would be made for nothing.
  for (const { row } of items) targets.add(row.requested_target ?? row.target ?? "default");
  for (const test of inFlight) targets.add(test.target ?? "default");
  if (targets.size < 2) return { targets: [...targets], lines: [] };
  for (const { row, run } of items) {
    const target = row.requested_target ?? row.target ?? "default";
    put(row, target, {
      state: row.execution_status,
      score: row.score,
      href: run ? evalPath(run, row) : null,
    });
  }
  for (const test of inFlight) {
    put(test, test.target ?? "default", { state: "running", score: null, href: null });
  }
  return { targets: [...targets].sort(), lines: [...lines.values()] };
}
