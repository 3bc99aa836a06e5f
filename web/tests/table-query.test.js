import assert from "node:assert/strict";
import { test } from "node:test";
import { ColumnItems } from "../public/assets/state/columns.js";
import { RowStore } from "../public/assets/state/row-store.js";
import { rowKey } from "../public/assets/state/rows.js";
import { openText, tableChoices } from "../public/assets/state/table-query.js";

test("what is chosen in the table of tests comes back from the address", () => {
  const keys = [
    rowKey({ test_id: "plain" }),
    rowKey({ test_id: "a|b, c/ä%", eval_file: "evals/x,y.yaml", requested_target: "gpt|4" }),
    rowKey({ test_id: "one", target: "m" }),
  ];
  const query = new URLSearchParams({ show: "failed", q: "late & more", open: openText(keys) });
  assert.deepEqual(tableChoices(`?${query}`), { show: "failed", q: "late & more", open: keys });
  assert.deepEqual(tableChoices(""), { show: "", q: "", open: [] });
  assert.deepEqual(tableChoices("?open=%25zz,,t").open, [rowKey({ test_id: "t" })]);
  assert.equal(openText([]), null);
});

test("an address opens the last tests only, however many are open", () => {
  const keys = Array.from({ length: 50 }, (_, n) => rowKey({ test_id: `t${n}` }));
  assert.deepEqual(tableChoices(`?open=${openText(keys)}`).open, keys.slice(-20));
});

test("tests that share an id are told apart", () => {
  const item = (/** @type {string} */ target, /** @type {number} */ score) => ({
    key: null,
    slot: 0,
    attempts: 1,
    row: /** @type {Row} */ ({
      test_id: "same",
      requested_target: target,
      score,
      execution_status: "ok",
    }),
  });
  const store = new RowStore([item("a", 0), item("b", 0)]);
  for (const [target, score] of [
    ["c", 0],
    ["a", 1],
    ["b", 2],
    ["a", 3],
    ["c", 4],
  ])
    store.put(item(String(target), Number(score)));
  const left = store.items().map(({ row }) => `${row.requested_target}${row.score}`);
  assert.deepEqual(left, ["b2", "a3", "c4"]);
  assert.equal(store.size, 3);
  for (const target of ["a", "b", "c"])
    assert.equal(store.get(rowKey(item(target, 0).row))?.row.requested_target, target);
  assert.equal(store.get(rowKey({ test_id: "same" })), null);
  assert.equal(store.get(rowKey({ test_id: "other" })), null);
});

test("tests that came in columns are made when they are looked at, and are the same then", () => {
  const one = (/** @type {any} */ value) => ({ values: [value] });
  const columns = /** @type {ResultColumns} */ ({
    testId: ["a", "b", "a"],
    score: [1, 0.5, null],
    durationMs: [3, null, 4],
    costUsd: one(null),
    executionStatus: { values: ["ok", "execution_error"], rows: [0, 1, 0] },
    target: { values: ["m", "n"], rows: [0, 0, 1] },
    requestedTarget: one(null),
    evalFile: one("e.yaml"),
    suite: one("s"),
    category: one(null),
    error: { values: [null, "late"], rows: [0, 1, 0] },
    attempts: { values: [1, 2], rows: [0, 0, 1] },
  });
  const items = new ColumnItems(columns, "r");
  const made = [0, 1, 2].map((index) => items.item(index));
  const whole = new RowStore(made.map((item) => structuredClone(item)));
  const store = new RowStore(items);
  for (const each of [0, 2, 1]) assert.deepEqual(store.look(each), made[each]);
  assert.deepEqual(store.sum, whole.sum);
  assert.deepEqual(store.suites, whole.suites);
  assert.deepEqual(store.targets, whole.targets);
  assert.equal(store.prepare(), false);
  // A row that replaces one before it was looked at.
  for (const each of [store, whole]) {
    const row = { ...made[2].row, score: 0.25 };
    each.put({ key: null, slot: 0, attempts: 3, run: "r", row });
    assert.equal(each.get(rowKey(made[0].row))?.slot, 0);
  }
  assert.equal(store.at(0), store.at(0));
  assert.deepEqual([store.at(2), store.isTaken(2), store.look(9)], [null, false, null]);
  assert.deepEqual(store.items(), whole.items());
  assert.deepEqual([store.sum, store.size, store.replaced], [whole.sum, 3, [2]]);
});
