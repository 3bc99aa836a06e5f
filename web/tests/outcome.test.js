import assert from "node:assert/strict";
import { test } from "node:test";
import { censusLine, explainExit, stopLine } from "../public/assets/state/outcome.js";
import { jobPhase, runPhase, untilEscalation } from "../public/assets/state/phase.js";

const ended = (exit_code, more = {}) => ({ exit_code, signal: null, outcome: "failed", ...more });

test("exit codes are explained", () => {
  assert.equal(explainExit(ended(143, { signal: "SIGTERM" })), "143 — stopped by SIGTERM");
  assert.equal(explainExit(ended(143)), "143 — stopped by SIGTERM");
  assert.equal(explainExit(ended(130)), "130 — stopped by SIGINT");
  assert.equal(explainExit(ended(129)), "129 — stopped by SIGHUP");
  assert.equal(explainExit(ended(137)), "137 — killed by SIGKILL");
  assert.equal(
    explainExit(ended(137, { outcome: "stopped" })),
    "137 — stopped by SIGKILL (forced)",
  );
  assert.equal(explainExit(ended(139)), "139 — killed by SIGSEGV");
  assert.match(explainExit(ended(0)), /^0 — every planned test/);
  assert.match(explainExit(ended(2)), /^2 — every test ended in an execution error/);
  assert.match(explainExit(ended(null, { outcome: "lost" })), /unknown/);
});

test("the census says what became of the processes", () => {
  const census = (obeyed, killed, outside_group = 0, remaining = []) => ({
    obeyed,
    killed,
    outside_group,
    remaining,
  });
  assert.equal(censusLine(census(5, 1)), "5 processes obeyed, 1 killed, none left");
  assert.equal(censusLine(census(1, 0)), "1 process obeyed, none left");
  assert.equal(censusLine(census(0, 2)), "2 processes killed, none left");
  assert.equal(
    censusLine(census(2, 1, 1, [{ pid: 7 }])),
    "2 processes obeyed, 1 killed, 1 still alive (1 found outside of the run's process group)",
  );
  assert.equal(censusLine(census(0, 0)), "none left when the run ended");
});

test("who stopped and why is told when it is known", () => {
  assert.equal(stopLine({ actor: "ann", reason: "too slow" }), "asked for by ann: too slow");
  assert.equal(stopLine({ actor: "browser", reason: null }), "asked for in the browser");
  assert.equal(stopLine({ actor: "shutdown", reason: "shutdown" }), "the server shut down");
  assert.equal(stopLine({ actor: null, reason: "nightly" }), "nightly");
  assert.equal(stopLine({ actor: null, reason: "" }), null);
  assert.equal(stopLine(null), null);
  assert.match(
    stopLine({ actor: "cli", requested_at: "2026-05-08T09:30:00Z", mode: "after_current" }),
    /^asked for with agentv stop, .*2026.*, after the current tests$/,
  );
  assert.match(stopLine({ actor: "api", force: true }), /, killed at once$/);
});

test("status words, flags and outcomes fold into phases", () => {
  const phase = (status, more) => jobPhase({ status, ...more });
  assert.equal(phase("starting"), "queued");
  assert.equal(phase("running"), "running");
  assert.equal(phase("running", { stopping: true }), "stopping");
  assert.equal(phase("finished", { exit_code: 0 }), "finished");
  assert.equal(phase("failed", { outcome: "stopped", exit_code: 143 }), "stopped");
  assert.equal(phase("failed", { exit_code: 143 }), "stopped");
  assert.equal(phase("failed", { outcome: "lost" }), "lost");
  assert.equal(phase("failed", { outcome: "failed", exit_code: 1 }), "failed");
  assert.equal(phase("novelty"), "unknown");
});

test("a run on disk has a phase without a job", () => {
  const phase = (more) => runPhase({ filename: "r", ...more }, null);
  assert.equal(phase({ live: true, status: "running" }), "running");
  assert.equal(phase({ status: "finished" }), "finished");
  assert.equal(phase({ status: "interrupted" }), "stopped");
  assert.equal(phase({ planned_test_count: 9, test_count: 3 }), "stopped");
  assert.equal(phase({}), "unknown");
});

test("the time until escalation counts down to zero and is unknown without a deadline", () => {
  const job = { stopping: true, stop_deadline_at: "2026-01-01T00:00:10Z" };
  const at = Date.parse("2026-01-01T00:00:04Z");
  assert.equal(untilEscalation(job, at), 6000);
  assert.equal(untilEscalation(job, at + 60_000), 0);
  assert.equal(untilEscalation({ stopping: true }, at), null);
  assert.equal(untilEscalation({ ...job, stopping: false }, at), null);
});
