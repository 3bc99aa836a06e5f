// Adding a project to the list of benchmarks, and taking one out.

import { fill, h, setAttribute, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { api, errorText } from "../net/api.js";
import { announce } from "./av-announcer.js";
import { field, input } from "./run-dialog-fields.js";

/** The form under the heading: the path of a project directory. */
export function addForm() {
  const path = input({
    placeholder: "/home/me/my-evals",
    autocomplete: "off",
    spellcheck: "false",
    required: true,
  });
  const error = h("p", { class: "inline-error", role: "alert", hidden: true });
  const add = h("button", { class: "button primary", type: "submit" }, "Add");
  const cancel = h("button", { class: "button", type: "button" }, "Cancel");
  const form = h(
    "form",
    { class: "card benchmark-form", hidden: true, "aria-label": "Add a benchmark" },
    field(
      "Directory of the project",
      path,
      "On the machine of this server; it must have an .agentv directory.",
    ),
    h("div", { class: "actions" }, add, cancel, error),
  );
  let isBusy = false;
  let shut = () => {};
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    show(error, false);
    setText(add, "Adding…");
    setAttribute(add, "aria-disabled", "true");
    try {
      const added = await api.addBenchmark(path.value.trim());
      announce(`${added.name} was added`);
      path.value = "";
      shut();
    } catch (problem) {
      setText(error, errorText(problem));
      show(error, true);
      path.focus();
    } finally {
      isBusy = false;
      setText(add, "Add");
      setAttribute(add, "aria-disabled", null);
    }
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") shut();
  });
  cancel.addEventListener("click", () => shut());
  return {
    element: form,
    open() {
      show(form, true);
      show(error, false);
      path.focus();
    },
    /** @param {() => void} done  called when the form is done with */
    set onclosed(done) {
      shut = () => {
        show(form, false);
        done();
      };
    },
  };
}

/** Asks before an entry goes; says that nothing else does. */
export function removeDialog() {
  const name = h("strong");
  const path = h("span", { class: "mono" });
  const error = h("p", { class: "inline-error", role: "alert", hidden: true });
  const remove = h("button", { class: "button primary", type: "submit" }, "Remove");
  /** @type {Benchmark | null} */
  let asked = null;
  let isBusy = false;
  const dialog = /** @type {HTMLDialogElement} */ (
    h("dialog", { class: "dialog", "aria-labelledby": "remove-benchmark-title" })
  );
  const close = (/** @type {string} */ label) =>
    h("button", { class: "button", type: "button", onclick: () => dialog.close() }, label);
  const form = h(
    "form",
    { class: "dialog-form" },
    h(
      "header",
      { class: "dialog-head" },
      h("h2", { id: "remove-benchmark-title" }, "Remove from the list?"),
      h(
        "button",
        {
          class: "icon-button",
          type: "button",
          "aria-label": "Close",
          onclick: () => dialog.close(),
        },
        icon("close"),
      ),
    ),
    h(
      "div",
      { class: "dialog-body" },
      h("p", {}, name, " leaves the list of benchmarks."),
      h("p", {}, "Its directory stays as it is, with all results: ", path),
    ),
    h("footer", { class: "dialog-foot" }, error, close("Cancel"), remove),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!asked || isBusy) return;
    isBusy = true;
    show(error, false);
    try {
      await api.removeBenchmark(asked.id);
      announce(`${asked.name} was removed from the list`);
      dialog.close();
    } catch (problem) {
      setText(error, errorText(problem));
      show(error, true);
    } finally {
      isBusy = false;
    }
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  fill(dialog, form);
  return {
    element: dialog,
    /** @param {Benchmark} benchmark */
    ask(benchmark) {
      asked = benchmark;
      setText(name, benchmark.name);
      setText(path, benchmark.path);
      show(error, false);
      dialog.showModal();
    },
  };
}
