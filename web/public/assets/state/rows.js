// Finished tests by identity. A test that ran again replaces its earlier row, so nothing is counted
// twice. Pure.

/**
 * Identity of a test in a run: eval file, test id, requested target.
 * @param {{ test_id: string, target?: string | null, requested_target?: string | null,
 *   eval_file?: string | null }} row
 */
export function rowKey(row) {
  return `${row.eval_file ?? ""}\u0000${row.test_id}\u0000${row.requested_target ?? row.target ?? ""}`;
}

/** @param {string} key */
export function idOfKey(key) {
  return key.split("\u0000")[1];
}

/**
 * @param {Iterable<Row>} rows
 * @returns {Map<string, Row>}
 */
export function rowMap(rows) {
  const map = new Map();
  for (const row of rows) putRow(map, row);
  return map;
}

/**
 * Adds or replaces in place; a replaced row moves to the end, where the newest rows are.
 * @param {Map<string, Row>} map
 * @param {Row} row
 */
export function putRow(map, row) {
  const key = rowKey(row);
  map.delete(key);
  map.set(key, row);
}

/**
 * @typedef {{ total: number, ok: number, qualityFailures: number, executionErrors: number,
 *   cost: number, duration: number }} Tally
 */

/**
 * @param {Iterable<{ execution_status: ExecutionStatus, cost_usd?: number | null,
 *   duration_ms?: number | null }>} rows
 * @returns {Tally}
 */
export function tally(rows) {
  const sum = {
    total: 0,
    ok: 0,
    qualityFailures: 0,
    executionErrors: 0,
    cost: 0,
    duration: 0,
  };
  for (const row of rows) {
    sum.total += 1;
    if (row.execution_status === "ok") sum.ok += 1;
    else if (row.execution_status === "execution_error") sum.executionErrors += 1;
    else sum.qualityFailures += 1;
    sum.cost += row.cost_usd ?? 0;
    sum.duration += row.duration_ms ?? 0;
  }
  return sum;
}
