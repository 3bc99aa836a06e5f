// Resume run and Rerun failed, by the rules of state/resume.js; a launch leads to the new job's page.

import { Component, h, setAttribute, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { api, errorText } from "../net/api.js";
import { currentScope, jobPath, navigate } from "../router.js";
import { resumeChoices, resumeRequest } from "../state/resume.js";

/** @typedef {import("../state/resume.js").RunFacts} RunFacts */

export class ResumeButtons extends Component {
  /** @type {RunFacts | null} */
  #facts = null;
  #busy = false;
  #resumeText = h("span", {}, "Resume run");
  #rerunText = h("span", {}, "Rerun failed");
  #resume = h(
    "button",
    {
      class: "button primary",
      type: "button",
      onclick: () => this.#launch("resume"),
    },
    icon("resume"),
    this.#resumeText,
  );
  #rerun = h(
    "button",
    {
      class: "button",
      type: "button",
      onclick: () => this.#launch("rerun_failed"),
    },
    icon("rerun"),
    this.#rerunText,
  );
  #error = h("p", { class: "inline-error", role: "alert", hidden: true });

  build() {
    this.append(this.#resume, this.#rerun, this.#error);
    this.#render();
  }

  /** @param {RunFacts | null} facts */
  set facts(facts) {
    this.#facts = facts;
    this.#render();
  }

  #render() {
    const choices = this.#facts
      ? resumeChoices(this.#facts)
      : { resume: false, rerun: false, disabled: null };
    show(this, choices.resume || choices.rerun);
    show(this.#resume, choices.resume);
    show(this.#rerun, choices.rerun);
    // What a stopped run asks for; of one that is complete it is a choice among others.
    const { planned, total } = this.#facts ?? { planned: null, total: 0 };
    this.#resume.classList.toggle("primary", planned != null && total < planned);
    const off = this.#busy || choices.disabled !== null;
    for (const button of [this.#resume, this.#rerun]) {
      setAttribute(button, "aria-disabled", off ? "true" : null);
    }
    setAttribute(
      this.#resume,
      "title",
      choices.disabled ?? "Keeps every finished test and runs what is missing or had an error",
    );
    setAttribute(
      this.#rerun,
      "title",
      choices.disabled ?? "Keeps the tests that passed and runs the others again",
    );
  }

  /** @param {"resume" | "rerun_failed"} mode */
  async #launch(mode) {
    const facts = this.#facts;
    if (!facts || this.#busy || resumeChoices(facts).disabled) return;
    const text = mode === "resume" ? this.#resumeText : this.#rerunText;
    const label = text.textContent ?? "";
    this.#busy = true;
    show(this.#error, false);
    setText(text, mode === "resume" ? "Resuming…" : "Re-running…");
    this.#render();
    try {
      const scope = currentScope();
      const job = await api.launch(resumeRequest(mode, facts));
      navigate(jobPath(job.id, scope));
    } catch (error) {
      setText(this.#error, errorText(error));
      show(this.#error, true);
    } finally {
      this.#busy = false;
      setText(text, label);
      this.#render();
    }
  }
}

customElements.define("av-resume-buttons", ResumeButtons);

/** @returns {ResumeButtons} */
export function resumeButtons() {
  return /** @type {ResumeButtons} */ (document.createElement("av-resume-buttons"));
}
