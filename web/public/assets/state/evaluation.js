// One result as its page shows it: checks by grader, messages with their tool calls. Pure.

/**
 * @typedef {{ name: string, type: string | null, score: number | null, weight: number | null,
 *   verdict: string | null, assertions: AssertionResult[], details: unknown }} GraderView
 * @typedef {{ role: string, text: string, calls: ToolCall[] }} MessageView
 */

/**
 * The graders with what each checked; checks that belong to none come under "Checks".
 * @param {EvalResult} result
 * @returns {GraderView[]}
 */
export function gradersOf(result) {
  const scores = result.scores ?? [];
  const views = scores.map((score) => ({
    name: score.name,
    type: score.type ?? null,
    score: score.score ?? null,
    weight: score.weight ?? null,
    verdict: score.verdict ?? null,
    assertions: score.assertions ?? [],
    details: score.details ?? null,
  }));
  if (views.some((view) => view.assertions.length > 0)) return views;
  const assertions = result.assertions ?? [];
  if (assertions.length === 0) return views;
  const loose = {
    name: "Checks",
    type: null,
    score: null,
    weight: null,
    verdict: null,
    assertions,
    details: null,
  };
  return [...views, loose];
}

/**
 * @param {ChatMessage[] | string | undefined} content
 * @param {string} role  of a bare text
 * @returns {MessageView[]}
 */
export function messagesOf(content, role) {
  if (content == null) return [];
  if (typeof content === "string") return content ? [{ role, text: content, calls: [] }] : [];
  return content.map((message) => ({
    role: message.role ?? role,
    text: textOf(message.content),
    calls: message.toolCalls ?? message.tool_calls ?? [],
  }));
}

/**
 * The readable text of a message's content: texts as they are, anything else as JSON.
 * @param {unknown} content
 * @returns {string}
 */
export function textOf(content) {
  if (content == null) return "";
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return JSON.stringify(content, null, 2);
  return content
    .map((block) => {
      if (typeof block === "string") return block;
      if (typeof block?.text === "string") return block.text;
      if (typeof block?.value === "string") return block.value;
      return JSON.stringify(block, null, 2);
    })
    .join("\n\n");
}

/** @param {EvalResult} result */
export function toolCallCount(result) {
  return messagesOf(result.output, "assistant").reduce((sum, { calls }) => sum + calls.length, 0);
}

/**
 * `1,204 in · 310 out · 900 cached`; null when no tokens were reported.
 * @param {EvalResult["tokenUsage"]} usage
 */
export function tokensText(usage) {
  if (!usage) return null;
  const parts = [`${count(usage.input)} in`, `${count(usage.output)} out`];
  if (usage.cached) parts.push(`${count(usage.cached)} cached`);
  if (usage.reasoning) parts.push(`${count(usage.reasoning)} reasoning`);
  return parts.join(" · ");
}

/** @param {number | undefined} number */
function count(number) {
  return (number ?? 0).toLocaleString("en");
}
