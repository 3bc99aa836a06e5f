// Cells that several tables share.

import { h } from "../dom.js";
import { formatPercent, formatTime, rateTone } from "../state/format.js";
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
  return h("span", { class: "rate" }, rateBar(rate), formatPercent(rate));
}

/** @param {number} rate */
function rateBar(rate) {
  const bar = h("span", { "aria-hidden": "true" });
  setRate(bar, rate);
  return bar;
}

/**
 * @param {HTMLElement} bar
 * @param {number | null} rate
 */
export function setRate(bar, rate) {
  bar.className = `rate-bar bar-${rateTone(rate)}`;
  bar.style.setProperty("--share", String(rate ?? 0));
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
