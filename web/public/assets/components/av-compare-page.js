// `/compare?runs=a,b`: the tests of some runs side by side, what changed first.

import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { api } from "../net/api.js";
import { at, replaceQuery, runPath } from "../router.js";
import { sideBySide } from "../state/analytics.js";
import { formatPercent, formatScore, formatTime, plural } from "../state/format.js";
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

/** @extends {ResourcePage<Comparison>} */
class ComparePage extends ResourcePage {
  #ids = (new URLSearchParams(location.search).get("runs") ?? "").split(",").filter(Boolean);
  #onlyChanged = new URLSearchParams(location.search).get("changed") === "1";
  #body = h("div");

  build() {
    setTitle("Compare");
    this.content.append(this.#body);
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

  request() {
    return api.compare({});
  }

  /** @param {Comparison} data */
  render(data) {
    const runs = this.#ids.flatMap((id) => data.runs.filter((run) => run.run_id === id));
    if (runs.length < 2) {
      fill(
        this.#body,
        messageBox({
          heading: "Choose two runs or more",
          text: "They are chosen on the analytics page, run by run.",
          symbol: "question",
          actions: [
            h(
              "a",
              { class: "button primary", href: `${at("/analytics")}?view=runs` },
              "Choose runs",
            ),
          ],
        }),
      );
      return;
    }
    const lines = sideBySide(runs);
    const changed = lines.filter(({ change }) => change !== "same");
    const shown = this.#onlyChanged ? changed : lines;
    fill(
      this.#body,
      h(
        "div",
        { class: "section-head" },
        h("h2", {}, `${plural(changed.length, "test")} of ${lines.length} changed`),
        h(
          "button",
          {
            class: "chip",
            type: "button",
            "aria-pressed": String(this.#onlyChanged),
            onclick: () => this.#toggle(data),
          },
          "Only what changed",
        ),
      ),
      h(
        "div",
        { class: "table-frame grid-frame", tabindex: "0", role: "region", "aria-label": "Tests" },
        h(
          "table",
          { class: "grid compare" },
          h("caption", { class: "visually-hidden" }, "Tests by run"),
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              h("th", { scope: "col" }, "Test"),
              ...runs.map(runHead),
              h("th", { scope: "col" }, "Change"),
            ),
          ),
          h("tbody", {}, ...shown.map(lineRow)),
        ),
      ),
    );
  }

  /** @param {Comparison} data */
  #toggle(data) {
    this.#onlyChanged = !this.#onlyChanged;
    replaceQuery({ changed: this.#onlyChanged ? "1" : null });
    this.render(data);
  }
}

/** @param {ComparedRun} run */
function runHead(run) {
  return h(
    "th",
    { scope: "col" },
    h("a", { href: runPath(run.run_id) }, `${run.target} · ${run.experiment}`),
    h("span", { class: "muted" }, formatTime(run.started_at)),
    h("span", {}, `${formatPercent(run.pass_rate)} of ${run.eval_count}`),
  );
}

/** @param {ReturnType<typeof sideBySide>[number]} line */
function lineRow({ test, results, change }) {
  const look = CHANGES[change];
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, test),
    ...results.map((result) =>
      h(
        "td",
        {},
        result
          ? h(
              "span",
              { class: "compare-cell" },
              resultBadge(result.execution_status ?? (result.passed ? "ok" : "quality_failure")),
              h("span", { class: "muted" }, formatScore(result.score)),
            )
          : h("span", { class: "muted" }, "not run"),
      ),
    ),
    h("td", {}, h("span", { class: `badge tone-${look.tone}` }, look.label)),
  );
}

customElements.define("av-compare-page", ComparePage);
