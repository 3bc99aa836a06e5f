// Something that scrolls sideways says on which side there is more; the styles let it fade there.

import { setAttribute } from "./dom.js";

/** @param {Element} element */
export function markEdges(element) {
  setAttribute(element, "data-before", element.scrollLeft > 1);
  const seen = element.scrollLeft + element.clientWidth;
  setAttribute(element, "data-after", seen < element.scrollWidth - 1);
}

/**
 * Keeps the marks right while the element scrolls and changes its size.
 * @param {HTMLElement} element
 * @returns {HTMLElement} the same
 */
export function withEdges(element) {
  const mark = () => markEdges(element);
  element.addEventListener("scroll", mark, { passive: true });
  const resized = new ResizeObserver(mark);
  resized.observe(element);
  for (const child of element.children) resized.observe(child);
  return element;
}
