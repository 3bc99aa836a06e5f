import assert from "node:assert/strict";
import { test } from "node:test";
import { filtered, nextSort, parseSort, sorted, sortText } from "../public/assets/state/table.js";

const columns = [
  { key: "name", label: "Name", value: (item) => item.name },
  { key: "n", label: "N", num: true, value: (item) => item.n },
];
const items = [
  { name: "b", n: 2 },
  { name: "a10", n: null },
  { name: "a9", n: 10 },
];
const names = (list) => list.map((item) => item.name).join(" ");

test("numbers sort as numbers, names as people count, what has no value comes last", () => {
  assert.equal(names(sorted(items, columns, { key: "n", descending: false })), "b a9 a10");
  assert.equal(names(sorted(items, columns, { key: "n", descending: true })), "a9 b a10");
  assert.equal(names(sorted(items, columns, { key: "name", descending: false })), "a9 a10 b");
  assert.equal(sorted(items, columns, { key: "gone", descending: true }), items);
});

test("a heading sorts numbers from the top first, and turns around at the second click", () => {
  const sort = nextSort({ key: "name", descending: false }, columns[1]);
  assert.deepEqual(sort, { key: "n", descending: true });
  assert.deepEqual(nextSort(sort, columns[1]), { key: "n", descending: false });
  assert.deepEqual(nextSort(sort, columns[0]), { key: "name", descending: false });
});

test("the order is kept in the address", () => {
  const sort = { key: "n", descending: true };
  assert.deepEqual(parseSort(sortText(sort), { key: "x", descending: false }), sort);
  assert.deepEqual(parseSort(null, sort), sort);
});

test("every word of a filter has to occur", () => {
  assert.equal(names(filtered(items, columns, "a 10")), "a10 a9");
  assert.equal(names(filtered(items, columns, "  ")), "b a10 a9");
  assert.equal(names(filtered(items, columns, "zzz")), "");
});
