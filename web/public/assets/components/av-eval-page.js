// `/evals/:run/:test`: what a test was asked, what came back, how it was judged, and what it took.

import { fill, h, setAttribute, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { api } from "../net/api.js";
import { live } from "../net/live.js";
import { evalPath, replaceQuery, runPath } from "../router.js";
import { gradersOf, messagesOf, tokensText, toolCallCount } from "../state/evaluation.js";
import { formatCost, formatDuration, formatScore, formatTime, plural } from "../state/format.js";
import { RESULTS } from "../state/phase.js";
import "./av-feedback.js";
import "./av-run-dialog.js";
import "./av-run-files.js";
import { resultBadge } from "./av-status.js";
import { graderList } from "./grader-list.js";
import { longText } from "./long-text.js";
import { messageList } from "./message-list.js";
import { neighbours } from "./neighbours.js";
import { ResourcePage } from "./resource-page.js";
import { figure } from "./run-figures.js";
import { setTitle } from "./title.js";

/** @extends {ResourcePage<EvalDetail>} */
class EvalPage extends ResourcePage {
  #run = "";
  #test = "";
  #heading = h("h1", { tabindex: "-1" });
  #badge = resultBadge("ok");
  #meta = h("p", { class: "meta" });
  #dialog = /** @type {import("./av-run-dialog.js").RunDialog} */ (h("av-run-dialog"));
  #again = h(
    "button",
    { class: "button", type: "button", hidden: true, onclick: () => this.#runAgain() },
    icon("play"),
    "Run this test…",
  );
  #targets = h("nav", { class: "chips", "aria-label": "Targets", hidden: true });
  #tiles = h("dl", { class: "tiles" });
  #sections = h("div", { class: "eval-sections" });
  #files = /** @type {import("./av-run-files.js").RunFiles} */ (h("av-run-files"));
  #feedback = /** @type {import("./av-feedback.js").Feedback} */ (h("av-feedback"));
  #feedbackBox = section("Feedback", this.#feedback);
  #filesOpen = false;
  #drawn = "";
  #beside = neighbours();
  /** @type {string[]} */
  #runTargets = [];

  build() {
    this.#run = this.dataset.run ?? "";
    this.#test = this.dataset.test ?? "";
    setText(this.#heading, this.#test);
    setTitle(this.#test);
    const files = h(
      "details",
      { class: "card", open: fileOfQuery() !== null, ontoggle: () => this.#openFiles() },
      h("summary", {}, h("h2", {}, "Files")),
      this.#files,
    );
    this.content.append(this.#targets, this.#tiles, this.#sections, files, this.#feedbackBox);
    this.frame(
      h(
        "div",
        { class: "page-way" },
        h("a", { class: "back-link", href: runPath(this.#run) }, icon("back"), "Back to the run"),
        this.#beside.element,
      ),
      h(
        "div",
        { class: "page-head" },
        h(
          "div",
          { class: "page-title" },
          h("div", { class: "title-line" }, this.#heading, this.#badge),
          this.#meta,
        ),
        h("div", { class: "actions" }, this.#again),
      ),
      this.#dialog,
    );
    show(this.#badge, false);
  }

  start() {
    super.start();
    this.#feedback.open(this.#test);
    const permit = () => {
      const readOnly = live.project.config.read_only === true;
      show(this.#feedbackBox, live.project.loaded && !readOnly);
      show(this.#again, live.project.loaded && !readOnly && this.resource.data !== null);
    };
    this.own(live.subscribe((change) => change.kind === "project" && permit()));
    permit();
  }

  /** @returns {Promise<EvalDetail>} */
  async request() {
    const query = new URLSearchParams(location.search);
    const which = { target: query.get("target"), eval_file: query.get("eval_file") };
    const answer = await api.evaluation(this.#run, this.#test, which);
    const result = answer.eval;
    const repeated = typeof result.attempts === "number" && result.attempts > 1;
    const all = repeated ? await api.attempts(this.#run, this.#test, which) : { attempts: [] };
    // The stream does not bring old runs; their targets are asked for.
    const known = live.project.runs.get(this.#run);
    this.#runTargets = (known ?? (await api.runHead(this.#run)).run)?.targets ?? [];
    return { answer, eval: result, attempts: all.attempts.slice(0, -1) };
  }

  /** @param {StreamEvent} event */
  isStale({ name, data }) {
    if (name === "row") return data.run_id === this.#run && data.test_id === this.#test;
    return name === "run" && (data.run?.filename ?? data.run_id) === this.#run && !data.run?.live;
  }

  missing() {
    return {
      heading: "No result of this test",
      text: `The run ${this.#run} has no result of ${this.#test}. If it is still to come, it appears here by itself.`,
    };
  }

  /** @param {EvalDetail} detail */
  render(detail) {
    // What is open, selected or scrolled to stays so while the result is the same.
    const drawn = JSON.stringify(detail);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const result = detail.eval;
    const status = result.executionStatus ?? "ok";
    this.#beside.show(this.#run, detail.answer);
    this.#badge.result = status;
    show(this.#badge, true);
    show(this.#again, live.project.config.read_only !== true);
    setTitle(RESULTS[status].label, this.#test);
    fill(this.#meta, ...metaOf(result, this.#run));
    this.#fillTargets(detail);
    fill(this.#tiles, ...tilesOf(result, detail.attempts.length));
    this.#tiles.firstElementChild?.classList.add("tile-main");
    fill(this.#sections, ...sectionsOf(detail));
  }

  /** @param {EvalDetail} detail */
  #fillTargets({ eval: result }) {
    const targets = live.project.runs.get(this.#run)?.targets ?? this.#runTargets;
    show(this.#targets, targets.length > 1);
    const here = result.requestedTarget ?? result.target;
    const links = targets.map((target) => {
      const which = { test_id: this.#test, target, eval_file: result.evalFile };
      const link = h("a", { class: "chip", href: evalPath(this.#run, which) }, target);
      setAttribute(link, "aria-current", target === here ? "page" : null);
      return link;
    });
    fill(this.#targets, h("span", { class: "muted" }, "Target"), ...links);
  }

  #openFiles() {
    if (this.#filesOpen) return;
    this.#filesOpen = true;
    this.#files.onchosen = (path) => replaceQuery({ file: path });
    this.#files.open(this.#run, this.#test, fileOfQuery());
  }

  #runAgain() {
    const result = this.resource.data?.eval;
    if (!result) return;
    this.#dialog.open({
      files: [],
      pattern: result.evalFile ?? "",
      target: result.requestedTarget ?? result.target ?? "",
      testIDs: [this.#test],
      threshold: Number.NaN,
      workers: Number.NaN,
      dryRun: false,
    });
  }
}

/** The file that the address names. */
function fileOfQuery() {
  return new URLSearchParams(location.search).get("file");
}

/** @param {EvalResult} result @param {string} run */
function metaOf(result, run) {
  return [
    h("span", { class: "mono" }, run),
    result.target ? h("span", {}, "target ", result.target) : null,
    result.suite ? h("span", {}, "suite ", result.suite) : null,
    result.evalFile ? h("span", { class: "mono" }, result.evalFile) : null,
    result.timestamp ? h("span", {}, formatTime(result.timestamp)) : null,
  ];
}

/** @param {EvalResult} result @param {number} earlier */
function tilesOf(result, earlier) {
  const tokens = tokensText(result.tokenUsage);
  const calls = toolCallCount(result);
  const tile = (/** @type {string} */ name, /** @type {string} */ value) =>
    figure(name, h("span", {}, value));
  const wideTile = (/** @type {string} */ name, /** @type {string} */ value) => {
    const element = tile(name, value);
    element.classList.add("tile-wide");
    return element;
  };
  const isError = result.executionStatus === "execution_error";
  return [
    tile("Score", isError ? "–" : formatScore(result.score)),
    tile("Time", formatDuration(result.durationMs)),
    result.costUsd ? tile("Cost", formatCost(result.costUsd)) : null,
    tokens ? wideTile("Tokens", tokens) : null,
    calls > 0 ? tile("Tool calls", String(calls)) : null,
    earlier > 0 ? tile("Attempts", String(earlier + 1)) : null,
  ].filter((each) => each !== null);
}

/** @param {EvalDetail} detail */
function sectionsOf({ eval: result, attempts }) {
  const graders = gradersOf(result);
  const asked = messagesOf(result.input, "user");
  const answered = messagesOf(result.output, "assistant");
  return [
    h(
      "div",
      { class: "eval-column" },
      result.error ? section("Error", longText(result.error, "warn")) : null,
      graders.length > 0 ? section("How it was judged", graderList(graders)) : null,
      asked.length > 0 ? section("Prompt", messageList(asked)) : null,
    ),
    h(
      "div",
      { class: "eval-column" },
      answered.length > 0 ? section("Answer", messageList(answered)) : null,
      attempts.length > 0 ? section("Earlier attempts", attemptList(attempts)) : null,
    ),
  ];
}

/** @param {EvalResult[]} attempts */
function attemptList(attempts) {
  return h(
    "ol",
    { class: "attempts" },
    ...attempts.map((attempt) =>
      h(
        "li",
        {},
        h(
          "details",
          {},
          h(
            "summary",
            {},
            resultBadge(attempt.executionStatus ?? "ok"),
            ` ${formatTime(attempt.timestamp)} · ${formatDuration(attempt.durationMs)}`,
          ),
          attempt.error ? longText(attempt.error, "warn") : null,
          graderList(gradersOf(attempt)),
          messageList(messagesOf(attempt.output, "assistant")),
        ),
      ),
    ),
    h("li", { class: "muted" }, plural(attempts.length, "result"), " replaced by the one above"),
  );
}

/** @param {string} heading @param {Node} content */
function section(heading, content) {
  return h("section", { class: "card eval-section" }, h("h2", {}, heading), content);
}

customElements.define("av-eval-page", EvalPage);
