// `/benchmarks`, and `/` where the server shows several projects: all that are registered, live.

import { fill, framed, h, reconcile, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { api } from "../net/api.js";
import { live } from "../net/live.js";
import { replaceQuery, runsPath } from "../router.js";
import { mergedBenchmarks, SORTS, shownBenchmarks } from "../state/benchmarks.js";
import { plural } from "../state/format.js";
import { createBenchmarkCard, updateBenchmarkCard } from "./benchmark-card.js";
import { addForm, removeDialog } from "./benchmark-dialogs.js";
import { messageBox } from "./message-box.js";
import { ResourcePage } from "./resource-page.js";
import { setTitle } from "./title.js";

/** @typedef {import("./benchmark-card.js").CardItem} CardItem */

/** @extends {ResourcePage<{ benchmarks: Benchmark[] }>} */
class BenchmarksPage extends ResourcePage {
  #heading = h("h1", { tabindex: "-1" }, "Benchmarks");
  #add = h(
    "button",
    { class: "button primary", type: "button", hidden: true, onclick: () => this.#openForm() },
    icon("plus"),
    "Add benchmark",
  );
  #locked = h(
    "p",
    { class: "notice", hidden: true },
    icon("lock"),
    "This Studio is read-only: benchmarks can be looked at, not added or removed.",
  );
  #own = h("p", { class: "notice", hidden: true });
  #form = addForm();
  #remove = removeDialog();
  #search = /** @type {HTMLInputElement} */ (
    h("input", {
      type: "search",
      class: "input small",
      placeholder: "Filter benchmarks",
      "aria-label": "Filter benchmarks by name or path",
      "data-shortcut": "/",
      oninput: () => this.#chosen(),
    })
  );
  #sort = /** @type {HTMLSelectElement} */ (
    h(
      "select",
      { class: "input small", "aria-label": "Order", onchange: () => this.#chosen() },
      ...SORTS.map(({ name, label }) => h("option", { value: name }, label)),
    )
  );
  #tools = h(
    "div",
    { class: "run-filter benchmark-tools", hidden: true },
    h("label", { class: "search" }, icon("search"), this.#search),
    this.#sort,
  );
  #count = h("p", { class: "muted", role: "status" });
  #cards = h("ul", { class: "benchmark-cards" });
  #none = h("p", { class: "table-empty", hidden: true }, "No benchmark matches the filter.");
  #empty = h("div", { hidden: true });
  /** Items stay the same object while nothing about them changes. */
  /** @type {Map<string, { signature: string, item: CardItem }>} */
  #items = new Map();

  build() {
    setTitle("Benchmarks");
    const query = new URLSearchParams(location.search);
    this.#search.value = query.get("q") ?? "";
    const sort = query.get("sort") ?? "";
    this.#sort.value = SORTS.some(({ name }) => name === sort) ? sort : "";
    this.#form.onclosed = () => this.#add.focus();
    fill(this.content, this.#tools, this.#cards, this.#none, this.#empty);
    this.frame(
      h(
        "div",
        { class: "page-head" },
        h("div", { class: "page-title" }, this.#heading, this.#count),
        h("div", { class: "actions" }, this.#add),
      ),
      this.#locked,
      this.#form.element,
      this.#own,
    );
    this.append(this.#remove.element);
  }

  start() {
    super.start();
    const render = framed(() => this.#render());
    this.own(live.subscribe(({ kind }) => kind === "project" && render()));
    this.#render();
  }

  request() {
    return api.benchmarks();
  }

  /** Numbers of a project that nobody has opened yet are asked for. */
  /** @param {StreamEvent} event */
  isStale({ name, data }) {
    if (name !== "registry") return false;
    const entries = /** @type {Benchmark[]} */ (data.benchmarks ?? []);
    return entries.some((each) => each.available !== false && each.run_count === undefined);
  }

  render() {
    this.#render();
  }

  #openForm() {
    this.#form.open();
  }

  #chosen() {
    replaceQuery({ q: this.#search.value.trim(), sort: this.#sort.value });
    this.#render();
  }

  #render() {
    const { project } = live;
    const readOnly = project.config.read_only === true;
    show(this.#add, project.loaded && !readOnly);
    show(this.#locked, readOnly);
    if (readOnly) show(this.#form.element, false);
    this.#renderOwn(project);
    if (!this.resource.data) return;
    const all = mergedBenchmarks(this.resource.data.benchmarks, project);
    const shown = shownBenchmarks(all, { q: this.#search.value.trim(), sort: this.#sort.value });
    const live_ = all.reduce((sum, each) => sum + (each.live_count ?? 0), 0);
    const words = plural(all.length, "benchmark");
    setText(this.#count, live_ > 0 ? `${words} · ${plural(live_, "live run")}` : words);
    setTitle(live_ > 0 ? `${live_} live` : null, "Benchmarks");
    show(this.#tools, all.length > 1);
    show(this.#none, all.length > 0 && shown.length === 0);
    show(this.#empty, all.length === 0);
    if (all.length === 0) fill(this.#empty, this.#emptyBox(readOnly));
    reconcile(
      this.#cards,
      shown.map((benchmark) => this.#item(benchmark, readOnly)),
      ({ benchmark }) => benchmark.id,
      (item) => createBenchmarkCard(item, (benchmark) => this.#remove.ask(benchmark)),
      updateBenchmarkCard,
    );
  }

  /** The server's own project has runs as well, whether it is registered or not. */
  /** @param {ProjectState} project */
  #renderOwn(project) {
    const registered = project.benchmarks.some((each) => each.is_home);
    const shown = project.loaded && !registered;
    show(this.#own, shown);
    const name = project.config.benchmark_name ?? "";
    if (!shown || this.#own.dataset.name === name) return;
    this.#own.dataset.name = name;
    fill(
      this.#own,
      h(
        "span",
        {},
        "This server runs in ",
        h("a", { href: runsPath(null) }, name),
        ", which is not registered.",
      ),
    );
  }

  /** @param {Benchmark} benchmark @param {boolean} readOnly @returns {CardItem} */
  #item(benchmark, readOnly) {
    const signature = JSON.stringify([benchmark, readOnly]);
    const known = this.#items.get(benchmark.id);
    if (known?.signature === signature) return known.item;
    const item = { benchmark, readOnly };
    this.#items.set(benchmark.id, { signature, item });
    return item;
  }

  /** @param {boolean} readOnly */
  #emptyBox(readOnly) {
    return messageBox({
      heading: "No benchmarks yet",
      symbol: "terminal",
      text: h(
        "span",
        {},
        readOnly ? "Register a project with " : "Add the directory of a project here, or with ",
        h("code", {}, "agentv studio --add PATH"),
        ". It appears at once.",
      ),
    });
  }
}

customElements.define("av-benchmarks-page", BenchmarksPage);
