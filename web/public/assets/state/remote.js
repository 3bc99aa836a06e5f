// The results repository of a project: what is known of it, kept up to date by events. Pure.

/**
 * @param {RemoteStatus | null} status  what was fetched
 * @param {any} data  of a `remote` event: a step of a sync, or the status at its end
 * @returns {RemoteStatus | null}
 */
export function remoteAfter(status, data) {
  if (data.syncing !== true) return /** @type {RemoteStatus} */ (data);
  return status && { ...status, syncing: true, step: data.step };
}

/** @type {Record<string, string>} */
const STEPS = {
  clone: "Cloning the repository…",
  fetch: "Fetching…",
  checkout: "Bringing the copy up to date…",
};

/**
 * What a sync is doing.
 * @param {RemoteStatus} status
 */
export function stepText(status) {
  return (status.step && STEPS[status.step]) || "Syncing…";
}

/** @param {RunMeta} run */
export function isRemote(run) {
  return run.source !== undefined && run.source !== "local";
}
