// `/targets`: what was evaluated, and how well it did.

import { api } from "../net/api.js";
import { targetPath } from "../router.js";
import { SummaryPage } from "./summary-page.js";

/** @extends {SummaryPage<TargetSummary>} */
class TargetsPage extends SummaryPage {
  /** @returns {import("./summary-page.js").SummarySetup<TargetSummary>} */
  setup() {
    return {
      title: "Targets",
      one: "Target",
      empty: "No target has results yet.",
      sort: { key: "rate", descending: true },
      path: targetPath,
      other: { label: "Experiments", count: (item) => item.experiment_count },
    };
  }

  async request() {
    return (await api.targetSummaries()).targets;
  }
}

customElements.define("av-targets-page", TargetsPage);
