// Targets × experiments: pass rate and mean score of each cell, its tests on request.

import { fill, h, setAttribute } from "../dom.js";
import { withEdges } from "../edges.js";
import { formatChange, formatPercent, formatScore, rateTone } from "../state/format.js";
import { resultBadge } from "./av-status.js";

/** @param {ComparedCell} cell */
const nameOf = ({ target, experiment }) => `${target} · ${experiment}`;

/**
 * @param {Comparison} data
 * @param {{ open: string, choose: (cell: string) => void }} state
 *   the name of the cell whose tests are shown, and who is told of another one
 */
export function comparisonMatrix(data, state) {
  const detail = h("div", { class: "matrix-detail", "aria-live": "polite" });
  /** @type {HTMLElement | null} */
  let open = null;
  /** @param {ComparedCell} cell @param {HTMLElement} button */
  const choose = (cell, button) => {
    if (open) setAttribute(open, "aria-expanded", "false");
    const isSame = open === button;
    open = isSame ? null : button;
    state.choose(isSame ? "" : nameOf(cell));
    if (isSame) fill(detail);
    else {
      setAttribute(button, "aria-expanded", "true");
      fill(detail, cellTests(cell));
    }
  };
  /** @param {ComparedCell} cell */
  const drawn = (cell) => {
    const button = cellButton(cell, choose);
    if (nameOf(cell) !== state.open) return button;
    open = button;
    setAttribute(button, "aria-expanded", "true");
    fill(detail, cellTests(cell));
    return button;
  };
  const section = h(
    "section",
    { class: "card" },
    h("h2", {}, "Pass rate"),
    withEdges(
      h(
        "div",
        { class: "grid-frame", tabindex: "0", role: "region", "aria-label": "Pass rates" },
        h(
          "table",
          { class: "grid matrix" },
          h("caption", { class: "visually-hidden" }, "Pass rate by target and experiment"),
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              h("th", { scope: "col" }, "Target"),
              ...data.experiments.map((name) => h("th", { scope: "col", title: name }, name)),
            ),
          ),
          h(
            "tbody",
            {},
            ...data.targets.map((target) =>
              h(
                "tr",
                {},
                h("th", { scope: "row" }, target),
                ...data.experiments.map((experiment) => {
                  const cell = data.cells.find(
                    (each) => each.target === target && each.experiment === experiment,
                  );
                  return h("td", {}, cell ? drawn(cell) : h("span", { class: "muted" }, "–"));
                }),
              ),
            ),
          ),
        ),
      ),
    ),
    detail,
  );
  section.style.setProperty("--columns", String(data.experiments.length));
  return section;
}

/** @param {ComparedCell} cell @param {(cell: ComparedCell, button: HTMLElement) => void} choose */
function cellButton(cell, choose) {
  const change =
    cell.delta == null
      ? null
      : h("span", { title: "Change of the mean score" }, formatChange(cell.delta));
  const button = h(
    "button",
    {
      class: `matrix-cell tone-${rateTone(cell.pass_rate)}`,
      type: "button",
      "aria-expanded": "false",
      onclick: () => choose(cell, button),
    },
    h("strong", {}, formatPercent(cell.pass_rate)),
    h(
      "span",
      {},
      `${cell.passed_count}/${cell.eval_count}`,
      h("span", { class: "unit" }, " passed"),
    ),
    h("span", {}, `mean ${formatScore(cell.avg_score)}`),
    change,
  );
  return button;
}

/** @param {ComparedCell} cell */
function cellTests(cell) {
  return h(
    "div",
    {},
    h("h3", {}, nameOf(cell)),
    h(
      "ul",
      { class: "group-list" },
      ...cell.tests.map((test) =>
        h(
          "li",
          {},
          resultBadge(test.execution_status ?? (test.passed ? "ok" : "quality_failure")),
          h("span", {}, test.test_id),
          h("span", { class: "muted" }, formatScore(test.score)),
        ),
      ),
    ),
  );
}
