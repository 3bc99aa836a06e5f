// The Run Eval form to a launch request. Pure.

/**
 * NaN stands for an empty number field.
 * @typedef {{ files: string[], pattern: string, target: string, testIDs: string[],
 *   threshold: number, workers: number, dryRun: boolean }} Form
 */

/**
 * @param {Form} form
 * @returns {LaunchRequest}
 */
export function launchRequest(form) {
  const paths = [...form.files, ...form.pattern.split(",").map((part) => part.trim())];
  /** @type {LaunchRequest} */
  const request = {};
  const filter = paths.filter(Boolean).join(",");
  if (filter) request.suite_filter = filter;
  if (form.testIDs.length > 0) request.test_ids = form.testIDs;
  if (form.target) request.target = form.target;
  // An empty threshold stays away: only a threshold somebody chose may fail a run.
  if (Number.isFinite(form.threshold)) request.threshold = form.threshold;
  if (Number.isFinite(form.workers)) request.workers = form.workers;
  if (form.dryRun) request.dry_run = true;
  return request;
}

/**
 * The form that a job was launched with, read back from its arguments (`--flag=value`, then `--`
 * and the files).
 * @param {Job} job
 * @returns {Form}
 */
export function formOfJob(job) {
  const values = (/** @type {string} */ flag) =>
    (job.command_args ?? [])
      .filter((argument) => argument.startsWith(`${flag}=`))
      .map((argument) => argument.slice(flag.length + 1));
  const number = (/** @type {string} */ flag) => Number.parseFloat(values(flag)[0] ?? "");
  return {
    files: [],
    pattern: job.suite_filter ?? "",
    target: values("--target")[0] ?? "",
    testIDs: values("--test-id"),
    threshold: number("--threshold"),
    workers: number("--workers"),
    dryRun: (job.command_args ?? []).includes("--dry-run"),
  };
}

/** @param {string} text */
export function splitWords(text) {
  return text.split(/[\s,]+/).filter(Boolean);
}
