// The files of a result: a tree, and the file that was chosen.

import { Component, fill, h, setAttribute, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { api, errorText } from "../net/api.js";
import { longText } from "./long-text.js";

export class RunFiles extends Component {
  #run = "";
  #test = "";
  #tree = h("ul", { class: "file-tree" });
  #title = h("h3", { class: "mono", hidden: true });
  #view = h("div", { class: "file-view" });
  /** @type {HTMLElement | null} */
  #chosen = null;
  #asked = 0;

  build() {
    this.append(
      h("nav", { class: "file-nav", "aria-label": "Files" }, this.#tree),
      h("section", { class: "file-pane", "aria-live": "polite" }, this.#title, this.#view),
    );
  }

  /** Told of the file that was chosen.
   * @type {(path: string) => void} */
  onchosen = () => {};

  /** @param {string} run @param {string} test @param {string | null} [path]  the file to begin with */
  async open(run, test, path = null) {
    this.#run = run;
    this.#test = test;
    fill(this.#tree, h("li", { class: "muted" }, "Looking for files…"));
    try {
      const { files } = await api.files(run, test);
      if (files.length === 0) {
        fill(this.#tree, h("li", { class: "muted" }, "This result has no files."));
        return;
      }
      fill(this.#tree, ...files.map((node) => this.#node(node)));
      const buttons = [...this.#tree.querySelectorAll("button")];
      (buttons.find((button) => button.dataset.path === path) ?? buttons[0])?.click();
    } catch (error) {
      fill(this.#tree, h("li", { class: "inline-error" }, errorText(error)));
    }
  }

  /** @param {FileNode} node @returns {HTMLElement} */
  #node(node) {
    if (node.type === "dir") {
      return h(
        "li",
        {},
        h(
          "details",
          { open: true },
          h("summary", {}, node.name),
          h("ul", {}, ...(node.children ?? []).map((child) => this.#node(child))),
        ),
      );
    }
    const button = h(
      "button",
      {
        class: "file-button",
        type: "button",
        "data-path": node.path,
        onclick: () => this.#show(node, button),
      },
      icon("log"),
      node.name,
    );
    return h("li", {}, button);
  }

  /** @param {FileNode} node @param {HTMLElement} button */
  async #show(node, button) {
    if (this.#chosen) setAttribute(this.#chosen, "aria-current", null);
    this.#chosen = button;
    setAttribute(button, "aria-current", "true");
    show(this.#title, true);
    setText(this.#title, node.path);
    this.onchosen(node.path);
    this.#asked += 1;
    const asked = this.#asked;
    fill(this.#view, h("p", { class: "muted" }, "Loading…"));
    try {
      const { content } = await api.file(this.#run, this.#test, node.path);
      if (asked === this.#asked) fill(this.#view, longText(content || "(empty)"));
    } catch (error) {
      if (asked === this.#asked)
        fill(this.#view, h("p", { class: "inline-error" }, errorText(error)));
    }
  }
}

customElements.define("av-run-files", RunFiles);
