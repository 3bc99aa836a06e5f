// What a person thinks of a test's results, kept in the project's feedback file.

import { Component, h, setText, show } from "../dom.js";
import { api, errorText } from "../net/api.js";
import { announce } from "./av-announcer.js";

export class Feedback extends Component {
  #test = "";
  /** Somebody writes: an answer that comes late must not take that away. */
  #touched = false;
  #text = /** @type {HTMLTextAreaElement} */ (
    h("textarea", {
      class: "input",
      rows: 4,
      "aria-label": "Feedback on this test",
      oninput: () => {
        this.#touched = true;
        setText(this.#said, "");
      },
    })
  );
  #said = h("span", { class: "muted", role: "status" });
  #error = h("p", { class: "inline-error", role: "alert", hidden: true });

  build() {
    this.append(
      h(
        "form",
        {
          class: "feedback",
          onsubmit: (/** @type {Event} */ event) => this.#save(event),
        },
        this.#text,
        h(
          "div",
          { class: "actions" },
          h("button", { class: "button", type: "submit" }, "Save feedback"),
          this.#said,
          this.#error,
        ),
      ),
    );
  }

  /** @param {string} test */
  async open(test) {
    this.#test = test;
    try {
      const { reviews } = await api.feedback();
      if (this.#touched || test !== this.#test) return;
      this.#text.value = reviews.find((review) => review.test_id === test)?.comment ?? "";
    } catch (error) {
      this.#fail(errorText(error));
    }
  }

  /** @param {Event} event */
  async #save(event) {
    event.preventDefault();
    show(this.#error, false);
    setText(this.#said, "Saving…");
    try {
      await api.saveFeedback([{ test_id: this.#test, comment: this.#text.value }]);
      setText(this.#said, "Saved");
      announce("Feedback saved");
    } catch (error) {
      setText(this.#said, "");
      this.#fail(errorText(error));
    }
  }

  /** @param {string} text */
  #fail(text) {
    setText(this.#error, text);
    show(this.#error, true);
  }
}

customElements.define("av-feedback", Feedback);
