import assert from "node:assert/strict";
import { test } from "node:test";
import { formatBytes } from "../public/assets/state/format.js";
import { LogBytes } from "../public/assets/state/log-bytes.js";

const encoder = new TextEncoder();
const logOf = (...parts) => {
  const log = new LogBytes();
  for (const part of parts) log.append(encoder.encode(part));
  return log;
};
const lines = (log) => Array.from({ length: log.count }, (_, index) => log.line(index));

test("lines are the same however the bytes were cut", () => {
  const text = "one\ntwo é\r\n\nlast";
  const bytes = encoder.encode(text);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const log = new LogBytes();
    log.append(bytes.subarray(0, cut));
    log.append(bytes.subarray(cut));
    assert.deepEqual(lines(log), ["one", "two é", "", "last"], `cut at ${cut}`);
    assert.equal(log.size, bytes.length);
  }
  assert.deepEqual(lines(logOf("")), []);
  assert.deepEqual(lines(logOf("a\n")), ["a"]);
});

test("a long log keeps every line", () => {
  const count = 50_000;
  const log = logOf(Array.from({ length: count }, (_, index) => `line ${index}\n`).join(""));
  assert.equal(log.count, count);
  assert.equal(log.line(count - 1), `line ${count - 1}`);
  assert.equal(log.find("LINE 49999", 0, 1), 49_999);
  assert.equal(log.find("line 12\n", 0, 1), -1);
  assert.equal(log.find("line 7", count - 1, -1), 7999);
  assert.equal(log.find("nowhere", 0, 1), -1);
});

test("an endless line is shown cut", () => {
  const log = logOf("x".repeat(100_000), "\nend");
  assert.equal(log.line(0).length, (16 << 10) + 1);
  assert.equal(log.line(1), "end");
});

test("sizes are told in the unit that fits", () => {
  const cases = [
    [0, "0 bytes"],
    [999, "999 bytes"],
    [1500, "1.5 kB"],
    [64_000_000, "64 MB"],
    [999_999_999, "1.0 GB"],
  ];
  for (const [bytes, text] of cases) assert.equal(formatBytes(bytes), text);
});
