// What somebody chose in the table of a run's tests, as the address has it. Pure.

/** Most tests whose details an address opens. */
const MOST_OPEN = 20;

/**
 * @param {string} search  the query of an address
 * @returns {{ show: string, q: string, open: string[] }}  `open` are the keys of tests (rows.js)
 */
export function tableChoices(search) {
  const query = new URLSearchParams(search);
  return {
    show: query.get("show") ?? "",
    q: query.get("q") ?? "",
    open: (query.get("open") ?? "").split(",").filter(Boolean).flatMap(keyOfText),
  };
}

/**
 * @param {Iterable<string>} keys
 * @returns {string | null}
 */
export function openText(keys) {
  const texts = [...keys].slice(-MOST_OPEN).map(textOfKey);
  return texts.join(",") || null;
}

/** The test id alone where that is all there is to a key. */
/** @param {string} key */
function textOfKey(key) {
  const [file, id, target] = key.split("\u0000").map(encodeURIComponent);
  return [id, target, file].join("|").replace(/\|*$/, "");
}

/** @param {string} text @returns {string[]} nothing for what cannot be read */
function keyOfText(text) {
  try {
    const [id, target = "", file = ""] = text.split("|").map(decodeURIComponent);
    return [`${file}\u0000${id}\u0000${target}`];
  } catch {
    return [];
  }
}
