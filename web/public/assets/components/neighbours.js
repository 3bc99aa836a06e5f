// The tests before and after the one that is shown, so that a run is read through without its list.

import { h, setAttribute, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { evalPath } from "../router.js";
import { RESULTS } from "../state/phase.js";

export function neighbours() {
  const place = h("span", { class: "muted" });
  const previous = link("Previous test", "[", icon("back"));
  const next = link("Next test", "]", icon("arrow"));
  const element = h(
    "nav",
    { class: "neighbours", "aria-label": "Tests of the run", hidden: true },
    place,
    previous,
    next,
  );
  return {
    element,
    /** @param {string} run @param {EvalAnswer} answer */
    show(run, answer) {
      const { position, total } = answer;
      show(element, total !== undefined && total > 1);
      setText(place, `${position?.toLocaleString("en")} of ${total?.toLocaleString("en")}`);
      lead(previous, run, answer.previous ?? null);
      lead(next, run, answer.next ?? null);
    },
  };
}

/** @param {string} name @param {string} key @param {Node} symbol */
function link(name, key, symbol) {
  return h("a", { class: "icon-button", "aria-label": name, "data-shortcut": key }, symbol);
}

/** @param {HTMLElement} to @param {string} run @param {NeighbourTest | null} test */
function lead(to, run, test) {
  const words = test ? `${test.test_id}: ${RESULTS[test.execution_status].label}` : null;
  setAttribute(to, "href", test ? evalPath(run, test) : null);
  setAttribute(to, "aria-disabled", test ? null : "true");
  setAttribute(to, "role", test ? null : "link");
  setAttribute(to, "title", words);
}
