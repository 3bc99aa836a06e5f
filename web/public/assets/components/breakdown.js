// A run's tests by category and suite, each a way to see only those.

import { fill, h, show } from "../dom.js";
import { runPath } from "../router.js";
import { categoryOf, groupsOf, suiteOf } from "../state/breakdown.js";
import { passedCell, rateCell } from "./table-cells.js";

/** @typedef {import("../components/test-row.js").TestItem} TestItem */

/** @param {string} run */
export function breakdown(run) {
  const element = h("details", { class: "card breakdown", hidden: true });
  const body = h("div", { class: "breakdown-groups" });
  element.append(h("summary", {}, h("h2", {}, "By category and suite")), body);
  let shown = "";
  return {
    element,
    /** @param {TestItem[]} items  @param {import("../state/breakdown.js").Scope} scope */
    show(items, scope) {
      const categories = scope.category === undefined ? groupsOf(items, categoryOf) : [];
      const suites = scope.suite === undefined ? groupsOf(items, suiteOf) : [];
      const useful = [categories, suites].filter((groups) => groups.length > 1);
      show(element, useful.length > 0);
      const signature = JSON.stringify([categories, suites]);
      if (signature === shown) return;
      shown = signature;
      fill(
        body,
        categories.length > 1 ? groupList("Categories", categories, run, "category") : null,
        suites.length > 1 ? groupList("Suites", suites, run, "suite") : null,
      );
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
