// One run in the list.

import { fill, h, setAttribute, setText, show } from "../dom.js";
import { keepFocus } from "../focus.js";
import { jobPath, runPath } from "../router.js";
import { formatCost, formatPercent, runTitle } from "../state/format.js";
import { isLiveJob } from "../state/phase.js";
import { isRemote } from "../state/remote.js";
import { factsOfRun } from "../state/resume.js";
import { clock } from "./av-clock.js";
import { resumeButtons } from "./av-resume-buttons.js";
import { statusBadge } from "./av-status.js";
import { stopButton } from "./av-stop-button.js";
import { setRate } from "./table-cells.js";

/**
 * @typedef {{ key: string, phase: import("../state/phase.js").Phase, run: RunMeta | null,
 *   job: Job | null, completed: number, planned: number | null, passRate: number | null,
 *   live: boolean, readOnly: boolean, costUSD?: number }} RunItem
 *   `costUSD` is what a live run has cost so far.
 */

/** @type {WeakMap<HTMLElement, (item: RunItem) => void>} */
const updaters = new WeakMap();

/** @param {RunItem} item */
export function createRunRow(item) {
  const badge = statusBadge(item.phase);
  const link = h("a", { class: "row-link" });
  const id = h("span", { class: "mono muted truncate" });
  const remote = h("span", { class: "chip chip-quiet", hidden: true }, "remote");
  const tests = h("td", { class: "num", "data-label": "Tests" });
  const rate = h("span", { class: "rate-text" });
  const meter = h("span", { class: "rate-bar", "aria-hidden": "true" });
  const cost = h("td", { class: "num col-cost", "data-label": "Cost" });
  const when = clock((each) => each.ago(null));
  const stop = stopButton();
  const resume = resumeButtons();
  const log = h("a", { class: "button quiet" }, "Log");
  const line = h(
    "tr",
    { class: "run-row" },
    h("td", { class: "col-state" }, badge),
    h("td", { class: "col-run" }, h("span", { class: "run-title" }, link, remote), id),
    tests,
    h("td", { class: "col-rate", "data-label": "Pass rate" }, meter, rate),
    cost,
    h("td", { class: "col-when" }, when),
    h("td", { class: "col-actions" }, h("div", { class: "actions" }, log, stop, resume)),
  );
  let shown = "";
  updaters.set(line, (next) => {
    const signature = JSON.stringify(next);
    if (signature === shown) return;
    shown = signature;
    const { run, job } = next;
    badge.phase = next.phase;
    const title = runTitle({ ...run, suite_filter: run?.suite_filter ?? job?.suite_filter });
    setText(link, title);
    setAttribute(link, "href", run ? runPath(run.filename) : jobPath(job?.id ?? ""));
    setText(id, run?.filename ?? job?.id ?? "");
    show(id, id.textContent !== title);
    show(remote, run !== null && isRemote(run));
    fill(tests, testCount(next));
    const { passRate } = next;
    const spent = next.costUSD ?? run?.cost_usd;
    setText(cost, spent ? formatCost(spent) : "–");
    setAttribute(cost, "data-empty", !spent);
    setText(rate, formatPercent(passRate));
    show(meter, passRate != null);
    setRate(meter, passRate);
    when.ago(run?.started_at ?? run?.timestamp ?? job?.started_at);
    setAttribute(log, "href", job ? jobPath(job.id) : null);
    setAttribute(log, "aria-label", job ? `Log of ${job.id}` : null);
    show(log, job !== null);
    keepFocus(stop, link, () => {
      stop.job = job && isLiveJob(job) ? job : null;
    });
    resume.facts = run ? factsOfRun(run, next.live, next.readOnly) : null;
  });
  updateRunRow(line, item);
  return line;
}

/** @param {HTMLElement} line @param {RunItem} item */
export function updateRunRow(line, item) {
  updaters.get(line)?.(item);
}

/** @param {RunItem} item */
function testCount({ completed, planned }) {
  return planned == null ? String(completed) : `${completed}/${planned}`;
}
