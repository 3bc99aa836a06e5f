// Runs to choose from for a comparison side by side.

import { Component, h } from "../dom.js";
import { comparePath, runPath } from "../router.js";
import { formatScore } from "../state/format.js";
import { dataTable } from "./av-data-table.js";
import { linkCell, passedCell, rateCell, timeCell } from "./table-cells.js";

/** @param {string} id */
function runCell(id) {
  const link = linkCell(runPath(id), id);
  link.classList.add("mono");
  return link;
}

export class CompareRuns extends Component {
  #hint = h(
    "p",
    { class: "muted hint-line" },
    "Choose two runs or more to see their tests side by side.",
  );
  /** @type {import("./av-data-table.js").DataTable<ComparedRun>} */
  #table = dataTable({
    caption: "Runs",
    search: "Filter runs",
    empty: "No runs.",
    sort: { key: "started", descending: true },
    keyOf: (run) => run.run_id,
    select: {
      name: (run) => run.run_id,
      actions(chosen) {
        const runs = chosen.map((run) => run.run_id);
        if (runs.length < 2) return [];
        return [{ label: `Compare ${runs.length} runs`, href: comparePath(runs) }];
      },
    },
    columns: [
      {
        key: "run",
        label: "Run",
        main: true,
        value: (run) => run.run_id,
        cell: (run) => runCell(run.run_id),
      },
      { key: "tags", label: "Tags", value: (run) => (run.tags ?? []).join(", ") || null },
      { key: "experiment", label: "Experiment", value: (run) => run.experiment },
      { key: "target", label: "Target", value: (run) => run.target },
      {
        key: "tests",
        label: "Passed",
        num: true,
        value: (run) => run.eval_count,
        cell: (run) => passedCell(run.passed_count, run.eval_count),
      },
      {
        key: "rate",
        label: "Pass rate",
        num: true,
        value: (run) => run.pass_rate,
        cell: (run) => rateCell(run.pass_rate),
      },
      {
        key: "mean",
        label: "Mean score",
        num: true,
        value: (run) => run.avg_score,
        cell: (run) => formatScore(run.avg_score),
      },
      {
        key: "started",
        label: "When",
        value: (run) => run.started_at,
        cell: (run) => timeCell(run.started_at),
        className: "col-when",
      },
    ],
  });

  build() {
    this.append(this.#hint, this.#table);
  }

  /** @param {ComparedRun[]} runs */
  set runs(runs) {
    this.#table.items = runs;
  }
}

customElements.define("av-compare-runs", CompareRuns);
