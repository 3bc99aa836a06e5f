// Empty, loading and error states.

import { h } from "../dom.js";
import { icon } from "../icons.js";

/**
 * A centred card that says what is the case and what to do next.
 * @param {{ heading: string, text?: string | Node, level?: "h1" | "h2" | "h3", tone?: "bad",
 *   symbol?: string, actions?: Node[] }} message
 */
export function messageBox({ heading, text, level = "h2", tone, symbol, actions = [] }) {
  return h(
    "div",
    {
      class: `message-box${tone ? ` tone-${tone}` : ""}`,
      role: tone === "bad" ? "alert" : null,
    },
    symbol ? h("span", { class: "message-symbol" }, icon(symbol)) : null,
    h(level, { class: "message-heading", tabindex: level === "h1" ? "-1" : null }, heading),
    text ? h("p", {}, text) : null,
    actions.length > 0 ? h("div", { class: "actions" }, ...actions) : null,
  );
}

/**
 * Grey bars in place of content that is on its way.
 * @param {number} lines
 */
export function skeleton(lines) {
  const bars = Array.from({ length: lines }, () => h("div", { class: "skeleton-line" }));
  return h(
    "div",
    { class: "skeleton", role: "status" },
    h("span", { class: "visually-hidden" }, "Loading…"),
    ...bars,
  );
}
