// The results of a run that came member by member (docs/reference/http-api.md, `view=columns`). Pure.

/** @typedef {import("../components/test-row.js").TestItem} TestItem */
/** @typedef {{ values: any[], rows?: number[] }} Words */

/**
 * @param {ResultColumns} columns
 * @param {string} run
 * @returns {TestItem[]}
 */
export function itemsOfColumns(columns, run) {
  const target = at(columns.target);
  const requested = at(columns.requestedTarget);
  const file = at(columns.evalFile);
  const status = at(columns.executionStatus);
  const cost = at(columns.costUsd);
  const error = at(columns.error);
  const attempts = at(columns.attempts);
  const suite = at(columns.suite);
  const category = at(columns.category);
  return columns.testId.map((id, index) => ({
    key: null,
    slot: index,
    run,
    attempts: attempts(index),
    suite: suite(index),
    category: category(index),
    row: {
      test_id: id,
      target: target(index),
      requested_target: requested(index),
      eval_file: file(index),
      execution_status: status(index),
      score: columns.score[index],
      duration_ms: columns.durationMs[index],
      cost_usd: cost(index),
      error: error(index),
    },
  }));
}

/** @param {Words} words @returns {(index: number) => any} */
function at({ values, rows }) {
  if (rows) return (index) => values[rows[index]];
  const [only] = values;
  return () => only;
}
