// One run as its page shows it: the fetched results, and the rows that arrived since. Pure, except
// that the row maps belong to the state they are in and grow in place.

import { countedProgress } from "./home.js";
import { isLiveJob, runPhase } from "./phase.js";
import { jobOfRun } from "./project.js";
import { runDirOf } from "./resume.js";
import { effectiveResults, rowKey, tally } from "./rows.js";

/** @typedef {import("../components/test-row.js").TestItem} TestItem */
/**
 * @typedef {{ id: string, loaded: boolean, stale: boolean, detail: RunDetail | null,
 *   rows: Map<string, TestItem>, since: Map<string, Row>, wasLive: boolean }} RunState
 */

/** @param {string} id @returns {RunState} */
export function emptyRun(id) {
  return {
    id,
    loaded: false,
    stale: false,
    detail: null,
    rows: new Map(),
    since: new Map(),
    wasLive: false,
  };
}

/**
 * Rows that arrived while the answer was under way are newer than the answer.
 * @param {RunState} state
 * @param {RunDetail} detail
 * @returns {RunState}
 */
export function loadedRun(state, detail) {
  /** @type {Map<string, TestItem>} */
  const rows = new Map();
  for (const { row, result, attempts } of effectiveResults(detail.results)) {
    const key = rowKey(row);
    rows.set(key, { key, row, attempts, result });
  }
  for (const [key, row] of state.since) {
    if (!rows.has(key)) rows.set(key, { key, row, attempts: 1, result: null });
  }
  return { ...state, loaded: true, detail, rows };
}

/**
 * @param {RunState} state
 * @param {StreamEvent} event
 * @returns {RunState}
 */
export function reduceRun(state, { name, data }) {
  if (name === "row" && data.run_id === state.id) {
    const key = rowKey(data);
    const attempts = state.rows.get(key)?.attempts ?? 1;
    state.since.set(key, data);
    state.rows.delete(key);
    state.rows.set(key, { key, row: data, attempts, result: null });
    return { ...state };
  }
  if (name === "run" && (data.run?.filename ?? data.run_id) === state.id) {
    const isLive = data.run?.live === true;
    // Details (answers, attempts, checks) are complete once the run has ended.
    const ended = state.wasLive && !isLive;
    return { ...state, wasLive: isLive, stale: ended || !state.loaded };
  }
  return state;
}

/**
 * Everything the page shows, from the run's rows and the project's state.
 * @param {RunState} state
 * @param {ProjectState} project
 */
export function runView(state, project) {
  const meta = project.runs.get(state.id) ?? state.detail?.run ?? null;
  const job = jobOfRun(project, state.id);
  const jobIsLive = job !== null && isLiveJob(job);
  const live = meta?.live === true || jobIsLive;
  const sum = tally(Array.from(state.rows.values(), (item) => item.row));
  const known = meta !== null || jobIsLive;
  const fed = live ? project.progress.get(`run:${state.id}`) : undefined;
  const planned =
    fed?.planned ??
    state.detail?.planned_test_count ??
    meta?.planned_test_count ??
    job?.planned_test_count ??
    null;
  const progress = state.loaded
    ? progressOfRows(sum, planned, fed)
    : (fed ?? countedProgress(job, meta));
  const items = [...state.rows.values()];
  return {
    known,
    job,
    live,
    phase: runPhase(meta ?? assumedMeta(state, planned), job),
    names: {
      ...meta,
      filename: state.id,
      suite_filter: meta?.suite_filter ?? state.detail?.suite_filter ?? job?.suite_filter,
      target: meta?.target ?? job?.target,
    },
    startedAt: meta?.started_at ?? job?.started_at ?? meta?.timestamp ?? null,
    clockFrom: (jobIsLive ? job.started_at : meta?.resumed_at) ?? meta?.started_at ?? null,
    // A run that was stopped and resumed has no meaningful single duration.
    finishedAt: live || meta?.resumed_at ? null : (meta?.finished_at ?? null),
    repeated: meta?.attempts ?? state.detail?.run?.attempts ?? 0,
    planned,
    total: state.loaded ? sum.total : progress.completed,
    sum,
    progress,
    pid: meta?.pid ?? null,
    badLines: state.detail?.bad_lines ?? 0,
    items: live ? items.reverse() : items,
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
