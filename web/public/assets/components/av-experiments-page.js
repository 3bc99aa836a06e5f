// `/experiments`: what was tried, and how well it went.

import { h } from "../dom.js";
import { api } from "../net/api.js";
import { experimentPath } from "../router.js";
import { dataTable } from "./av-data-table.js";
import { ResourcePage } from "./resource-page.js";
import { linkCell, passedCell, rateCell, timeCell } from "./table-cells.js";
import { setTitle } from "./title.js";

/** @extends {ResourcePage<{ experiments: ExperimentSummary[] }>} */
class ExperimentsPage extends ResourcePage {
  /** @type {import("./av-data-table.js").DataTable<ExperimentSummary>} */
  #table = dataTable({
    caption: "Experiments",
    heading: "All experiments",
    search: "Filter experiments",
    empty: "No experiment has results yet. Name one with agentv eval --experiment NAME.",
    sort: { key: "last_run", descending: true },
    keyOf: (item) => item.name,
    columns: [
      {
        key: "name",
        label: "Experiment",
        main: true,
        value: (item) => item.name,
        cell: (item) => linkCell(experimentPath(item.name), item.name),
      },
      { key: "runs", label: "Runs", num: true, value: (item) => item.run_count },
      { key: "targets", label: "Targets", num: true, value: (item) => item.target_count },
      {
        key: "tests",
        label: "Passed",
        num: true,
        value: (item) => item.passed_count,
        cell: (item) => passedCell(item.passed_count, item.eval_count),
      },
      {
        key: "rate",
        label: "Pass rate",
        num: true,
        value: (item) => (item.eval_count > 0 ? item.pass_rate : null),
        cell: (item) => rateCell(item.eval_count > 0 ? item.pass_rate : null),
      },
      {
        key: "last_run",
        label: "Last run",
        value: (item) => item.last_run,
        cell: (item) => timeCell(item.last_run),
        className: "col-when",
      },
    ],
  });

  build() {
    setTitle("Experiments");
    this.content.append(this.#table);
    this.frame(h("div", { class: "page-head" }, h("h1", { tabindex: "-1" }, "Experiments")));
  }

  request() {
    return api.experiments();
  }

  /** @param {{ experiments: ExperimentSummary[] }} data */
  render(data) {
    this.#table.items = data.experiments;
  }
}

customElements.define("av-experiments-page", ExperimentsPage);
