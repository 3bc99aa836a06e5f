// The one polite live region: pages say here, in words, what changed.

import { Component, h } from "../dom.js";

/** @param {string} text */
export function announce(text) {
  dispatchEvent(new CustomEvent("agentv:announce", { detail: text }));
}

class Announcer extends Component {
  build() {
    const region = h("div", {
      class: "visually-hidden",
      role: "status",
      "aria-live": "polite",
    });
    this.append(region);
    addEventListener("agentv:announce", (event) => {
      region.textContent = /** @type {CustomEvent<string>} */ (event).detail;
    });
  }
}

customElements.define("av-announcer", Announcer);
