// `/jobs/:id`: one job from launch to exit code.

import { Component, fill, h, paced, setAttribute, setText, show } from "../dom.js";
import { keepFocus } from "../focus.js";
import { icon } from "../icons.js";
import { live } from "../net/live.js";
import { jobPath, logPath, navigate, runPath, runsPath } from "../router.js";
import { runTitle } from "../state/format.js";
import { emptyJob, progressOf } from "../state/job.js";
import { laterJob, resumeFactsOfJob } from "../state/job-facts.js";
import { formOfJob } from "../state/launch.js";
import { isLiveJob, jobPhase, PHASES } from "../state/phase.js";
import { foreignScope, hasOlderRuns } from "../state/project.js";
import { RowStore } from "../state/row-store.js";
import { announce } from "./av-announcer.js";
import { clock } from "./av-clock.js";
import "./av-in-flight.js";
import "./av-log.js";
import "./av-outcome.js";
import "./av-run-dialog.js";
import { progressBar } from "./av-progress.js";
import { resumeButtons } from "./av-resume-buttons.js";
import { statusBadge } from "./av-status.js";
import { stopButton } from "./av-stop-button.js";
import "./av-test-table.js";
import { skeleton } from "./message-box.js";
import { missingJob } from "./missing-job.js";
import { runFigures } from "./run-figures.js";
import { stopNotice } from "./stop-notice.js";
import { setTitle } from "./title.js";

class JobPage extends Component {
  #state = emptyJob();
  #rows = new RowStore();
  /** @type {string | null | undefined}  the run in which the rows' details are */
  #run = null;
  /** @type {string | null} */
  #announced = null;
  #badge = statusBadge("unknown");
  #heading = h("h1", { tabindex: "-1" }, "Job");
  #id = h("span", { class: "mono" });
  #started = clock((each) => each.ago(null));
  #results = h("a", { class: "button", hidden: true }, "Open results", icon("arrow"));
  #later = h("a", { class: "button", hidden: true }, "Continued by a later job", icon("arrow"));
  #dialog = /** @type {import("./av-run-dialog.js").RunDialog} */ (h("av-run-dialog"));
  #again = h(
    "button",
    { class: "button quiet", type: "button", hidden: true, onclick: () => this.#runAgain() },
    "Run again…",
  );
  #stop = stopButton(true);
  #resume = resumeButtons();
  #notice = stopNotice();
  #progress = progressBar();
  #figures = runFigures();
  #inFlight = /** @type {import("./av-in-flight.js").InFlight} */ (h("av-in-flight"));
  #outcome = /** @type {import("./av-outcome.js").Outcome} */ (h("av-outcome"));
  #table = /** @type {import("./av-test-table.js").TestTable} */ (h("av-test-table"));
  #log = /** @type {import("./av-log.js").Log} */ (h("av-log", { class: "card" }));
  #logPaused = h(
    "p",
    { class: "notice", hidden: true },
    "The log is live in the job pages you looked at last. ",
    h(
      "button",
      { class: "button small", type: "button", onclick: () => live.touch() },
      "Show it here",
    ),
  );
  #command = h("code", { class: "command-text" });
  #content = h("div", { hidden: true });
  #loading = h("div", {}, skeleton(6));

  build() {
    fill(
      this.#content,
      h(
        "div",
        { class: "page-head" },
        h(
          "div",
          { class: "page-title" },
          h("div", { class: "title-line" }, this.#heading, this.#badge),
          h("p", { class: "meta" }, this.#id, h("span", {}, "started ", this.#started)),
        ),
        h(
          "div",
          { class: "actions" },
          this.#again,
          this.#results,
          this.#later,
          this.#resume,
          this.#stop,
        ),
      ),
      this.#notice.element,
      this.#outcome,
      h(
        "section",
        { class: "card progress-card", "aria-label": "Progress" },
        this.#progress,
        this.#figures.element,
        this.#inFlight,
      ),
      h(
        "div",
        { class: "columns" },
        h("div", { class: "log-column" }, this.#logPaused, this.#log),
        this.#table,
      ),
      h(
        "section",
        { class: "card command", "aria-label": "Command" },
        h("h2", { class: "eyebrow" }, "Command"),
        this.#command,
      ),
    );
    this.append(
      h(
        "div",
        { class: "page" },
        h("a", { class: "back-link", href: runsPath() }, icon("back"), "Runs"),
        this.#loading,
        this.#content,
      ),
      this.#dialog,
    );
  }

  start() {
    const id = this.dataset.job ?? "";
    const renderSoon = paced(() => this.#render());
    setTitle(id);
    setText(this.#id, id);
    this.own(
      live.watchJob(id, (state, event) => {
        this.#state = state;
        if (event?.name === "row") this.#rows.put(itemOf(event.data, this.#run));
        else if (!event || event.name === "snapshot") this.#refill();
        if (event?.name === "output") this.#log.add(event.data);
        else if (!event || event.name === "snapshot")
          this.#log.reset(state.output, state.outputCut);
        this.#now();
        renderSoon();
      }),
    );
    this.own(
      live.subscribe(({ kind }) => {
        if (kind === "project") renderSoon();
      }),
    );
  }

  /** Takes all rows anew; the page is new, or something was missed. */
  #refill() {
    this.#run = this.#state.job?.run_id;
    const { rows } = this.#state;
    this.#rows = new RowStore(Array.from(rows.values(), (row) => itemOf(row, this.#run)));
  }

  #runAgain() {
    if (this.#state.job) this.#dialog.open(formOfJob(this.#state.job));
  }

  /** What a tab in the background must show at once: its title, and words for a screen reader. */
  #now() {
    const { job } = this.#state;
    if (!job) return;
    const phase = jobPhase(job);
    const progress = progressOf(this.#state);
    const done = progress?.planned != null ? `${progress.completed}/${progress.planned}` : null;
    setTitle([PHASES[phase].label, done].filter(Boolean).join(" "), jobTitle(job));
    if (this.#announced !== null && this.#announced !== phase) {
      announce(`${jobTitle(job)}: ${PHASES[phase].label}`);
    }
    this.#announced = phase;
  }

  #render() {
    const state = this.#state;
    const { job } = state;
    const missing = state.missing && !job;
    show(this.#content, job !== null);
    show(this.#loading, job === null);
    if (missing) fill(this.#loading, missingJob(this.dataset.job ?? ""));
    if (!job) return;
    const scope = live.scope === null ? foreignScope(live.project, job) : null;
    if (scope !== null) return navigate(jobPath(job.id, scope), { replaces: true });
    const progress = progressOf(state);
    const isLive = isLiveJob(job) && !state.missing;
    const later = laterJob(live.project, job);
    setText(this.#heading, jobTitle(job));
    this.#badge.phase = state.missing && isLiveJob(job) ? "lost" : jobPhase(job);
    this.#started.moment(job.started_at);
    setAttribute(this.#results, "href", job.run_id ? runPath(job.run_id) : null);
    show(
      this.#results,
      Boolean(job.run_id) &&
        (state.rows.size > 0 ||
          live.project.runs.has(job.run_id ?? "") ||
          hasOlderRuns(live.project)),
    );
    setAttribute(this.#later, "href", later ? jobPath(later.id) : null);
    show(this.#later, later !== null);
    keepFocus(this.#stop, this.#heading, () => {
      this.#stop.job = isLive ? job : null;
    });
    this.#resume.facts = later || isLive ? null : resumeFactsOfJob(live.project, state);
    show(this.#again, !isLive && !live.project.config.read_only);
    this.#notice.show(job, state.missing);
    this.#progress.progress = progress;
    this.#figures.show(job.started_at, job.finished_at, progress, isLive && !job.stopping);
    this.#inFlight.tests = isLive ? (progress?.in_flight ?? []) : [];
    this.#outcome.job = job;
    this.#table.waitingText = isLive
      ? "No test has finished yet."
      : "No test finished in this job.";
    if (job.run_id !== this.#run) this.#refill();
    this.#table.show(this.#rows, true);
    show(this.#logPaused, isLive && !state.streaming && live.connection === "live");
    this.#log.live = isLive;
    this.#log.whole = logPath(job.id);
    setText(this.#command, job.command);
  }
}

/** @param {Job} job */
function jobTitle(job) {
  return runTitle({ ...job, id: job.id });
}

/** @param {Row} row @param {string | null | undefined} run */
function itemOf(row, run) {
  return { key: null, slot: 0, row, attempts: 1, run };
}

customElements.define("av-job-page", JobPage);
