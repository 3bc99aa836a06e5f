// Tests × targets at a glance: each cell says by sign, word and colour what it is at. Of a long run
// only the lines on the screen are in the page.

import { Component, fill, framed, h, paced, show } from "../dom.js";
import { icon } from "../icons.js";
import { formatScore } from "../state/format.js";
import { GridModel } from "../state/grid.js";
import { RowStore } from "../state/row-store.js";
import { WindowedBody } from "./windowed-body.js";

/** @typedef {import("../state/grid.js").GridLine} GridLine */

/** @type {Record<string, { label: string, icon: string, tone: string }>} */
const STATES = {
  planned: { label: "Planned", icon: "ring", tone: "neutral" },
  running: { label: "Running", icon: "pulse", tone: "live" },
  ok: { label: "Passed", icon: "check", tone: "ok" },
  quality_failure: { label: "Failed", icon: "cross", tone: "bad" },
  execution_error: { label: "Error", icon: "bang", tone: "warn" },
};

export class Grid extends Component {
  #frame = h("div", { class: "table-frame grid-frame", tabindex: "0", role: "region" });
  #head = h("tr");
  #tbody = h("tbody");
  /** @type {WeakMap<HTMLElement, string>}  what each line shows */
  #drawn = new WeakMap();
  #body = /** @type {WindowedBody<GridLine>} */ (
    new WindowedBody(this.#tbody, {
      columns: 2,
      keyOf: (line) => line.key,
      create: (line) => this.#fill(h("tr"), line),
      update: (node, line) => this.#fill(node, line),
      resized: () => this.#drawSoon(),
    })
  );
  #store = new RowStore();
  #model = new GridModel(this.#store);
  /** @type {InFlightTest[]} */
  #inFlight = [];
  #targets = "";
  #renderSoon = paced(() => this.#render());
  #drawSoon = framed(() => this.#draw());

  build() {
    this.#frame.setAttribute("aria-label", "Tests by target");
    this.#frame.append(
      h(
        "table",
        { class: "grid" },
        h("caption", { class: "visually-hidden" }, "Tests by target"),
        h("thead", {}, this.#head),
        this.#tbody,
      ),
    );
    this.append(
      h(
        "details",
        { class: "card", open: true, ontoggle: () => this.#renderSoon() },
        h("summary", {}, h("h2", {}, "Tests by target")),
        this.#frame,
      ),
    );
    this.hidden = true;
  }

  start() {
    const moved = { passive: true };
    this.#frame.addEventListener("scroll", this.#drawSoon, moved);
    addEventListener("resize", this.#drawSoon);
    this.own(() => {
      this.#frame.removeEventListener("scroll", this.#drawSoon);
      removeEventListener("resize", this.#drawSoon);
    });
  }

  /**
   * Shows the tests of a store, and what came into it since.
   * @param {RowStore} store
   * @param {InFlightTest[]} inFlight
   */
  show(store, inFlight) {
    if (store !== this.#store) {
      this.#store = store;
      this.#model = new GridModel(store);
    }
    this.#inFlight = inFlight;
    this.#renderSoon();
  }

  #render() {
    const isMatrix = this.#model.update(this.#inFlight);
    show(this, isMatrix);
    if (!isMatrix) return;
    const { targets } = this.#model;
    const names = JSON.stringify(targets);
    if (names !== this.#targets) {
      this.#targets = names;
      this.#drawn = new WeakMap();
      const heading = (/** @type {string} */ name) => h("th", { scope: "col" }, name);
      fill(this.#head, heading("Test"), ...targets.map(heading));
    }
    this.#draw();
  }

  #draw() {
    const { lines, window: place } = this.#model;
    const { top, bottom } = this.#frame.getBoundingClientRect();
    this.#body.draw(
      {
        window: place,
        reversed: false,
        at: (index) => lines[index] ?? null,
        indexOf: (line) => this.#model.indexOf(line),
      },
      {
        top,
        bottom,
        scrollBy: (pixels) => this.#frame.scrollBy(0, pixels),
      },
    );
    for (const node of this.#tbody.children) {
      const line = this.#body.itemOf(node);
      if (line) this.#fill(/** @type {HTMLElement} */ (node), line);
    }
  }

  /** @param {HTMLElement} node @param {GridLine} line */
  #fill(node, line) {
    const state = `${line.version} ${this.#targets}`;
    if (this.#drawn.get(node) === state) return node;
    this.#drawn.set(node, state);
    fill(
      node,
      h("th", { scope: "row", title: line.file }, line.test),
      ...this.#model.targets.map((target) => h("td", {}, cell(line.cells.get(target)))),
    );
    return node;
  }
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
