// Tests × targets at a glance: each cell says by sign, word and colour what it is at.

import { Component, fill, framed, h, show } from "../dom.js";
import { icon } from "../icons.js";
import { formatScore } from "../state/format.js";
import { gridOf } from "../state/grid.js";

/** @type {Record<string, { label: string, icon: string, tone: string }>} */
const STATES = {
  planned: { label: "Planned", icon: "ring", tone: "neutral" },
  running: { label: "Running", icon: "pulse", tone: "live" },
  ok: { label: "Passed", icon: "check", tone: "ok" },
  quality_failure: { label: "Failed", icon: "cross", tone: "bad" },
  execution_error: { label: "Error", icon: "bang", tone: "warn" },
};

/** More lines than a person looks over; the table of tests has them all. */
const LINE_LIMIT = 500;

export class Grid extends Component {
  #frame = h("div", { class: "table-frame grid-frame", tabindex: "0", role: "region" });
  #note = h("p", { class: "muted" });
  /** @type {import("../components/test-row.js").TestItem[]} */
  #items = [];
  /** @type {InFlightTest[]} */
  #inFlight = [];
  #shown = "";
  #renderSoon = framed(() => this.#render());

  build() {
    this.#frame.setAttribute("aria-label", "Tests by target");
    this.append(
      h(
        "details",
        { class: "card", open: true },
        h("summary", {}, h("h2", {}, "Tests by target")),
        this.#frame,
        this.#note,
      ),
    );
    this.hidden = true;
  }

  /**
   * @param {import("../components/test-row.js").TestItem[]} items
   * @param {InFlightTest[]} inFlight
   */
  show(items, inFlight) {
    this.#items = items;
    this.#inFlight = inFlight;
    this.#renderSoon();
  }

  #render() {
    const { targets, lines } = gridOf(this.#items, this.#inFlight);
    const isMatrix = targets.length > 1;
    show(this, isMatrix);
    if (!isMatrix) return;
    const drawn = lines.slice(0, LINE_LIMIT);
    const signature = JSON.stringify([targets, drawn.map((line) => [line.test, ...line.cells])]);
    if (signature === this.#shown) return;
    this.#shown = signature;
    const rest = lines.length - drawn.length;
    this.#note.textContent = rest > 0 ? `${rest} more tests are in the table below.` : "";
    fill(
      this.#frame,
      h(
        "table",
        { class: "grid" },
        h("caption", { class: "visually-hidden" }, "Tests by target"),
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", { scope: "col" }, "Test"),
            ...targets.map((target) => h("th", { scope: "col" }, target)),
          ),
        ),
        h("tbody", {}, ...drawn.map((line) => lineRow(line, targets))),
      ),
    );
  }
}

/** @param {import("../state/grid.js").GridLine} line @param {string[]} targets */
function lineRow(line, targets) {
  return h(
    "tr",
    {},
    h("th", { scope: "row", title: line.file }, line.test),
    ...targets.map((target) => h("td", {}, cell(line.cells.get(target)))),
  );
}

/** @param {import("../state/grid.js").GridCell | undefined} found */
function cell(found) {
  const look = STATES[found?.state ?? "planned"] ?? STATES.planned;
  const score = found?.score != null && found.state !== "execution_error" ? found.score : null;
  const words = score === null ? look.label : `${look.label}, score ${formatScore(score)}`;
  const attributes = { class: `grid-cell tone-${look.tone}`, title: words };
  const content = [icon(look.icon), h("span", { class: "visually-hidden" }, words)];
  return found?.href
    ? h("a", { ...attributes, href: found.href }, ...content)
    : h("span", attributes, ...content);
}

customElements.define("av-grid", Grid);
