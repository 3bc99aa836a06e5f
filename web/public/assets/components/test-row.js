// One finished test as table rows: the result, and its details when asked for.

import { fill, h, setAttribute } from "../dom.js";
import { icon } from "../icons.js";
import { api, errorText } from "../net/api.js";
import { evalPath } from "../router.js";
import { formatCost, formatDuration, formatScore } from "../state/format.js";
import { itemKey } from "../state/row-store.js";
import { resultBadge } from "./av-status.js";
import { testDetail } from "./test-detail.js";

/**
 * `run` is where its details are, once it is known; `slot` is its place in its store; the key is made
 * when it is needed.
 * @typedef {{ key: string | null, slot: number, row: Row, attempts: number, run?: string | null,
 *   suite?: string | null, category?: string | null }} TestItem
 * @typedef {{ item: TestItem, expanded: boolean, open: Set<string>, changed: () => void,
 *   detail: HTMLElement, asked: number }} RowState
 * `asked` counts how often its details were asked for: the last answer is shown.
 */

/** @type {WeakMap<HTMLElement, RowState>} */
const states = new WeakMap();

/**
 * @param {TestItem} item
 * @param {Set<string>} open  keys of the tests whose details are shown
 * @param {() => void} changed  called when there are others
 */
export function createTestRow(item, open, changed) {
  const line = h("tr", { class: "test-row" });
  const expanded = open.has(itemKey(item));
  states.set(line, { expanded, item, open, changed, detail: h("div"), asked: 0 });
  setAttribute(line, "data-expanded", expanded);
  draw(line, item);
  return line;
}

/** @param {HTMLElement} line @param {TestItem} item */
export function updateTestRow(line, item) {
  const state = states.get(line);
  if (!state) return;
  const isSame = JSON.stringify(shownOf(state.item)) === JSON.stringify(shownOf(item));
  state.item = item;
  // A run is fetched again now and then; who reads or stands in a row is not disturbed by that.
  if (isSame) return;
  const hadFocus = line.contains(document.activeElement);
  draw(line, item);
  if (hadFocus) /** @type {HTMLElement | null} */ (line.querySelector(".disclosure"))?.focus();
}

/**
 * What of a test a row depends on.
 * @param {TestItem} item
 */
function shownOf({ row, attempts, run }) {
  const { execution_status, score, duration_ms, cost_usd, error, test_id, target } = row;
  const shown = [execution_status, score, duration_ms, cost_usd, error, test_id, target];
  return [attempts, run, ...shown.map((value) => value ?? null)];
}

/** @param {HTMLElement} line @param {TestItem} item */
function draw(line, item) {
  const state = states.get(line);
  if (!state) return;
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
  if (state.expanded) load(state);
}

/** @param {string} label @param {string} text @param {string} className */
function cell(label, text, className) {
  return h("td", { class: className, "data-label": label, "data-empty": text === "–" }, text);
}

/** @param {HTMLElement} line @param {RowState} state */
function nameCell(line, state) {
  const { row, attempts, run } = state.item;
  const name = run
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
  return [name, tries, state.expanded ? state.detail : error];
}

/** @param {HTMLElement} line @param {RowState} state */
function toggle(line, state) {
  state.expanded = !state.expanded;
  const key = itemKey(state.item);
  if (state.expanded) state.open.add(key);
  else state.open.delete(key);
  state.changed();
  if (state.expanded) load(state);
  const cellNode = line.querySelector(".col-test");
  if (cellNode) fill(cellNode, ...nameCell(line, state));
  setAttribute(line, "data-expanded", state.expanded);
  const button = line.querySelector(".disclosure");
  if (button instanceof HTMLElement) button.focus();
}

/**
 * Prompts, answers and checks are asked for when somebody wants to see them.
 * @param {RowState} state
 */
async function load(state) {
  const { run, row } = state.item;
  if (!run) return;
  const { detail } = state;
  state.asked += 1;
  const { asked } = state;
  if (!detail.firstChild) fill(detail, h("p", { class: "muted", role: "status" }, "Loading…"));
  const which = { target: row.requested_target ?? row.target, eval_file: row.eval_file };
  try {
    const { eval: result } = await api.evaluation(run, row.test_id, which);
    if (asked === state.asked) fill(detail, testDetail(result, evalPath(run, row)));
  } catch (error) {
    if (asked === state.asked) fill(detail, h("p", { class: "inline-error" }, errorText(error)));
  }
}
