// `⏸ Stop` → `Stopping…` → gone when the job is terminal. A pause, not a kill: finished tests are kept
// and the run can be resumed. One POST per press; everything after it comes from the event stream.

import { Component, fill, h, setAttribute, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { api, errorText } from "../net/api.js";
import { live } from "../net/live.js";
import { isLiveJob } from "../state/phase.js";

export class StopButton extends Component {
  /** @type {Job | null} */
  #job = null;
  #asked = false;
  #forced = false;
  #label = "";
  #button = h("button", {
    class: "button stop",
    type: "button",
    onclick: () => this.#stop(),
  });
  #force = h(
    "button",
    {
      class: "button quiet",
      type: "button",
      hidden: true,
      onclick: () => this.#kill(),
    },
    "Kill now",
  );
  #error = h("p", { class: "inline-error", role: "alert", hidden: true });

  build() {
    this.append(this.#button, this.#force, this.#error);
    this.#render();
  }

  /** @param {Job | null} job */
  set job(job) {
    if (job?.id !== this.#job?.id) {
      this.#asked = false;
      this.#forced = false;
    }
    this.#job = job;
    this.#render();
  }

  #render() {
    const job = this.#job;
    const shown = job !== null && isLiveJob(job) && !live.project.config.read_only;
    show(this, shown);
    if (!shown) return;
    const stopping = this.#asked || job.stopping === true;
    const label = stopping ? "Stopping…" : "Stop";
    if (label !== this.#label) {
      this.#label = label;
      if (stopping) fill(this.#button, "Stopping…");
      else fill(this.#button, icon("pause"), h("span", {}, glyph(), "Stop"));
    }
    const name = job.target ? `${job.id} (${job.target})` : job.id;
    // aria-disabled keeps the focus where it is; a disabled button would drop it.
    setAttribute(this.#button, "aria-disabled", stopping ? "true" : null);
    setAttribute(this.#button, "aria-label", stopping ? `Stopping… ${name}` : `⏸ Stop ${name}`);
    show(this.#force, job.stopping === true && !job.forced && this.dataset.force === "yes");
    setAttribute(this.#force, "aria-disabled", this.#forced ? "true" : null);
  }

  async #stop() {
    const job = this.#job;
    if (!job || this.#asked || job.stopping) return;
    this.#asked = true;
    await this.#post(job, {});
  }

  async #kill() {
    const job = this.#job;
    if (!job || this.#forced) return;
    this.#forced = true;
    await this.#post(job, { force: true });
  }

  /** @param {Job} job @param {{ force?: boolean }} body */
  async #post(job, body) {
    show(this.#error, false);
    this.#render();
    try {
      await api.stop(job.id, body);
    } catch (error) {
      if (body.force) this.#forced = false;
      else this.#asked = false;
      setText(this.#error, errorText(error));
      show(this.#error, true);
      this.#render();
    }
  }
}

/** Part of the label's text; the icon is what is seen. */
function glyph() {
  return h("span", { class: "glyph" }, "⏸ ");
}

customElements.define("av-stop-button", StopButton);

/** @param {boolean} [force]  offer to kill while the stop is under way */
export function stopButton(force = false) {
  const button = /** @type {StopButton} */ (document.createElement("av-stop-button"));
  if (force) button.dataset.force = "yes";
  return button;
}
