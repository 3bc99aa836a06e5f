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
 * The row form of an `EvalResult` of `GET /api/runs/:id`.
 * @param {EvalResult} result
 * @returns {Row}
 */
export function rowOfResult(result) {
  return {
    test_id: result.testId,
    target: result.target ?? null,
    requested_target: result.requestedTarget ?? null,
    eval_file: result.evalFile ?? null,
    execution_status: result.executionStatus ?? "ok",
    score: result.score ?? null,
    duration_ms: result.durationMs ?? null,
    cost_usd: result.costUsd ?? null,
    error: result.error ?? null,
  };
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

/**
 * The last result of each identity, with the number of attempts that led to it.
 * @param {EvalResult[]} results
 * @returns {{ row: Row, result: EvalResult, attempts: number }[]}
 */
export function effectiveResults(results) {
  /** @type {Map<string, { row: Row, result: EvalResult, attempts: number }>} */
  const map = new Map();
  for (const result of results) {
    const row = rowOfResult(result);
    const key = rowKey(row);
    const earlier = map.get(key)?.attempts ?? 0;
    const given = Array.isArray(result.attempts) ? result.attempts.length : result.attempts;
    map.set(key, { row, result, attempts: Math.max(given ?? 1, earlier + 1) });
  }
  return [...map.values()];
}
