// A button that opens a menu (WAI-ARIA Authoring Practices, "Menu Button"): arrow keys, Home and End
// move, Escape and Tab close. The menu is a popover: nothing around it can cut it off.

import { h, setAttribute, show } from "../dom.js";
import { icon } from "../icons.js";

/** Distance between button and menu, and between menu and the window's edge, in pixels. */
const GAP = 4;
const EDGE = 8;

/**
 * @typedef {{ label: string, hint?: string, run: () => void }} MenuItem
 * @typedef {{ element: HTMLElement, button: HTMLElement, name(text: string): void,
 *   enable(allowed: (index: number) => boolean): void, close(): void }} MenuButton
 */

/**
 * @param {{ name: string, menuName: string, className: string, items: MenuItem[] }} setup
 * @returns {MenuButton}
 */
export function menuButton({ name, menuName, className, items }) {
  const button = /** @type {HTMLButtonElement} */ (
    h(
      "button",
      {
        class: className,
        type: "button",
        "aria-label": name,
        "aria-haspopup": "menu",
        "aria-expanded": "false",
      },
      icon("caret"),
    )
  );
  const entries = items.map((item) => {
    const hint = item.hint ? h("span", { class: "menu-hint" }, item.hint) : null;
    return h(
      "button",
      {
        class: "menu-item",
        type: "button",
        role: "menuitem",
        tabindex: "-1",
        onclick: () => {
          if (entryOff(entries[items.indexOf(item)])) return;
          menu.hidePopover();
          item.run();
        },
      },
      h("span", { class: "menu-label" }, item.label),
      hint,
    );
  });
  const menu = h(
    "div",
    { class: "menu", role: "menu", popover: "auto", "aria-label": menuName },
    ...entries,
  );
  button.popoverTargetElement = menu;
  /** A log that follows its end scrolls as well: only what moves the button away closes the menu. */
  const away = (/** @type {Event} */ event) => {
    const moved = event.target;
    if (event.type === "scroll" && moved instanceof Node && !moved.contains(button)) return;
    menu.hidePopover();
  };

  menu.addEventListener("beforetoggle", (event) => {
    // Measured while it is laid out but not yet seen.
    if (/** @type {ToggleEvent} */ (event).newState === "open") requestAnimationFrame(place);
  });
  menu.addEventListener("toggle", (event) => {
    const open = /** @type {ToggleEvent} */ (event).newState === "open";
    setAttribute(button, "aria-expanded", String(open));
    if (open) {
      place();
      // The event comes later than the opening: who has already moved on stays there.
      if (!menu.contains(document.activeElement)) move(0);
      addEventListener("scroll", away, { capture: true });
      addEventListener("resize", away);
    } else {
      removeEventListener("scroll", away, { capture: true });
      removeEventListener("resize", away);
    }
  });
  menu.addEventListener("keydown", (event) => {
    const here = entries.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const last = entries.length - 1;
    const next = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: last }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      move(next < 0 ? last : next > last ? 0 : next);
    } else if (event.key === "Tab") {
      menu.hidePopover();
    }
    // Shortcuts of the page are not meant.
    if (event.key !== "Escape") event.stopPropagation();
  });
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    menu.showPopover();
    move(0);
  });

  /** @param {number} index */
  function move(index) {
    entries[index]?.focus();
  }

  function place() {
    const at = button.getBoundingClientRect();
    const { width, height } = menu.getBoundingClientRect();
    const left = Math.min(Math.max(EDGE, at.right - width), innerWidth - width - EDGE);
    const below = at.bottom + GAP;
    const fits = below + height <= innerHeight - EDGE;
    menu.style.left = `${Math.max(EDGE, left)}px`;
    menu.style.top = `${fits ? below : Math.max(EDGE, at.top - GAP - height)}px`;
  }

  return {
    element: h("span", { class: "menu-button" }, button, menu),
    button,
    name: (text) => setAttribute(button, "aria-label", text),
    enable(allowed) {
      entries.forEach((entry, index) => {
        setAttribute(entry, "aria-disabled", allowed(index) ? null : "true");
      });
      show(
        button,
        items.some((_, index) => allowed(index)),
      );
    },
    close: () => menu.matches(":popover-open") && menu.hidePopover(),
  };
}

/** @param {HTMLElement} entry */
function entryOff(entry) {
  return entry.getAttribute("aria-disabled") === "true";
}
