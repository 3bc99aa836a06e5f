import assert from "node:assert/strict";
import { test } from "node:test";
import { endedBetween } from "../public/assets/state/ended.js";
import { emptyProject } from "../public/assets/state/project.js";
import {
  choicesOf,
  filterOfQuery,
  filterRuns,
  isFiltered,
  NO_FILTER,
  serverQuery,
} from "../public/assets/state/run-filter.js";

const item = (filename, more = {}) => ({
  key: filename,
  phase: more.phase ?? "finished",
  run: { filename, target: "gpt", ...more.run },
  job: null,
  completed: more.completed ?? 1,
  planned: null,
  passRate: more.passRate ?? null,
  live: false,
  readOnly: false,
});
const items = [
  item("c", { passRate: 0.2, completed: 9, run: { tags: ["nightly"] } }),
  item("b", { phase: "stopped", run: { target: "claude", experiment: "exp" } }),
  item("a", { passRate: 0.9, run: { targets: ["gpt", "claude"] } }),
];
const names = (filter) =>
  filterRuns([...items], { ...NO_FILTER, ...filter })
    .map((each) => each.key)
    .join("");

test("runs are found by state, target, experiment, tag and words", () => {
  assert.equal(names({}), "cba");
  assert.equal(names({ state: "stopped" }), "b");
  assert.equal(names({ state: "live" }), "");
  assert.equal(names({ target: "claude" }), "ba");
  assert.equal(names({ experiment: "exp" }), "b");
  assert.equal(names({ tag: "nightly" }), "c");
  assert.equal(names({ q: "NIGHT gpt" }), "c");
  assert.equal(names({ q: "default" }), "ca");
});

test("the list can be turned around or ordered by result; without a rate a run comes last", () => {
  assert.equal(names({ sort: "oldest" }), "abc");
  assert.equal(names({ sort: "worst" }), "cab");
  assert.equal(names({ sort: "best" }), "acb");
  assert.equal(names({ sort: "largest" })[0], "c");
});

test("choices are what there is, and an address asks for no other word", () => {
  assert.deepEqual(choicesOf(items), {
    targets: ["claude", "gpt"],
    experiments: ["default", "exp"],
    tags: ["nightly"],
    hasRemote: false,
  });
  assert.deepEqual(filterOfQuery("?state=odd&sort=odd&q=x&target=t"), {
    ...NO_FILTER,
    q: "x",
    target: "t",
  });
});

test("runs of a results repository are told apart", () => {
  const mixed = [
    item("a", { run: { source: "local" } }),
    item("remote::a", { run: { source: "remote" } }),
  ];
  assert.equal(choicesOf(mixed).hasRemote, true);
  const names = (source) =>
    filterRuns([...mixed], { ...NO_FILTER, source }).map(({ run }) => run.filename);
  assert.deepEqual(names("local"), ["a"]);
  assert.deepEqual(names("remote"), ["remote::a"]);
  assert.deepEqual(names(""), ["a", "remote::a"]);
});

test("an end is told once: of a job, or of a run that no job writes", () => {
  const before = emptyProject();
  const after = emptyProject();
  before.jobs.set("j", { id: "j", status: "running", command: "", started_at: "" });
  after.jobs.set("j", { ...before.jobs.get("j"), status: "finished" });
  before.runs.set("r", { filename: "r", live: true });
  after.runs.set("r", { filename: "r", live: false, status: "finished" });
  before.runs.set("of-j", { filename: "of-j", live: true, job_id: "j" });
  after.runs.set("of-j", { filename: "of-j", live: false, job_id: "j" });
  after.runs.set("new", { filename: "new", live: false });
  assert.deepEqual(
    endedBetween(before, after).map((each) => each.key),
    ["job:j", "run:r"],
  );
});

test("the server is asked in its own words", () => {
  const query = serverQuery({ ...NO_FILTER, q: " a b ", state: "stopped", sort: "worst" });
  assert.deepEqual(query, {
    q: "a b",
    status: "interrupted,unknown",
    target: "",
    experiment: "",
    tag: "",
    source: "",
    sort: "pass_rate",
  });
  assert.equal(serverQuery({ ...NO_FILTER, tag: "a,b" }).tag, "");
  assert.equal(isFiltered(NO_FILTER), false);
  assert.equal(isFiltered({ ...NO_FILTER, tag: "a" }), true);
});

test("menus offer the names of runs that are not here as well", () => {
  const facet = (name) => ({ name, run_count: 1 });
  const facets = {
    targets: [facet("old-model")],
    experiments: [facet("first")],
    tags: [facet("v1")],
    sources: [facet("remote")],
  };
  const choices = choicesOf(items, facets);
  assert.deepEqual(choices.targets, ["claude", "gpt", "old-model"]);
  assert.deepEqual(choices.experiments, ["default", "exp", "first"]);
  assert.deepEqual(choices.tags, ["nightly", "v1"]);
  assert.equal(choices.hasRemote, true);
});
