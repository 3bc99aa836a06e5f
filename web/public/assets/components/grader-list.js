// The graders of a result: score, verdict, what each checked and why.

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { formatScore } from "../state/format.js";
import { longText } from "./long-text.js";
import { rateCell } from "./table-cells.js";

/** @typedef {import("../state/evaluation.js").GraderView} GraderView */

/** @param {GraderView[]} graders */
export function graderList(graders) {
  return h("div", { class: "graders" }, ...graders.map(graderCard));
}

/** @type {Record<string, { label: string, tone: string, icon: string }>} */
const VERDICTS = {
  pass: { label: "Passed", tone: "ok", icon: "check" },
  fail: { label: "Failed", tone: "bad", icon: "cross" },
  skip: { label: "Not judged", tone: "warn", icon: "question" },
};

/** @param {GraderView} grader */
function graderCard(grader) {
  const verdict = grader.verdict ? VERDICTS[grader.verdict] : null;
  const weight = grader.weight != null && grader.weight !== 1 ? `weight ${grader.weight}` : null;
  return h(
    "section",
    { class: "grader" },
    h(
      "div",
      { class: "grader-head" },
      h("h3", {}, grader.name),
      grader.type && grader.type !== grader.name
        ? h("span", { class: "chip chip-quiet" }, grader.type)
        : null,
      weight ? h("span", { class: "muted" }, weight) : null,
      h(
        "span",
        { class: "grader-verdict" },
        grader.score == null ? null : scoreOf(grader.score),
        verdict
          ? h("span", { class: `badge tone-${verdict.tone}` }, icon(verdict.icon), verdict.label)
          : null,
      ),
    ),
    grader.assertions.length > 0
      ? h("ul", { class: "assertions" }, ...grader.assertions.map(assertionItem))
      : h("p", { class: "muted" }, "It gave no reasons."),
    grader.details == null
      ? null
      : h(
          "details",
          {},
          h("summary", {}, "Details"),
          longText(JSON.stringify(grader.details, null, 2)),
        ),
  );
}

/** @param {number} score */
function scoreOf(score) {
  return h("span", { title: `Score ${formatScore(score)}` }, rateCell(score));
}

/** @param {AssertionResult} assertion */
export function assertionItem({ passed, text, evidence }) {
  return h(
    "li",
    { class: `assertion tone-${passed ? "ok" : "bad"}` },
    icon(passed ? "check" : "cross"),
    h("span", { class: "visually-hidden" }, passed ? "Passed: " : "Failed: "),
    h("span", {}, text, evidence ? h("span", { class: "muted evidence" }, evidence) : null),
  );
}
