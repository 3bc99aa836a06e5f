// The Run Eval dialog: choose files, target and tests, see the command, launch.

import { Component, fill, h, setAttribute, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { api, errorText } from "../net/api.js";
import { currentScope, jobPath, navigate } from "../router.js";
import { launchRequest, splitWords } from "../state/launch.js";
import { checkbox, field, fileList, input } from "./run-dialog-fields.js";

/** @type {import("../state/launch.js").Form} */
const EMPTY = {
  files: [],
  pattern: "",
  target: "",
  testIDs: [],
  threshold: Number.NaN,
  workers: Number.NaN,
  dryRun: false,
};

export class RunDialog extends Component {
  #files = fileList(() => this.#changed());
  #pattern = input({
    placeholder: "evals/**/*.eval.yaml",
    oninput: () => this.#changed(),
  });
  #target = /** @type {HTMLSelectElement} */ (
    h("select", { class: "input", onchange: () => this.#changed() })
  );
  #tests = input({ placeholder: "all tests", oninput: () => this.#changed() });
  #threshold = input({
    type: "number",
    min: 0,
    max: 1,
    step: 0.05,
    placeholder: "none",
  });
  #workers = input({
    type: "number",
    min: 1,
    max: 50,
    step: 1,
    placeholder: "3",
  });
  #dryRun = checkbox("Dry run: invent the answers, call no provider", () => this.#changed());
  #command = h("code", { class: "command-text" });
  #copyText = h("span", {}, "Copy");
  #error = h("p", { class: "inline-error", role: "alert", hidden: true });
  #run = /** @type {HTMLButtonElement} */ (
    h("button", { class: "button primary", type: "submit" }, icon("play"), "Run")
  );
  #dialog = /** @type {HTMLDialogElement} */ (
    h("dialog", { class: "dialog", "aria-labelledby": "run-dialog-title" })
  );
  #launching = false;
  /** How often the dialog was opened. */
  #opened = 0;
  #previewing = false;
  #previewAgain = false;

  build() {
    this.#threshold.addEventListener("input", () => this.#changed());
    this.#workers.addEventListener("input", () => this.#changed());
    this.#dialog.append(
      h(
        "form",
        {
          class: "dialog-form",
          onsubmit: (/** @type {Event} */ event) => this.#submit(event),
        },
        h(
          "header",
          { class: "dialog-head" },
          h("h2", { id: "run-dialog-title" }, "Run Eval"),
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
        h("div", { class: "dialog-body" }, ...this.#fields()),
        h(
          "footer",
          { class: "dialog-foot" },
          this.#error,
          h(
            "button",
            {
              class: "button",
              type: "button",
              onclick: () => this.#dialog.close(),
            },
            "Cancel",
          ),
          this.#run,
        ),
      ),
    );
    // A click on the backdrop is a click on the dialog element itself.
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
    this.append(this.#dialog);
  }

  #fields() {
    return [
      this.#files.element,
      field("Or a path or glob", this.#pattern, "Several are separated by commas."),
      field("Target", this.#target),
      field("Only these tests", this.#tests, "Test ids or globs, separated by spaces."),
      h(
        "details",
        { class: "advanced" },
        h("summary", {}, "Advanced options"),
        h(
          "div",
          { class: "field-row" },
          field("Threshold, 0 to 1", this.#threshold, "The run fails below it."),
          field("Workers", this.#workers, "Tests at the same time."),
        ),
        this.#dryRun.element,
      ),
      h(
        "section",
        { class: "command", "aria-label": "Command" },
        h(
          "div",
          { class: "command-head" },
          h("span", { class: "eyebrow" }, "Command"),
          h(
            "button",
            {
              class: "button small quiet",
              type: "button",
              onclick: () => this.#copy(),
            },
            icon("copy"),
            this.#copyText,
          ),
        ),
        this.#command,
      ),
    ];
  }

  /**
   * @param {import("../state/launch.js").Form} [form]  what to begin with
   */
  async open(form = EMPTY) {
    show(this.#error, false);
    this.#pattern.value = form.pattern;
    this.#tests.value = form.testIDs.join(" ");
    this.#threshold.value = Number.isFinite(form.threshold) ? String(form.threshold) : "";
    this.#workers.value = Number.isFinite(form.workers) ? String(form.workers) : "";
    this.#dryRun.input.checked = form.dryRun;
    setText(this.#copyText, "Copy");
    this.#files.loading();
    fill(this.#target, h("option", { value: "" }, "As the eval file says"));
    this.#changed();
    this.#dialog.showModal();
    this.#opened += 1;
    const opened = this.#opened;
    const [found, targets] = await Promise.allSettled([api.discover(), api.targets()]);
    // Closed and opened again meanwhile: that opening has its own answers.
    if (opened !== this.#opened) return;
    if (found.status === "fulfilled") {
      this.#tick(found.value.eval_files, form.pattern);
    } else this.#files.failed(errorText(found.reason));
    if (targets.status === "fulfilled") {
      const options = targets.value.targets.map((name) => h("option", { value: name }, name));
      this.#target.append(...options);
      if (targets.value.targets.includes(form.target)) this.#target.value = form.target;
    }
    this.#changed();
  }

  /**
   * Files that are asked for by name are ticked, a pattern stays text; a lone file is ticked.
   * @param {DiscoveredEval[]} files
   * @param {string} pattern
   */
  #tick(files, pattern) {
    // Who has typed something meanwhile has chosen.
    if (this.#pattern.value !== pattern) return this.#files.show(files, []);
    const named = pattern.split(",").map((part) => part.trim());
    let ticked = files.filter((file) => named.includes(file.relative_path));
    if (ticked.length === named.length) this.#pattern.value = "";
    else ticked = pattern === "" && files.length === 1 ? files : [];
    this.#files.show(files, ticked);
  }

  /** @returns {LaunchRequest} */
  #request() {
    return launchRequest({
      files: this.#files.chosen(),
      pattern: this.#pattern.value,
      target: this.#target.value,
      testIDs: splitWords(this.#tests.value),
      threshold: this.#threshold.valueAsNumber,
      workers: this.#workers.valueAsNumber,
      dryRun: this.#dryRun.input.checked,
    });
  }

  #changed() {
    const ready = Boolean(this.#request().suite_filter) && !this.#launching;
    setAttribute(this.#run, "aria-disabled", ready ? null : "true");
    this.#preview();
  }

  /** One request at a time; what changed meanwhile is asked for when the answer is here. */
  async #preview() {
    if (this.#previewing) {
      this.#previewAgain = true;
      return;
    }
    this.#previewing = true;
    try {
      setText(this.#command, (await api.preview(this.#request())).command);
    } catch (error) {
      setText(this.#command, errorText(error));
    } finally {
      this.#previewing = false;
    }
    if (this.#previewAgain) {
      this.#previewAgain = false;
      this.#preview();
    }
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.#command.textContent ?? "");
      setText(this.#copyText, "Copied");
    } catch {
      getSelection()?.selectAllChildren(this.#command);
      setText(this.#copyText, "Press Ctrl+C");
    }
  }

  /** @param {Event} event */
  async #submit(event) {
    event.preventDefault();
    if (this.#launching) return;
    const request = this.#request();
    if (!request.suite_filter) {
      this.#fail("Choose an eval file, or give a path or glob.");
      return;
    }
    this.#launching = true;
    show(this.#error, false);
    fill(this.#run, "Launching…");
    try {
      const scope = currentScope();
      const job = await api.launch(request);
      this.#dialog.close();
      navigate(jobPath(job.id, scope));
    } catch (error) {
      this.#fail(errorText(error));
    } finally {
      this.#launching = false;
      fill(this.#run, icon("play"), "Run");
      this.#changed();
    }
  }

  /** @param {string} text */
  #fail(text) {
    setText(this.#error, text);
    show(this.#error, true);
  }
}

customElements.define("av-run-dialog", RunDialog);
