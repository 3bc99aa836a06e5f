import assert from "node:assert/strict";
import { test } from "node:test";
import { matchRoute } from "../public/assets/router.js";
import {
  formatAgo,
  formatChange,
  formatClock,
  formatCost,
  formatDuration,
  formatMoment,
  formatPercent,
  formatTime,
  rateTone,
  remainingTime,
  runTitle,
} from "../public/assets/state/format.js";
import { formOfJob, launchRequest, splitWords } from "../public/assets/state/launch.js";

test("durations read well at every size", () => {
  assert.deepEqual([250, 1200, 42_000, 90_000, null].map(formatDuration), [
    "250 ms",
    "1.2 s",
    "42 s",
    "1:30",
    "–",
  ]);
  assert.equal(formatClock(3_723_000), "1:02:03");
});

test("a rate is never rounded to all or nothing", () => {
  assert.deepEqual([0, 0.001, 0.8, 0.999, 1].map(formatPercent), [
    "0%",
    "1%",
    "80%",
    "99%",
    "100%",
  ]);
});

test("small costs keep their digits", () => {
  assert.deepEqual([0, 0.0012, 3.456, null].map(formatCost), ["$0", "$0.0012", "$3.46", "–"]);
});

test("times are told relative to now", () => {
  const now = Date.parse("2026-01-01T12:00:00Z");
  assert.equal(formatAgo("2026-01-01T11:59:40Z", now), "just now");
  assert.equal(formatAgo("2026-01-01T11:15:00Z", now), "45 min ago");
  assert.equal(formatAgo("2026-01-01T07:00:00Z", now), "5 h ago");
  assert.equal(formatAgo("unknown", now), "–");
});

test("a time that is told in full names its zone, and one of today is told relative to now", () => {
  const at = "2026-01-01T12:00:00Z";
  assert.match(formatTime(at), /2026.* (GMT|UTC|[A-Z]{2,4})/);
  assert.equal(formatMoment(at, Date.parse(at) + 3_600_000), "1 h ago");
  assert.equal(formatMoment(at, Date.parse(at) + 86_400_000), formatTime(at));
  assert.equal(formatMoment("unknown", 0), "–");
});

test("a change has a sign, and a rate its tone", () => {
  assert.deepEqual([0.1234, -0.02, 0].map(formatChange), ["+0.123", "−0.020", "±0.000"]);
  assert.deepEqual([1, 0.8, 0.79, 0.5, 0.2, null].map(rateTone), [
    "ok",
    "ok",
    "warn",
    "warn",
    "bad",
    "neutral",
  ]);
});

test("the time left follows the pace since this start", () => {
  const progress = { planned: 40, completed: 30, in_flight: [] };
  assert.equal(remainingTime(progress, 10_000, 20), 10_000);
  assert.equal(remainingTime({ ...progress, completed: 1 }, 10_000), null);
  assert.equal(remainingTime({ ...progress, planned: null }, 10_000), null);
});

test("a run is named by experiment, suite and target", () => {
  const run = { suite_filter: "evals/support.eval.yaml", target: "mock", experiment: "default" };
  assert.equal(runTitle(run), "support · mock");
  assert.equal(runTitle({ ...run, experiment: "skills" }), "skills · support · mock");
  assert.equal(runTitle({ suite_filter: "a/eval.yaml,b.eval.yaml" }), "a + 1 more");
  assert.equal(runTitle({ ...run, targets: ["a", "b"] }), "support · a and b");
  assert.equal(runTitle({ ...run, targets: ["a", "b", "c"] }), "support · 3 targets");
  assert.equal(runTitle({ filename: "2026" }), "2026");
});

test("addresses lead to pages, with ids decoded once", () => {
  assert.deepEqual(matchRoute("/runs/a%2Fb%3A%3A2026"), {
    page: "av-run-page",
    params: { run: "a/b::2026" },
    scope: null,
  });
  assert.equal(matchRoute("/jobs/x").page, "av-job-page");
  assert.equal(matchRoute("/").page, "av-start-page");
  assert.equal(matchRoute("/runs/%zz").page, "av-missing-page");
  assert.equal(matchRoute("/nowhere").page, "av-missing-page");
});

test("the form of a job is read back from its arguments", () => {
  const args = ["eval", "run", "--test-id=a=b", "--test-id=c*", "--target=t", "--workers=2"];
  const job = { suite_filter: "a.yaml", command_args: [...args, "--dry-run", "--", "a.yaml"] };
  assert.deepEqual(launchRequest(formOfJob(job)), {
    suite_filter: "a.yaml",
    test_ids: ["a=b", "c*"],
    target: "t",
    workers: 2,
    dry_run: true,
  });
});

test("the form becomes a request without empty fields", () => {
  const form = {
    files: ["a.yaml"],
    pattern: " b.yaml , ",
    target: "",
    testIDs: splitWords("x, y  z*"),
    threshold: Number.NaN,
    workers: 4,
    dryRun: false,
  };
  assert.deepEqual(launchRequest(form), {
    suite_filter: "a.yaml,b.yaml",
    test_ids: ["x", "y", "z*"],
    workers: 4,
  });
  assert.deepEqual(launchRequest({ ...form, threshold: 0 }).threshold, 0);
});
