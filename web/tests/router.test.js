import assert from "node:assert/strict";
import { test } from "node:test";
import { at, evalPath, matchRoute, runsPath, scopeOf } from "../public/assets/router.js";

test("every place has its page and parameters", () => {
  const cases = [
    ["/", "av-start-page", {}],
    ["/runs", "av-home-page", {}],
    ["/benchmarks", "av-benchmarks-page", {}],
    ["/jobs", "av-jobs-page", {}],
    ["/jobs/studio-1", "av-job-page", { job: "studio-1" }],
    ["/runs/a%3A%3Ab", "av-run-page", { run: "a::b" }],
    ["/runs/r/suite/my%20suite", "av-run-page", { run: "r", suite: "my suite" }],
    ["/runs/r/category/a%2Fb", "av-run-page", { run: "r", category: "a/b" }],
    ["/evals/r/t%231", "av-eval-page", { run: "r", test: "t#1" }],
    ["/experiments/x", "av-experiment-page", { experiment: "x" }],
    ["/targets/gpt-4o", "av-target-page", { target: "gpt-4o" }],
    ["/settings", "av-settings-page", {}],
    ["/nowhere", "av-missing-page", {}],
    ["/runs/%E0%A4%A", "av-missing-page", {}],
  ];
  for (const [path, page, params] of cases) {
    assert.deepEqual(matchRoute(path), { page, params, scope: null }, path);
  }
});

test("every page of a project exists below the address of its benchmark", () => {
  const cases = [
    ["", "av-home-page", {}],
    ["/jobs", "av-jobs-page", {}],
    ["/jobs/studio-1/log", "av-log-page", { job: "studio-1" }],
    ["/runs/a%3A%3Ab", "av-run-page", { run: "a::b" }],
    ["/runs/r/suite/s", "av-run-page", { run: "r", suite: "s" }],
    ["/evals/r/t", "av-eval-page", { run: "r", test: "t" }],
    ["/experiments/x", "av-experiment-page", { experiment: "x" }],
    ["/analytics", "av-analytics-page", {}],
    ["/compare", "av-compare-page", {}],
    ["/settings", "av-settings-page", {}],
    ["/benchmarks", "av-missing-page", {}],
    ["/nowhere", "av-missing-page", {}],
  ];
  for (const [path, page, params] of cases) {
    const route = matchRoute(`/benchmarks/my-evals${path}`);
    assert.deepEqual(route, { page, params, scope: "my-evals" }, path);
  }
  assert.equal(matchRoute("/benchmarks/b", "?tab=targets").page, "av-targets-page");
  assert.equal(matchRoute("/benchmarks/b", "?tab=runs").page, "av-home-page");
});

test("addresses of a benchmark are made and read back", () => {
  assert.equal(scopeOf(at("/jobs", "a b")), "a b");
  assert.equal(scopeOf("/benchmarks"), null);
  assert.equal(scopeOf("/runs/r"), null);
  assert.equal(runsPath("b"), "/benchmarks/b");
  assert.equal(runsPath(null), "/runs");
});

test("the tabs of AgentV's own home page lead to the places they became", () => {
  assert.equal(matchRoute("/", "?tab=experiments").page, "av-experiments-page");
  assert.equal(matchRoute("/", "?tab=analytics").page, "av-analytics-page");
  assert.equal(matchRoute("/", "?tab=targets").page, "av-targets-page");
  assert.equal(matchRoute("/", "?tab=runs").page, "av-home-page");
  assert.equal(matchRoute("/jobs", "?tab=targets").page, "av-jobs-page");
});

test("the address of a test names its target and file", () => {
  const row = { test_id: "a/b c", target: "gpt", requested_target: "default", eval_file: "e.yaml" };
  assert.equal(evalPath("r::1", row), "/evals/r%3A%3A1/a%2Fb%20c?target=default&eval_file=e.yaml");
  assert.equal(evalPath("r", { test_id: "t" }), "/evals/r/t");
});
