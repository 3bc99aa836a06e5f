// The tags of a run, edited in place.

import { Component, fill, h, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { api, errorText } from "../net/api.js";
import { announce } from "./av-announcer.js";

/** Limits of the API. */
const TAG_CHARS = 60;
const TAG_COUNT = 20;

export class Tags extends Component {
  #run = "";
  /** @type {string[]} */
  #tags = [];
  #readOnly = true;
  #editing = false;
  #shown = "";
  /** One request after the other: the last one wins. */
  /** @type {Promise<unknown>} */
  #saving = Promise.resolve();
  #pending = 0;
  #list = h("span", { class: "chips" });
  #input = /** @type {HTMLInputElement} */ (
    h("input", {
      class: "input small tag-input",
      "aria-label": "New tag",
      placeholder: "New tag",
      maxlength: TAG_CHARS,
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
      onblur: () => this.#leave(),
    })
  );
  #add = h(
    "button",
    { class: "button small add", type: "button", onclick: () => this.#edit() },
    icon("plus"),
    "Add tag",
  );
  #error = h("span", { class: "inline-error", role: "alert", hidden: true });

  build() {
    this.className = "tags";
    this.append(this.#list, this.#input, this.#add, this.#error);
    this.#render();
  }

  /** @param {string} run @param {string[]} tags @param {boolean} readOnly */
  show(run, tags, readOnly) {
    // An event may be about the change before the last one.
    if (this.#pending > 0) return;
    const signature = JSON.stringify([run, tags, readOnly]);
    if (signature === this.#shown) return;
    this.#shown = signature;
    this.#run = run;
    this.#tags = tags;
    this.#readOnly = readOnly || run.startsWith("remote::");
    this.#render();
  }

  #render() {
    fill(this.#list, ...this.#tags.map((tag) => this.#chip(tag)));
    show(this.#input, this.#editing);
    show(this.#add, !this.#readOnly && !this.#editing && this.#tags.length < TAG_COUNT);
  }

  /** @param {string} tag */
  #chip(tag) {
    const remove = h(
      "button",
      {
        class: "chip-remove",
        type: "button",
        "aria-label": `Remove the tag ${tag}`,
        onclick: () => {
          this.#save(this.#tags.filter((each) => each !== tag));
          this.#add.focus();
        },
      },
      icon("close"),
    );
    return h("span", { class: "chip" }, tag, this.#readOnly ? null : remove);
  }

  #edit() {
    this.#editing = true;
    this.#render();
    this.#input.focus();
  }

  #leave() {
    if (this.#input.value.trim()) return;
    this.#editing = false;
    this.#render();
  }

  /**
   * Enter or a comma adds, Escape leaves.
   * @param {KeyboardEvent} event
   */
  #key(event) {
    if (event.key === "Escape") {
      this.#input.value = "";
      this.#leave();
      this.#add.focus();
    } else if (event.key === "Enter" || event.key === ",") {
      event.preventDefault();
      const tag = this.#input.value.trim();
      this.#input.value = "";
      if (tag && !this.#tags.includes(tag)) this.#save([...this.#tags, tag]);
    }
  }

  /** @param {string[]} tags */
  async #save(tags) {
    show(this.#error, false);
    const before = this.#tags;
    // Seen at once, and what the next change starts from: two quick ones are both kept.
    this.#tags = tags;
    this.#render();
    const saving = this.#saving.then(() => api.setTags(this.#run, tags));
    this.#saving = saving.catch(() => {});
    this.#pending += 1;
    try {
      const saved = (await saving).tags;
      if (this.#tags !== tags) return;
      this.#tags = saved;
      announce(`Tags: ${saved.join(", ") || "none"}`);
      this.#render();
    } catch (error) {
      if (this.#tags === tags) this.#tags = before;
      this.#render();
      setText(this.#error, errorText(error));
      show(this.#error, true);
    } finally {
      this.#pending -= 1;
    }
  }
}

customElements.define("av-tags", Tags);
