// The results of a run that came member by member (docs/reference/http-api.md, `view=columns`). Pure.

/** @typedef {import("../components/test-row.js").TestItem} TestItem */
/** @typedef {{ values: any[], rows?: number[] }} Words */

/**
 * The tests in the order of the columns. One is made when somebody looks at it: a hundred thousand of
 * them would keep the page waiting, and its memory.
 */
export class ColumnItems {
  #columns;
  #run;
  #target;
  #requested;
  #file;
  #status;
  #cost;
  #error;
  #attempts;
  #suite;
  #category;
  /** @type {TestItem | null}  what `look` lends */
  #lent = null;

  /** @param {ResultColumns} columns @param {string} run */
  constructor(columns, run) {
    this.#columns = columns;
    this.#run = run;
    this.#target = at(columns.target);
    this.#requested = at(columns.requestedTarget);
    this.#file = at(columns.evalFile);
    this.#status = at(columns.executionStatus);
    this.#cost = at(columns.costUsd);
    this.#error = at(columns.error);
    this.#attempts = at(columns.attempts);
    this.#suite = at(columns.suite);
    this.#category = at(columns.category);
  }

  get count() {
    return this.#columns.testId.length;
  }

  /** @param {number} index */
  idOf(index) {
    return this.#columns.testId[index];
  }

  /** @param {number} index @returns {TestItem} */
  item(index) {
    return {
      key: null,
      slot: index,
      run: this.#run,
      attempts: this.#attempts(index),
      suite: this.#suite(index),
      category: this.#category(index),
      row: {
        test_id: this.#columns.testId[index],
        target: this.#target(index),
        requested_target: this.#requested(index),
        eval_file: this.#file(index),
        execution_status: this.#status(index),
        score: this.#columns.score[index],
        duration_ms: this.#columns.durationMs[index],
        cost_usd: this.#cost(index),
        error: this.#error(index),
      },
    };
  }

  /**
   * A test to look at, until the next look.
   * @param {number} index
   * @returns {TestItem}
   */
  look(index) {
    this.#lent ??= this.item(index);
    const item = this.#lent;
    const { row } = item;
    item.key = null;
    item.slot = index;
    item.attempts = this.#attempts(index);
    item.suite = this.#suite(index);
    item.category = this.#category(index);
    row.test_id = this.#columns.testId[index];
    row.target = this.#target(index);
    row.requested_target = this.#requested(index);
    row.eval_file = this.#file(index);
    row.execution_status = this.#status(index);
    row.score = this.#columns.score[index];
    row.duration_ms = this.#columns.durationMs[index];
    row.cost_usd = this.#cost(index);
    row.error = this.#error(index);
    return item;
  }
}

/** @param {Words} words @returns {(index: number) => any} */
function at({ values, rows }) {
  if (rows) return (index) => values[rows[index]];
  const [only] = values;
  return () => only;
}
