// The main navigation: the places of the Studio, with the number of live jobs.

import { Component, framed, h, setAttribute, setText, show } from "../dom.js";
import { markEdges } from "../edges.js";
import { live } from "../net/live.js";
import { at, matchRoute, runsPath } from "../router.js";
import { liveItems } from "../state/home.js";
import { isLiveJob } from "../state/phase.js";

/** Pages that belong to a place without being its address. */
const PLACES = [
  { path: "/benchmarks", label: "Benchmarks", pages: ["av-benchmarks-page"] },
  { path: "", label: "Runs", pages: ["av-home-page", "av-run-page", "av-eval-page"] },
  { path: "/jobs", label: "Jobs", pages: ["av-jobs-page", "av-job-page", "av-log-page"] },
  {
    path: "/experiments",
    label: "Experiments",
    pages: ["av-experiments-page", "av-experiment-page"],
  },
  { path: "/targets", label: "Targets", pages: ["av-targets-page", "av-target-page"] },
  { path: "/analytics", label: "Analytics", pages: ["av-analytics-page", "av-compare-page"] },
  { path: "/settings", label: "Settings", pages: ["av-settings-page"] },
];

const COMMON = ["Benchmarks", "Jobs", "Settings"];

/** @param {string} path */
function placePath(path) {
  if (path === "/benchmarks") return path;
  return path === "" ? runsPath() : at(path);
}

class Nav extends Component {
  /** The page that was marked last. */
  #shown = "";
  #liveCount = h("span", { class: "nav-count", hidden: true });
  #links = PLACES.map((place) => ({
    place,
    link: h(
      "a",
      { class: "nav-link" },
      place.label,
      place.path === "/jobs" ? this.#liveCount : null,
    ),
  }));

  build() {
    this.append(
      h("nav", { class: "site-nav", "aria-label": "Main" }, ...this.#links.map(({ link }) => link)),
    );
  }

  start() {
    const mark = () => this.#mark();
    for (const name of ["popstate", "agentv:navigate"]) {
      addEventListener(name, mark);
      this.own(() => removeEventListener(name, mark));
    }
    mark();
    const edges = () => markEdges(this);
    this.addEventListener("scroll", edges, { passive: true });
    const resized = new ResizeObserver(() => this.#reveal());
    resized.observe(this);
    this.own(() => {
      this.removeEventListener("scroll", edges);
      resized.disconnect();
    });
    const render = framed(() => this.#render());
    this.own(live.subscribe(render));
    this.#render();
  }

  #mark() {
    const { page } = matchRoute(location.pathname, location.search);
    const lists = live.project.config.multi_benchmark_dashboard === true;
    const start = lists ? "av-benchmarks-page" : "av-home-page";
    const shown = page === "av-start-page" && live.project.loaded ? start : page;
    for (const { place, link } of this.#links) {
      const here = place.pages.includes(shown);
      // The list of benchmarks is about no project: it offers what is everybody's.
      show(
        link,
        shown === "av-benchmarks-page" ? COMMON.includes(place.label) : place !== PLACES[0],
      );
      setAttribute(link, "href", placePath(place.path));
      setAttribute(link, "aria-current", here ? "page" : null);
    }
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.#reveal();
    }
  }

  /** On a narrow screen the places scroll: the current one is brought into sight. */
  #reveal() {
    const link = this.querySelector("[aria-current]");
    if (link instanceof HTMLElement && this.scrollWidth > this.clientWidth) {
      const middle = link.offsetLeft - this.offsetLeft + link.offsetWidth / 2;
      this.scrollLeft = middle - this.clientWidth / 2;
    }
    markEdges(this);
  }

  #render() {
    this.#mark();
    // Without a project in the address the jobs of all projects are listed.
    const others = live.scope === null ? [...live.project.others.values()].filter(isLiveJob) : [];
    const count = liveItems(live.project).length + others.length;
    show(this.#liveCount, count > 0);
    setText(this.#liveCount, String(count));
    setAttribute(this.#liveCount, "aria-label", `${count} live`);
  }
}

customElements.define("av-nav", Nav);
