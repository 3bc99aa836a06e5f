// The header's benchmark switcher: which project the page is about, and the way to the others.

import { Component, framed, h, reconcile, setAttribute, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { live } from "../net/live.js";
import { matchRoute } from "../router.js";
import { benchmarkChoices, matchesWords, switchPath } from "../state/benchmarks.js";

/** From so many projects on, a field to search them is of use. */
const SEARCH_FROM = 6;

class Switcher extends Component {
  #name = h("span", { class: "truncate" });
  #button = h(
    "button",
    {
      class: "switcher-button",
      type: "button",
      "aria-haspopup": "dialog",
      "data-shortcut": "b",
      onclick: () => this.#open(),
    },
    h("span", { class: "visually-hidden" }, "Benchmark: "),
    this.#name,
    icon("chevron"),
  );
  #search = /** @type {HTMLInputElement} */ (
    h("input", {
      type: "search",
      class: "input",
      placeholder: "Search benchmarks",
      "aria-label": "Search benchmarks",
      oninput: () => this.#render(),
    })
  );
  #searchBox = h("label", { class: "search switcher-search" }, icon("search"), this.#search);
  #list = h("ul", { class: "switcher-list" });
  #none = h("p", { class: "muted switcher-none", role: "status" });
  #dialog = /** @type {HTMLDialogElement} */ (
    h("dialog", {
      class: "dialog switcher",
      "aria-label": "Switch benchmark",
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
    })
  );

  /** Opened before it was known what there is to choose from. */
  #isAwaited = false;

  build() {
    this.#dialog.append(
      this.#searchBox,
      this.#list,
      this.#none,
      h("a", { class: "button quiet switcher-all", href: "/benchmarks" }, "All benchmarks"),
    );
    this.#dialog.addEventListener("click", (event) => {
      const link = event.target instanceof Element && event.target.closest("a");
      // A click on the backdrop is a click on the dialog element itself.
      if (event.target === this.#dialog || link) this.#dialog.close();
    });
    this.append(this.#button, this.#dialog);
  }

  start() {
    const render = framed(() => this.#renderAll());
    this.own(live.subscribe(({ kind }) => kind !== "event" && render()));
    for (const name of ["popstate", "agentv:navigate"]) {
      addEventListener(name, render);
      this.own(() => removeEventListener(name, render));
    }
    this.#renderAll();
  }

  #open() {
    this.#search.value = "";
    this.#dialog.style.setProperty("--left", `${this.#button.getBoundingClientRect().left}px`);
    this.#dialog.showModal();
    this.#render();
    this.#isAwaited = !live.project.loaded;
    this.#focus();
  }

  #focus() {
    const here = this.#list.querySelector("[aria-current]") ?? this.#list.querySelector("a");
    if (!this.#searchBox.hidden) this.#search.focus();
    else if (here instanceof HTMLElement) here.focus();
  }

  #renderAll() {
    const isAll = listsAll();
    const here = benchmarkChoices(live.project, live.scope).find((choice) => choice.here);
    const name = isAll ? "All benchmarks" : (here?.name ?? live.scope ?? "…");
    setText(this.#name, name);
    this.#button.title = isAll ? "" : (here?.path ?? "");
    if (!this.#dialog.open) return;
    this.#render();
    if (!this.#isAwaited || !live.project.loaded) return;
    this.#isAwaited = false;
    this.#focus();
  }

  #render() {
    const choices = benchmarkChoices(live.project, live.scope);
    if (listsAll()) for (const choice of choices) choice.here = false;
    show(this.#searchBox, choices.length >= SEARCH_FROM);
    const found = choices.filter((choice) => matchesWords(choice, this.#search.value));
    // The links stay the same elements: a live run changes the list while somebody clicks in it.
    reconcile(this.#list, found, ({ scope }) => scope ?? "", createChoice, updateChoice);
    setText(this.#none, found.length === 0 ? "No benchmark matches." : "");
  }

  /**
   * Arrows walk through the list; Enter in the field opens the first one.
   * @param {KeyboardEvent} event
   */
  #key(event) {
    const links = [...this.#dialog.querySelectorAll("a")];
    const here = links.indexOf(/** @type {HTMLAnchorElement} */ (document.activeElement));
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = links[here + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) next.focus();
      else if (here === 0 && !this.#searchBox.hidden) this.#search.focus();
    } else if (event.key === "Enter" && event.target === this.#search) {
      event.preventDefault();
      if (this.#list.querySelector("a")) links[0]?.click();
    }
  }
}

/** Whether the page is the list of benchmarks, and so about none of them. */
function listsAll() {
  const { page } = matchRoute(location.pathname, location.search);
  if (page === "av-benchmarks-page") return true;
  return page === "av-start-page" && live.project.config.multi_benchmark_dashboard === true;
}

/** @typedef {import("../state/benchmarks.js").Choice} Choice */

/** @type {WeakMap<HTMLElement, (choice: Choice) => void>} */
const updaters = new WeakMap();

/** @param {Choice} choice */
function createChoice(choice) {
  const name = h("span", { class: "switcher-name truncate" });
  const note = h("span", { class: "muted truncate" });
  const live = h("span", { class: "chip chip-live" });
  const link = h("a", {}, h("span", { class: "switcher-choice" }, name, note), live);
  const item = h("li", {}, link);
  updaters.set(item, (next) => {
    setAttribute(link, "href", switchPath(location.pathname, next.scope));
    setAttribute(link, "aria-current", next.here ? "true" : null);
    setText(name, next.name);
    setText(note, next.note);
    show(live, next.liveCount > 0);
    setText(live, `${next.liveCount} live`);
  });
  updateChoice(item, choice);
  return item;
}

/** @param {HTMLElement} item @param {Choice} choice */
function updateChoice(item, choice) {
  updaters.get(item)?.(choice);
}

customElements.define("av-switcher", Switcher);
