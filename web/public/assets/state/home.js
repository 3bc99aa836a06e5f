// What the home page lists: live things on top, then every run, and jobs that left no run behind.
// Pure.

import { jobPath, runPath } from "../router.js";
import { completedOf, isLiveJob, jobPhase, runPhase } from "./phase.js";
import { jobsByRun, progressOfJob } from "./project.js";

/**
 * Live jobs, then live runs that no job of this server writes (started in a terminal).
 * @param {ProjectState} project
 * @returns {import("../components/av-live-card.js").LiveItem[]}
 */
export function liveItems(project) {
  /** @type {import("../components/av-live-card.js").LiveItem[]} */
  const items = [];
  /** @type {Set<string>} */
  const claimed = new Set();
  for (const job of project.jobs.values()) {
    if (!isLiveJob(job)) continue;
    if (job.run_id) claimed.add(job.run_id);
    const run = job.run_id ? (project.runs.get(job.run_id) ?? null) : null;
    items.push({
      key: `job:${job.id}`,
      phase: jobPhase(job),
      job,
      run,
      progress: progressOfJob(project, job) ?? countedProgress(job, run),
      href: jobPath(job.id),
      startedAt: job.started_at,
    });
  }
  for (const run of project.runs.values()) {
    if (!run.live || claimed.has(run.filename)) continue;
    items.push({
      key: `run:${run.filename}`,
      phase: "running",
      job: null,
      run,
      progress: project.progress.get(`run:${run.filename}`) ?? countedProgress(null, run),
      href: runPath(run.filename),
      startedAt: run.started_at ?? run.timestamp ?? null,
    });
  }
  return items.sort((a, b) => (b.startedAt ?? "").localeCompare(a.startedAt ?? ""));
}

/**
 * Before the first progress event the counts come from the job and the run.
 * @param {Job | null} job
 * @param {RunMeta | null} run
 * @returns {Progress}
 */
export function countedProgress(job, run) {
  const completed = job?.completed_test_count ?? (run ? completedOf(run) : 0);
  const passed = run?.ok ?? Math.round((run?.pass_rate ?? 0) * completed);
  const errors = run?.execution_errors ?? 0;
  return {
    planned: job?.planned_test_count ?? run?.planned_test_count ?? null,
    completed,
    ok: run ? passed : 0,
    quality_failures: run?.quality_failures ?? (run ? Math.max(0, completed - passed - errors) : 0),
    execution_errors: errors,
    in_flight: [],
  };
}

/**
 * @param {ProjectState} project
 * @returns {import("../components/run-row.js").RunItem[]}
 */
export function runItems(project) {
  const readOnly = project.config.read_only === true;
  /** @type {(import("../components/run-row.js").RunItem & { at: string })[]} */
  const items = [];
  const jobs = jobsByRun(project);
  for (const run of project.runs.values()) {
    const job = jobs.get(run.filename) ?? null;
    const live = run.live === true || (job !== null && isLiveJob(job));
    const progress = live ? project.progress.get(`run:${run.filename}`) : undefined;
    const phase = runPhase(run, job);
    const completed = progress?.completed ?? completedOf(run);
    const planned = progress?.planned ?? run.planned_test_count ?? null;
    const at = run.started_at ?? run.timestamp ?? "";
    const key = `run:${run.filename}`;
    const passRate = progress ? share(progress.ok, completed) : (run.pass_rate ?? null);
    items.push({
      key,
      phase,
      run,
      job,
      completed,
      planned,
      passRate: completed > 0 ? passRate : null,
      live,
      readOnly,
      costUSD: progress?.cost_usd ?? undefined,
      at,
    });
  }
  for (const job of project.jobs.values()) {
    if (isLiveJob(job) || (job.run_id && project.runs.has(job.run_id))) continue;
    // A job with results has a run: it was deleted, or is older than those that are here.
    if ((job.completed_test_count ?? 0) > 0) continue;
    items.push({
      key: `job:${job.id}`,
      phase: jobPhase(job),
      run: null,
      job,
      completed: job.completed_test_count ?? 0,
      planned: job.planned_test_count ?? null,
      passRate: null,
      live: false,
      readOnly,
      at: job.started_at,
    });
  }
  return items.sort((a, b) => b.at.localeCompare(a.at));
}

/** @param {number} part @param {number} whole */
function share(part, whole) {
  return whole > 0 ? part / whole : null;
}
