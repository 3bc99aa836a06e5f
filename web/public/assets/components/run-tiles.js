// The numbers of a run at a glance.

import { h, setText, show } from "../dom.js";
import { formatCost, formatPercent } from "../state/format.js";
import { clock } from "./av-clock.js";
import { figure } from "./run-figures.js";

export function runTiles() {
  const rate = h("span");
  const passed = h("span");
  const failed = h("span");
  const errors = h("span");
  const tests = h("span");
  const cost = h("span");
  const time = clock((each) => each.showing(() => "–"));
  const timeTile = figure("Time", time);
  const costTile = figure("Cost", cost);
  const element = h(
    "dl",
    { class: "tiles" },
    figure("Pass rate", rate),
    figure("Passed", passed),
    figure("Failed", failed),
    figure("Errors", errors),
    figure("Tests done", tests),
    timeTile,
    costTile,
  );
  element.firstElementChild?.classList.add("tile-main");

  return {
    element,
    /** @param {ReturnType<typeof import("../state/run.js").runView>} view */
    show(view) {
      const { progress, planned, total } = view;
      const { ok, completed, quality_failures, execution_errors } = progress;
      setText(rate, completed > 0 ? formatPercent(ok / completed) : "–");
      setText(passed, ok.toLocaleString("en"));
      setText(failed, quality_failures.toLocaleString("en"));
      setText(errors, execution_errors.toLocaleString("en"));
      setText(tests, planned == null ? String(total) : `${total}/${planned}`);
      const spent = progress.cost_usd ?? view.meta?.cost_usd ?? 0;
      setText(cost, formatCost(spent));
      show(costTile, spent > 0);
      time.since(view.clockFrom, view.finishedAt);
      show(timeTile, view.live || view.finishedAt !== null);
    },
  };
}
