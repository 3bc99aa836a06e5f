// `/jobs`: every run that this server launched, live ones with their Stop button.

import { h, setAttribute, setText, show } from "../dom.js";
import { api } from "../net/api.js";
import { live } from "../net/live.js";
import { jobPath, runPath } from "../router.js";
import { formatDuration, runTitle } from "../state/format.js";
import { jobDuration, mergedJobs } from "../state/jobs.js";
import { isLiveJob, jobPhase, PHASES } from "../state/phase.js";
import { foreignScope } from "../state/project.js";
import { dataTable } from "./av-data-table.js";
import { statusBadge } from "./av-status.js";
import { stopButton } from "./av-stop-button.js";
import { ResourcePage } from "./resource-page.js";
import { stopDialog } from "./stop-dialog.js";
import { linkCell, timeCell } from "./table-cells.js";
import { setTitle } from "./title.js";

/** A job of another project leads to that project's pages. */
/** @param {Job} job */
const scopeOfJob = (job) => live.scope ?? foreignScope(live.project, job);

/**
 * @param {Job} job
 * @param {Element} [before]  keeps its Stop button, which knows what it was asked for
 */
function actions(job, before) {
  const known = /** @type {import("./av-stop-button.js").StopButton | null | undefined} */ (
    before?.querySelector("av-stop-button")
  );
  const stop = known ?? stopButton();
  const results =
    before?.querySelector("a") ?? h("a", { class: "button quiet", hidden: true }, "Results");
  stop.job = isLiveJob(job) ? job : null;
  if (hasResults(job)) {
    setAttribute(results, "href", runPath(job.run_id ?? "", scopeOfJob(job)));
    setAttribute(results, "aria-label", `Results of ${job.id}`);
  }
  show(results, hasResults(job));
  return before ?? h("div", { class: "actions" }, results, stop);
}

/** A job that failed before its first test has no run. */
/** @param {Job} job */
function hasResults(job) {
  return Boolean(job.run_id) && (isLiveJob(job) || (job.completed_test_count ?? 0) > 0);
}

/**
 * The name of another project that a job belongs to.
 * @param {Job} job
 */
function benchmarkName(job) {
  const scope = scopeOfJob(job);
  if (scope === live.scope) return null;
  return live.project.benchmarks.find((each) => each.id === scope)?.name ?? scope;
}

/** @param {string | null} name */
const chipOf = (name) => (name ? h("span", { class: "chip chip-quiet" }, name) : null);

/** @extends {ResourcePage<{ runs: Job[] }>} */
class JobsPage extends ResourcePage {
  /** @type {import("./av-data-table.js").DataTable<Job>} */
  #table = dataTable({
    caption: "Jobs",
    heading: "All jobs",
    search: "Filter jobs",
    empty: "This server has launched no run yet. Start one with Run Eval on the runs page.",
    sort: { key: "started", descending: true },
    keyOf: (job) => job.id,
    select: {
      name: (job) => job.id,
      actions(chosen, clear) {
        const jobs = chosen.filter(isLiveJob);
        if (jobs.length === 0 || live.project.config.read_only) return [];
        return [{ label: `Stop ${jobs.length}…`, run: () => stopDialog(jobs, { done: clear }) }];
      },
    },
    columns: [
      {
        key: "state",
        label: "State",
        value: (job) => PHASES[jobPhase(job)].label,
        cell: (job) => statusBadge(jobPhase(job)),
        className: "col-state",
      },
      {
        key: "job",
        label: "Job",
        main: true,
        value: (job) => `${job.id} ${job.command} ${benchmarkName(job) ?? ""}`,
        cell: (job) =>
          h(
            "span",
            {},
            h(
              "span",
              { class: "run-title" },
              linkCell(jobPath(job.id, scopeOfJob(job)), runTitle({ ...job, id: job.id })),
              chipOf(benchmarkName(job)),
            ),
            h(
              "span",
              { class: "mono muted row-note", title: job.command },
              `${job.id}: ${job.command}`,
            ),
          ),
      },
      { key: "target", label: "Target", value: (job) => job.target ?? null },
      {
        key: "tests",
        label: "Tests",
        num: true,
        value: (job) => job.completed_test_count ?? null,
        cell: (job) =>
          job.planned_test_count == null
            ? String(job.completed_test_count ?? "–")
            : `${job.completed_test_count ?? 0}/${job.planned_test_count}`,
      },
      { key: "exit", label: "Exit code", num: true, value: (job) => job.exit_code },
      {
        key: "took",
        label: "Took",
        num: true,
        value: (job) => jobDuration(job),
        cell: (job) => formatDuration(jobDuration(job)),
      },
      {
        key: "started",
        label: "Started",
        value: (job) => job.started_at,
        cell: (job) => timeCell(job.started_at),
        className: "col-when",
      },
      {
        key: "actions",
        label: "Actions",
        value: () => null,
        cell: actions,
        plain: true,
        className: "col-actions",
      },
    ],
  });

  #stopAll = h(
    "button",
    {
      class: "button",
      type: "button",
      hidden: true,
      onclick: () => stopDialog(this.#live(), { all: true }),
    },
    "Stop all…",
  );

  #everybody = h("p", { class: "muted", hidden: true }, "Of all benchmarks of this server.");

  build() {
    setTitle("Jobs");
    this.content.append(this.#table);
    this.frame(
      h(
        "div",
        { class: "page-head" },
        h("div", { class: "page-title" }, h("h1", { tabindex: "-1" }, "Jobs"), this.#everybody),
        h("div", { class: "actions" }, this.#stopAll),
      ),
    );
  }

  #live() {
    return this.#current().filter(isLiveJob);
  }

  /** Without a project in the address the jobs of all projects are listed. */
  #current() {
    const { jobs, others } = live.project;
    return [...jobs.values(), ...(live.scope === null ? others.values() : [])];
  }

  start() {
    super.start();
    this.own(live.subscribe((change) => change.kind === "project" && this.#show()));
  }

  request() {
    return api.jobs();
  }

  /** The events carry the jobs' changes; the list is only asked for once, and after a gap. */
  isStale() {
    return false;
  }

  render() {
    this.#show();
  }

  #show() {
    show(this.#everybody, live.scope === null && live.project.benchmarks.length > 1);
    const count = this.#live().length;
    show(this.#stopAll, count > 0 && !live.project.config.read_only);
    setText(this.#stopAll, count > 1 ? `Stop all ${count}…` : "Stop all…");
    if (!this.resource.data) return;
    this.#table.items = mergedJobs(this.resource.data.runs, this.#current());
  }
}

customElements.define("av-jobs-page", JobsPage);
