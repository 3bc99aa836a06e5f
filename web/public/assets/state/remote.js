// The results repository of a project: what is known of it, kept up to date by events. Pure.

import { plural } from "./format.js";

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

/**
 * How far the copy is from its repository; empty when it is where that was at the last fetch.
 * @param {RemoteStatus} status
 */
export function distanceText({ ahead = 0, behind = 0 }) {
  const parts = [];
  if (behind > 0) parts.push(`${plural(behind, "commit")} behind`);
  if (ahead > 0) parts.push(`${plural(ahead, "commit")} ahead`);
  return parts.join(", ");
}

/** @param {RunMeta} run */
export function isRemote(run) {
  return run.source !== undefined && run.source !== "local";
}
