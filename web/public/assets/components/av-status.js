// A state as icon, word and tone: `<av-status>` for what a job or run is doing, and the same badge for
// the result of a test.

import { Component, fill } from "../dom.js";
import { icon } from "../icons.js";
import { PHASES, RESULTS } from "../state/phase.js";

export class StatusBadge extends Component {
  #shown = "";

  /** @param {import("../state/phase.js").Phase} phase */
  set phase(phase) {
    this.#show(PHASES[phase]);
  }

  /** @param {ExecutionStatus} status */
  set result(status) {
    this.#show(RESULTS[status] ?? { label: status, icon: "question", tone: "neutral" });
  }

  /** @param {{ label: string, icon: string, tone: string }} look */
  #show(look) {
    if (this.#shown === look.label) return;
    this.#shown = look.label;
    this.className = `badge tone-${look.tone}`;
    fill(this, icon(look.icon), look.label);
  }
}

customElements.define("av-status", StatusBadge);

/** @param {import("../state/phase.js").Phase} phase */
export function statusBadge(phase) {
  const badge = /** @type {StatusBadge} */ (document.createElement("av-status"));
  badge.phase = phase;
  return badge;
}

/** @param {ExecutionStatus} status */
export function resultBadge(status) {
  const badge = /** @type {StatusBadge} */ (document.createElement("av-status"));
  badge.result = status;
  return badge;
}
