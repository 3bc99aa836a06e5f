// Choosing several lines of a table: a checkbox in each, one in the heading for all that are shown,
// and a bar with what can be done with the chosen ones.

import { fill, h, setText, show } from "../dom.js";
import { replaceQuery } from "../router.js";

/** @typedef {{ label: string, href?: string, run?: () => void }} SelectionAction */

/** What is selected is kept in the address up to so many lines. */
const KEPT = 50;
const PARAMETER = "selected";

export class Selection {
  /** @type {Set<string>} */
  keys = new Set();
  #isKept = false;
  /** @type {() => void} */
  onchange = () => {};
  /** @type {Map<string, HTMLInputElement>} */
  #boxes = new Map();
  /** @type {string[]} */
  #shown = [];
  #all = checkbox("Select all that are shown", () => this.#selectAll(this.#all.checked));

  /** Keeps what is selected in the address; for the one list of a page. */
  keep() {
    this.#isKept = true;
    const words = new URLSearchParams(location.search).get(PARAMETER) ?? "";
    for (const word of words.split(" ").filter(Boolean)) this.keys.add(word);
  }

  /** The cell of the heading. */
  heading() {
    return h("td", { class: "col-select" }, tick(this.#all));
  }

  /**
   * The cell of a line.
   * @param {string} key
   * @param {string} name  what the checkbox selects
   */
  cell(key, name) {
    const box = checkbox(`Select ${name}`, () => {
      if (box.checked) this.keys.add(key);
      else this.keys.delete(key);
      this.#changed();
    });
    box.checked = this.keys.has(key);
    this.#boxes.set(key, box);
    return h("td", { class: "col-select" }, tick(box));
  }

  /**
   * Lines that are gone are not selected any more.
   * @param {string[]} shown  keys of the lines on the page
   * @param {(key: string) => boolean} exists
   */
  lines(shown, exists) {
    this.#shown = shown;
    const here = new Set(shown);
    for (const key of this.#boxes.keys()) if (!here.has(key)) this.#boxes.delete(key);
    const before = this.keys.size;
    // Before the first lines nothing is known to be gone.
    if (shown.length > 0) for (const key of this.keys) if (!exists(key)) this.keys.delete(key);
    if (this.keys.size === before) this.#markAll();
    else this.#changed();
  }

  clear() {
    this.keys.clear();
    this.#changed();
  }

  /** @param {boolean} selected */
  #selectAll(selected) {
    for (const key of this.#shown) {
      if (selected) this.keys.add(key);
      else this.keys.delete(key);
    }
    this.#changed();
  }

  #changed() {
    if (this.#isKept) {
      const words = this.keys.size > KEPT ? "" : [...this.keys].join(" ");
      replaceQuery({ [PARAMETER]: words || null });
    }
    for (const [key, box] of this.#boxes) box.checked = this.keys.has(key);
    this.#markAll();
    this.onchange();
  }

  #markAll() {
    const count = this.#shown.filter((key) => this.keys.has(key)).length;
    this.#all.checked = count > 0 && count === this.#shown.length;
    this.#all.indeterminate = count > 0 && count < this.#shown.length;
  }
}

/**
 * @param {Selection} selection
 */
export function selectionBar(selection) {
  const count = h("span", { class: "selection-count" });
  const actions = h("div", { class: "actions" });
  /** @type {SelectionAction[]} */
  let current = [];
  let signature = "";
  const clear = h(
    "button",
    { class: "button small quiet", type: "button", onclick: () => selection.clear() },
    "Clear selection",
  );
  const element = h(
    "div",
    { class: "selection-bar", role: "region", "aria-label": "Selection", hidden: true },
    count,
    actions,
    clear,
  );
  return {
    element,
    /** @param {SelectionAction[]} offered  what can be done with what is selected */
    show(offered) {
      show(element, selection.keys.size > 0);
      setText(count, `${selection.keys.size.toLocaleString("en")} selected`);
      current = offered;
      const next = JSON.stringify(offered);
      if (next === signature) return;
      signature = next;
      const buttons = offered.map(({ label, href }, index) =>
        href
          ? h("a", { class: "button small", href }, label)
          : h(
              "button",
              { class: "button small", type: "button", onclick: () => current[index].run?.() },
              label,
            ),
      );
      fill(actions, ...buttons);
    },
  };
}

/** @param {string} name @param {() => void} changed */
function checkbox(name, changed) {
  return /** @type {HTMLInputElement} */ (
    h("input", { type: "checkbox", class: "checkbox", "aria-label": name, onchange: changed })
  );
}

// A bigger target around the box.
/** @param {HTMLElement} box */
function tick(box) {
  return h("label", { class: "tick" }, box);
}
