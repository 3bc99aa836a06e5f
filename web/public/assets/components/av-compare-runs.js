// Runs to choose from for a comparison side by side.

import { Component, h, setAttribute, setText, show } from "../dom.js";
import { runPath } from "../router.js";
import { formatScore } from "../state/format.js";
import { dataTable } from "./av-data-table.js";
import { linkCell, passedCell, rateCell, timeCell } from "./table-cells.js";

export class CompareRuns extends Component {
  /** @type {(ids: string[]) => void} */
  oncompare = () => {};
  /** @type {Set<string>} */
  #chosen = new Set();
  #said = h("span", { role: "status" });
  #go = h(
    "button",
    { class: "button primary", type: "button", onclick: () => this.oncompare([...this.#chosen]) },
    "Compare",
  );
  #bar = h(
    "div",
    { class: "choice-bar", hidden: true },
    this.#said,
    h("button", { class: "button", type: "button", onclick: () => this.#clear() }, "Clear"),
    this.#go,
  );
  /** @type {import("./av-data-table.js").DataTable<ComparedRun>} */
  #table = dataTable({
    caption: "Runs",
    search: "Filter runs",
    empty: "No runs.",
    sort: { key: "started", descending: true },
    keyOf: (run) => run.run_id,
    columns: [
      { key: "choose", label: "Choose", value: () => null, cell: (run) => this.#box(run) },
      {
        key: "run",
        label: "Run",
        main: true,
        value: (run) => run.run_id,
        cell: (run) => linkCell(runPath(run.run_id), run.run_id),
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
    this.append(this.#table, this.#bar);
  }

  /** @param {ComparedRun[]} runs */
  set runs(runs) {
    const known = new Set(runs.map((run) => run.run_id));
    for (const id of this.#chosen) if (!known.has(id)) this.#chosen.delete(id);
    this.#table.items = runs;
    this.#tell();
  }

  /** @param {ComparedRun} run */
  #box(run) {
    const box = /** @type {HTMLInputElement} */ (
      h("input", {
        type: "checkbox",
        class: "checkbox",
        "aria-label": `Compare ${run.run_id}`,
        onchange: () => {
          if (box.checked) this.#chosen.add(run.run_id);
          else this.#chosen.delete(run.run_id);
          this.#tell();
        },
      })
    );
    box.checked = this.#chosen.has(run.run_id);
    return box;
  }

  #clear() {
    this.#chosen.clear();
    for (const box of this.querySelectorAll("input[type=checkbox]")) {
      /** @type {HTMLInputElement} */ (box).checked = false;
    }
    this.#tell();
  }

  #tell() {
    const count = this.#chosen.size;
    show(this.#bar, count > 0);
    setText(this.#said, `${count} chosen`);
    setText(this.#go, count < 2 ? "Choose one more" : `Compare ${count} runs`);
    setAttribute(this.#go, "aria-disabled", count < 2 ? "true" : null);
  }
}

customElements.define("av-compare-runs", CompareRuns);
