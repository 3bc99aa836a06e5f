// The Run Eval form to a launch request. Pure.

/**
 * @param {{ files: string[], pattern: string, target: string, testIDs: string[],
 *   threshold: number, workers: number, dryRun: boolean }} form  NaN means an empty number field
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

/** @param {string} text */
export function splitWords(text) {
  return text.split(/[\s,]+/).filter(Boolean);
}
