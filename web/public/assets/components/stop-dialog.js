// How to stop one or several runs, and why: the answer to "Stop all", to a selection and to "With a
// reason…".

import { h } from "../dom.js";
import { api } from "../net/api.js";
import { plural } from "../state/format.js";
import { STOP_CHOICES } from "../state/stop-modes.js";
import { announce } from "./av-announcer.js";
import { confirmDialog, nameList } from "./confirm-dialog.js";

/** Longest reason that the server keeps, characters. */
const REASON_LIMIT = 500;

/**
 * @param {Job[]} jobs  live ones
 * @param {{ all?: boolean, done?: () => void }} [options]  `all`: also those that start meanwhile
 */
export function stopDialog(jobs, options = {}) {
  const { all = false, done } = options;
  const choices = STOP_CHOICES.map(({ mode, label, hint }) => {
    const radio = /** @type {HTMLInputElement} */ (
      h("input", { type: "radio", class: "checkbox", name: "mode", value: mode })
    );
    radio.checked = mode === "now";
    return { mode, radio, element: choiceLine(radio, label, hint) };
  });
  const reason = /** @type {HTMLInputElement} */ (
    h("input", { class: "input", maxlength: REASON_LIMIT, id: "stop-reason" })
  );
  const what = jobs.length === 1 ? "this run" : plural(jobs.length, "run");
  confirmDialog({
    title: `Stop ${what}?`,
    body: [
      h("p", {}, "Finished tests are kept, and a stopped run can be resumed."),
      nameList(jobs.map((job) => job.run_id ?? job.id)),
      h(
        "fieldset",
        { class: "field" },
        h("legend", {}, "When"),
        ...choices.map((each) => each.element),
      ),
      h(
        "div",
        { class: "field" },
        h("label", { for: "stop-reason" }, "Reason, kept with the run"),
        reason,
      ),
    ],
    action: `Stop ${what}`,
    busy: "Stopping…",
    done,
    async run() {
      const mode = choices.find(({ radio }) => radio.checked)?.mode ?? "now";
      const which = all ? { all: true } : { ids: jobs.map((job) => job.id) };
      const answer = await api.stopMany({
        ...which,
        mode,
        reason: reason.value.trim() || undefined,
      });
      const unknown = answer.jobs.filter((job) => job.reason === "not_found");
      if (unknown.length > 0) {
        const ids = unknown.map((job) => job.id).join(", ");
        throw new Error(`The server does not know ${ids}.`);
      }
      announce(`${plural(answer.jobs.length, "run")} asked to stop`);
    },
  });
}

/** @param {HTMLElement} radio @param {string} label @param {string} hint */
function choiceLine(radio, label, hint) {
  return h(
    "label",
    { class: "choice" },
    radio,
    h("span", {}, h("span", { class: "choice-label" }, label), h("span", { class: "hint" }, hint)),
  );
}
