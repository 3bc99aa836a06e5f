import assert from "node:assert/strict";
import { test } from "node:test";
import { liveItems, runItems } from "../public/assets/state/home.js";
import {
  emptyProject,
  hasOlderRuns,
  jobOfRun,
  reduceProject,
} from "../public/assets/state/project.js";

const job = (id, more = {}) => ({
  id,
  status: "running",
  command: "c",
  started_at: "2026-01-01T00:00:00Z",
  run_id: "r1",
  ...more,
});
const run = (filename, more = {}) => ({ filename, live: false, status: "finished", ...more });
const play = (...events) =>
  events.reduce((state, [name, data]) => reduceProject(state, { name, data }), emptyProject());

test("a snapshot replaces everything", () => {
  const state = play(
    ["snapshot", { jobs: [job("a")], runs: [run("r1")], config: { read_only: true } }],
    ["snapshot", { jobs: [], runs: [run("r2")], config: {} }],
  );
  assert.deepEqual([...state.runs.keys()], ["r2"]);
  assert.equal(state.jobs.size, 0);
  assert.equal(state.loaded, true);
});

test("runs appear, change and vanish", () => {
  const state = play(
    ["snapshot", { jobs: [], runs: [] }],
    ["run", { change: "appeared", run: run("r1", { live: true }) }],
    ["run", { change: "appeared", run: run("r2") }],
    ["run", { change: "changed", run: run("r1") }],
    ["run", { change: "vanished", run: run("r2") }],
  );
  assert.deepEqual([...state.runs.keys()], ["r1"]);
  assert.equal(state.runs.get("r1").live, false);
});

test("progress reaches the job and is dropped when the run ends", () => {
  const live = play(
    ["snapshot", { jobs: [job("a")], runs: [run("r1", { live: true })] }],
    ["progress", { job_id: "a", run_id: "r1", planned: 9, completed: 3, in_flight: [] }],
  );
  assert.equal(live.jobs.get("a").completed_test_count, 3);
  assert.equal(liveItems(live)[0].progress.completed, 3);
  const ended = reduceProject(live, { name: "run", data: { change: "changed", run: run("r1") } });
  assert.equal(ended.progress.size, 0);
});

test("a state is not changed by what comes after it", () => {
  const before = play(["snapshot", { jobs: [job("a")], runs: [] }]);
  reduceProject(before, { name: "status", data: { job: job("a", { stopping: true }) } });
  assert.equal(before.jobs.get("a").stopping, undefined);
});

test("the latest job of a run speaks for it", () => {
  const state = play([
    "snapshot",
    {
      jobs: [
        job("old", { status: "failed", started_at: "2026-01-01T00:00:00Z" }),
        job("new", { started_at: "2026-01-02T00:00:00Z" }),
      ],
      runs: [run("r1")],
    },
  ]);
  assert.equal(jobOfRun(state, "r1").id, "new");
});

test("a run started in a terminal is live without a job", () => {
  const state = play(["snapshot", { jobs: [], runs: [run("r1", { live: true })] }]);
  const [item] = liveItems(state);
  assert.equal(item.job, null);
  assert.equal(item.href, "/runs/r1");
});

test("a live job hides the card of its run", () => {
  const state = play(["snapshot", { jobs: [job("a")], runs: [run("r1", { live: true })] }]);
  assert.deepEqual(
    liveItems(state).map((item) => item.key),
    ["job:a"],
  );
});

test("a job whose run was deleted is not listed with the runs", () => {
  const ended = job("a", { status: "finished", exit_code: 0, completed_test_count: 3 });
  const state = play(
    ["snapshot", { jobs: [ended], runs: [run("r1")] }],
    ["run", { change: "vanished", run: run("r1") }],
  );
  assert.deepEqual(runItems(state), []);
});

test("a job that left no run is listed with the runs", () => {
  const broken = job("bad", { status: "failed", exit_code: 1, run_id: null });
  const state = play(["snapshot", { jobs: [broken], runs: [run("r1")] }]);
  assert.deepEqual(
    runItems(state).map((item) => [item.key, item.phase]),
    [
      ["job:bad", "failed"],
      ["run:r1", "finished"],
    ],
  );
});

test("progress is not mistaken for the run of another experiment", () => {
  const state = play(
    ["snapshot", { jobs: [], runs: [run("x::r1", { live: true }), run("r1", { live: true })] }],
    ["progress", { run_id: "r1", planned: 5, completed: 5, in_flight: [] }],
  );
  const byKey = new Map(runItems(state).map((item) => [item.key, item.completed]));
  assert.equal(byKey.get("run:r1"), 5);
  assert.equal(byKey.get("run:x::r1"), 0);
});

test("the rows of a live run tell its targets", () => {
  const state = play(
    ["snapshot", { jobs: [], runs: [run("r1", { live: true, targets: [] }), run("r2")] }],
    ["row", { run_id: "r1", test_id: "a", target: "gpt" }],
    ["row", { run_id: "r1", test_id: "a", target: "claude" }],
    ["row", { run_id: "r2", test_id: "a", target: "gpt" }],
  );
  const { target, targets } = state.runs.get("r1");
  assert.deepEqual([target, targets], ["gpt", ["gpt", "claude"]]);
  assert.equal(state.runs.get("r2").targets, undefined);
  const same = reduceProject(state, { name: "row", data: { run_id: "r1", target: "gpt" } });
  assert.equal(same, state);
});

test("jobs of other projects are kept apart on the stream of the server's own", () => {
  const benchmarks = [
    { id: "own", name: "own", path: "/p/own", is_home: true },
    { id: "b", name: "b", path: "/p/b", is_home: false },
  ];
  const snapshot = ["snapshot", { jobs: [], runs: [], config: { is_home: true }, benchmarks }];
  const state = play(
    snapshot,
    ["status", { job: job("mine") }],
    ["status", { job: job("scoped", { benchmark_id: "own" }) }],
    ["status", { job: job("theirs", { benchmark_id: "b" }) }],
  );
  assert.deepEqual([...state.jobs.keys()], ["mine", "scoped"]);
  assert.deepEqual([...state.others.keys()], ["theirs"]);
  assert.equal(liveItems(state).length, 2);
});

test("the registry and the numbers of its projects arrive as events", () => {
  const state = play(
    ["snapshot", { benchmarks: [{ id: "a", name: "a", path: "/a" }] }],
    [
      "registry",
      {
        benchmarks: [
          { id: "a", name: "a" },
          { id: "b", name: "b" },
        ],
      },
    ],
    ["benchmark", { benchmark: { id: "b", name: "b", run_count: 3, live_count: 1 } }],
  );
  assert.deepEqual(
    state.benchmarks.map((each) => [each.id, each.live_count]),
    [
      ["a", undefined],
      ["b", 1],
    ],
  );
});

test("runs beyond those that the stream brought are counted", () => {
  const state = play(["snapshot", { jobs: [], runs: [run("r9")], runs_total: 10 }]);
  assert.equal(hasOlderRuns(state), true);
  const more = reduceProject(state, { name: "run", data: { change: "appeared", run: run("r10") } });
  assert.equal(more.runsTotal, 11);
  const old = reduceProject(more, { name: "run", data: { change: "changed", run: run("r1") } });
  assert.equal(old.runsTotal, 11);
  const less = reduceProject(old, { name: "run", data: { change: "vanished", run_id: "r1" } });
  assert.equal(less.runsTotal, 10);
  assert.equal(hasOlderRuns(play(["snapshot", { jobs: [], runs: [run("r1")] }])), false);
});
