// How a job ended: exit code explained, who stopped it, what became of its processes.

import { Component, fill, h, show } from "../dom.js";
import { icon } from "../icons.js";
import { censusLine, explainExit, stopLine, stopOfJob } from "../state/outcome.js";
import { isLiveJob, jobPhase, PHASES } from "../state/phase.js";

export class Outcome extends Component {
  #facts = h("dl", { class: "facts" });
  #shown = "";

  build() {
    this.append(h("h2", { class: "eyebrow" }, "How it ended"), this.#facts);
  }

  /** @param {Job | null} job */
  set job(job) {
    const ended = job !== null && !isLiveJob(job);
    show(this, ended);
    if (!job || !ended) return;
    const text = JSON.stringify([job.exit_code, job.signal, job.outcome, job.census, job.reason]);
    if (text === this.#shown) return;
    this.#shown = text;
    const phase = PHASES[jobPhase(job)];
    this.className = `outcome card tone-${phase.tone}`;
    fill(this.#facts, fact("Exit code", explainExit(job), "exit-code"));
    const stop = stopLine(stopOfJob(job));
    if (stop) this.#facts.append(fact("Stop", stop, "stop"));
    if (job.census) this.#facts.append(fact("Processes", censusLine(job.census), "census"));
    const left = job.census?.remaining ?? [];
    if (left.length > 0) {
      const list = left.map((each) => `${each.pid} ${each.command ?? ""}`.trim()).join("; ");
      this.#facts.append(fact("Still alive", h("span", { class: "mono" }, icon("bang"), list)));
    }
  }
}

/** @param {string} name @param {string | Node} value @param {string} [id] */
function fact(name, value, id) {
  return h(
    "div",
    { class: "fact", "data-fact": id ?? null },
    h("dt", {}, name),
    h("dd", {}, value),
  );
}

customElements.define("av-outcome", Outcome);
