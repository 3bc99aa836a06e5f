// The form fields of the Run Eval dialog.

import { fill, h, setText, show } from "../dom.js";
import { plural } from "../state/format.js";

let count = 0;

/**
 * @param {Record<string, unknown>} attributes
 * @returns {HTMLInputElement}
 */
export function input(attributes) {
  const element = h("input", {
    type: "text",
    class: "input",
    autocomplete: "off",
    ...attributes,
  });
  element.spellcheck = false;
  return /** @type {HTMLInputElement} */ (element);
}

/**
 * @param {string} label
 * @param {HTMLElement} control
 * @param {string} [hint]
 */
export function field(label, control, hint) {
  count += 1;
  const id = `field-${count}`;
  control.id = id;
  if (hint) control.setAttribute("aria-describedby", `${id}-hint`);
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    control,
    hint ? h("span", { class: "hint", id: `${id}-hint` }, hint) : null,
  );
}

/** @param {string} label @param {() => void} changed */
export function checkbox(label, changed) {
  const box = input({ type: "checkbox", class: "checkbox", onchange: changed });
  return {
    element: h("label", { class: "check" }, box, h("span", {}, label)),
    input: box,
  };
}

/**
 * The eval files of the project, to be ticked.
 * @param {() => void} changed
 */
export function fileList(changed) {
  const list = h("div", { class: "file-list" });
  const note = h("span", { class: "hint" });
  /** @type {HTMLInputElement[]} */
  let boxes = [];
  const element = h(
    "fieldset",
    { class: "field files" },
    h("legend", {}, "Eval files"),
    list,
    note,
  );

  const update = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    setText(note, `${chosen} of ${plural(boxes.length, "file")} chosen`);
    show(note, boxes.length > 0);
    changed();
  };

  /** @param {string} text */
  const say = (text) => {
    boxes = [];
    show(note, false);
    fill(list, h("p", { class: "muted" }, text));
  };

  return {
    element,
    chosen: () => boxes.filter((box) => box.checked).map((box) => box.value),
    loading: () => say("Looking for eval files…"),
    /** @param {string} reason */
    failed: (reason) => say(`The eval files cannot be listed: ${reason}`),
    /** @param {DiscoveredEval[]} files @param {DiscoveredEval[]} ticked */
    show: (files, ticked) => {
      if (files.length === 0) {
        say(
          "No eval files found. They are looked for at evals/**/*.eval.yaml; another path can be given below.",
        );
        return;
      }
      boxes = files.map((file) =>
        input({
          type: "checkbox",
          class: "checkbox",
          value: file.relative_path,
          checked: ticked.includes(file),
          onchange: update,
        }),
      );
      const items = files.map((file, index) =>
        h(
          "label",
          { class: "check file" },
          boxes[index],
          h("span", { class: "file-name" }, file.relative_path),
          file.category && file.category !== "Uncategorized"
            ? h("span", { class: "muted" }, file.category)
            : null,
        ),
      );
      fill(list, ...items);
      update();
    },
  };
}
