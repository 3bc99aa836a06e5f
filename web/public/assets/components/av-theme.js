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

/** @returns {Theme} */
export function currentTheme() {
  const chosen = document.documentElement.dataset.theme;
  return chosen === "light" || chosen === "dark" ? chosen : "auto";
}

/** @param {Theme} theme */
export function setTheme(theme) {
  const root = document.documentElement;
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  try {
    if (theme === "auto") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Without storage the choice holds for this page.
  }
  dispatchEvent(new CustomEvent("agentv:theme"));
}

class ThemeButton extends Component {
  #button = h("button", {
    class: "icon-button",
    type: "button",
    onclick: () => this.#advance(),
  });

  build() {
    this.append(this.#button);
  }

  start() {
    const render = () => this.#render();
    addEventListener("agentv:theme", render);
    this.own(() => removeEventListener("agentv:theme", render));
    this.#render();
  }

  #advance() {
    setTheme(THEMES[currentTheme()].next);
  }

  #render() {
    const theme = THEMES[currentTheme()];
    fill(this.#button, icon(theme.icon));
    setAttribute(this.#button, "aria-label", theme.label);
    setAttribute(this.#button, "title", theme.label);
  }
}

customElements.define("av-theme", ThemeButton);
