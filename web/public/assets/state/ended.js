// Which runs ended while nobody looked. Pure.

import { jobPath, runPath } from "../router.js";
import { runTitle } from "./format.js";
import { isLiveJob, jobPhase, PHASES } from "./phase.js";
import { anyJob, foreignScope } from "./project.js";

/**
 * Jobs and runs of a terminal that were live before and are not any more.
 * @param {ProjectState} before
 * @param {ProjectState} after
 * @returns {{ key: string, title: string, path: string }[]}
 */
export function endedBetween(before, after) {
  /** @type {{ key: string, title: string, path: string }[]} */
  const ended = [];
  for (const [id, job] of [...after.jobs, ...after.others]) {
    const earlier = anyJob(before, id);
    if (!earlier || !isLiveJob(earlier) || isLiveJob(job)) continue;
    const words = PHASES[jobPhase(job)].label;
    ended.push({
      key: `job:${id}`,
      title: `${words}: ${runTitle({ ...job, id: job.id })}`,
      path: jobPath(id, foreignScope(after, job) ?? undefined),
    });
  }
  for (const [id, run] of after.runs) {
    const earlier = before.runs.get(id);
    if (!earlier?.live || run.live || run.job_id) continue;
    const words = run.status === "finished" ? "Finished" : "Ended";
    ended.push({
      key: `run:${id}`,
      title: `${words}: ${runTitle(run)}`,
      path: runPath(id),
    });
  }
  return ended;
}
