// A page of the runs that share something: an experiment or a target. Live, from the project's state.

import { Component, fill, framed, h, show } from "../dom.js";
import { icon } from "../icons.js";
import { live } from "../net/live.js";
import { runsPath } from "../router.js";
import { formatPercent, plural } from "../state/format.js";
import { totals } from "../state/groups.js";
import { runItems } from "../state/home.js";
import "./av-run-list.js";
import { messageBox, skeleton } from "./message-box.js";
import { figure } from "./run-figures.js";
import { setTitle } from "./title.js";

/** @typedef {import("./run-row.js").RunItem} RunItem */

export class GroupPage extends Component {
  /** Its name, from the address. */
  name = "";
  #sum = h("dl", { class: "tiles" });
  #sections = h("div");
  #empty = h("div", { hidden: true });
  #waiting = h("div", {}, skeleton(5));
  /** @type {Map<string, import("./av-run-list.js").RunList>} */
  #lists = new Map();
  #shape = "";

  /** @returns {{ kind: string, back: string, backLabel: string }} */
  words() {
    return { kind: "Group", back: runsPath(), backLabel: "Runs" };
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
        this.#sum,
        this.#sections,
        this.#empty,
      ),
    );
  }

  start() {
    const render = framed(() => this.#render());
    this.own(live.subscribe((change) => change.kind === "project" && render()));
    this.#render();
  }

  #render() {
    show(this.#waiting, !live.project.loaded);
    show(this.#sum, live.project.loaded);
    if (!live.project.loaded) return;
    const items = this.pick(runItems(live.project));
    const { kind } = this.words();
    show(this.#sum, items.length > 0);
    show(this.#empty, items.length === 0);
    if (items.length === 0) {
      fill(
        this.#empty,
        messageBox({
          heading: `No runs of this ${kind.toLowerCase()}`,
          text: `Nothing was run with the ${kind.toLowerCase()} ${this.name} in this project.`,
          symbol: "question",
        }),
      );
    }
    const { tests, passed, targets, rate } = totals(items);
    fill(
      this.#sum,
      figure("Pass rate", h("span", {}, formatPercent(rate))),
      figure("Passed", h("span", {}, `${passed}/${tests}`)),
      figure("Runs", h("span", {}, String(items.length))),
      figure("Targets", h("span", { title: targets.join(", ") }, String(targets.length))),
    );
    this.#sum.firstElementChild?.classList.add("tile-main");
    this.#fillSections(this.sections(items));
  }

  /** @param {[string, RunItem[]][]} sections */
  #fillSections(sections) {
    const shape = JSON.stringify(sections.map(([name, items]) => [name, items.length]));
    if (shape !== this.#shape) {
      this.#shape = shape;
      const nodes = sections.map(([name, items]) => {
        let list = this.#lists.get(name);
        if (!list) {
          list = /** @type {import("./av-run-list.js").RunList} */ (h("av-run-list"));
          this.#lists.set(name, list);
        }
        return h(
          "section",
          { class: "section", "aria-label": name },
          h(
            "div",
            { class: "section-head" },
            h("h2", {}, name, h("span", { class: "count" }, plural(items.length, "run"))),
          ),
          list,
        );
      });
      fill(this.#sections, ...nodes);
    }
    for (const [name, items] of sections) {
      const list = this.#lists.get(name);
      if (list) list.items = items;
    }
  }
}
