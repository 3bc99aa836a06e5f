// `/targets`: what was evaluated, and how well it did.

import { h } from "../dom.js";
import { api } from "../net/api.js";
import { targetPath } from "../router.js";
import { dataTable } from "./av-data-table.js";
import { ResourcePage } from "./resource-page.js";
import { linkCell, passedCell, rateCell } from "./table-cells.js";
import { setTitle } from "./title.js";

/** @extends {ResourcePage<{ targets: TargetSummary[] }>} */
class TargetsPage extends ResourcePage {
  /** @type {import("./av-data-table.js").DataTable<TargetSummary>} */
  #table = dataTable({
    caption: "Targets",
    heading: "All targets",
    search: "Filter targets",
    empty: "No target has results yet.",
    sort: { key: "rate", descending: true },
    keyOf: (item) => item.name,
    columns: [
      {
        key: "name",
        label: "Target",
        main: true,
        value: (item) => item.name,
        cell: (item) => linkCell(targetPath(item.name), item.name),
      },
      { key: "runs", label: "Runs", num: true, value: (item) => item.run_count },
      {
        key: "experiments",
        label: "Experiments",
        num: true,
        value: (item) => item.experiment_count,
      },
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
    ],
  });

  build() {
    setTitle("Targets");
    this.content.append(this.#table);
    this.frame(h("div", { class: "page-head" }, h("h1", { tabindex: "-1" }, "Targets")));
  }

  request() {
    return api.targetSummaries();
  }

  /** @param {{ targets: TargetSummary[] }} data */
  render(data) {
    this.#table.items = data.targets;
  }
}

customElements.define("av-targets-page", TargetsPage);
