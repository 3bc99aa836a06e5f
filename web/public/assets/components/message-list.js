// Messages as a conversation: who said what, and the tools that were called on the way.

import { h } from "../dom.js";
import { textOf } from "../state/evaluation.js";
import { formatDuration, plural } from "../state/format.js";
import { longText } from "./long-text.js";

/** @typedef {import("../state/evaluation.js").MessageView} MessageView */

/** Calls of one message that are listed; a longer list is cut with a note. */
const CALL_LIMIT = 200;

/** @param {MessageView[]} messages */
export function messageList(messages) {
  return h("ol", { class: "messages" }, ...messages.map(messageItem));
}

/** @param {MessageView} message */
function messageItem({ role, text, calls }) {
  const rest = calls.length - CALL_LIMIT;
  return h(
    "li",
    { class: `message message-${known(role)}` },
    h("span", { class: "message-role" }, role),
    text.trim() ? longText(text) : null,
    calls.length > 0
      ? h("ul", { class: "tool-calls" }, ...calls.slice(0, CALL_LIMIT).map(callItem))
      : null,
    rest > 0
      ? h("p", { class: "muted" }, `${plural(rest, "further tool call")} in the transcript`)
      : null,
  );
}

/** @param {string} role */
function known(role) {
  return ["user", "assistant", "system", "tool"].includes(role) ? role : "other";
}

/** @param {ToolCall} call */
function callItem(call) {
  const took = call.duration_ms ?? call.durationMs;
  const summary = h(
    "summary",
    {},
    h("span", { class: "tool-name" }, call.tool),
    h("span", { class: "mono muted truncate" }, brief(call.input)),
    took == null ? null : h("span", { class: "muted" }, formatDuration(took)),
  );
  return h(
    "li",
    {},
    h(
      "details",
      { class: "tool-call" },
      summary,
      call.input === undefined ? null : part("Input", call.input),
      call.output === undefined ? null : part("Output", call.output),
    ),
  );
}

/** @param {string} name @param {unknown} value */
function part(name, value) {
  return h("div", {}, h("span", { class: "eyebrow" }, name), longText(textOf(value)));
}

/**
 * The first words of a call's input.
 * @param {unknown} input
 */
function brief(input) {
  if (input == null) return "";
  if (typeof input === "string") return input.slice(0, 160);
  const values = Object.values(/** @type {Record<string, unknown>} */ (input));
  const text = values.find((value) => typeof value === "string") ?? JSON.stringify(input);
  return String(text).slice(0, 160);
}
