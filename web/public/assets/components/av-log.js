// The run's output, as it comes: colours kept, stderr marked, following the end until the reader
// scrolls up or pauses.

import { Component, framed, h, setAttribute, setText, show } from "../dom.js";
import { plural } from "../state/format.js";
import { LogLines } from "../state/log.js";
import { spanNodes } from "./log-spans.js";

/** @typedef {import("../state/log.js").LogLine} LogLine */

/** Lines kept in the page. */
const LINE_LIMIT = 5000;
/** Lines in one block; blocks out of sight are not laid out (styles/log.css). */
const BLOCK_LINES = 100;

export class Log extends Component {
  #lines = new LogLines();
  /** @type {Map<LogLine, HTMLElement>} */
  #open = new Map();
  /** @type {OutputChunk[]} */
  #waiting = [];
  #follow = true;
  #unseen = 0;
  #lastTop = 0;
  #flushSoon = framed(() => this.#flush());
  #view = h("div", {
    class: "log-view",
    tabindex: "0",
    role: "region",
    "aria-label": "Output of the run",
    onscroll: () => this.#scrolled(),
  });
  #cut = h("p", { class: "log-notice", hidden: true }, "Earlier output is not shown here.");
  #empty = h("p", { class: "log-notice" }, "Waiting for output…");
  #followText = h("span");
  #button = h(
    "button",
    {
      class: "button small",
      type: "button",
      onclick: () => this.#setFollow(!this.#follow),
    },
    this.#followText,
  );
  #wrap = h(
    "button",
    {
      class: "button small",
      type: "button",
      "aria-pressed": "true",
      onclick: () => this.#toggleWrap(),
    },
    "Wrap",
  );

  #whole = h("a", { class: "button small", hidden: true }, "Whole log");

  /** @param {string} path  of the page with all of it */
  set whole(path) {
    setAttribute(this.#whole, "href", path);
    show(this.#whole, true);
  }

  build() {
    this.append(
      h(
        "div",
        { class: "section-head" },
        h("h2", {}, "Log"),
        h("div", { class: "actions" }, this.#whole, this.#wrap, this.#button),
      ),
      this.#cut,
      this.#empty,
      this.#view,
    );
    this.#setFollow(true);
  }

  /**
   * Starts again with the output so far.
   * @param {OutputChunk[]} chunks
   * @param {boolean} cut  the beginning is missing
   */
  reset(chunks, cut) {
    this.#lines = new LogLines();
    this.#open.clear();
    this.#view.replaceChildren();
    this.#waiting = [...chunks];
    this.#unseen = 0;
    show(this.#cut, cut);
    this.#flushSoon();
  }

  /** @param {OutputChunk} chunk */
  add(chunk) {
    this.#waiting.push(chunk);
    this.#flushSoon();
  }

  /** @param {boolean} live  more output may come */
  set live(live) {
    setText(this.#empty, live ? "Waiting for output…" : "This job wrote no output.");
    show(this.#button, live);
    setAttribute(this, "data-live", live);
  }

  #flush() {
    const chunks = this.#waiting.splice(0);
    if (chunks.length === 0) return;
    let count = 0;
    for (const chunk of chunks) {
      const { changed, added } = this.#lines.append(chunk);
      if (changed) {
        const node = this.#open.get(changed);
        if (node) fillLine(node, changed);
      }
      for (const line of added) {
        const node = h("div", { class: `log-line log-${line.stream}` });
        fillLine(node, line);
        this.#lastBlock().append(node);
        count += 1;
        this.#open.clear();
        if (line.open) this.#open.set(line, node);
      }
    }
    while (this.#view.childElementCount > LINE_LIMIT / BLOCK_LINES) {
      this.#view.firstElementChild?.remove();
      show(this.#cut, true);
    }
    show(this.#empty, this.#view.childElementCount === 0);
    if (this.#follow) this.#toEnd();
    else this.#unseen += count;
    this.#label();
  }

  #lastBlock() {
    const last = this.#view.lastElementChild;
    if (last && last.childElementCount < BLOCK_LINES) return last;
    const block = h("div", { class: "log-block" });
    this.#view.append(block);
    return block;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#view;
    const atEnd = scrollHeight - scrollTop - clientHeight < 24;
    const up = scrollTop < this.#lastTop - 1;
    this.#lastTop = scrollTop;
    // Scrolling up pauses, coming back to the end follows again.
    if (this.#follow && up && !atEnd) this.#setFollow(false);
    else if (!this.#follow && atEnd && !up) this.#setFollow(true);
  }

  /** @param {boolean} follow */
  #setFollow(follow) {
    this.#follow = follow;
    if (follow) {
      this.#unseen = 0;
      this.#toEnd();
    }
    this.#label();
  }

  #toEnd() {
    this.#view.scrollTop = this.#view.scrollHeight;
    this.#lastTop = this.#view.scrollTop;
  }

  #label() {
    setAttribute(this.#button, "aria-pressed", String(this.#follow));
    const unseen = this.#unseen > 0 ? ` (${plural(this.#unseen, "new line")})` : "";
    setText(this.#followText, this.#follow ? "Pause" : `Follow${unseen}`);
  }

  #toggleWrap() {
    const wrap = this.#view.classList.toggle("no-wrap");
    setAttribute(this.#wrap, "aria-pressed", String(!wrap));
  }
}

/** @param {HTMLElement} node @param {LogLine} line */
function fillLine(node, line) {
  const marker =
    line.stream === "stderr"
      ? [h("span", { class: "log-marker" }, h("span", { class: "visually-hidden" }, "stderr: "))]
      : [];
  node.replaceChildren(...marker, ...spanNodes(line.spans));
}

customElements.define("av-log", Log);
