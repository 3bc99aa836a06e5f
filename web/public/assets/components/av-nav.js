// The main navigation: the places of the Studio, with the number of live jobs.

import { Component, framed, h, setAttribute, setText, show } from "../dom.js";
import { live } from "../net/live.js";
import { matchRoute } from "../router.js";
import { liveItems } from "../state/home.js";

/** Pages that belong to a place without being its address. */
const PLACES = [
  { href: "/", label: "Runs", pages: ["av-home-page", "av-run-page", "av-eval-page"] },
  { href: "/jobs", label: "Jobs", pages: ["av-jobs-page", "av-job-page", "av-log-page"] },
  {
    href: "/experiments",
    label: "Experiments",
    pages: ["av-experiments-page", "av-experiment-page"],
  },
  { href: "/targets", label: "Targets", pages: ["av-targets-page", "av-target-page"] },
  { href: "/analytics", label: "Analytics", pages: ["av-analytics-page", "av-compare-page"] },
  { href: "/settings", label: "Settings", pages: ["av-settings-page"] },
];

class Nav extends Component {
  #liveCount = h("span", { class: "nav-count", hidden: true });
  #links = PLACES.map((place) => ({
    place,
    link: h(
      "a",
      { class: "nav-link", href: place.href },
      place.label,
      place.href === "/jobs" ? this.#liveCount : null,
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
    const render = framed(() => this.#render());
    this.own(live.subscribe(render));
    this.#render();
  }

  #mark() {
    const { page } = matchRoute(location.pathname, location.search);
    for (const { place, link } of this.#links) {
      const here = place.pages.includes(page);
      setAttribute(link, "aria-current", here ? "page" : null);
    }
  }

  #render() {
    const count = liveItems(live.project).length;
    show(this.#liveCount, count > 0);
    setText(this.#liveCount, String(count));
    setAttribute(this.#liveCount, "aria-label", `${count} live`);
  }
}

customElements.define("av-nav", Nav);
