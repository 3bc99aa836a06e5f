import assert from "node:assert/strict";
import { test } from "node:test";
import {
  benchmarkChoices,
  mergedBenchmarks,
  shownBenchmarks,
  switchPath,
} from "../public/assets/state/benchmarks.js";
import { emptyProject } from "../public/assets/state/project.js";

const entry = (id, more = {}) => ({ id, name: id, path: `/p/${id}`, available: true, ...more });
const project = (benchmarks, config = {}) => ({
  ...emptyProject(),
  loaded: true,
  benchmarks,
  config: { is_home: true, benchmark_name: "demo", ...config },
});

test("the switcher offers the server's own project once", () => {
  const apart = benchmarkChoices(project([entry("a"), entry("b")]), "b");
  assert.deepEqual(
    apart.map(({ scope, name, here }) => [scope, name, here]),
    [
      [null, "demo", false],
      ["a", "a", false],
      ["b", "b", true],
    ],
  );
  const registered = benchmarkChoices(project([entry("demo", { is_home: true })]), null);
  assert.deepEqual(
    registered.map(({ scope, here }) => [scope, here]),
    [["demo", true]],
  );
});

test("a project whose directory is gone cannot be chosen", () => {
  assert.equal(benchmarkChoices(project([entry("a", { available: false })]), null).length, 1);
});

test("a switch keeps the place, from a detail it leads to the runs", () => {
  const cases = [
    ["/jobs", "b", "/benchmarks/b/jobs"],
    ["/benchmarks/a/analytics", "b", "/benchmarks/b/analytics"],
    ["/benchmarks/a/runs/r1", "b", "/benchmarks/b"],
    ["/benchmarks/a", "b", "/benchmarks/b"],
    ["/benchmarks/a/settings", null, "/settings"],
    ["/benchmarks/a/jobs/j", null, "/runs"],
    ["/", "b", "/benchmarks/b"],
  ];
  for (const [path, scope, expected] of cases) assert.equal(switchPath(path, scope), expected);
});

test("events say which projects there are, the answer fills in numbers", () => {
  const fetched = [entry("a", { run_count: 2 }), entry("gone", { run_count: 9 })];
  const state = project([entry("a"), entry("new", { run_count: 1 })]);
  assert.deepEqual(
    mergedBenchmarks(fetched, state).map((each) => [each.id, each.run_count]),
    [
      ["a", 2],
      ["new", 1],
    ],
  );
  assert.equal(mergedBenchmarks(fetched, emptyProject()).length, 2);
});

test("benchmarks are searched by name and path and put in order", () => {
  const all = [
    entry("b", { run_count: 1, pass_rate: 0.5, last_run: "2" }),
    entry("a", { run_count: 1, pass_rate: 0.1, last_run: "3" }),
    entry("c", { run_count: 0 }),
  ];
  const ids = (choice) => shownBenchmarks(all, choice).map((each) => each.id);
  assert.deepEqual(ids({ q: "", sort: "" }), ["b", "a", "c"]);
  assert.deepEqual(ids({ q: "", sort: "name" }), ["a", "b", "c"]);
  assert.deepEqual(ids({ q: "", sort: "recent" }), ["a", "b", "c"]);
  assert.deepEqual(ids({ q: "", sort: "worst" }), ["a", "b", "c"]);
  assert.deepEqual(ids({ q: "P/B", sort: "" }), ["b"]);
});
