// While a stop is under way: how long until what does not obey is killed.

import { h, setText, show } from "../dom.js";
import { stopLine, stopOfJob } from "../state/outcome.js";
import { untilEscalation } from "../state/phase.js";
import { clock } from "./av-clock.js";

export function stopNotice() {
  const who = h("span", { class: "muted" });
  const text = clock((each) => each.showing(() => ""));
  const lost = h("span");
  const element = h(
    "div",
    { class: "notice", hidden: true, "data-notice": "stop" },
    text,
    lost,
    who,
  );

  return {
    element,
    /** @param {Job} job @param {boolean} missing  the server does not know the job any more */
    show(job, missing) {
      const live = job.status === "starting" || job.status === "running";
      const stopping = job.stopping === true && live && !missing;
      show(element, stopping || (missing && live));
      show(text, stopping);
      setText(who, stopping ? (stopLine(stopOfJob(job)) ?? "") : "");
      setText(
        lost,
        missing
          ? "The server was restarted and does not know this job any more. Its results are kept; open them to see whether the run goes on."
          : "",
      );
      text.showing((now) => stopText(job, now));
    },
  };
}

/** @param {Job} job @param {number} now */
function stopText(job, now) {
  if (job.forced) return "Killing every process of the run…";
  if (job.stop_mode === "after_current") {
    return "Nothing new starts. The run ends as soon as the tests that run now are finished.";
  }
  const left = untilEscalation(job, now);
  if (left === null) return "Every process of the run has been asked to stop.";
  if (left === 0) return "The time is up: killing the processes that did not obey…";
  const seconds = Math.ceil(left / 1000);
  return `Every process of the run has been asked to stop. What has not ended in ${seconds} s is killed.`;
}
