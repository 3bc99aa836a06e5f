// `/jobs/:id/log`: the whole output of a job, however long it is. Only the lines in sight are in the
// page.

import { Component, framed, h, reconcile, setAttribute, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { api, errorText } from "../net/api.js";
import { live } from "../net/live.js";
import { jobPath } from "../router.js";
import { AnsiParser } from "../state/ansi.js";
import { formatBytes, plural } from "../state/format.js";
import { LogBytes } from "../state/log-bytes.js";
import { announce } from "./av-announcer.js";
import { spanNodes } from "./log-spans.js";
import { setTitle } from "./title.js";

/** Height of a line in CSS pixels; styles/log.css draws it so. */
const LINE_PX = 20;
/** Lines above and below the window that are drawn as well. */
const MARGIN = 20;
/** Browsers lay out no taller element than about 33 million pixels. */
const TALLEST_PX = 15_000_000;

class LogPage extends Component {
  #job = "";
  #log = new LogBytes();
  #busy = false;
  #stale = false;
  #loaded = false;
  #found = -1;
  #empty = h("p", { class: "log-notice", role: "status" }, "Loading the log…");
  #size = h("span", { class: "count" });
  #search = /** @type {HTMLInputElement} */ (
    h("input", {
      type: "search",
      class: "input small",
      placeholder: "Search the log",
      "aria-label": "Search the log; Enter for the next line, Shift+Enter for the one before",
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
      oninput: () => this.#searched(),
    })
  );
  #said = h("span", { class: "muted", role: "status" });
  #error = h("p", { class: "inline-error", role: "alert", hidden: true });
  #lines = h("div", { class: "whole-log-lines" });
  #space = h("div", { class: "whole-log-space" }, this.#lines);
  #view = h(
    "div",
    {
      class: "log-view whole-log",
      tabindex: "0",
      role: "region",
      "aria-label": "Output of the run",
      onscroll: () => this.#renderSoon(),
    },
    this.#space,
  );
  #renderSoon = framed(() => this.#render());

  build() {
    this.#job = this.dataset.job ?? "";
    setTitle("Log", this.#job);
    const button = (
      /** @type {string} */ label,
      /** @type {string} */ symbol,
      /** @type {() => void} */ press,
    ) =>
      h("button", { class: "button small", type: "button", onclick: press }, icon(symbol), label);
    this.append(
      h(
        "div",
        { class: "page log-page" },
        h("a", { class: "back-link", href: jobPath(this.#job) }, icon("back"), "Back to the job"),
        h(
          "div",
          { class: "section-head" },
          h("h1", { tabindex: "-1" }, "Log", this.#size),
          h(
            "div",
            { class: "table-tools" },
            h(
              "div",
              { class: "log-search" },
              h("label", { class: "search" }, icon("search"), this.#search),
              this.#said,
            ),
            button("Start", "up", () => this.#goTo(0)),
            button("End", "down", () => this.#goTo(this.#log.count - 1)),
            button("Copy", "copy", () => this.#copy()),
            button("Download", "down", () => this.#download()),
          ),
        ),
        this.#error,
        h("div", { class: "card log-card" }, this.#empty, this.#view),
      ),
    );
  }

  start() {
    const resized = new ResizeObserver(() => this.#renderSoon());
    resized.observe(this.#view);
    this.own(() => resized.disconnect());
    this.own(
      live.watchJob(this.#job, (_, event) => {
        if (event?.name === "output" || event?.name === "snapshot" || event?.name === "end") {
          this.#load();
        }
      }),
    );
    this.#load();
  }

  /** What is not here yet, piece by piece, until the end. */
  async #load() {
    if (this.#busy) {
      this.#stale = true;
      return;
    }
    this.#busy = true;
    try {
      for (;;) {
        this.#stale = false;
        const { bytes, size } = await api.log(this.#job, this.#log.size);
        if (!this.isConnected) return;
        const follows = this.#isAtEnd() && this.#log.size > 0;
        this.#log.append(bytes);
        this.#loaded = true;
        show(this.#error, false);
        this.#render();
        if (follows) this.#goTo(this.#log.count - 1);
        if (this.#log.size >= size && !this.#stale) break;
      }
    } catch (error) {
      setText(this.#error, errorText(error));
      show(this.#error, true);
    } finally {
      this.#busy = false;
    }
  }

  /** Pixels of a line in the space that scrolls: fewer than it is high when the log is very long. */
  get #scale() {
    return Math.min(LINE_PX, TALLEST_PX / Math.max(1, this.#log.count));
  }

  #isAtEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.#view;
    return scrollHeight - scrollTop - clientHeight < 2 * LINE_PX;
  }

  #render() {
    const { count } = this.#log;
    const size = `${plural(count, "line")}, ${formatBytes(this.#log.size)}`;
    setText(this.#size, this.#loaded ? size : "");
    const height = this.#view.clientHeight;
    this.#space.style.setProperty("height", `${Math.max(height, count * this.#scale)}px`);
    const top = Math.floor(this.#view.scrollTop / this.#scale);
    const inSight = Math.ceil(height / LINE_PX);
    const first = Math.max(0, Math.min(top, count - inSight) - MARGIN);
    const last = Math.min(count, top + inSight + MARGIN);
    const offset = first * this.#scale;
    this.#lines.style.setProperty("transform", `translateY(${offset}px)`);
    const lines = [];
    for (let index = first; index < last; index += 1) {
      lines.push({ index, text: this.#log.line(index), found: index === this.#found });
    }
    // Lines stay the same elements: what somebody has selected stays selected while more arrives.
    reconcile(this.#lines, lines, ({ index }) => String(index), createLine, updateLine);
    show(this.#empty, count === 0);
    setText(this.#empty, this.#loaded ? "This job has written nothing yet." : "Loading the log…");
  }

  /** @param {number} index */
  #goTo(index) {
    const middle = this.#view.clientHeight / 2;
    this.#view.scrollTop = Math.max(0, index * this.#scale - middle);
    if (index === this.#log.count - 1) this.#view.scrollTop = this.#view.scrollHeight;
    this.#renderSoon();
  }

  #searched() {
    this.#found = -1;
    setText(this.#said, "");
    if (this.#search.value) this.#next(1);
    else this.#renderSoon();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Enter") return;
    event.preventDefault();
    this.#next(event.shiftKey ? -1 : 1);
  }

  /** @param {1 | -1} direction */
  #next(direction) {
    const text = this.#search.value;
    const from = this.#found < 0 && direction < 0 ? this.#log.count - 1 : this.#found + direction;
    let found = this.#log.find(text, Math.max(0, from), direction);
    if (from < 0) found = -1;
    const around = direction > 0 ? 0 : this.#log.count - 1;
    if (found < 0) found = this.#log.find(text, around, direction);
    this.#found = found;
    setText(this.#said, found < 0 ? "Not found" : `Line ${(found + 1).toLocaleString("en")}`);
    if (found >= 0) this.#goTo(found);
    else this.#renderSoon();
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(new TextDecoder().decode(this.#log.bytes));
      announce("The log is copied");
      setText(this.#said, "Copied");
    } catch {
      setText(this.#said, "The browser refused; download it instead");
    }
  }

  #download() {
    const url = URL.createObjectURL(new Blob([this.#log.bytes], { type: "text/plain" }));
    h("a", { href: url, download: `${this.#job}.log` }).click();
    URL.revokeObjectURL(url);
  }
}

/** @typedef {{ index: number, text: string, found: boolean }} Line */

/** @param {Line} line */
function createLine(line) {
  const node = h(
    "div",
    { class: "whole-log-line" },
    h("span", { class: "line-number", "aria-hidden": "true" }, String(line.index + 1)),
    h("span"),
  );
  updateLine(node, line);
  return node;
}

/** @param {HTMLElement} node @param {Line} line */
function updateLine(node, { text, found }) {
  setAttribute(node, "aria-current", found ? "true" : null);
  const words = node.lastElementChild;
  if (!words || node.dataset.text === text) return;
  node.dataset.text = text;
  words.replaceChildren(...spanNodes(new AnsiParser().parse(text)));
}

customElements.define("av-log-page", LogPage);
