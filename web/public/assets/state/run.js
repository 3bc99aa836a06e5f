// One run as its page shows it: the fetched results, and the rows that arrived since. Pure, except
// that the stores of rows belong to the state they are in and grow in place.

import { isIn } from "./breakdown.js";
import { ColumnItems } from "./columns.js";
import { countedProgress } from "./home.js";
import { isLiveJob, runPhase } from "./phase.js";
import { jobOfRun } from "./project.js";
import { runDirOf } from "./resume.js";
import { RowStore } from "./row-store.js";
import { rowKey } from "./rows.js";

/** @typedef {import("../components/test-row.js").TestItem} TestItem */
/** @typedef {import("./breakdown.js").Scope} Scope */
/**
 * `shown` are the rows of the suite or category that the page is about, all of them without one.
 * @typedef {{ id: string, scope: Scope, loaded: boolean, stale: boolean,
 *   detail: RunDetail | null, rows: RowStore, shown: RowStore,
 *   since: Map<string, Row> }} RunState
 */

/** @param {string} id @param {Scope} [scope] @returns {RunState} */
export function emptyRun(id, scope = {}) {
  const rows = new RowStore();
  return {
    id,
    scope,
    loaded: false,
    stale: false,
    detail: null,
    rows,
    shown: isWhole(scope) ? rows : new RowStore(),
    since: new Map(),
  };
}

/** @param {Scope} scope */
function isWhole({ suite, category }) {
  return suite === undefined && category === undefined;
}

/**
 * Rows that arrived while the answer was under way are newer than the answer.
 * @param {RunState} state
 * @param {RunDetail} detail
 * @returns {RunState}
 */
export function loadedRun(state, detail) {
  const rows = new RowStore(detail.columns ? new ColumnItems(detail.columns, state.id) : []);
  for (const [key, row] of state.since) {
    if (!rows.get(key)) rows.put(itemOf(row, state.id, key, 1));
  }
  let shown = rows;
  if (!isWhole(state.scope)) {
    const chosen = rows.items().filter((item) => isIn(item, state.scope));
    shown = new RowStore(chosen.map((item) => ({ ...item })));
  }
  return { ...state, loaded: true, detail: { ...detail, columns: undefined }, rows, shown };
}

/** @param {Row} row @param {string} run @param {string} key @param {number} attempts */
function itemOf(row, run, key, attempts) {
  return { key, slot: 0, row, attempts, run };
}

/**
 * @param {RunState} state
 * @param {StreamEvent} event
 * @returns {RunState}
 */
export function reduceRun(state, { name, data }) {
  if (name === "row" && data.run_id === state.id) {
    const key = rowKey(data);
    const item = itemOf(data, state.id, key, state.rows.get(key)?.attempts ?? 1);
    state.since.set(key, data);
    state.rows.put(item);
    // What suite and category it has is known when it is there once more, or has its answer.
    if (state.shown !== state.rows && isIn(item, state.scope)) state.shown.put({ ...item });
    return { ...state };
  }
  if (name === "run" && (data.run?.filename ?? data.run_id) === state.id) {
    // Details (answers, attempts, checks) are complete once the run has ended.
    const settled = data.run?.live !== true;
    return settled || !state.loaded ? { ...state, stale: true } : state;
  }
  return state;
}

/**
 * What the title needs: cheap, for it is asked at every event.
 * @param {RunState} state
 * @param {ProjectState} project
 */
export function runHead(state, project) {
  const meta = project.runs.get(state.id) ?? state.detail?.run ?? null;
  const job = jobOfRun(project, state.id);
  const jobIsLive = job !== null && isLiveJob(job);
  const live = meta?.live === true || jobIsLive;
  const fed = live ? project.progress.get(`run:${state.id}`) : undefined;
  const planned =
    fed?.planned ??
    state.detail?.planned_test_count ??
    meta?.planned_test_count ??
    job?.planned_test_count ??
    null;
  return {
    meta,
    job,
    jobIsLive,
    live,
    fed,
    planned,
    total: state.loaded ? state.rows.size : (fed ?? countedProgress(job, meta)).completed,
    phase: runPhase(meta ?? assumedMeta(state, planned), job),
    names: {
      ...meta,
      filename: state.id,
      suite_filter: meta?.suite_filter ?? state.detail?.suite_filter ?? job?.suite_filter,
      target: meta?.target ?? job?.target,
    },
  };
}

/**
 * Everything the page shows, from the run's rows and the project's state.
 * @param {RunState} state
 * @param {ProjectState} project
 */
export function runView(state, project) {
  const head = runHead(state, project);
  const { meta, job, jobIsLive, live, fed, planned } = head;
  const { sum } = state.rows;
  return {
    ...head,
    known: meta !== null || jobIsLive,
    startedAt: meta?.started_at ?? job?.started_at ?? meta?.timestamp ?? null,
    clockFrom: (jobIsLive ? job?.started_at : meta?.resumed_at) ?? meta?.started_at ?? null,
    // A run that was stopped and resumed has no meaningful single duration.
    finishedAt: live || meta?.resumed_at ? null : (meta?.finished_at ?? null),
    repeated: meta?.attempts ?? state.detail?.run?.attempts ?? 0,
    sum,
    progress: state.loaded
      ? progressOfRows(sum, planned, fed)
      : (fed ?? countedProgress(job, meta)),
    pid: meta?.pid ?? null,
    badLines: state.detail?.bad_lines ?? 0,
    facts: {
      readOnly: project.config.read_only === true,
      live,
      planned,
      total: sum.total,
      qualityFailures: sum.qualityFailures,
      executionErrors: sum.executionErrors,
      runDir: (meta && runDirOf(meta)) ?? state.detail?.run_dir ?? null,
      suiteFilter: state.detail?.suite_filter ?? meta?.suite_filter ?? null,
    },
  };
}

/**
 * Rows decide: a test that ran again counts once.
 * @param {import("./rows.js").Tally} sum
 * @param {number | null} planned
 * @param {Progress | undefined} fed
 * @returns {Progress}
 */
function progressOfRows(sum, planned, fed) {
  return {
    planned,
    completed: sum.total,
    ok: sum.ok,
    quality_failures: sum.qualityFailures,
    execution_errors: sum.executionErrors,
    in_flight: fed?.in_flight ?? [],
    cost_usd: sum.cost || null,
  };
}

/** @param {RunState} state @param {number | null} planned @returns {RunMeta} */
function assumedMeta(state, planned) {
  return {
    filename: state.id,
    planned_test_count: planned,
    completed_test_count: state.rows.size,
    status: planned != null && state.rows.size >= planned ? "finished" : "unknown",
  };
}
