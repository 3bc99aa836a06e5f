import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyProject } from "../public/assets/state/project.js";
import { emptyRun, loadedRun, reduceRun, runView } from "../public/assets/state/run.js";

const result = (testId, executionStatus = "ok", more = {}) => ({
  testId,
  target: "mock",
  evalFile: "a.yaml",
  executionStatus,
  score: 1,
  ...more,
});
const row = (test_id, execution_status = "ok") => ({
  run_id: "r",
  test_id,
  target: "mock",
  eval_file: "a.yaml",
  execution_status,
  score: 1,
});
const project = (meta, jobs = []) => {
  const state = emptyProject();
  if (meta) state.runs.set("r", { filename: "r", ...meta });
  for (const job of jobs) state.jobs.set(job.id, job);
  return state;
};

test("the last attempt decides, and the attempts are counted", () => {
  const detail = { results: [result("a", "execution_error"), result("b"), result("a")] };
  const view = runView(loadedRun(emptyRun("r"), detail), project({ status: "finished" }));
  assert.equal(view.sum.total, 2);
  assert.equal(view.sum.executionErrors, 0);
  assert.equal(view.items.find((item) => item.row.test_id === "a").attempts, 2);
});

test("a row that came while the answer was under way is kept", () => {
  let state = emptyRun("r");
  state = reduceRun(state, { name: "row", data: row("b") });
  state = loadedRun(state, { results: [result("a")] });
  assert.deepEqual(
    [...state.rows.values()].map((item) => item.row.test_id),
    ["a", "b"],
  );
});

test("a row of another run is none of ours", () => {
  const state = emptyRun("r");
  assert.equal(reduceRun(state, { name: "row", data: { ...row("a"), run_id: "x" } }), state);
});

test("the page fetches again when the run has ended", () => {
  let state = loadedRun(emptyRun("r"), { results: [] });
  state = reduceRun(state, { name: "run", data: { run: { filename: "r", live: true } } });
  assert.equal(state.stale, false);
  state = reduceRun(state, { name: "run", data: { run: { filename: "r", live: false } } });
  assert.equal(state.stale, true);
});

test("a run that appears late is fetched when it appears", () => {
  const state = reduceRun(emptyRun("r"), {
    name: "run",
    data: { run: { filename: "r", live: true } },
  });
  assert.equal(state.stale, true);
});

test("a live run offers nothing but stop", () => {
  const job = { id: "j", run_id: "r", status: "running", started_at: "1" };
  const detail = { results: [result("a", "execution_error")], planned_test_count: 9 };
  const view = runView(loadedRun(emptyRun("r"), detail), project({ live: true }, [job]));
  assert.equal(view.facts.live, true);
  assert.equal(view.job, job);
  assert.equal(view.phase, "running");
});
