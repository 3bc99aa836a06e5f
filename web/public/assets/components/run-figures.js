// The small numbers under the progress bar: elapsed, left, pass rate, cost.

import { h, setText, show } from "../dom.js";
import { formatClock, formatCost, formatPercent, remainingTime } from "../state/format.js";
import { clock } from "./av-clock.js";

export function runFigures() {
  const elapsed = clock((each) => each.since(null));
  const left = clock((each) => each.showing(() => "–"));
  const rate = h("span");
  const cost = h("span");
  const leftBox = figure("Time left", left);
  const costBox = figure("Cost", cost);
  const element = h(
    "dl",
    { class: "figures" },
    figure("Elapsed", elapsed),
    leftBox,
    figure("Pass rate", rate),
    costBox,
  );
  /** Tests that were done when this page first saw the job: a resumed run starts above zero. */
  let before = -1;

  return {
    element,
    /**
     * @param {string | null} started
     * @param {string | null} finished
     * @param {Progress | null} progress
     * @param {boolean} running
     */
    show(started, finished, progress, running) {
      const from = Date.parse(started ?? "");
      elapsed.since(started, finished);
      if (before < 0 && progress) before = Date.now() - from < 3000 ? progress.completed : 0;
      show(leftBox, running);
      left.showing((now) => {
        const time = progress && remainingTime(progress, now - from, Math.max(before, 0));
        return time == null ? "–" : `about ${formatClock(time)}`;
      });
      const done = progress?.completed ?? 0;
      setText(rate, done > 0 ? formatPercent((progress?.ok ?? 0) / done) : "–");
      setText(cost, formatCost(progress?.cost_usd));
      show(costBox, Boolean(progress?.cost_usd));
    },
  };
}

/** @param {string} name @param {Node} value */
export function figure(name, value) {
  return h("div", { class: "figure" }, h("dt", {}, name), h("dd", {}, value));
}
