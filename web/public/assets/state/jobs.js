// The list of jobs: what was fetched, brought up to date by the events. Pure.

/**
 * @param {Job[]} fetched
 * @param {Iterable<Job>} current  newer than what was fetched
 * @returns {Job[]}
 */
export function mergedJobs(fetched, current) {
  /** @type {Map<string, Job>} */
  const jobs = new Map();
  for (const job of fetched) jobs.set(job.id, job);
  for (const job of current) jobs.set(job.id, job);
  return [...jobs.values()];
}

/** @param {Job} job @returns {number | null}  milliseconds; null while it lives */
export function jobDuration(job) {
  const from = Date.parse(job.started_at);
  const to = Date.parse(job.finished_at ?? "");
  return Number.isNaN(from) || Number.isNaN(to) ? null : Math.max(0, to - from);
}
