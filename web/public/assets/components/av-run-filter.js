// The filter of the run list; what is chosen is kept in the address.

import { Component, fill, h, setAttribute, show } from "../dom.js";
import { icon } from "../icons.js";
import { replaceQuery } from "../router.js";
import {
  choicesOf,
  filterOfQuery,
  NO_FILTER,
  SORTS,
  SOURCES,
  STATE_NAMES,
} from "../state/run-filter.js";

/** @typedef {import("../state/run-filter.js").RunFilter} RunFilter */

export class RunFilterBar extends Component {
  /** @type {() => void} */
  onfilter = () => {};
  #filter = filterOfQuery(location.search);
  #search = /** @type {HTMLInputElement} */ (
    h("input", {
      type: "search",
      class: "input small",
      placeholder: "Filter runs",
      "aria-label": "Filter runs by name, target, experiment or tag",
      "data-shortcut": "/",
      oninput: () => this.#set({ q: this.#search.value }),
    })
  );
  #states = STATE_NAMES.map((name) => ({
    name,
    chip: h(
      "button",
      {
        class: "chip",
        type: "button",
        onclick: () => this.#set({ state: this.#filter.state === name ? "" : name }),
      },
      name[0].toUpperCase() + name.slice(1),
    ),
  }));
  #target = this.#select("target", "Target");
  #experiment = this.#select("experiment", "Experiment");
  #tag = this.#select("tag", "Tag");
  #source = this.#select("source", "Source");
  #sort = this.#select("sort", "Order");
  #clear = h(
    "button",
    { class: "button small quiet", type: "button", onclick: () => this.#reset() },
    "Clear",
  );
  #choices = "";

  build() {
    this.className = "run-filter";
    this.#search.value = this.#filter.q;
    fill(this.#source, ...SOURCES.map(optionOf));
    fill(this.#sort, ...SORTS.map(optionOf));
    this.append(
      h("label", { class: "search" }, icon("search"), this.#search),
      h(
        "div",
        { class: "chips", role: "group", "aria-label": "State" },
        ...this.#states.map(({ chip }) => chip),
      ),
      this.#target,
      this.#experiment,
      this.#tag,
      this.#source,
      this.#sort,
      this.#clear,
    );
    this.#mark();
  }

  /** @returns {RunFilter} */
  get filter() {
    return this.#filter;
  }

  /**
   * @param {import("./run-row.js").RunItem[]} items  the runs that are here
   * @param {Facets | null} facets  what the server says about all of them
   */
  offer(items, facets) {
    const choices = choicesOf(items, facets);
    show(this.#source, choices.hasRemote || this.#filter.source !== "");
    const signature = JSON.stringify(choices);
    if (signature === this.#choices) return;
    // A menu that is open stays as it is; it is filled when it is left.
    if (
      document.activeElement instanceof HTMLSelectElement &&
      this.contains(document.activeElement)
    )
      return;
    this.#choices = signature;
    this.#options(this.#target, "Any target", choices.targets);
    this.#options(this.#experiment, "Any experiment", choices.experiments);
    this.#options(this.#tag, "Any tag", choices.tags);
    this.#mark();
  }

  /** @param {"target" | "experiment" | "tag" | "source" | "sort"} name @param {string} label */
  #select(name, label) {
    const select = /** @type {HTMLSelectElement} */ (
      h("select", {
        class: "input small",
        "aria-label": label,
        onchange: () => this.#set({ [name]: select.value }),
      })
    );
    return select;
  }

  /** @param {HTMLSelectElement} select @param {string} any @param {string[]} names */
  #options(select, any, names) {
    fill(
      select,
      h("option", { value: "" }, any),
      ...names.map((name) => h("option", { value: name }, name)),
    );
    // One name is no choice, unless it was chosen by address.
    show(select, names.length > 1);
  }

  /** @param {Partial<RunFilter>} change */
  #set(change) {
    this.#filter = { ...this.#filter, ...change };
    replaceQuery({ ...this.#filter, q: this.#filter.q.trim() });
    this.#mark();
    this.onfilter();
  }

  #reset() {
    this.#search.value = "";
    this.#set(NO_FILTER);
    this.#search.focus();
  }

  #mark() {
    const { state, target, experiment, tag, source, sort } = this.#filter;
    for (const { name, chip } of this.#states) {
      setAttribute(chip, "aria-pressed", String(name === state));
    }
    this.#target.value = target;
    this.#experiment.value = experiment;
    this.#tag.value = tag;
    this.#source.value = source;
    this.#sort.value = sort;
    show(this.#clear, Object.values({ ...this.#filter, sort: "" }).some(Boolean));
  }
}

/** @param {{ name: string, label: string }} choice */
function optionOf({ name, label }) {
  return h("option", { value: name }, label);
}

customElements.define("av-run-filter", RunFilterBar);
