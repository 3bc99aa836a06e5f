// Keyboard users must not lose their place when the button they pressed has done its work and goes.

/**
 * Runs `update`; if it took the focused element inside `from` off the page, focuses `heir`.
 * @param {Element} from
 * @param {HTMLElement} heir
 * @param {() => void} update
 */
export function keepFocus(from, heir, update) {
  const held = from.contains(document.activeElement);
  update();
  if (held && !from.checkVisibility()) heir.focus({ preventScroll: true });
}
