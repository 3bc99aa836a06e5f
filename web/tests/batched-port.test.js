import assert from "node:assert/strict";
import { test } from "node:test";
import { batchedPort } from "../public/assets/net/batched-port.js";

/** A port with a clock that is moved by hand. */
function setUp() {
  let now = 0;
  /** @type {{ at: number, action: () => void }[]} */
  let due = [];
  /** @type {string[]}  what was sent, and when */
  const sent = [];
  const timers = {
    after(/** @type {number} */ wait, /** @type {() => void} */ action) {
      const timer = { at: now + wait, action };
      due.push(timer);
      return () => {
        due = due.filter((each) => each !== timer);
      };
    },
  };
  const port = batchedPort((messages) => {
    sent.push(`${now}: ${messages.map((each) => /** @type {any} */ (each).event.data).join("")}`);
  }, timers);
  const post = (/** @type {string} */ name, /** @type {string} */ data) =>
    port.post({ kind: "project-event", scope: null, event: { name, data } });
  const move = (/** @type {number} */ to) => {
    while (now < to) {
      now += 1;
      for (const timer of due.filter(({ at }) => at <= now)) {
        due = due.filter((each) => each !== timer);
        timer.action();
      }
    }
  };
  return { post, move, sent };
}

test("a row goes out soon, and rows that come all the time ten times a second", () => {
  const { post, move, sent } = setUp();
  post("row", "a");
  post("row", "b");
  move(20);
  post("row", "c");
  move(60);
  post("progress", "d");
  move(500);
  post("row", "e");
  move(1000);
  assert.deepEqual(sent, ["10: ab", "110: cd", "510: e"]);
});

test("what does not wait takes along what does, in the order in which it came", () => {
  const { post, move, sent } = setUp();
  post("row", "a");
  post("status", "b");
  move(30);
  post("row", "c");
  move(45);
  post("row", "d");
  post("end", "e");
  post("status", "f");
  move(1000);
  assert.deepEqual(sent, ["0: ab", "40: c", "45: de", "45: f"]);
});
