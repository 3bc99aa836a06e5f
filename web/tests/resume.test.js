import assert from "node:assert/strict";
import { test } from "node:test";
import { laterJob, resumeFactsOfJob } from "../public/assets/state/job-facts.js";
import { emptyProject } from "../public/assets/state/project.js";
import { factsOfRun, resumeChoices, resumeRequest } from "../public/assets/state/resume.js";

const facts = (more) => ({
  readOnly: false,
  live: false,
  planned: null,
  total: 0,
  qualityFailures: 0,
  executionErrors: 0,
  runDir: "runs/r1",
  suiteFilter: null,
  ...more,
});
const shown = (more) => {
  const { resume, rerun } = resumeChoices(facts(more));
  return [resume, rerun];
};

test("a complete run without failures offers nothing", () => {
  assert.deepEqual(shown({ planned: 3, total: 3 }), [false, false]);
});

test("an incomplete run can be resumed", () => {
  assert.deepEqual(shown({ planned: 10, total: 5 }), [true, false]);
  assert.deepEqual(shown({ planned: 10, total: 0 }), [true, false]);
});

test("execution errors can be resumed and rerun", () => {
  assert.deepEqual(shown({ planned: 3, total: 3, executionErrors: 1 }), [true, true]);
  assert.deepEqual(shown({ planned: null, total: 3, executionErrors: 1 }), [true, true]);
});

test("only quality failures, complete: rerun failed is offered", () => {
  assert.deepEqual(shown({ planned: 3, total: 3, qualityFailures: 1 }), [false, true]);
});

test("no rows and no plan offer nothing", () => {
  assert.deepEqual(shown({}), [false, false]);
});

test("nothing is offered while the run is live or in read-only mode", () => {
  const partial = { planned: 10, total: 5, executionErrors: 1 };
  assert.deepEqual(shown({ ...partial, live: true }), [false, false]);
  assert.deepEqual(shown({ ...partial, readOnly: true }), [false, false]);
});

test("a run whose directory is elsewhere says why its buttons are off", () => {
  assert.match(resumeChoices(facts({ planned: 2, runDir: null })).disabled, /not on this machine/);
});

test("a request names the run and one mode", () => {
  assert.deepEqual(resumeRequest("resume", facts()), { output: "runs/r1", resume: true });
  assert.deepEqual(resumeRequest("rerun_failed", facts({ suiteFilter: "a.yaml" })), {
    output: "runs/r1",
    rerun_failed: true,
    suite_filter: "a.yaml",
  });
});

test("a listed run without counts of its failures is judged by its pass rate", () => {
  const run = { filename: "r", path: "/p/r/index.jsonl", test_count: 4, pass_rate: 0.75 };
  const { qualityFailures, runDir } = factsOfRun(run, false, false);
  assert.equal(qualityFailures, 1);
  assert.equal(runDir, "/p/r");
});

test("a remote run has no directory here", () => {
  assert.equal(
    factsOfRun({ filename: "r", source: "remote", path: "/c/i" }, false, false).runDir,
    null,
  );
});

test("a job that a later job went on with points to it", () => {
  const project = emptyProject();
  const old = { id: "a", run_id: "r", started_at: "1", status: "failed" };
  const next = { id: "b", run_id: "r", started_at: "2", status: "running" };
  project.jobs.set("a", old).set("b", next);
  assert.equal(laterJob(project, old), next);
  assert.equal(laterJob(project, next), null);
});

test("the run's summary decides what a job page offers", () => {
  const project = emptyProject();
  project.runs.set("r", {
    filename: "r",
    run_dir: "runs/r",
    planned_test_count: 4,
    completed_test_count: 4,
    pass_rate: 1,
    execution_errors: 0,
  });
  const state = {
    job: { id: "a", run_id: "r", status: "failed" },
    rows: new Map(),
    missing: false,
  };
  assert.equal(resumeChoices(resumeFactsOfJob(project, state)).resume, false);
});
