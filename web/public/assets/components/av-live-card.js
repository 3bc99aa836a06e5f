// A run that is live, on the home page: what it is, how far it is, Stop.

import { Component, h, setAttribute, setText, show } from "../dom.js";
import { formatClock, formatCost, remainingTime, runTitle } from "../state/format.js";
import { clock } from "./av-clock.js";
import { progressBar } from "./av-progress.js";
import { statusBadge } from "./av-status.js";
import { stopButton } from "./av-stop-button.js";

/**
 * @typedef {{ key: string, phase: import("../state/phase.js").Phase, job: Job | null,
 *   run: RunMeta | null, progress: Progress | null, href: string, startedAt: string | null }} LiveItem
 */

export class LiveCard extends Component {
  #badge = statusBadge("running");
  #link = h("a", { class: "card-link" });
  #id = h("span", { class: "mono muted truncate" });
  #elapsed = clock((each) => each.since(null));
  #progress = progressBar();
  #stop = stopButton();
  #hint = h("span", { class: "muted" });
  #left = clock((each) => each.showing(() => ""));
  #cost = h("span");
  #now = h("span", { class: "live-now truncate" });
  /** Tests that were done when the job started: a resumed run starts above zero. */
  #before = -1;

  build() {
    this.className = "card live-card";
    this.append(
      h(
        "div",
        { class: "live-card-head" },
        h(
          "div",
          { class: "live-card-title" },
          h("div", { class: "live-card-line" }, this.#badge, h("h3", {}, this.#link)),
          this.#id,
        ),
        h("div", { class: "actions" }, this.#elapsed, this.#hint, this.#stop),
      ),
      this.#progress,
      h("p", { class: "live-facts" }, this.#left, this.#cost, this.#now),
    );
  }

  /** @param {LiveItem} item */
  set item(item) {
    const { job, run, progress } = item;
    this.#badge.phase = item.phase;
    setText(this.#link, runTitle({ ...run, ...withoutNulls(job ?? {}) }));
    setAttribute(this.#link, "href", item.href);
    setText(this.#id, run?.filename ?? job?.id ?? "");
    this.#elapsed.since(item.startedAt);
    this.#progress.progress = progress;
    this.#stop.job = job;
    show(this.#hint, job === null);
    setText(this.#hint, run?.job_id ? "Started by an earlier server" : "Started in a terminal");
    const names = (progress?.in_flight ?? []).map((test) => test.test_id);
    show(this.#now, names.length > 0);
    const from = Date.parse(item.startedAt ?? "");
    const done = progress?.completed ?? 0;
    if (this.#before < 0 && progress) this.#before = Date.now() - from < 3000 ? done : 0;
    this.#left.showing((now) => {
      const left =
        item.phase === "running" && progress
          ? remainingTime(progress, now - from, Math.max(this.#before, 0))
          : null;
      return left == null ? "" : `about ${formatClock(left)} left`;
    });
    show(this.#cost, Boolean(progress?.cost_usd));
    setText(this.#cost, `${formatCost(progress?.cost_usd)} so far`);
    setText(this.#now, `Now: ${names.slice(0, 4).join(", ")}${names.length > 4 ? "…" : ""}`);
  }
}

/** @param {Job | {}} job */
function withoutNulls(job) {
  return Object.fromEntries(Object.entries(job).filter(([, value]) => value != null));
}

customElements.define("av-live-card", LiveCard);
