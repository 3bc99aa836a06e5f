import assert from "node:assert/strict";
import { test } from "node:test";
import { byName, isIn } from "../public/assets/state/breakdown.js";
import { gradersOf, messagesOf, textOf, tokensText } from "../public/assets/state/evaluation.js";
import { GridModel } from "../public/assets/state/grid.js";
import { byExperiment, totals } from "../public/assets/state/groups.js";
import { jobDuration, mergedJobs } from "../public/assets/state/jobs.js";
import { RowStore } from "../public/assets/state/row-store.js";

const item = (test_id, more = {}) => ({
  key: null,
  attempts: 1,
  run: "r",
  row: { test_id, execution_status: "ok", score: 1, target: "t", ...more.row },
  suite: more.suite,
});

test("checks stay with their grader, and those of none are not lost", () => {
  const own = gradersOf({
    scores: [{ name: "a", score: 1, assertions: [{ text: "x", passed: true }] }],
    assertions: [{ text: "x", passed: true }],
  });
  assert.deepEqual(
    own.map((each) => [each.name, each.assertions.length]),
    [["a", 1]],
  );
  const loose = gradersOf({ scores: [{ name: "a", score: 1 }], assertions: [{ text: "x" }] });
  assert.deepEqual(
    loose.map((each) => each.name),
    ["a", "Checks"],
  );
  assert.deepEqual(gradersOf({}), []);
});

test("messages keep their tools in both spellings, and any content becomes text", () => {
  const [first, second] = messagesOf(
    [
      { role: "assistant", content: "hi", tool_calls: [{ tool: "Read" }] },
      { content: [{ type: "text", text: "a" }, { value: "b" }, { odd: 1 }], toolCalls: [] },
    ],
    "assistant",
  );
  assert.deepEqual(first, { role: "assistant", text: "hi", calls: [{ tool: "Read" }] });
  assert.equal(second.text, 'a\n\nb\n\n{\n  "odd": 1\n}');
  assert.equal(textOf(null), "");
  assert.deepEqual(messagesOf(undefined, "user"), []);
});

test("tokens are told as far as they are known", () => {
  assert.equal(tokensText(undefined), null);
  assert.equal(tokensText({ input: 1204, output: 3, cached: 9 }), "1,204 in · 3 out · 9 cached");
});

test("groups count passed, failed and errors, by name", () => {
  const items = [
    item("a", { suite: "z" }),
    item("b", { suite: "y", row: { execution_status: "execution_error" } }),
    item("c", { suite: "z", row: { execution_status: "quality_failure" } }),
  ];
  assert.deepEqual(byName(new RowStore(items).suites), [
    { name: "y", total: 1, passed: 0, failed: 0, errors: 1 },
    { name: "z", total: 2, passed: 1, failed: 1, errors: 0 },
  ]);
  assert.equal(items.filter((each) => isIn(each, { suite: "z" })).length, 2);
  assert.equal(items.filter((each) => isIn(each, {})).length, 3);
});

test("the grid has a cell for each result and each running test", () => {
  const store = new RowStore([item("a")]);
  const grid = new GridModel(store);
  assert.equal(grid.update([]), false, "one target needs no grid");
  store.put(item("a", { row: { target: "u" } }));
  assert.equal(grid.update([{ test_id: "b", target: "u" }]), true);
  assert.deepEqual(grid.targets, ["t", "u"]);
  assert.deepEqual(
    grid.lines.map((line) => [line.test, [...line.cells.keys()]]),
    [
      ["a", ["t", "u"]],
      ["b", ["u"]],
    ],
  );
  assert.equal(grid.lines[1].cells.get("u").state, "running");
  const { version } = grid.lines[0];
  store.put(item("b", { row: { target: "u", execution_status: "quality_failure" } }));
  grid.update([]);
  assert.equal(grid.lines[1].cells.get("u").state, "quality_failure");
  assert.equal(grid.lines[0].version, version, "what did not change is not drawn again");
});

test("a test that was given back is planned again", () => {
  const grid = new GridModel(new RowStore([item("a"), item("b", { row: { target: "u" } })]));
  grid.update([{ test_id: "a", target: "u" }]);
  assert.equal(grid.lines[0].cells.get("u").state, "running");
  grid.update([]);
  assert.equal(grid.lines[0].cells.has("u"), false);
});

test("totals of a group of runs count tests, not runs", () => {
  const runs = [
    { run: { filename: "1", target: "a" }, completed: 3, passRate: 1 },
    { run: { filename: "2", targets: ["a", "b"], experiment: "e" }, completed: 1, passRate: 0 },
  ];
  const sum = totals(runs);
  assert.deepEqual([sum.tests, sum.passed, sum.rate, sum.targets], [4, 3, 0.75, ["a", "b"]]);
  assert.deepEqual(sum.experiments, ["default", "e"]);
  assert.deepEqual(
    byExperiment(runs).map(([name, items]) => [name, items.length]),
    [
      ["default", 1],
      ["e", 1],
    ],
  );
});

test("an event's job replaces the fetched one, and a job took as long as it ran", () => {
  const old = { id: "1", status: "running", started_at: "2026-01-01T00:00:00Z", finished_at: null };
  const done = { ...old, status: "finished", finished_at: "2026-01-01T00:00:02Z" };
  assert.deepEqual(mergedJobs([old], [done]), [done]);
  assert.equal(jobDuration(old), null);
  assert.equal(jobDuration(done), 2000);
});
