import assert from "node:assert/strict";
import { test } from "node:test";
import { LogLines } from "../public/assets/state/log.js";

const out = (text) => ({ stream: "stdout", offset: 0, text });
const err = (text) => ({ stream: "stderr", offset: 0, text });
const textOf = (line) => line.spans.map((span) => span.text).join("");

test("chunks become lines", () => {
  const { added } = new LogLines().append(out("one\ntwo\n\nfour"));
  assert.deepEqual(added.map(textOf), ["one", "two", "", "four"]);
  assert.equal(added[3].open, true);
});

test("an unfinished line goes on with the next chunk", () => {
  const lines = new LogLines();
  const [first] = lines.append(out("half")).added;
  const { changed, added } = lines.append(out(" and half\nnext"));
  assert.equal(changed, first);
  assert.equal(textOf(first), "half and half");
  assert.deepEqual(added.map(textOf), ["next"]);
});

test("the streams do not share a line", () => {
  const lines = new LogLines();
  lines.append(out("out"));
  const { changed, added } = lines.append(err("err\n"));
  assert.equal(changed, null);
  assert.deepEqual(
    added.map((line) => [line.stream, textOf(line)]),
    [["stderr", "err"]],
  );
});

test("a carriage return starts the line again, also across chunks", () => {
  const lines = new LogLines();
  const [line] = lines.append(out("10%\r20%\r")).added;
  assert.equal(textOf(line), "20%");
  lines.append(out("30%"));
  assert.equal(textOf(line), "30%");
});

test("CR LF is one line end, also when it is cut in two", () => {
  const lines = new LogLines();
  const first = lines.append(out("a\r\nb\r")).added;
  const second = lines.append(out("\nc")).added;
  assert.deepEqual([...first, ...second].map(textOf), ["a", "b", "c"]);
});

test("an endless line is broken", () => {
  const lines = new LogLines();
  let count = 0;
  for (let i = 0; i < 20; i += 1) count += lines.append(out("x".repeat(1000))).added.length;
  assert.ok(count > 3);
});

test("colours of one stream do not leak into the other", () => {
  const lines = new LogLines();
  lines.append(out("\u001b[31mred\n"));
  const [line] = lines.append(err("plain\n")).added;
  assert.equal(line.spans[0].style, null);
});
