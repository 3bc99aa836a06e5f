// `/experiments`: what was tried, and how well it went.

import { api } from "../net/api.js";
import { experimentPath } from "../router.js";
import { SummaryPage } from "./summary-page.js";

/** @extends {SummaryPage<ExperimentSummary>} */
class ExperimentsPage extends SummaryPage {
  /** @returns {import("./summary-page.js").SummarySetup<ExperimentSummary>} */
  setup() {
    return {
      title: "Experiments",
      one: "Experiment",
      empty: "No experiment has results yet. Name one with agentv eval --experiment NAME.",
      sort: { key: "last_run", descending: true },
      path: experimentPath,
      other: { label: "Targets", count: (item) => item.target_count },
    };
  }

  async request() {
    return (await api.experiments()).experiments;
  }
}

customElements.define("av-experiments-page", ExperimentsPage);
