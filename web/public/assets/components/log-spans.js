// Styled text to nodes: theme colours by class, other colours through the CSSOM (the
// Content-Security-Policy allows no style attributes in markup).

/**
 * @param {TextSpan[]} spans
 * @returns {Node[]}
 */
export function spanNodes(spans) {
  return spans.map(({ text, style }) => {
    if (!style) return document.createTextNode(text);
    const node = document.createElement("span");
    node.textContent = text;
    const fg = style.inverse ? (style.bg ?? "canvas") : style.fg;
    const bg = style.inverse ? (style.fg ?? "text") : style.bg;
    paint(node, "fg", "color", fg);
    paint(node, "bg", "background-color", bg);
    if (style.bold) node.classList.add("ansi-bold");
    if (style.dim) node.classList.add("ansi-dim");
    if (style.italic) node.classList.add("ansi-italic");
    if (style.underline) node.classList.add("ansi-underline");
    return node;
  });
}

/**
 * @param {HTMLElement} node
 * @param {"fg" | "bg"} kind
 * @param {string} property
 * @param {string | null} color  a theme colour's number or name, or a CSS colour
 */
function paint(node, kind, property, color) {
  if (color === null) return;
  if (color.startsWith("rgb")) node.style.setProperty(property, color);
  else node.classList.add(`ansi-${kind}-${color}`);
}
