import assert from "node:assert/strict";
import { test } from "node:test";
import { escalation, isStronger, stopModeOf } from "../public/assets/state/stop-modes.js";

test("the mode of a stop that is under way is told by the job", () => {
  assert.equal(stopModeOf({ stopping: false }), null);
  assert.equal(stopModeOf({ stopping: true }), "now");
  assert.equal(stopModeOf({ stopping: true, stop_mode: "after_current" }), "after_current");
  assert.equal(stopModeOf({ stopping: true, stop_mode: "now", forced: true }), "force");
});

test("only a stronger request changes a stop", () => {
  assert.equal(isStronger(null, "after_current"), true);
  assert.equal(isStronger("after_current", "now"), true);
  assert.equal(isStronger("now", "after_current"), false);
  assert.equal(isStronger("force", "force"), false);
});

test("each stop offers the next stronger one until everything is killed", () => {
  assert.equal(escalation("after_current").mode, "now");
  assert.equal(escalation("now").mode, "force");
  assert.equal(escalation("force"), null);
  assert.equal(escalation(null), null);
});
