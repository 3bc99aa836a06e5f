// A page of the runs that share something: an experiment or a target. Live, from the project's state.

import { Component, fill, framed, h, reconcile, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { errorText } from "../net/api.js";
import { live } from "../net/live.js";
import { RunPages } from "../net/run-pages.js";
import { runsPath } from "../router.js";
import { formatPercent } from "../state/format.js";
import { totals } from "../state/groups.js";
import { runItems } from "../state/home.js";
import { hasOlderRuns } from "../state/project.js";
import "./av-run-list.js";
import { messageBox, skeleton } from "./message-box.js";
import { figure } from "./run-figures.js";
import { passedCell } from "./table-cells.js";
import { setTitle } from "./title.js";

/** @typedef {import("./run-row.js").RunItem} RunItem */

/** The list below says what is counted; who does not see it is told. */
const HIDDEN = { class: "visually-hidden" };

const FETCHING = "Older runs are being fetched: the sums are not complete yet.";

export class GroupPage extends Component {
  /** Its name, from the address. */
  name = "";
  #sum = h("dl", { class: "tiles" });
  #sections = h("div");
  #empty = h("div", { hidden: true });
  #older = h("p", { class: "notice", role: "status", hidden: true });
  #retry = h(
    "button",
    {
      class: "button small",
      type: "button",
      onclick: () => {
        this.#pages.reset();
        this.#render();
      },
    },
    "Try again",
  );
  #olderSays = "";
  #waiting = h("div", {}, skeleton(5));
  #render = framed(() => this.#show());
  #pages = new RunPages(() => this.#render());

  /**
   * `other` is what the group is counted by.
   * @returns {{ kind: string, back: string, backLabel: string, other: "Targets" | "Experiments" }}
   */
  words() {
    return { kind: "Group", back: runsPath(), backLabel: "Runs", other: "Targets" };
  }

  // How the server is asked for the runs of this group.
  /** @returns {Record<string, string>} */
  query() {
    return {};
  }

  /** @param {RunItem[]} _items @returns {RunItem[]} those of this group */
  pick(_items) {
    return [];
  }

  /** @param {RunItem[]} items @returns {[string, RunItem[]][]} heading and runs of each section */
  sections(items) {
    return [["Runs", items]];
  }

  build() {
    this.name = Object.values(this.dataset)[0] ?? "";
    const { kind, back, backLabel } = this.words();
    setTitle(this.name, `${kind}s`);
    this.append(
      h(
        "div",
        { class: "page" },
        h("a", { class: "back-link", href: back }, icon("back"), backLabel),
        h(
          "div",
          { class: "page-head" },
          h(
            "div",
            { class: "page-title" },
            h("p", { class: "eyebrow" }, kind),
            h("h1", { tabindex: "-1" }, this.name),
          ),
        ),
        this.#waiting,
        this.#older,
        this.#sum,
        this.#sections,
        this.#empty,
      ),
    );
  }

  start() {
    this.own(
      live.subscribe((change) => {
        if (change.kind === "event") this.#pages.hear(change.event);
        if (change.kind === "resync") this.#pages.reset();
        if (change.kind === "project") this.#render();
      }),
    );
    this.#show();
  }

  /** The group's runs; those that the stream did not bring are fetched, all of them. */
  #items() {
    const { project } = live;
    if (!hasOlderRuns(project)) return this.pick(runItems(project));
    this.#pages.choose(this.query());
    if (!this.#pages.done && !this.#pages.error) this.#pages.more();
    const runs = new Map([...this.#pages.runs, ...project.runs]);
    return this.pick(runItems({ ...project, runs }));
  }

  #show() {
    show(this.#waiting, !live.project.loaded);
    show(this.#sum, live.project.loaded);
    if (!live.project.loaded) return;
    const items = this.#items();
    const waits = items.length === 0 && this.#pages.busy;
    const { kind } = this.words();
    show(this.#sum, items.length > 0);
    show(this.#waiting, waits);
    this.#sayOlder();
    show(this.#empty, items.length === 0 && !waits);
    if (items.length === 0) {
      fill(
        this.#empty,
        messageBox({
          heading: `No runs of this ${kind.toLowerCase()}`,
          text: `Nothing was run with the ${kind.toLowerCase()} “${this.name}” in this project.`,
          symbol: "question",
        }),
      );
    }
    const { tests, passed, rate, ...sums } = totals(items);
    const { other } = this.words();
    const names = other === "Targets" ? sums.targets : sums.experiments;
    fill(
      this.#sum,
      figure("Pass rate", h("span", {}, formatPercent(rate))),
      figure("Passed", h("span", {}, passedCell(passed, tests))),
      figure("Runs", h("span", {}, items.length.toLocaleString("en"))),
      figure(other, h("span", { title: names.join(", ") }, String(names.length))),
    );
    this.#sum.firstElementChild?.classList.add("tile-main");
    this.#fillSections(this.sections(items));
  }

  /** The sums hold for all runs only when all are here. */
  #sayOlder() {
    const { done, error } = this.#pages;
    const says = !hasOlderRuns(live.project) || done ? "" : error ? errorText(error) : FETCHING;
    show(this.#older, says !== "");
    if (says === this.#olderSays) return;
    this.#olderSays = says;
    fill(this.#older, says, error ? this.#retry : null);
  }

  /** Sections stay the same elements when runs come: nothing in them loses its place. */
  /** @param {[string, RunItem[]][]} sections */
  #fillSections(sections) {
    reconcile(this.#sections, sections, ([name]) => name, createSection, updateSection);
  }
}

/** @typedef {import("./av-run-list.js").RunList} RunList */

/** @param {[string, RunItem[]]} section */
function createSection(section) {
  const [name] = section;
  const element = h(
    "section",
    { class: "section", "aria-label": name },
    h(
      "div",
      { class: "section-head" },
      h("h2", {}, name, h("span", { class: "count" }, h("span"), h("span", HIDDEN))),
    ),
    h("av-run-list"),
  );
  updateSection(element, section);
  return element;
}

/** @param {HTMLElement} element @param {[string, RunItem[]]} section */
function updateSection(element, [, items]) {
  const [count, unit] = element.querySelectorAll(".count > *");
  setText(count, items.length.toLocaleString("en"));
  setText(unit, items.length === 1 ? " run" : " runs");
  const list = /** @type {RunList} */ (element.querySelector("av-run-list"));
  list.items = items;
}
