import assert from "node:assert/strict";
import { test } from "node:test";
import { AnsiParser } from "../public/assets/state/ansi.js";

const parse = (...chunks) => {
  const parser = new AnsiParser();
  return chunks.flatMap((chunk) => parser.parse(chunk));
};

test("text without sequences is one plain span", () => {
  assert.deepEqual(parse("hello"), [{ text: "hello", style: null }]);
});

test("colours hold until they are reset", () => {
  const [before, red, after] = parse("a\u001b[31mb\u001b[0mc");
  assert.equal(before.style, null);
  assert.equal(red.style.fg, "1");
  assert.equal(after.style, null);
});

test("bright colours are 8 to 15, of text and background", () => {
  const [span] = parse("\u001b[92;101mx");
  assert.equal(span.style.fg, "10");
  assert.equal(span.style.bg, "9");
});

test("256 and 24 bit colours become CSS colours", () => {
  const [indexed, cube, rgb] = parse("\u001b[38;5;3mx\u001b[38;5;196my\u001b[38;2;1;2;3mz");
  assert.equal(indexed.style.fg, "3");
  assert.equal(cube.style.fg, "rgb(255 0 0)");
  assert.equal(rgb.style.fg, "rgb(1 2 3)");
});

test("attributes are set and taken back one by one", () => {
  const [bold, both, dim] = parse("\u001b[1ma\u001b[4mb\u001b[22;2;24mc");
  assert.ok(bold.style.bold);
  assert.ok(both.style.bold && both.style.underline);
  assert.ok(dim.style.dim && !dim.style.bold && !dim.style.underline);
});

test("a sequence cut in two is put together again", () => {
  const spans = parse("a\u001b[3", "1mb");
  assert.equal(spans[1].text, "b");
  assert.equal(spans[1].style.fg, "1");
});

test("cursor movement, titles and links are dropped", () => {
  const text = parse("a\u001b[2Kb\u001b]0;title\u0007c\u001b]8;;https://x\u001b\\d\u001b(Be")
    .map((span) => span.text)
    .join("");
  assert.equal(text.replace("B", ""), "abcde");
});

test("an endless sequence does not hold the output back", () => {
  const parser = new AnsiParser();
  parser.parse(`\u001b]${"x".repeat(1000)}`);
  assert.deepEqual(parser.parse("after"), [{ text: "after", style: null }]);
});
