// `/settings`: the pass threshold of this project, the theme, and what this Studio is.

import { h, setAttribute, setText, show } from "../dom.js";
import { api, errorText } from "../net/api.js";
import { live } from "../net/live.js";
import { announce } from "./av-announcer.js";
import { notificationState, setNotifications } from "./av-notifier.js";
import "./av-remote.js";
import { currentTheme, setTheme } from "./av-theme.js";
import { ResourcePage } from "./resource-page.js";
import { checkbox, field, input } from "./run-dialog-fields.js";
import { setTitle } from "./title.js";

/** @type {[import("./av-theme.js").Theme, string][]} */
const THEMES = [
  ["auto", "As the system"],
  ["light", "Light"],
  ["dark", "Dark"],
];

/** @extends {ResourcePage<StudioConfig>} */
class SettingsPage extends ResourcePage {
  #threshold = input({ type: "number", min: 0, max: 1, step: 0.05, required: true });
  #percent = h("output", { class: "hint" });
  #save = h("button", { class: "button primary", type: "submit" }, "Save");
  #said = h("p", { role: "status", class: "muted" });
  #error = h("p", { class: "inline-error", role: "alert", hidden: true });
  #locked = h(
    "p",
    { class: "notice", hidden: true },
    "This Studio is read-only: settings can be seen and not changed.",
  );
  #notify = checkbox("Notify me when a run ends and this tab is in the background", () =>
    this.#notifyChosen(),
  );
  #notifyNote = h("span", { class: "hint" });
  #themes = THEMES.map(([theme, label]) => {
    const radio = /** @type {HTMLInputElement} */ (
      h("input", {
        type: "radio",
        class: "checkbox",
        name: "theme",
        onchange: () => setTheme(theme),
      })
    );
    return { theme, radio, element: h("label", { class: "check" }, radio, label) };
  });
  #theme = h(
    "fieldset",
    { class: "field theme-choice" },
    h("legend", {}, h("h2", {}, "Theme")),
    ...this.#themes.map(({ element }) => element),
  );
  #about = h("dl", { class: "facts" });
  #logout = h(
    "form",
    { class: "actions", method: "post", action: "/logout", hidden: true },
    h("button", { class: "button" }, "Log out"),
    h("span", { class: "hint" }, "Ends the session of this browser, also in its other tabs."),
  );
  #remote = /** @type {import("./av-remote.js").Remote} */ (h("av-remote"));
  #touched = false;

  #field = field(
    "Score from which a test counts as passed in lists, 0 to 1",
    this.#threshold,
    "Kept in .agentv/config.yaml under studio.threshold. What a run itself decided stays.",
  );

  build() {
    setTitle("Settings");
    this.#threshold.after(this.#percent);
    this.#threshold.addEventListener("input", () => {
      this.#touched = true;
      setText(this.#said, "");
      this.#showPercent();
    });
    this.#remote.explains = true;
    this.content.className = "settings";
    this.content.append(
      this.#locked,
      h(
        "form",
        {
          class: "card settings-form",
          onsubmit: (/** @type {Event} */ event) => this.#submit(event),
        },
        h("h2", {}, "Pass threshold"),
        this.#field,
        h("div", { class: "actions" }, this.#save, this.#said, this.#error),
      ),
      h("section", { class: "card settings-form" }, h("h2", {}, "Remote results"), this.#remote),
      h("section", { class: "card settings-form" }, this.#theme),
      h(
        "section",
        { class: "card settings-form" },
        h("h2", {}, "Notifications"),
        this.#notify.element,
        this.#notifyNote,
      ),
      h(
        "section",
        { class: "card settings-form" },
        h("h2", {}, "This Studio"),
        this.#about,
        this.#logout,
      ),
    );
    this.frame(h("div", { class: "page-head" }, h("h1", { tabindex: "-1" }, "Settings")));
  }

  start() {
    super.start();
    const mark = () => {
      for (const { theme, radio } of this.#themes) radio.checked = theme === currentTheme();
    };
    addEventListener("agentv:theme", mark);
    this.own(() => removeEventListener("agentv:theme", mark));
    mark();
  }

  request() {
    return api.config();
  }

  /** @param {StreamEvent} event */
  isStale({ name }) {
    return name === "config";
  }

  /** @param {StudioConfig} config */
  render(config) {
    const readOnly = config.read_only === true;
    show(this.#locked, readOnly);
    show(this.#logout, config.requires_token === true);
    show(this.#save, !readOnly);
    setAttribute(this.#threshold, "disabled", readOnly);
    this.#showNotify();
    if (!this.#touched) this.#threshold.value = String(config.threshold ?? 0.8);
    this.#showPercent();
    const version = config.version ?? live.project.config.version;
    const facts = [
      ["Project", config.benchmark_name ?? "–"],
      ...(version ? [["Version", version]] : []),
      ["Mode", readOnly ? "read-only" : "read and run"],
    ];
    this.#about.replaceChildren(
      ...facts.map(([name, value]) =>
        h("div", { class: "fact" }, h("dt", {}, name), h("dd", {}, value)),
      ),
    );
  }

  #showNotify() {
    const state = notificationState();
    this.#notify.input.checked = state === "on";
    this.#notify.input.disabled = state === "denied" || state === "unsupported";
    const notes = {
      on: "",
      off: "Kept in this browser only.",
      denied: "This browser blocks notifications of this address; allow them in its settings.",
      unsupported: "This browser has no notifications for this address.",
    };
    setText(this.#notifyNote, notes[state]);
  }

  async #notifyChosen() {
    await setNotifications(this.#notify.input.checked);
    this.#showNotify();
  }

  #showPercent() {
    const value = this.#threshold.valueAsNumber;
    setText(
      this.#percent,
      value >= 0 && value <= 1 ? `${Math.round(value * 100)}% of the best score.` : "",
    );
  }

  /** @param {Event} event */
  async #submit(event) {
    event.preventDefault();
    const threshold = this.#threshold.valueAsNumber;
    show(this.#error, false);
    if (!(threshold >= 0 && threshold <= 1)) {
      this.#fail("The threshold must be a number from 0 to 1.");
      return;
    }
    setText(this.#said, "Saving…");
    try {
      await api.saveConfig({ threshold });
      this.#touched = false;
      setText(this.#said, "Saved");
      announce("Settings saved");
      this.resource.load();
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

customElements.define("av-settings-page", SettingsPage);
