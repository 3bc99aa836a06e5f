// The tests of a run by category and by suite. Pure.

/** Where tests without a category are counted. */
export const NO_CATEGORY = "Uncategorized";

/** @typedef {import("../components/test-row.js").TestItem} TestItem */
/** @typedef {{ name: string, total: number, passed: number, failed: number, errors: number }} Group */
/** @typedef {{ suite?: string, category?: string }} Scope */

/** @param {TestItem} item */
export function categoryOf({ category }) {
  return category ?? NO_CATEGORY;
}

/** @param {TestItem} item */
export function suiteOf({ suite, row }) {
  return suite ?? row.target ?? "default";
}

/**
 * @param {TestItem} item
 * @param {Scope} scope
 */
export function isIn(item, { category, suite }) {
  return (
    (category === undefined || categoryOf(item) === category) &&
    (suite === undefined || suiteOf(item) === suite)
  );
}

/**
 * Counts a test into its group, or out of it.
 * @param {Map<string, Group>} groups
 * @param {string | null} name
 * @param {Row} row
 * @param {1 | -1} by
 */
export function groupInto(groups, name, row, by) {
  const known = name ?? NO_CATEGORY;
  let group = groups.get(known);
  if (!group) {
    group = { name: known, total: 0, passed: 0, failed: 0, errors: 0 };
    groups.set(known, group);
  }
  group.total += by;
  if (row.execution_status === "ok") group.passed += by;
  else if (row.execution_status === "execution_error") group.errors += by;
  else group.failed += by;
  if (group.total === 0) groups.delete(known);
}

/**
 * Groups in the order of their names.
 * @param {Map<string, Group>} groups
 */
export function byName(groups) {
  return [...groups.values()].sort((a, b) => a.name.localeCompare(b.name));
}
