// Keyboard shortcuts, and the sheet that lists them. None works while somebody types.

import { Component, h } from "../dom.js";
import { icon } from "../icons.js";
import { at, navigate, runsPath } from "../router.js";

/** After `g`, the first letter of a place. */
/** @type {Record<string, { path: string, label: string }>} */
const PLACES = {
  r: { path: "", label: "Runs" },
  j: { path: "/jobs", label: "Jobs" },
  e: { path: "/experiments", label: "Experiments" },
  t: { path: "/targets", label: "Targets" },
  a: { path: "/analytics", label: "Analytics" },
  s: { path: "/settings", label: "Settings" },
};

const OTHERS = [
  ["b", "Switch the benchmark"],
  ["/", "Filter what the page lists"],
  ["j", "Next row"],
  ["k", "Previous row"],
  ["Enter", "Open the row"],
  ["[", "Previous test of the run"],
  ["]", "Next test of the run"],
  ["?", "Show this sheet"],
  ["Esc", "Close a dialog, leave a field"],
];

class Shortcuts extends Component {
  #goes = false;
  #dialog = /** @type {HTMLDialogElement} */ (
    h("dialog", { class: "dialog", "aria-labelledby": "shortcuts-title" })
  );

  build() {
    const lines = [
      ...OTHERS,
      ...Object.entries(PLACES).map(([key, { label }]) => [`g ${key}`, `Go to ${label}`]),
    ];
    this.#dialog.append(
      h(
        "div",
        { class: "dialog-form" },
        h(
          "header",
          { class: "dialog-head" },
          h("h2", { id: "shortcuts-title" }, "Keyboard shortcuts"),
          h(
            "button",
            {
              class: "icon-button",
              type: "button",
              "aria-label": "Close",
              onclick: () => this.#dialog.close(),
            },
            icon("close"),
          ),
        ),
        h(
          "dl",
          { class: "dialog-body shortcuts" },
          ...lines.map(([keys, meaning]) =>
            h(
              "div",
              {},
              h("dt", {}, ...keys.split(" ").map((key) => h("kbd", {}, key))),
              h("dd", {}, meaning),
            ),
          ),
        ),
      ),
    );
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
    this.append(this.#dialog);
  }

  start() {
    const press = (/** @type {KeyboardEvent} */ event) => this.#press(event);
    addEventListener("keydown", press);
    this.own(() => removeEventListener("keydown", press));
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const { target } = event;
    if (target instanceof HTMLElement && isTyping(target)) {
      if (event.key === "Escape") target.blur();
      return;
    }
    if (document.querySelector("dialog[open]")) return;
    const goes = this.#goes;
    this.#goes = event.key === "g";
    if (goes && PLACES[event.key]) {
      event.preventDefault();
      const { path } = PLACES[event.key];
      navigate(path === "" ? runsPath() : at(path));
    } else if (event.key === "?") {
      this.#dialog.showModal();
    } else if (!goes && "b[]".includes(event.key)) {
      event.preventDefault();
      const at = `[data-shortcut="${event.key}"]`;
      /** @type {HTMLElement | null} */ (document.querySelector(at))?.click();
    } else if (event.key === "/") {
      const search = document.querySelector("main input[type=search]");
      if (!(search instanceof HTMLElement)) return;
      event.preventDefault();
      search.focus();
    } else if (!goes && (event.key === "j" || event.key === "k")) {
      step(event.key === "j" ? 1 : -1);
    }
  }
}

/** @param {HTMLElement} element */
function isTyping(element) {
  return element.matches("input, textarea, select, [contenteditable]");
}

/**
 * Moves the focus to the link or button of the next row of the page's table.
 * @param {1 | -1} direction
 */
function step(direction) {
  const rows = [...document.querySelectorAll("main tbody tr")].flatMap(
    (row) => row.querySelector("a.row-link, button.disclosure, a") ?? [],
  );
  const here = rows.findIndex((each) => each.closest("tr")?.contains(document.activeElement));
  const next = rows[here < 0 && direction < 0 ? rows.length - 1 : here + direction];
  if (next instanceof HTMLElement) next.focus();
}

customElements.define("av-shortcuts", Shortcuts);
