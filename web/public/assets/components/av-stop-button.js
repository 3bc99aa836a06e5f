// `⏸ Stop` → `Stopping…` → gone when the job is terminal. A pause, not a kill: finished tests are kept
// and the run can be resumed. One POST per press; everything after it comes from the event stream.
// The menu beside it holds the other ways to stop.

import { Component, fill, h, setAttribute, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { api, errorText } from "../net/api.js";
import { live } from "../net/live.js";
import { isLiveJob } from "../state/phase.js";
import { escalation, isStronger, STOP_CHOICES, stopModeOf } from "../state/stop-modes.js";
import { menuButton } from "./menu-button.js";
import { stopDialog } from "./stop-dialog.js";

export class StopButton extends Component {
  /** @type {Job | null} */
  #job = null;
  // What was asked for here and is not yet told by an event.
  /** @type {StopMode | null} */
  #asked = null;
  #label = "";
  #button = h("button", {
    class: "button stop",
    type: "button",
    onclick: () => this.#press(),
  });
  #split = h("span", { class: "split" }, this.#button);
  // Made when it is first shown: most lines of a list never stop anything.
  /** @type {import("./menu-button.js").MenuButton | null} */
  #menu = null;
  #stronger = h("button", {
    class: "button quiet",
    type: "button",
    hidden: true,
    onclick: () => this.#escalate(),
  });
  #error = h("p", { class: "inline-error", role: "alert", hidden: true });

  build() {
    this.append(this.#split, this.#stronger, this.#error);
    this.#render();
  }

  /** @param {Job | null} job */
  set job(job) {
    if (job?.id !== this.#job?.id) this.#asked = null;
    this.#job = job;
    this.#render();
  }

  /** The strongest stop that is known: asked for here, or told by the server. */
  get #mode() {
    const told = this.#job ? stopModeOf(this.#job) : null;
    return this.#asked && isStronger(told, this.#asked) ? this.#asked : told;
  }

  #render() {
    const job = this.#job;
    const shown = job !== null && isLiveJob(job) && !live.project.config.read_only;
    show(this, shown);
    if (!shown) {
      this.#menu?.close();
      return;
    }
    const mode = this.#mode;
    const stopping = mode !== null;
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
    this.#menu ??= this.#makeMenu();
    this.#menu.name(`More ways to stop ${name}`);
    this.#menu.enable((index) =>
      index < STOP_CHOICES.length ? isStronger(mode, STOP_CHOICES[index].mode) : !stopping,
    );
    const next = escalation(stopModeOf(job));
    show(this.#stronger, next !== null && this.dataset.force === "yes");
    setText(this.#stronger, next?.label ?? "");
    const asked = next !== null && !isStronger(mode, next.mode);
    setAttribute(this.#stronger, "aria-disabled", asked ? "true" : null);
  }

  #makeMenu() {
    const menu = menuButton({
      name: "More ways to stop",
      menuName: "Ways to stop",
      className: "button stop-more",
      items: [
        ...STOP_CHOICES.map(({ mode, label, hint }) => ({
          label,
          hint,
          run: () => this.#stop(mode),
        })),
        { label: "With a reason…", run: () => this.#job && stopDialog([this.#job]) },
      ],
    });
    this.#split.append(menu.element);
    return menu;
  }

  /** The button itself: the default stop, once. */
  #press() {
    if (this.#mode === null) this.#stop("now");
  }

  #escalate() {
    const next = this.#job && escalation(stopModeOf(this.#job));
    if (next) this.#stop(next.mode);
  }

  /** @param {StopMode} mode */
  async #stop(mode) {
    const job = this.#job;
    if (!job || !isStronger(this.#mode, mode)) return;
    const before = this.#asked;
    this.#asked = mode;
    show(this.#error, false);
    this.#render();
    try {
      await api.stop(job.id, mode === "now" ? {} : { mode });
    } catch (error) {
      if (this.#job?.id !== job.id) return;
      this.#asked = before;
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

/** @param {boolean} [force]  offer the next step while the stop is under way */
export function stopButton(force = false) {
  const button = /** @type {StopButton} */ (document.createElement("av-stop-button"));
  if (force) button.dataset.force = "yes";
  return button;
}
