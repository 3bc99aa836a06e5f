// One finished test as table rows: the result, and its details when asked for.

import { fill, h, setAttribute } from "../dom.js";
import { icon } from "../icons.js";
import { formatCost, formatDuration, formatScore } from "../state/format.js";
import { resultBadge } from "./av-status.js";
import { testDetail } from "./test-detail.js";

/**
 * @typedef {{ key: string, row: Row, attempts: number, result: EvalResult | null }} TestItem
 */

/** @type {WeakMap<HTMLElement, { expanded: boolean, item: TestItem }>} */
const states = new WeakMap();

/** @param {TestItem} item */
export function createTestRow(item) {
  const line = h("tr", { class: "test-row" });
  states.set(line, { expanded: false, item });
  updateTestRow(line, item);
  return line;
}

/** @param {HTMLElement} line @param {TestItem} item */
export function updateTestRow(line, item) {
  const state = states.get(line);
  if (!state) return;
  state.item = item;
  const { row } = item;
  fill(
    line,
    h("td", { class: "col-result" }, resultBadge(row.execution_status)),
    h("td", { class: "col-test" }, ...nameCell(line, state)),
    cell("Target", row.target ?? "–", "col-target"),
    cell("Score", row.execution_status === "execution_error" ? "–" : formatScore(row.score), "num"),
    cell("Time", formatDuration(row.duration_ms), "num"),
    cell("Cost", row.cost_usd ? formatCost(row.cost_usd) : "–", "num"),
  );
}

/** @param {string} label @param {string} text @param {string} className */
function cell(label, text, className) {
  return h("td", { class: className, "data-label": label }, text);
}

/**
 * @param {HTMLElement} line
 * @param {{ expanded: boolean, item: TestItem }} state
 */
function nameCell(line, state) {
  const { row, attempts, result } = state.item;
  const name = result
    ? h(
        "button",
        {
          class: "disclosure",
          type: "button",
          "aria-expanded": String(state.expanded),
          onclick: () => toggle(line, state),
        },
        icon("chevron"),
        row.test_id,
      )
    : h("span", { class: "test-name" }, row.test_id);
  const tries =
    attempts > 1 ? h("span", { class: "chip chip-quiet" }, `${attempts} attempts`) : null;
  const error = row.error ? h("p", { class: "test-error" }, row.error) : null;
  return [name, tries, state.expanded && result ? testDetail(result) : error];
}

/** @param {HTMLElement} line @param {{ expanded: boolean, item: TestItem }} state */
function toggle(line, state) {
  state.expanded = !state.expanded;
  const cellNode = line.querySelector(".col-test");
  if (cellNode) fill(cellNode, ...nameCell(line, state));
  setAttribute(line, "data-expanded", state.expanded);
  const button = line.querySelector(".disclosure");
  if (button instanceof HTMLElement) button.focus();
}
