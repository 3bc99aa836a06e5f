// A job that the server does not have.

import { h } from "../dom.js";
import { runsPath } from "../router.js";
import { messageBox } from "./message-box.js";

/** @param {string} id */
export function missingJob(id) {
  return messageBox({
    heading: "Job not found",
    level: "h1",
    text: `The server does not know the job “${id}”. Its results, if it had any, are among the runs.`,
    symbol: "question",
    actions: [h("a", { class: "button primary", href: runsPath() }, "Go to the runs")],
  });
}
