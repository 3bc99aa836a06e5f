// Cells that several tables share.

import { h } from "../dom.js";
import { formatPercent, formatTime } from "../state/format.js";
import { clock } from "./av-clock.js";

/** @param {string} href @param {string} text */
export function linkCell(href, text) {
  return h("a", { class: "row-link", href }, text);
}

/**
 * A rate with its bar; the number says it, the bar only helps the eye.
 * @param {number | null | undefined} rate
 */
export function rateCell(rate) {
  if (rate == null) return "–";
  const meter = h("span", { class: "rate-bar", "aria-hidden": "true" });
  meter.style.setProperty("--share", String(rate));
  return h("span", { class: "rate" }, meter, formatPercent(rate));
}

/** @param {string | null | undefined} iso */
export function timeCell(iso) {
  if (!iso) return "–";
  const when = clock((each) => each.ago(iso));
  when.title = formatTime(iso);
  return when;
}

/** @param {number} passed @param {number} total */
export function passedCell(passed, total) {
  return `${passed.toLocaleString("en")}/${total.toLocaleString("en")}`;
}
