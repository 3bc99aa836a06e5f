import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyProject } from "../public/assets/state/project.js";
import { emptyRun, loadedRun, reduceRun, runView } from "../public/assets/state/run.js";

/** What `view=columns` gives of tests `[id, status, more]`. */
const detail = (tests, more = {}) => {
  const words = (name, fallback) => ({
    values: tests.map((test) => test[2]?.[name] ?? fallback),
    rows: tests.map((_, index) => index),
  });
  const columns = {
    testId: tests.map(([id]) => id),
    score: tests.map(() => 1),
    durationMs: tests.map(() => 5),
    costUsd: { values: [null] },
    executionStatus: {
      values: ["ok", "execution_error"],
      rows: tests.map(([, status]) => (status === "execution_error" ? 1 : 0)),
    },
    target: { values: ["mock"] },
    requestedTarget: { values: [null] },
    evalFile: { values: ["a.yaml"] },
    suite: words("suite", null),
    category: { values: [null] },
    error: { values: [null] },
    attempts: words("attempts", 1),
  };
  return { results: [], columns, ...more };
};
const ids = (store) => store.items().map((item) => item.row.test_id);
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

test("results are counted, and their attempts told", () => {
  const state = loadedRun(
    emptyRun("r"),
    detail([
      ["a", "ok", { attempts: 2 }],
      ["b", "execution_error"],
    ]),
  );
  const view = runView(state, project({ status: "finished" }));
  assert.deepEqual([view.sum.total, view.sum.ok, view.sum.executionErrors], [2, 1, 1]);
  assert.equal(view.sum.duration, 10);
  assert.deepEqual(
    state.rows.items().map((item) => [item.row.test_id, item.attempts, item.row.target]),
    [
      ["a", 2, "mock"],
      ["b", 1, "mock"],
    ],
  );
});

test("a row that came while the answer was under way is kept", () => {
  let state = emptyRun("r");
  state = reduceRun(state, { name: "row", data: row("b") });
  state = loadedRun(state, detail([["a"]]));
  assert.deepEqual(ids(state.rows), ["a", "b"]);
});

test("a test that runs again counts once, and stays in its suite", () => {
  let state = emptyRun("r", { suite: "s" });
  state = loadedRun(
    state,
    detail([
      ["a", "execution_error", { suite: "s" }],
      ["b", "ok", { suite: "other" }],
    ]),
  );
  assert.deepEqual(ids(state.shown), ["a"]);
  state = reduceRun(state, { name: "row", data: row("a") });
  assert.deepEqual([ids(state.rows), ids(state.shown)], [["b", "a"], ["a"]]);
  const { sum } = runView(state, project({ live: true }));
  assert.deepEqual([sum.total, sum.ok, sum.executionErrors], [2, 2, 0]);
  assert.equal(state.rows.suites.get("s").passed, 1);
});

test("a row of another run is none of ours", () => {
  const state = emptyRun("r");
  assert.equal(reduceRun(state, { name: "row", data: { ...row("a"), run_id: "x" } }), state);
});

test("the page fetches again when the run has ended", () => {
  let state = loadedRun(emptyRun("r"), detail([]));
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
  const answer = detail([["a", "execution_error"]], { planned_test_count: 9 });
  const view = runView(loadedRun(emptyRun("r"), answer), project({ live: true }, [job]));
  assert.equal(view.facts.live, true);
  assert.equal(view.job, job);
  assert.equal(view.phase, "running");
});
