import assert from "node:assert/strict";
import { test } from "node:test";
import { RowStore } from "../public/assets/state/row-store.js";
import { RowView } from "../public/assets/state/row-view.js";
import { RowWindow } from "../public/assets/state/row-window.js";

const item = (test_id, status = "ok") => ({
  key: null,
  slot: 0,
  attempts: 1,
  row: { test_id, execution_status: status, score: 1, target: "t", cost_usd: 0.5 },
});
const ids = (view) => Array.from({ length: view.count }, (_, i) => view.at(i).row.test_id);

test("rows stand one below the other, measured ones as high as they are", () => {
  const place = new RowWindow(10);
  place.append(5);
  assert.deepEqual([place.total, place.top(2), place.indexAt(25)], [50, 20, 2]);
  place.measure(1, 30);
  assert.deepEqual([place.total, place.top(2), place.indexAt(25)], [70, 40, 1]);
  place.guess(20);
  assert.deepEqual([place.total, place.top(1)], [110, 20]);
  place.remove(1);
  assert.equal(place.total, 80);
  assert.deepEqual([place.indexAt(-5), place.indexAt(9999)], [0, 3]);
  place.append(1);
  assert.equal(place.total, 100);
  place.forget();
  assert.equal(place.total, 100);
});

test("a list without rows has no height", () => {
  const place = new RowWindow(10);
  assert.deepEqual([place.total, place.indexAt(5)], [0, 0]);
});

test("a store counts each test once, whatever comes again", () => {
  const store = new RowStore([item("a", "execution_error"), item("b")]);
  store.put(item("a"));
  store.put(item("c", "quality_failure"));
  assert.deepEqual(
    [store.size, store.sum.ok, store.sum.qualityFailures, store.sum.executionErrors],
    [3, 2, 1, 0],
  );
  assert.equal(store.sum.cost, 1.5);
  assert.deepEqual(
    store.items().map((each) => each.row.test_id),
    ["b", "a", "c"],
  );
  assert.equal(store.targets.get("t"), 3);
});

test("a view follows its store: what came, what was replaced, what a filter lets through", () => {
  const store = new RowStore([item("a", "execution_error"), item("b"), item("c")]);
  const all = new RowView(store, null);
  const errors = new RowView(store, (each) => each.row.execution_status === "execution_error");
  all.update();
  errors.update();
  assert.deepEqual([ids(all), ids(errors)], [["a", "b", "c"], ["a"]]);
  const old = all.at(0);
  store.put(item("a"));
  store.put(item("d", "execution_error"));
  all.update();
  errors.update();
  assert.deepEqual([ids(all), ids(errors)], [["b", "c", "a", "d"], ["d"]]);
  assert.equal(all.window.count, 4);
  assert.deepEqual([all.indexOf(old), all.indexOf(all.at(2))], [-1, 2]);
  const later = new RowView(store, null);
  later.update();
  assert.deepEqual(ids(later), ids(all));
});

test("a hundred thousand rows are taken and looked at without a hitch", () => {
  const store = new RowStore(Array.from({ length: 100_000 }, (_, i) => item(`t${i}`)));
  const view = new RowView(store, null);
  view.update();
  view.window.measure(99_999, 80);
  for (let i = 0; i < 1000; i += 1) {
    store.put(item(`new ${i}`));
    view.update();
    assert.ok(view.window.total > 0);
  }
  assert.equal(view.count, 101_000);
});
