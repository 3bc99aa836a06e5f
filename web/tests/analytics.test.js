import assert from "node:assert/strict";
import { test } from "node:test";
import {
  changeLine,
  comparedRun,
  distribution,
  gains,
  regressions,
  sideBySide,
  tagRates,
  trend,
} from "../public/assets/state/analytics.js";

const run = (more) => ({
  run_id: "r",
  started_at: "2026-05-08T09:30:00.000Z",
  experiment: "e",
  target: "t",
  source: "local",
  eval_count: 2,
  passed_count: 1,
  pass_rate: 0.5,
  avg_score: 0.5,
  tests: [],
  ...more,
});

test("a score of 1 belongs to the last of ten buckets, a missing one to none", () => {
  const tests = [0, 0.05, 0.1, 0.999, 1, null].map((score) => ({ test_id: "x", score }));
  const counts = distribution([{ tests }]).map((bucket) => bucket.count);
  assert.deepEqual(counts, [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]);
});

test("a day's mean counts every result alike, and a day without results is a gap", () => {
  const runs = [
    run({ eval_count: 1, avg_score: 1 }),
    run({ eval_count: 3, avg_score: 0 }),
    run({ started_at: "2026-05-09T00:00:00Z", target: "u" }),
    run({ started_at: "unknown" }),
  ];
  assert.deepEqual(trend(runs), {
    days: ["2026-05-08", "2026-05-09"],
    series: [
      { name: "t", values: [0.25, null] },
      { name: "u", values: [null, 0.5] },
    ],
  });
});

test("gains come by size, regressions worst first", () => {
  const cell = (target, delta, normalized_gain) => ({
    experiment: "e",
    target,
    avg_score: 0.5,
    delta,
    normalized_gain,
  });
  const all = gains([
    cell("a", 0.1, 0.2),
    cell("b", -0.4, -0.8),
    cell("c", -0.1, null),
    { target: "base" },
  ]);
  assert.deepEqual(
    all.map((each) => each.target),
    ["b", "a", "c"],
  );
  assert.deepEqual(
    regressions(all).map((each) => each.target),
    ["b", "c"],
  );
});

test("a tag's rate is over all its runs of a target", () => {
  const { targets, lines } = tagRates([
    run({ tags: ["x"], eval_count: 4, passed_count: 4 }),
    run({ tags: ["x", "y"], eval_count: 4, passed_count: 0 }),
    run({}),
  ]);
  assert.deepEqual(targets, ["t"]);
  assert.deepEqual(lines[0][1].get("t"), { passed: 4, total: 8 });
  assert.deepEqual(
    lines.map(([tag]) => tag),
    ["x", "y"],
  );
});

test("what got worse comes first, what stayed the same last", () => {
  const of = (tests) =>
    run({ tests: tests.map(([test_id, passed, score]) => ({ test_id, passed, score })) });
  const lines = sideBySide([
    of([
      ["same", true, 1],
      ["worse", true, 1],
      ["better", false, 0],
      ["gone", true, 1],
      ["differs", true, 0.9],
    ]),
    of([
      ["same", true, 1],
      ["worse", false, 0],
      ["better", true, 1],
      ["new", true, 1],
      ["differs", true, 1],
    ]),
  ]);
  assert.deepEqual(
    lines.map(({ test: name, change }) => [name, change]),
    ["worse", "better", "new", "gone", "differs", "same"].map((name) => [name, name]),
  );
  assert.deepEqual(
    lines.map(({ delta }) => (delta === null ? null : Math.round(delta * 100))),
    [-100, 100, null, null, 10, 0],
  );
});

test("all tests of a run are compared, those of several targets apart", () => {
  const result = (testId, target, executionStatus) => ({ testId, target, executionStatus });
  const results = Array.from({ length: 300 }, (_, index) => result(`t${index}`, "gpt", "ok"));
  const detail = { run: { started_at: "x", targets: ["gpt"] }, results };
  const single = comparedRun("r", detail, false);
  assert.equal(single.tests.length, 300);
  assert.deepEqual([single.eval_count, single.pass_rate], [300, 1]);
  const both = [result("a", "gpt", "ok"), result("a", "claude", "quality_failure")];
  const matrix = comparedRun("r", { run: { targets: ["gpt", "claude"] }, results: both }, true);
  assert.deepEqual(
    matrix.tests.map((test) => [test.test_id, test.passed]),
    [
      ["a · gpt", true],
      ["a · claude", false],
    ],
  );
});

test("a comparison is summed up by what changed, the worst first", () => {
  const of = (...changes) => changes.map((change) => ({ test: "t", results: [], change }));
  assert.equal(
    changeLine(of("same", "better", "worse", "better")),
    "1 worse, 2 better, 1 the same",
  );
  assert.equal(changeLine(of("differs")), "1 with another score");
  assert.equal(changeLine([]), "No tests");
});
