import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyJob, OUTPUT_LIMIT_CHARS, progressOf, reduceJob } from "../public/assets/state/job.js";

const job = { id: "j", status: "running", command: "agentv eval a", started_at: "t" };
const row = (id, status = "ok", more = {}) => ({
  test_id: id,
  target: "mock",
  eval_file: "a.yaml",
  execution_status: status,
  score: 1,
  ...more,
});
const play = (...events) =>
  events.reduce((state, [name, data]) => reduceJob(state, { name, data }), emptyJob());

test("a snapshot is the whole state", () => {
  const state = play([
    "snapshot",
    { job, stdout: "out", stderr: "err", rows: [row("a")], progress: null },
  ]);
  assert.equal(state.job.id, "j");
  assert.equal(state.rows.size, 1);
  assert.deepEqual(
    state.output.map((chunk) => [chunk.stream, chunk.text]),
    [
      ["stdout", "out"],
      ["stderr", "err"],
    ],
  );
});

test("a snapshot's ordered output wins over the two tails", () => {
  const output = [
    { stream: "stderr", offset: 0, text: "e" },
    { stream: "stdout", offset: 1, text: "o" },
  ];
  const state = play(["snapshot", { job, stdout: "o", stderr: "e", output }]);
  assert.deepEqual(state.output, output);
});

test("a test that runs again replaces its row", () => {
  const state = play(
    ["snapshot", { job, rows: [row("a", "execution_error"), row("b")] }],
    ["row", row("a")],
  );
  assert.deepEqual(
    [...state.rows.values()].map((each) => [each.test_id, each.execution_status]),
    [
      ["b", "ok"],
      ["a", "ok"],
    ],
  );
});

test("the same test against two targets is two rows", () => {
  const state = play(
    ["snapshot", { job }],
    ["row", row("a")],
    ["row", row("a", "ok", { target: "b" })],
  );
  assert.equal(state.rows.size, 2);
});

test("replayed output is not shown twice", () => {
  const chunk = { stream: "stdout", offset: 10, text: "x" };
  const state = play(["snapshot", { job }], ["output", chunk], ["output", { ...chunk }]);
  assert.equal(state.output.length, 1);
});

test("offsets are counted per stream", () => {
  const state = play(
    ["snapshot", { job }],
    ["output", { stream: "stdout", offset: 10, text: "x" }],
    ["output", { stream: "stderr", offset: 5, text: "y" }],
  );
  assert.equal(state.output.length, 2);
});

test("output is bounded and says that it was cut", () => {
  const text = "x".repeat(OUTPUT_LIMIT_CHARS / 4);
  const chunks = Array.from({ length: 6 }, (_, i) => [
    "output",
    { stream: "stdout", offset: i + 1, text },
  ]);
  const state = play(["snapshot", { job }], ...chunks);
  assert.equal(state.outputChars, OUTPUT_LIMIT_CHARS);
  assert.equal(state.outputCut, true);
});

test("progress events update the job's counts", () => {
  const state = play(
    ["snapshot", { job }],
    ["progress", { planned: 40, completed: 12, in_flight: [] }],
  );
  assert.equal(state.job.planned_test_count, 40);
  assert.equal(state.job.completed_test_count, 12);
});

test("the end settles what was in flight", () => {
  const state = play(
    ["snapshot", { job }],
    ["progress", { planned: 2, completed: 1, in_flight: [{ test_id: "b" }] }],
    ["end", { job: { ...job, status: "failed", exit_code: 143 } }],
  );
  assert.equal(state.ended, true);
  assert.equal(state.job.exit_code, 143);
  assert.deepEqual(state.progress.in_flight, []);
});

test("a bare job object is understood as well", () => {
  const state = play(["snapshot", { job }], ["status", { ...job, stopping: true }]);
  assert.equal(state.job.stopping, true);
});

test("without a progress event the rows are counted", () => {
  const state = play([
    "snapshot",
    { job, rows: [row("a"), row("b", "quality_failure"), row("c", "execution_error")] },
  ]);
  const { ok, quality_failures, execution_errors, completed } = progressOf(state);
  assert.deepEqual([ok, quality_failures, execution_errors, completed], [1, 1, 1, 3]);
});

test("an event of a later version changes nothing", () => {
  const state = play(["snapshot", { job }]);
  assert.equal(reduceJob(state, { name: "novelty", data: {} }), state);
});
