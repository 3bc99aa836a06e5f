// `/targets/:name`: the runs of one target, by experiment.

import { at } from "../router.js";
import { byExperiment, itemsOf, targetsOf } from "../state/groups.js";
import { GroupPage } from "./group-page.js";

class TargetPage extends GroupPage {
  words() {
    return {
      kind: "Target",
      back: at("/targets"),
      backLabel: "Targets",
      other: /** @type {const} */ ("Experiments"),
    };
  }

  query() {
    return { target: this.name.includes(",") ? "" : this.name };
  }

  /** @param {import("./run-row.js").RunItem[]} items */
  pick(items) {
    return itemsOf(items, (run) => targetsOf(run).includes(this.name));
  }

  /** @param {import("./run-row.js").RunItem[]} items */
  sections(items) {
    return byExperiment(items);
  }
}

customElements.define("av-target-page", TargetPage);
