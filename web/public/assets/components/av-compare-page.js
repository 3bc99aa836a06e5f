// `/compare?runs=a,b`: the tests of some runs side by side, what changed first.

import { fill, h, setAttribute, setText, show } from "../dom.js";
import { withEdges } from "../edges.js";
import { icon } from "../icons.js";
import { ApiError, api } from "../net/api.js";
import { at, evalPath, replaceQuery, runPath } from "../router.js";
import { changeLine, comparedRun, sideBySide } from "../state/analytics.js";
import {
  formatPercent,
  formatScore,
  formatScoreChange,
  formatTime,
  plural,
} from "../state/format.js";
import { resultBadge } from "./av-status.js";
import { messageBox } from "./message-box.js";
import { ResourcePage } from "./resource-page.js";
import { setTitle } from "./title.js";

/** @type {Record<import("../state/analytics.js").Change, { label: string, tone: string }>} */
const CHANGES = {
  worse: { label: "Worse", tone: "bad" },
  better: { label: "Better", tone: "ok" },
  new: { label: "New", tone: "info" },
  gone: { label: "Gone", tone: "warn" },
  differs: { label: "Differs", tone: "neutral" },
  same: { label: "Same", tone: "neutral" },
};

/** Lines drawn at first, and with every "Show more". */
const CHUNK = 500;

/** @typedef {{ runs: ComparedRun[], missing: string[] }} Data */

/** @extends {ResourcePage<Data>} */
class ComparePage extends ResourcePage {
  #ids = (new URLSearchParams(location.search).get("runs") ?? "").split(",").filter(Boolean);
  #onlyChanged = new URLSearchParams(location.search).get("changed") === "1";
  #limit = CHUNK;
  #heading = h("h2");
  #toggleButton = h(
    "button",
    { class: "chip", type: "button", onclick: () => this.#toggle() },
    "Only what changed",
  );
  #missing = h("p", { class: "notice tone-warn", hidden: true });
  #head = h("thead");
  #rows = h("tbody");
  #more = h(
    "button",
    { class: "button", type: "button", hidden: true, onclick: () => this.#showMore() },
    "Show more",
  );
  #comparison = h(
    "div",
    { hidden: true },
    h("div", { class: "section-head" }, this.#heading, this.#toggleButton),
    withEdges(
      h(
        "div",
        { class: "table-frame grid-frame", tabindex: "0", role: "region", "aria-label": "Tests" },
        h(
          "table",
          { class: "grid compare" },
          h("caption", { class: "visually-hidden" }, "Tests by run, the oldest run first"),
          this.#head,
          this.#rows,
        ),
      ),
    ),
    h("div", { class: "table-more" }, this.#more),
  );
  #nothing = h("div", { hidden: true });

  build() {
    setTitle("Compare");
    this.content.append(this.#missing, this.#comparison, this.#nothing);
    fill(this.#nothing, nothingBox());
    this.frame(
      h(
        "a",
        { class: "back-link", href: `${at("/analytics")}?view=runs` },
        icon("back"),
        "Choose runs",
      ),
      h("div", { class: "page-head" }, h("h1", { tabindex: "-1" }, "Compare runs")),
    );
  }

  /** All tests of each run; one that is gone does not keep the others from being compared. */
  async request() {
    const answers = await Promise.allSettled(this.#ids.map((id) => api.runResults(id)));
    const isMatrix = answers.some(
      (answer) => answer.status === "fulfilled" && (answer.value.run?.targets?.length ?? 0) > 1,
    );
    /** @type {Data} */
    const data = { runs: [], missing: [] };
    answers.forEach((answer, index) => {
      const id = this.#ids[index];
      if (answer.status === "fulfilled") data.runs.push(comparedRun(id, answer.value, isMatrix));
      else if (answer.reason instanceof ApiError && answer.reason.status === 404)
        data.missing.push(id);
      else throw answer.reason;
    });
    data.runs.sort((a, b) => a.started_at.localeCompare(b.started_at));
    return data;
  }

  /** @param {StreamEvent} event */
  isStale({ name, data }) {
    return name === "run" && this.#ids.includes(data.run?.filename ?? data.run_id);
  }

  /** @param {Data} data */
  render({ runs, missing }) {
    show(this.#missing, missing.length > 0);
    setText(this.#missing, `Not in this project any more: ${missing.join(", ")}.`);
    show(this.#nothing, runs.length < 2);
    show(this.#comparison, runs.length > 1);
    if (runs.length < 2) return;
    const lines = sideBySide(runs);
    const changed = lines.filter(({ change }) => change !== "same");
    const found = this.#onlyChanged ? changed : lines;
    const shown = found.slice(0, this.#limit);
    setText(this.#heading, changeLine(lines));
    setAttribute(this.#toggleButton, "aria-pressed", String(this.#onlyChanged));
    fill(
      this.#head,
      h(
        "tr",
        {},
        h("th", { scope: "col" }, "Test"),
        ...runs.map(runHead),
        h("th", { scope: "col" }, "Change"),
      ),
    );
    fill(this.#rows, ...shown.map((line) => lineRow(line, runs)));
    show(this.#more, found.length > shown.length);
    setText(this.#more, `Show more (${plural(found.length - shown.length, "test")} left)`);
  }

  #showMore() {
    this.#limit += CHUNK;
    if (this.resource.data) this.render(this.resource.data);
  }

  #toggle() {
    this.#onlyChanged = !this.#onlyChanged;
    replaceQuery({ changed: this.#onlyChanged ? "1" : null });
    if (this.resource.data) this.render(this.resource.data);
  }
}

function nothingBox() {
  return messageBox({
    heading: "Choose two runs or more",
    text: "They are chosen on the analytics page, run by run, or in the list of runs.",
    symbol: "question",
    actions: [
      h("a", { class: "button primary", href: `${at("/analytics")}?view=runs` }, "Choose runs"),
    ],
  });
}

/** @param {ComparedRun} run */
function runHead(run) {
  const name = `${run.target} · ${run.experiment}`;
  return h(
    "th",
    { scope: "col" },
    h("a", { href: runPath(run.run_id), title: name }, name),
    h("span", { class: "muted" }, formatTime(run.started_at)),
    h("span", {}, `${formatPercent(run.pass_rate)} of ${plural(run.eval_count, "test")} passed`),
  );
}

/** @param {ReturnType<typeof sideBySide>[number]} line @param {ComparedRun[]} runs */
function lineRow({ test, results, change, delta }, runs) {
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, test),
    ...results.map((result, index) =>
      h(
        "td",
        {},
        result
          ? h(
              "a",
              {
                class: "compare-cell",
                href: evalPath(runs[index].run_id, result.at ?? { test_id: test }),
              },
              resultBadge(result.execution_status ?? (result.passed ? "ok" : "quality_failure")),
              h("span", { class: "muted" }, formatScore(result.score)),
            )
          : h("span", { class: "muted" }, "not run"),
      ),
    ),
    h("td", {}, changeCell(change, delta)),
  );
}

/** @param {import("../state/analytics.js").Change} change @param {number | null} delta */
function changeCell(change, delta) {
  const { label, tone } = CHANGES[change];
  const badge = (/** @type {(Node | string)[]} */ ...text) =>
    h("span", { class: `badge tone-${tone}` }, ...text);
  // Runs in between may differ from two that are alike.
  if (delta === null || Math.abs(delta) < 0.005) return badge(label);
  const signed = formatScoreChange(delta);
  // The word is the number.
  if (change === "differs") return badge(h("span", { class: "visually-hidden" }, "Score "), signed);
  return h(
    "span",
    { class: "compare-change" },
    badge(label),
    h("span", { class: "muted" }, signed),
  );
}

customElements.define("av-compare-page", ComparePage);
