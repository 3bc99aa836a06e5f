// `/experiments/:name`: the runs of one experiment, and of no other.

import { at } from "../router.js";
import { experimentOf, itemsOf } from "../state/groups.js";
import { GroupPage } from "./group-page.js";

class ExperimentPage extends GroupPage {
  words() {
    return {
      kind: "Experiment",
      back: at("/experiments"),
      backLabel: "Experiments",
      other: /** @type {const} */ ("Targets"),
    };
  }

  query() {
    return { experiment: this.name.includes(",") ? "" : this.name };
  }

  /** @param {import("./run-row.js").RunItem[]} items */
  pick(items) {
    return itemsOf(items, (run) => experimentOf(run) === this.name);
  }
}

customElements.define("av-experiment-page", ExperimentPage);
