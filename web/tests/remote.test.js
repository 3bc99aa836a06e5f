import assert from "node:assert/strict";
import { test } from "node:test";
import { distanceText, remoteAfter, stepText } from "../public/assets/state/remote.js";
import { factsOfRun, resumeChoices } from "../public/assets/state/resume.js";

const status = { configured: true, available: true, repo: "r", run_count: 2 };

test("a sync is told step by step, and its end replaces what was known", () => {
  const during = remoteAfter(status, { syncing: true, step: "fetch" });
  assert.equal(during.run_count, 2);
  assert.equal(stepText(during), "Fetching…");
  const after = remoteAfter(during, { ...status, syncing: false, run_count: 3 });
  assert.deepEqual(after, { ...status, syncing: false, run_count: 3 });
  assert.equal(stepText({ ...status, syncing: true }), "Syncing…");
});

test("a run of a results repository is not resumed", () => {
  const run = { filename: "remote::a", source: "remote", test_count: 2, planned_test_count: 9 };
  const choices = resumeChoices(factsOfRun(run, false, false));
  assert.deepEqual([choices.resume, choices.rerun], [false, false]);
});

test("a copy says how far it is from its repository", () => {
  assert.equal(distanceText({}), "");
  assert.equal(distanceText({ ahead: 0, behind: 0 }), "");
  assert.equal(distanceText({ ahead: 0, behind: 1 }), "1 commit behind");
  assert.equal(distanceText({ ahead: 2, behind: 3 }), "3 commits behind, 2 commits ahead");
});
