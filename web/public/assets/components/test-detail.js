// What a test was asked, what it answered and how it was judged.

import { h } from "../dom.js";
import { assertionItem } from "./grader-list.js";

/** Longest text shown in place; the files of the run hold the rest. */
const TEXT_LIMIT_CHARS = 4000;

/**
 * @param {EvalResult} result
 * @param {string | null} [href]  of the test's own page
 */
export function testDetail(result, href) {
  const assertions = assertionsOf(result);
  return h(
    "div",
    { class: "test-detail" },
    result.error ? block("Error", h("pre", { class: "text-block tone-warn" }, result.error)) : null,
    assertions.length > 0
      ? block("Checks", h("ul", { class: "assertions" }, ...assertions.map(assertionItem)))
      : null,
    textBlock("Question", result.input),
    textBlock("Answer", result.output),
    result.evalFile
      ? h("p", { class: "muted" }, "From ", h("span", { class: "mono" }, result.evalFile))
      : null,
    href ? h("p", {}, h("a", { href }, "Open this result: transcript, graders, files")) : null,
  );
}

/** @param {EvalResult} result @returns {AssertionResult[]} */
function assertionsOf(result) {
  if (result.assertions && result.assertions.length > 0) return result.assertions;
  return (result.scores ?? []).flatMap((score) => score.assertions ?? []);
}

/** @param {string} heading @param {Node} content */
function block(heading, content) {
  return h("section", {}, h("h3", { class: "eyebrow" }, heading), content);
}

/** @param {string} heading @param {ChatMessage[] | string | undefined} content */
function textBlock(heading, content) {
  const text = plainText(content).trim();
  if (!text) return null;
  const cut = text.length > TEXT_LIMIT_CHARS ? `${text.slice(0, TEXT_LIMIT_CHARS)}…` : text;
  return block(heading, h("pre", { class: "text-block" }, cut));
}

/** @param {unknown} content @returns {string} */
function plainText(content) {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return content == null ? "" : JSON.stringify(content, null, 2);
  const many = content.length > 1;
  return content
    .map((message) => {
      if (typeof message?.text === "string") return message.text;
      const text = plainText(message?.content ?? message?.value);
      return many && message?.role ? `${message.role}: ${text}` : text;
    })
    .join("\n\n");
}
