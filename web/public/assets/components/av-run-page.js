// `/runs/:id`: the results of a run, live while it is being written.

import { Component, fill, h, paced, setAttribute, setText, show, whenIdle } from "../dom.js";
import { keepFocus } from "../focus.js";
import { icon } from "../icons.js";
import { ApiError, api, errorText } from "../net/api.js";
import { live } from "../net/live.js";
import { jobPath, navigate, runPath, runsPath } from "../router.js";
import { plural, runTitle } from "../state/format.js";
import { stopLine } from "../state/outcome.js";
import { isLiveJob, PHASES } from "../state/phase.js";
import { emptyRun, loadedRun, reduceRun, runHead, runView } from "../state/run.js";
import { clock } from "./av-clock.js";
import "./av-grid.js";
import "./av-in-flight.js";
import { progressBar } from "./av-progress.js";
import { resumeButtons } from "./av-resume-buttons.js";
import { statusBadge } from "./av-status.js";
import { stopButton } from "./av-stop-button.js";
import "./av-tags.js";
import "./av-test-table.js";
import { breakdown } from "./breakdown.js";
import { deleteDialog } from "./delete-dialog.js";
import { messageBox, skeleton } from "./message-box.js";
import { runTiles } from "./run-tiles.js";
import { stopNotice } from "./stop-notice.js";
import { setTitle } from "./title.js";

class RunPage extends Component {
  #state = emptyRun("");
  /** @type {unknown} */
  #error = null;
  #loads = 0;
  #gone = false;
  /** Whether the results were asked for before the events began. */
  #isEarly = false;
  #isAskedAgain = false;
  #badge = statusBadge("unknown");
  #heading = h("h1", { tabindex: "-1" }, "Run");
  #id = h("span", { class: "mono" });
  #when = clock((each) => each.ago(null));
  #repeated = h("span", { hidden: true });
  #log = h("a", { class: "button", hidden: true }, icon("log"), "Log");
  #stop = stopButton(true);
  #resume = resumeButtons();
  #delete = h(
    "button",
    { class: "button quiet", type: "button", hidden: true, onclick: () => this.#askDelete() },
    icon("trash"),
    "Delete…",
  );
  #stopped = h("p", { class: "notice tone-neutral", hidden: true, "data-notice": "stopped" });
  #notice = stopNotice();
  #terminal = h("p", { class: "notice", hidden: true });
  #remote = h(
    "p",
    { class: "notice", hidden: true },
    "This run is a copy from the results repository: it can be looked at, not changed or resumed.",
  );
  #warning = h("p", { class: "notice tone-warn", hidden: true });
  #tiles = runTiles();
  #progress = progressBar();
  #inFlight = /** @type {import("./av-in-flight.js").InFlight} */ (h("av-in-flight"));
  #table = /** @type {import("./av-test-table.js").TestTable} */ (h("av-test-table"));
  #grid = /** @type {import("./av-grid.js").Grid} */ (h("av-grid"));
  #tags = /** @type {import("./av-tags.js").Tags} */ (h("av-tags"));
  #breakdown = breakdown(this.dataset.run ?? "");
  /** @type {import("../state/breakdown.js").Scope} */
  #scope = {};
  #scopeLine = h("p", { class: "notice", hidden: true });
  /** In place of the tests of a run that the list knows, until they are here. */
  #waiting = h("div", { class: "loading-rows", hidden: true }, skeleton(4));
  #failed = h("div", { hidden: true });
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
          h(
            "p",
            { class: "meta" },
            this.#id,
            h("span", {}, "started ", this.#when),
            this.#repeated,
          ),
          this.#tags,
        ),
        h("div", { class: "actions" }, this.#delete, this.#log, this.#resume, this.#stop),
      ),
      this.#scopeLine,
      this.#notice.element,
      this.#stopped,
      this.#terminal,
      this.#warning,
      this.#remote,
      this.#tiles.element,
      h(
        "section",
        { class: "card progress-card", "aria-label": "Progress" },
        this.#progress,
        this.#inFlight,
      ),
      this.#grid,
      this.#breakdown.element,
      this.#waiting,
      this.#failed,
      this.#table,
    );
    this.append(
      h(
        "div",
        { class: "page" },
        h("a", { class: "back-link", href: runsPath() }, icon("back"), "Runs"),
        this.#loading,
        this.#content,
      ),
    );
  }

  start() {
    const id = this.dataset.run ?? "";
    const { suite, category } = this.dataset;
    this.#scope = { suite, category };
    this.#state = emptyRun(id, this.#scope);
    this.#sayScope(id);
    setText(this.#id, id);
    setTitle(id);
    const renderSoon = paced(() => this.#render());
    this.own(
      live.subscribe((change) => {
        if (change.kind === "event") {
          this.#vanish(change.event);
          const before = this.#state;
          this.#state = reduceRun(before, change.event);
          if (this.#state.stale && !before.stale && !this.#gone) this.#load();
          if (this.#gone) this.#state = emptyRun(id, this.#scope);
        } else if (change.kind === "resync" || this.#isBack(change) || this.#isJoined(change)) {
          this.#load();
        }
        // Rows come a thousand times a second; what they change in the title waits for the picture.
        if (change.kind !== "event" || change.event.name !== "row") this.#title();
        renderSoon();
      }),
    );
    this.#isEarly = !live.project.loaded;
    this.#load();
  }

  /**
   * Rows may have come after the results were asked for and before the events began.
   * @param {import("../net/live.js").LiveChange} change
   */
  #isJoined({ kind }) {
    if (kind !== "project" || !this.#isEarly || !live.project.loaded) return false;
    this.#isEarly = false;
    if (!runHead(this.#state, live.project).live) return false;
    // What was asked for is shown first.
    this.#isAskedAgain = !this.#state.loaded;
    return this.#state.loaded;
  }

  /**
   * What could not be fetched while the server was away.
   * @param {import("../net/live.js").LiveChange} change
   */
  #isBack({ kind }) {
    return kind === "connection" && live.connection === "live" && this.#error !== null;
  }

  /** Deleted here, in another tab or on the disk; a run may come back under the same id. */
  #vanish(/** @type {StreamEvent} */ { name, data }) {
    if (name !== "run" || (data.run?.filename ?? data.run_id) !== this.#state.id) return;
    this.#gone = data.change === "vanished";
    if (this.#gone) fill(this.#loading, deletedBox(this.#state.id));
  }

  /** Fetched on arrival, when the run ends or appears, and after a gap in the events. */
  async #load() {
    this.#loads += 1;
    const load = this.#loads;
    const before = this.#state.rows;
    this.#state = { ...this.#state, stale: false, since: new Map() };
    try {
      const detail = await api.run(this.#state.id);
      if (load !== this.#loads) return;
      this.#error = null;
      this.#state = loadedRun(this.#state, detail);
    } catch (error) {
      if (load !== this.#loads) return;
      // With rows on the page an old picture is better than none; the banner says that it is old.
      this.#error = before.size > 0 ? null : error;
    }
    this.#title();
    this.#render();
    if (this.#isAskedAgain) {
      this.#isAskedAgain = false;
      this.#load();
    } else if (runHead(this.#state, live.project).live) {
      this.#prepare(this.#state.rows);
    }
  }

  /**
   * Gets ready for the rows to come, before the first one has to wait for it.
   * @param {import("../state/row-store.js").RowStore} rows
   */
  #prepare(rows) {
    if (rows === this.#state.rows && rows.prepare()) whenIdle(() => this.#prepare(rows));
  }

  #title() {
    const view = runHead(this.#state, live.project);
    const done = view.planned != null ? `${view.total}/${view.planned}` : null;
    setTitle([PHASES[view.phase].label, done].filter(Boolean).join(" "), runTitle(view.names));
  }

  #render() {
    const view = runView(this.#state, live.project);
    this.#title();
    const shown = !this.#gone && (this.#state.loaded || view.known);
    show(this.#content, shown);
    show(this.#loading, !shown);
    if (!shown) {
      if (this.#error && !this.#gone) fill(this.#loading, this.#errorBox());
      return;
    }
    const { job } = view;
    setText(this.#heading, runTitle(view.names));
    this.#badge.phase = view.phase;
    this.#when.moment(view.startedAt);
    show(this.#repeated, view.repeated > 0);
    setText(this.#repeated, `${plural(view.repeated, "earlier attempt")} replaced`);
    setAttribute(this.#log, "href", job ? jobPath(job.id) : null);
    show(this.#log, job !== null);
    keepFocus(this.#stop, this.#heading, () => {
      this.#stop.job = job && isLiveJob(job) ? job : null;
    });
    this.#resume.facts = this.#state.loaded ? view.facts : null;
    if (job) this.#notice.show(job, false);
    const stopped = view.phase === "stopped" ? stopLine(view.meta?.stop) : null;
    show(this.#stopped, stopped !== null);
    setText(this.#stopped, `Stopped: ${stopped}`);
    show(
      this.#delete,
      this.#state.loaded && !view.live && !view.facts.readOnly && view.meta?.source !== "remote",
    );
    show(this.#terminal, view.live && !(job && isLiveJob(job)));
    setText(this.#terminal, foreignRun(view.pid));
    show(this.#remote, this.#state.id.startsWith("remote::"));
    show(this.#warning, view.badLines > 0);
    setText(this.#warning, `${view.badLines} damaged lines of this run's index were skipped.`);
    this.#tiles.show(view);
    this.#progress.progress = view.progress;
    this.#inFlight.tests = view.live ? view.progress.in_flight : [];
    this.#table.waitingText = view.live
      ? "No test has finished yet."
      : "This run has no results yet.";
    this.#tags.show(this.#state.id, view.meta?.tags ?? [], view.facts.readOnly);
    const { shown: rows } = this.#state;
    this.#grid.show(rows, view.live ? view.progress.in_flight : []);
    this.#breakdown.show(rows, this.#scope);
    this.#table.show(rows, view.live);
    const isHere = this.#state.loaded || rows.size > 0;
    const failed = !isHere && this.#error !== null;
    show(this.#waiting, !isHere && !failed);
    if (failed !== !this.#failed.hidden) {
      show(this.#failed, failed);
      if (failed) fill(this.#failed, this.#errorBox("h2"));
    }
    show(this.#table, isHere);
  }

  #askDelete() {
    deleteDialog([this.#state.id], () => navigate(runsPath()));
  }

  /** @param {string} id */
  #sayScope(id) {
    const { suite, category } = this.#scope;
    const kind = suite !== undefined ? "suite" : "category";
    const name = suite ?? category;
    show(this.#scopeLine, name !== undefined);
    fill(
      this.#scopeLine,
      h("span", {}, `Only tests of the ${kind} `, h("strong", {}, name), " are listed. "),
      h("a", { href: runPath(id) }, "Show all tests"),
    );
  }

  /** @param {"h1" | "h2"} [level] */
  #errorBox(level = "h1") {
    const missing = this.#error instanceof ApiError && this.#error.status === 404;
    const retry = h(
      "button",
      { class: "button", type: "button", onclick: () => this.#load() },
      "Try again",
    );
    const home = h("a", { class: "button primary", href: runsPath() }, "Go to the runs");
    return messageBox({
      level,
      heading: missing ? "Run not found" : "The run cannot be shown",
      text: missing
        ? `There is no run ${this.#state.id} in this project. If it is just starting, it appears here by itself.`
        : errorText(this.#error),
      tone: missing ? undefined : "bad",
      symbol: missing ? "question" : "bang",
      actions: missing ? [home] : [retry, home],
    });
  }
}

/** @param {string} id */
function deletedBox(id) {
  return messageBox({
    heading: "This run was deleted",
    level: "h1",
    text: `The run ${id} is not on the disk any more.`,
    symbol: "trash",
    actions: [h("a", { class: "button primary", href: runsPath() }, "Go to the runs")],
  });
}

/** @param {number | null} pid  of the process that writes a run which is no job of this server */
function foreignRun(pid) {
  const writer = pid ? `process ${pid}` : "a process";
  const kill = pid ? ` or kill ${pid}` : "";
  return `Written by ${writer}, which this server did not start: stop it where it runs, with Ctrl+C${kill}. It can be resumed here afterwards.`;
}

customElements.define("av-run-page", RunPage);
