// Charts drawn as SVG. Each is a figure with a caption and the same numbers as a table, for readers
// that see no picture.

import { h } from "../dom.js";
import { withEdges } from "../edges.js";
import { formatChange, formatPercent } from "../state/format.js";

const SVG = "http://www.w3.org/2000/svg";
const SERIES = 8;

/**
 * Units across a drawing; its words are 12 of them high, and so stay readable where the drawing is
 * narrow (a phone) and where everything is larger (a 4K screen).
 */
function widthOf() {
  if (innerWidth <= 720) return 320;
  return innerWidth >= 2400 ? 480 : 640;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 */
function s(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/**
 * @param {string} caption
 * @param {number} width
 * @param {number} height
 * @param {Node[]} shapes
 * @param {Node} table
 */
function chart(caption, width, height, shapes, table) {
  const svg = s("svg", {
    viewBox: `0 0 ${width} ${height}`,
    class: "chart",
    role: "img",
    "aria-label": `${caption}; the numbers are in the table below`,
  });
  svg.append(...shapes);
  return h(
    "figure",
    { class: "chart-figure" },
    h("figcaption", {}, caption),
    withEdges(
      h(
        "div",
        { class: "chart-scroll", tabindex: "0", role: "region", "aria-label": `${caption}, chart` },
        svg,
      ),
    ),
    h("details", {}, h("summary", {}, "Numbers"), table),
  );
}

/** @param {string[]} heads @param {(string | number)[][]} rows */
function numbers(heads, rows) {
  return h(
    "table",
    { class: "table numbers" },
    h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col" }, head)))),
    h(
      "tbody",
      {},
      ...rows.map(([first, ...rest]) =>
        h("tr", {}, h("th", { scope: "row" }, first), ...rest.map((cell) => h("td", {}, cell))),
      ),
    ),
  );
}

/** @param {import("../state/analytics.js").Bucket[]} buckets */
export function histogram(buckets) {
  const width = widthOf();
  const height = 180;
  const bottom = height - 24;
  const most = Math.max(1, ...buckets.map(({ count }) => count));
  const step = width / buckets.length;
  const shapes = buckets.flatMap(({ lower, upper, count }, index) => {
    const size = (count / most) * (bottom - 22);
    const x = index * step + 4;
    const label = s("text", { x: x + step / 2 - 4, y: height - 7, class: "axis middle" });
    label.append(lower.toFixed(1));
    const bar = s(
      "rect",
      { x, y: bottom - size, width: step - 8, height: size, rx: 3, class: "series-0" },
      title(`${lower.toFixed(1)} to ${upper.toFixed(1)}: ${count}`),
    );
    const number = s("text", { x: x + step / 2 - 4, y: bottom - size - 6, class: "axis middle" });
    number.append(count > 0 ? String(count) : "");
    return [bar, label, number];
  });
  return chart(
    "Score distribution",
    width,
    height,
    [line(0, bottom, width, bottom), ...shapes],
    numbers(
      ["Score", "Results"],
      buckets.map(({ lower, upper, count }) => [
        `${lower.toFixed(1)}–${upper.toFixed(1)}`,
        count.toLocaleString("en"),
      ]),
    ),
  );
}

/** @param {{ days: string[], series: { name: string, values: (number | null)[] }[] }} trend */
export function trendLines({ days, series }) {
  const width = widthOf();
  const height = 240;
  const left = 36;
  const bottom = height - 26;
  const top = 10;
  const x = (/** @type {number} */ index) =>
    left + (index / Math.max(1, days.length - 1)) * (width - left - 12);
  const y = (/** @type {number} */ value) => bottom - value * (bottom - top);
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((value) => {
    const label = s("text", { x: left - 6, y: y(value) + 4, class: "axis end" });
    label.append(value.toFixed(2));
    return [line(left, y(value), width, y(value)), label];
  });
  const ends = [0, days.length - 1].map((index) => {
    const label = s("text", {
      x: x(index),
      y: height - 7,
      class: `axis ${index === 0 ? "start" : "end"}`,
    });
    label.append(days[index] ?? "");
    return label;
  });
  const lines = series.flatMap(({ name, values }, index) => {
    const points = values.flatMap((value, day) => (value === null ? [] : [[x(day), y(value)]]));
    const path = s("polyline", {
      points: points.map((point) => point.join(",")).join(" "),
      class: `trend series-${index % SERIES}`,
    });
    const dots = values.flatMap((value, day) =>
      value === null
        ? []
        : [
            s(
              "circle",
              { cx: x(day), cy: y(value), r: 4, class: `series-${index % SERIES}` },
              title(`${name}, ${days[day]}: ${value.toFixed(2)}`),
            ),
          ],
    );
    return [path, ...dots];
  });
  const figure = chart(
    "Mean score by day (UTC)",
    width,
    height,
    [...grid, ...ends, ...lines],
    numbers(
      ["Day", ...series.map(({ name }) => name)],
      days.map((day, index) => [
        day,
        ...series.map(({ values }) => values[index]?.toFixed(2) ?? "–"),
      ]),
    ),
  );
  figure.querySelector("figcaption")?.after(legend(series.map(({ name }) => name)));
  return figure;
}

/** @param {ReturnType<typeof import("../state/analytics.js").gains>} all */
export function gainBars(all) {
  const width = widthOf();
  // Where the drawing is narrow a name has a line of its own above its bar.
  const stacked = width < 400;
  const row = stacked ? 46 : 30;
  const height = all.length * row + 24;
  const label = stacked ? 0 : Math.round(width * 0.42);
  const chars = Math.floor((stacked ? width : label) / 6.8);
  const zero = label + (width - label) / 2;
  const half = (width - label) / 2 - 44;
  const shapes = all.flatMap(({ label: name, gain }, index) => {
    const middle = index * row + row / 2 + (stacked ? 9 : 0);
    const text = s("text", {
      x: stacked ? 0 : label - 8,
      y: stacked ? middle - 16 : middle + 4,
      class: `axis ${stacked ? "start" : "end"}`,
    });
    text.append(name.length > chars ? `${name.slice(0, chars - 1)}…` : name, title(name));
    const size = Math.min(1, Math.abs(gain ?? 0)) * half;
    const isLoss = (gain ?? 0) < 0;
    const bar = s("rect", {
      x: isLoss ? zero - size : zero,
      y: middle - 9,
      width: Math.max(size, gain === null ? 0 : 1),
      height: 18,
      rx: 3,
      class: isLoss ? "loss" : "gain",
    });
    const number = s("text", {
      x: isLoss ? zero - size - 6 : zero + size + 6,
      y: middle + 4,
      class: `axis ${isLoss ? "end" : "start"}`,
    });
    number.append(gain === null ? "none possible" : formatChange(gain));
    return [text, bar, number];
  });
  return chart(
    "Normalized gain over the baseline",
    width,
    height,
    [line(zero, 0, zero, height - 20), ...shapes],
    numbers(
      ["Target and experiment", "Gain", "Change of the mean score"],
      all.map(({ label: name, gain, delta }) => [
        name,
        gain === null ? "–" : formatChange(gain),
        formatChange(delta),
      ]),
    ),
  );
}

/** @param {ReturnType<typeof import("../state/analytics.js").tagRates>} rates @param {(rate: number | null) => string} toneOf */
export function tagTable({ targets, lines }, toneOf) {
  return h(
    "figure",
    { class: "chart-figure" },
    h("figcaption", {}, "Pass rate by tag and target"),
    h(
      "div",
      { class: "grid-frame", tabindex: "0", role: "region", "aria-label": "Tags by target" },
      h(
        "table",
        { class: "grid heat" },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", { scope: "col" }, "Tag"),
            ...targets.map((target) => h("th", { scope: "col", title: target }, target)),
          ),
        ),
        h(
          "tbody",
          {},
          ...lines.map(([tag, cells]) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, tag),
              ...targets.map((target) => {
                const cell = cells.get(target);
                const rate = cell && cell.total > 0 ? cell.passed / cell.total : null;
                return h(
                  "td",
                  {},
                  h("span", { class: `heat-cell tone-${toneOf(rate)}` }, formatPercent(rate)),
                );
              }),
            ),
          ),
        ),
      ),
    ),
  );
}

/** @param {string[]} names */
function legend(names) {
  return h(
    "ul",
    { class: "chart-legend" },
    ...names.map((name, index) =>
      h("li", {}, h("span", { class: `swatch series-${index % SERIES}` }), name),
    ),
  );
}

/** @param {string} text */
function title(text) {
  return s("title", {}, text);
}

/** @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 */
function line(x1, y1, x2, y2) {
  return s("line", { x1, y1, x2, y2, class: "grid-line" });
}
