// The tests of a run by category and by suite. Pure.

/** Where tests without a category are counted. */
export const NO_CATEGORY = "Uncategorized";

/** @typedef {import("../components/test-row.js").TestItem} TestItem */
/** @typedef {{ name: string, total: number, passed: number, failed: number, errors: number }} Group */
/** @typedef {{ suite?: string, category?: string }} Scope */

/** @param {TestItem} item */
export function categoryOf({ result }) {
  return result?.category ?? NO_CATEGORY;
}

/** @param {TestItem} item */
export function suiteOf({ result, row }) {
  return result?.suite ?? row.target ?? "default";
}

/**
 * @param {TestItem[]} items
 * @param {Scope} scope
 */
export function itemsIn(items, scope) {
  if (scope.category === undefined && scope.suite === undefined) return items;
  return items.filter(
    (item) =>
      (scope.category === undefined || categoryOf(item) === scope.category) &&
      (scope.suite === undefined || suiteOf(item) === scope.suite),
  );
}

/**
 * Groups in the order of their names.
 * @param {TestItem[]} items
 * @param {(item: TestItem) => string} nameOf
 * @returns {Group[]}
 */
export function groupsOf(items, nameOf) {
  /** @type {Map<string, Group>} */
  const groups = new Map();
  for (const item of items) {
    const name = nameOf(item);
    const group = groups.get(name) ?? { name, total: 0, passed: 0, failed: 0, errors: 0 };
    group.total += 1;
    if (item.row.execution_status === "ok") group.passed += 1;
    else if (item.row.execution_status === "execution_error") group.errors += 1;
    else group.failed += 1;
    groups.set(name, group);
  }
  return [...groups.values()].sort((a, b) => a.name.localeCompare(b.name));
}
