// What a job or a run is doing, in one word: the wire's status words, flags and outcomes folded into
// the phases that the pages speak of. Pure.

/**
 * @typedef {"queued" | "running" | "stopping" | "finished" | "stopped" | "failed" | "lost" |
 *   "unknown"} Phase
 */

/** @type {Record<Phase, { label: string, icon: string, tone: string }>} */
export const PHASES = {
  queued: { label: "Starting", icon: "ring", tone: "info" },
  running: { label: "Running", icon: "pulse", tone: "live" },
  stopping: { label: "Stopping…", icon: "pause", tone: "info" },
  finished: { label: "Finished", icon: "check", tone: "ok" },
  stopped: { label: "Stopped", icon: "pause", tone: "neutral" },
  failed: { label: "Failed", icon: "cross", tone: "bad" },
  lost: { label: "Lost", icon: "question", tone: "warn" },
  unknown: { label: "Unknown", icon: "question", tone: "neutral" },
};

/** @param {Job} job */
export function isLiveJob(job) {
  return job.status === "starting" || job.status === "running";
}

/**
 * @param {Job} job
 * @returns {Phase}
 */
export function jobPhase(job) {
  if (isLiveJob(job)) {
    if (job.stopping) return "stopping";
    return job.status === "starting" ? "queued" : "running";
  }
  if (job.status === "finished") return "finished";
  if (job.status !== "failed") return "unknown";
  if (job.outcome === "lost") return "lost";
  if (job.outcome === "stopped") return "stopped";
  // Servers without `outcome` still tell a stop by its exit code.
  if (!job.outcome && [129, 130, 143].includes(job.exit_code ?? -1)) return "stopped";
  return "failed";
}

/**
 * @param {RunMeta} run
 * @param {Job | null} job  the job that writes the run, if any
 * @returns {Phase}
 */
export function runPhase(run, job) {
  if (job && isLiveJob(job)) return jobPhase(job);
  if (run.live || run.status === "running") return "running";
  if (run.status === "finished") return "finished";
  if (run.status === "interrupted") return job && jobPhase(job) === "failed" ? "failed" : "stopped";
  const planned = run.planned_test_count;
  if (planned != null && completedOf(run) < planned) return "stopped";
  return "unknown";
}

/** @param {RunMeta} run */
export function completedOf(run) {
  return run.completed_test_count ?? run.test_count ?? 0;
}

/** @type {Record<ExecutionStatus, { label: string, icon: string, tone: string }>} */
export const RESULTS = {
  ok: { label: "Passed", icon: "check", tone: "ok" },
  quality_failure: { label: "Failed", icon: "cross", tone: "bad" },
  execution_error: { label: "Error", icon: "bang", tone: "warn" },
};

/**
 * Milliseconds until a stopping job's processes are killed, or null when nothing is known or due.
 * @param {Job} job
 * @param {number} now  milliseconds since 1970
 */
export function untilEscalation(job, now) {
  if (!job.stopping || !job.stop_deadline_at) return null;
  const deadline = Date.parse(job.stop_deadline_at);
  return Number.isNaN(deadline) ? null : Math.max(0, deadline - now);
}
