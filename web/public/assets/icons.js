// The icons, drawn on a 16 × 16 grid in the colour of the text around them. They only decorate: the
// word beside them carries the meaning.

const SVG = "http://www.w3.org/2000/svg";

/** @type {Record<string, { path: string, filled?: boolean }>} */
const ICONS = {
  pause: { path: "M4.5 3h2.4v10H4.5zM9.1 3h2.4v10H9.1z", filled: true },
  play: { path: "M4.5 2.6v10.8L13 8z", filled: true },
  pulse: { path: "M8 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8z", filled: true },
  ring: { path: "M8 3.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9z" },
  check: { path: "M3 8.6 6.4 12 13 4.6" },
  cross: { path: "m4 4 8 8M12 4l-8 8" },
  bang: { path: "M8 2.8v6.4M8 12.9v.1" },
  question: { path: "M5.6 6A2.5 2.5 0 1 1 9 8.3c-.7.4-1 .8-1 1.6M8 12.9v.1" },
  resume: { path: "M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3" },
  rerun: {
    path: "M3 7.5V7a3 3 0 0 1 3-3h6M10 1.8 12.2 4 10 6.2M13 8.5V9a3 3 0 0 1-3 3H4M6 9.8 3.8 12 6 14.2",
  },
  log: { path: "M3 4h10M3 8h10M3 12h6" },
  sun: {
    path: "M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM8 1.2v1.3M8 13.5v1.3M1.2 8h1.3M13.5 8h1.3M3.2 3.2l.9.9M11.9 11.9l.9.9M3.2 12.8l.9-.9M11.9 4.1l.9-.9",
  },
  moon: { path: "M13 9.6A5.5 5.5 0 0 1 6.4 3 5.5 5.5 0 1 0 13 9.6z" },
  auto: {
    path: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM8 2.5v11M8 5h3.6M8 8h5.3M8 11h3.6",
  },
  copy: { path: "M6 6h7v7H6zM3 10V3h7" },
  plus: { path: "M8 3v10M3 8h10" },
  close: { path: "m4 4 8 8M12 4l-8 8" },
  arrow: { path: "M3 8h10M9 4l4 4-4 4" },
  back: { path: "M13 8H3M7 4 3 8l4 4" },
  chevron: { path: "m6 4 4 4-4 4" },
  down: { path: "M8 3v9M4 8.5 8 12.5l4-4" },
  up: { path: "M8 13V4M4 7.5 8 3.5l4 4" },
  caret: { path: "m4 6 4 4 4-4" },
  trash: { path: "M3 4.5h10M6.2 4.5V3h3.6v1.5M4.4 4.5l.6 8.5h6l.6-8.5M6.9 7v3.6M9.1 7v3.6" },
  lock: { path: "M4 7.5h8v6H4zM5.8 7.5V5.2a2.2 2.2 0 0 1 4.4 0v2.3" },
  plug: {
    path: "m2.5 2.5 11 11M6 6l-1.8 1.8a3 3 0 0 0 4 4L10 10M8 4.2l1-.9a3 3 0 0 1 4 4l-.9 1",
  },
  terminal: { path: "m3 4 4 4-4 4M8.5 12H13" },
  search: {
    path: "M7 2.8a4.2 4.2 0 1 1 0 8.4 4.2 4.2 0 0 1 0-8.4zM10.2 10.2 13.5 13.5",
  },
};

/**
 * @param {string} name
 * @param {string} [className]
 * @returns {SVGElement}
 */
export function icon(name, className = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  svg.setAttribute("class", `icon icon-${name} ${className}`.trim());
  const { path, filled } = ICONS[name] ?? ICONS.question;
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", path);
  if (filled) shape.setAttribute("class", "filled");
  svg.append(shape);
  return svg;
}
