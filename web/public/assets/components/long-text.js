// Text of any length: its beginning at once, the rest on request, all of it to copy.

import { fill, h } from "../dom.js";
import { icon } from "../icons.js";

const FIRST_CHARS = 4000;

/**
 * @param {string} text
 * @param {string} [tone]
 */
export function longText(text, tone) {
  const block = h("pre", { class: `text-block${tone ? ` tone-${tone}` : ""}`, tabindex: "0" });
  const copied = h("span", { class: "visually-hidden", role: "status" });
  const copy = h(
    "button",
    {
      class: "icon-button copy-button",
      type: "button",
      "aria-label": "Copy the text",
      title: "Copy",
      onclick: async () => {
        try {
          await navigator.clipboard.writeText(text);
          copied.textContent = "Copied";
        } catch {
          getSelection()?.selectAllChildren(block);
          copied.textContent = "Press Ctrl+C to copy";
        }
      },
    },
    icon("copy"),
  );
  const frame = h("div", { class: "long-text" }, block, copy, copied);
  if (text.length <= FIRST_CHARS) {
    block.textContent = text;
    return frame;
  }
  block.textContent = `${text.slice(0, FIRST_CHARS)}…`;
  const more = h(
    "button",
    {
      class: "button small",
      type: "button",
      onclick: () => {
        block.textContent = text;
        more.remove();
        block.focus();
      },
    },
    `Show all ${text.length.toLocaleString("en")} characters`,
  );
  fill(frame, block, copy, copied, more);
  return frame;
}
