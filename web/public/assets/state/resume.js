// When Resume and Rerun failed are offered, and what they ask the server for. Pure.

import { isRemote } from "./remote.js";

/**
 * @typedef {{ readOnly: boolean, live: boolean, planned: number | null, total: number,
 *   qualityFailures: number, executionErrors: number, runDir: string | null,
 *   suiteFilter: string | null }} RunFacts
 */

/**
 * Resume finishes what is missing or errored; Rerun failed also repeats tests that failed on
 * quality. Neither is offered while something writes the run, nor in read-only mode.
 * @param {RunFacts} facts
 * @returns {{ resume: boolean, rerun: boolean, disabled: string | null }}
 */
export function resumeChoices(facts) {
  if (facts.readOnly || facts.live) return { resume: false, rerun: false, disabled: null };
  const incomplete = facts.planned != null && facts.total < facts.planned;
  const failed = facts.qualityFailures + facts.executionErrors > 0;
  return {
    resume: incomplete || facts.executionErrors > 0,
    rerun: failed,
    disabled: facts.runDir ? null : "The directory of this run is not on this machine",
  };
}

/**
 * @param {"resume" | "rerun_failed"} mode
 * @param {RunFacts} facts
 * @returns {LaunchRequest}
 */
export function resumeRequest(mode, facts) {
  /** @type {LaunchRequest} */
  const request = { output: facts.runDir ?? "", [mode]: true };
  if (facts.suiteFilter) request.suite_filter = facts.suiteFilter;
  return request;
}

/**
 * Facts for a run in a list, as far as its summary tells them.
 * @param {RunMeta} run
 * @param {boolean} live
 * @param {boolean} readOnly
 * @returns {RunFacts}
 */
export function factsOfRun(run, live, readOnly) {
  const total = run.completed_test_count ?? run.test_count ?? 0;
  const failed = total - Math.round((run.pass_rate ?? 1) * total);
  const executionErrors = run.execution_errors ?? 0;
  return {
    // What is in a results repository can only be looked at.
    readOnly: readOnly || isRemote(run),
    live,
    planned: run.planned_test_count ?? null,
    total,
    executionErrors,
    qualityFailures: run.quality_failures ?? Math.max(0, failed - executionErrors),
    runDir: runDirOf(run),
    suiteFilter: run.suite_filter ?? null,
  };
}

/**
 * @param {RunMeta} run
 * @returns {string | null}
 */
export function runDirOf(run) {
  if (isRemote(run)) return null;
  return run.run_dir ?? run.path?.replace(/\/index\.jsonl$/, "") ?? null;
}
