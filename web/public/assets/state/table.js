// Sorting and filtering of a table's items, and their form in the address. Pure.

/**
 * @template T
 * @typedef {{ key: string, label: string, value: (item: T) => string | number | null | undefined,
 *   cell?: (item: T, before?: Element) => import("../dom.js").Child, num?: boolean,
 *   main?: boolean, plain?: boolean, className?: string }} Column
 *   `before` is what the cell shows already: given back, it stays. `plain` columns have no order.
 */
/** @typedef {{ key: string, descending: boolean }} Sort */

/** @param {string | null} text  `key` or `key.desc` @param {Sort} fallback @returns {Sort} */
export function parseSort(text, fallback) {
  if (!text) return fallback;
  const [key, direction] = text.split(".");
  return { key, descending: direction === "desc" };
}

/** @param {Sort} sort */
export function sortText({ key, descending }) {
  return descending ? `${key}.desc` : key;
}

/**
 * What a click on a column's heading means: its natural order first, then the other one.
 * @param {Sort} sort
 * @param {{ key: string, num?: boolean }} column
 * @returns {Sort}
 */
export function nextSort(sort, column) {
  if (sort.key !== column.key) return { key: column.key, descending: column.num === true };
  return { key: sort.key, descending: !sort.descending };
}

/**
 * A sorted copy; items without a value come last either way, equal ones keep their order.
 * @template T
 * @param {T[]} items
 * @param {Column<T>[]} columns
 * @param {Sort} sort
 */
export function sorted(items, columns, sort) {
  const column = columns.find(({ key }) => key === sort.key);
  if (!column) return items;
  const sign = sort.descending ? -1 : 1;
  const keyed = items.map((item) => ({ item, value: column.value(item) ?? null }));
  keyed.sort((a, b) => {
    if (a.value === null || b.value === null) {
      return a.value === b.value ? 0 : a.value === null ? 1 : -1;
    }
    if (typeof a.value === "number" && typeof b.value === "number") {
      return sign * (a.value - b.value);
    }
    return sign * String(a.value).localeCompare(String(b.value), undefined, { numeric: true });
  });
  return keyed.map(({ item }) => item);
}

/**
 * Items in which every word of the query occurs in some column.
 * @template T
 * @param {T[]} items
 * @param {Column<T>[]} columns
 * @param {string} query
 */
export function filtered(items, columns, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return items;
  return items.filter((item) => {
    const text = columns
      .map((column) => column.value(item) ?? "")
      .join("\n")
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
