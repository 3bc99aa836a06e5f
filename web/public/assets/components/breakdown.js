// A run's tests by category and suite, each a way to see only those.

import { fill, h, show } from "../dom.js";
import { runPath } from "../router.js";
import { byName } from "../state/breakdown.js";
import { passedCell, rateCell } from "./table-cells.js";

/** @param {string} run */
export function breakdown(run) {
  const element = /** @type {HTMLDetailsElement} */ (
    h("details", { class: "card breakdown", hidden: true, ontoggle: () => draw() })
  );
  const body = h("div", { class: "breakdown-groups" });
  element.append(h("summary", {}, h("h2", {}, "By category and suite")), body);
  let shown = "";
  /** @type {import("../state/row-store.js").RowStore | null} */
  let rows = null;
  /** @type {import("../state/breakdown.js").Scope} */
  let chosen = {};
  const draw = () => {
    // Closed, nobody sees it, and rows may come a thousand times a second.
    if (!rows || !element.open) return;
    const categories = chosen.category === undefined ? byName(rows.categories) : [];
    const suites = chosen.suite === undefined ? byName(rows.suites) : [];
    const signature = JSON.stringify([categories, suites]);
    if (signature === shown) return;
    shown = signature;
    fill(
      body,
      categories.length > 1 ? groupList("Categories", categories, run, "category") : null,
      suites.length > 1 ? groupList("Suites", suites, run, "suite") : null,
    );
  };
  return {
    element,
    /**
     * @param {import("../state/row-store.js").RowStore} store
     * @param {import("../state/breakdown.js").Scope} scope
     */
    show(store, scope) {
      rows = store;
      chosen = scope;
      const hasCategories = scope.category === undefined && store.categories.size > 1;
      const hasSuites = scope.suite === undefined && store.suites.size > 1;
      show(element, hasCategories || hasSuites);
      draw();
    },
  };
}

/**
 * @param {string} heading
 * @param {import("../state/breakdown.js").Group[]} groups
 * @param {string} run
 * @param {"category" | "suite"} kind
 */
function groupList(heading, groups, run, kind) {
  return h(
    "section",
    {},
    h("h3", { class: "eyebrow" }, heading),
    h(
      "ul",
      { class: "group-list" },
      ...groups.map(({ name, passed, total, errors }) =>
        h(
          "li",
          {},
          h("a", { href: `${runPath(run)}/${kind}/${encodeURIComponent(name)}` }, name),
          h("span", { class: "spacer" }),
          errors > 0 ? h("span", { class: "muted" }, `${errors} with errors`) : null,
          h("span", { class: "muted" }, passedCell(passed, total)),
          rateCell(total > 0 ? passed / total : null),
        ),
      ),
    ),
  );
}
