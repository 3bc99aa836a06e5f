// The theme button: system → light → dark → system.

import { Component, fill, h, setAttribute } from "../dom.js";
import { icon } from "../icons.js";

/** @typedef {"auto" | "light" | "dark"} Theme */

const KEY = "agentv-theme";
/** @type {Record<Theme, { next: Theme, label: string, icon: string }>} */
const THEMES = {
  auto: { next: "light", label: "Theme: as the system", icon: "auto" },
  light: { next: "dark", label: "Theme: light", icon: "sun" },
  dark: { next: "auto", label: "Theme: dark", icon: "moon" },
};

class ThemeButton extends Component {
  #button = h("button", {
    class: "icon-button",
    type: "button",
    onclick: () => this.#advance(),
  });

  build() {
    this.append(this.#button);
    this.#render();
  }

  /** @returns {Theme} */
  #theme() {
    const chosen = document.documentElement.dataset.theme;
    return chosen === "light" || chosen === "dark" ? chosen : "auto";
  }

  #advance() {
    const { next } = THEMES[this.#theme()];
    const root = document.documentElement;
    if (next === "auto") delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      if (next === "auto") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, next);
    } catch {
      // Without storage the choice holds for this page.
    }
    this.#render();
  }

  #render() {
    const theme = THEMES[this.#theme()];
    fill(this.#button, icon(theme.icon));
    setAttribute(this.#button, "aria-label", theme.label);
    setAttribute(this.#button, "title", theme.label);
  }
}

customElements.define("av-theme", ThemeButton);
