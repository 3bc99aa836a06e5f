// Runs are removed from the disk only after a question that names them. The lists follow by events.

import { h } from "../dom.js";
import { api, errorText } from "../net/api.js";
import { plural } from "../state/format.js";
import { announce } from "./av-announcer.js";
import { confirmDialog, nameList } from "./confirm-dialog.js";

/**
 * @param {string[]} runs  ids of runs that have ended
 * @param {() => void} [done]
 */
export function deleteDialog(runs, done) {
  const left = new Set(runs);
  const what = runs.length === 1 ? "this run" : plural(runs.length, "run");
  confirmDialog({
    title: `Delete ${what}?`,
    body: [
      nameList(runs),
      h(
        "p",
        {},
        "Results, answers, logs and tags are removed from the disk. This cannot be undone.",
      ),
    ],
    action: runs.length === 1 ? "Delete run" : `Delete ${plural(runs.length, "run")}`,
    busy: "Deleting…",
    danger: true,
    done,
    async run() {
      /** @type {string[]} */
      const refused = [];
      // One after the other: what was refused stays, and is asked for again with the same button.
      for (const run of [...left]) {
        try {
          await api.deleteRun(run);
          left.delete(run);
        } catch (error) {
          refused.push(runs.length === 1 ? errorText(error) : `${run}: ${errorText(error)}`);
        }
      }
      const deleted = runs.length - left.size;
      if (deleted > 0) announce(`${plural(deleted, "run")} deleted`);
      if (refused.length > 0) throw new Error(refused.join(" · "));
    },
  });
}
