// A question before something that touches several runs or cannot be undone. The dialog stays open
// while it is being done, and says what went wrong.

import { fill, h, setAttribute, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { errorText } from "../net/api.js";

let dialogs = 0;

/**
 * @param {{ title: string, body: import("../dom.js").Child[], action: string, busy: string,
 *   danger?: boolean, run: () => Promise<void>, done?: () => void }} question
 *   `run` does it and throws what is to be shown; `done` is called after the dialog has closed.
 */
export function confirmDialog({ title, body, action, busy, danger, run, done }) {
  dialogs += 1;
  const id = `confirm-${dialogs}`;
  const error = h("p", { class: "inline-error", role: "alert", hidden: true });
  const go = h(
    "button",
    { class: `button ${danger ? "danger" : "primary"}`, type: "submit" },
    action,
  );
  const cancel = h(
    "button",
    { class: "button", type: "button", autofocus: true, onclick: () => dialog.close() },
    "Cancel",
  );
  const close = h(
    "button",
    {
      class: "icon-button",
      type: "button",
      "aria-label": "Close",
      onclick: () => dialog.close(),
    },
    icon("close"),
  );
  const dialog = /** @type {HTMLDialogElement} */ (
    h("dialog", {
      class: "dialog dialog-small",
      role: danger ? "alertdialog" : null,
      "aria-labelledby": id,
      "aria-describedby": `${id}-text`,
    })
  );
  let working = false;
  let finished = false;

  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (working) return;
    working = true;
    show(error, false);
    setAttribute(go, "aria-disabled", "true");
    fill(go, busy);
    try {
      await run();
      finished = true;
      dialog.close();
    } catch (problem) {
      setText(error, errorText(problem));
      show(error, true);
    } finally {
      working = false;
      setAttribute(go, "aria-disabled", null);
      fill(go, action);
    }
  };

  dialog.append(
    h(
      "form",
      { class: "dialog-form", onsubmit: submit },
      h("header", { class: "dialog-head" }, h("h2", { id }, title), close),
      h("div", { class: "dialog-body", id: `${id}-text` }, ...body),
      h("footer", { class: "dialog-foot" }, error, cancel, go),
    ),
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (finished) done?.();
    // What opened it may be gone.
    const { activeElement } = document;
    if (!activeElement || activeElement === document.body) {
      const heading = document.querySelector("main h1");
      if (heading instanceof HTMLElement) heading.focus({ preventScroll: true });
    }
  });
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * The first few of some names, and how many more there are.
 * @param {string[]} names
 */
export function nameList(names) {
  const shown = names.length > 6 ? names.slice(0, 5) : names;
  const rest = names.length - shown.length;
  const items = shown.map((name) => h("li", { class: "mono" }, name));
  if (rest > 0) items.push(h("li", { class: "muted" }, `and ${rest.toLocaleString("en")} more`));
  return h("ul", { class: "name-list" }, ...items);
}
