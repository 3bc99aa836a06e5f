// What the job page needs to know about the run behind a job. Pure.

import { progressOf } from "./job.js";
import { isLiveJob } from "./phase.js";
import { factsOfRun } from "./resume.js";

/**
 * The job that went on with the same run after this one, if any.
 * @param {ProjectState} project
 * @param {Job} job
 * @returns {Job | null}
 */
export function laterJob(project, job) {
  /** @type {Job | null} */
  let later = null;
  if (!job.run_id) return null;
  for (const other of project.jobs.values()) {
    if (other.id === job.id || other.run_id !== job.run_id) continue;
    if (other.started_at < job.started_at) continue;
    if (!later || other.started_at > later.started_at) later = other;
  }
  return later;
}

/**
 * The run's own summary knows all its rows; without it, this job's numbers must do.
 * @param {ProjectState} project
 * @param {JobState} state
 * @returns {import("./resume.js").RunFacts | null}
 */
export function resumeFactsOfJob(project, state) {
  const { job } = state;
  if (!job) return null;
  const readOnly = project.config.read_only === true;
  const run = job.run_id ? project.runs.get(job.run_id) : undefined;
  const jobIsLive = isLiveJob(job) && !state.missing;
  const planned = job.planned_test_count ?? null;
  if (run) {
    const facts = factsOfRun(run, run.live === true || jobIsLive, readOnly);
    return {
      ...facts,
      planned: facts.planned ?? planned,
      runDir: facts.runDir ?? job.run_dir ?? null,
      suiteFilter: facts.suiteFilter ?? job.suite_filter ?? null,
    };
  }
  const progress = progressOf(state);
  return {
    readOnly,
    live: jobIsLive,
    planned,
    total: progress?.completed ?? 0,
    qualityFailures: progress?.quality_failures ?? 0,
    executionErrors: progress?.execution_errors ?? 0,
    runDir: job.run_dir ?? null,
    suiteFilter: job.suite_filter ?? null,
  };
}
