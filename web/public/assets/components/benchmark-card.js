// A registered project in the list of benchmarks: what it holds, what is live in it, its way out.

import { fill, h, setAttribute, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { runsPath } from "../router.js";
import { formatPercent, rateTone } from "../state/format.js";
import { figure } from "./run-figures.js";
import { timeCell } from "./table-cells.js";

/**
 * @typedef {{ benchmark: Benchmark, readOnly: boolean }} CardItem
 */

/** @type {WeakMap<HTMLElement, (item: CardItem) => void>} */
const updaters = new WeakMap();

/**
 * @param {CardItem} item
 * @param {(benchmark: Benchmark) => void} askRemoval
 */
export function createBenchmarkCard(item, askRemoval) {
  const name = h("span", { class: "card-name" });
  const path = h("p", { class: "mono muted truncate" });
  const liveChip = h("span", { class: "chip chip-live", hidden: true });
  const own = h("span", { class: "chip chip-quiet", hidden: true }, "This server's project");
  const gone = h(
    "p",
    { class: "notice tone-warn", hidden: true },
    "Its directory is gone. Bring it back, or remove the entry.",
  );
  const runs = h("span");
  const rate = h("span");
  const last = h("span");
  const remove = h(
    "button",
    { class: "icon-button", type: "button", onclick: () => askRemoval(current.benchmark) },
    icon("close"),
  );
  const figures = h(
    "dl",
    { class: "figures" },
    figure("Runs", runs),
    figure("Pass rate", rate),
    figure("Last run", last),
  );
  const card = h(
    "li",
    { class: "card benchmark-card" },
    h("div", { class: "benchmark-head" }, h("h2", {}, name), liveChip, own, remove),
    path,
    gone,
    figures,
  );
  let current = item;
  updaters.set(card, (next) => {
    current = next;
    const { benchmark } = next;
    const { available = true, live_count: live = 0, run_count: count } = benchmark;
    const link = available
      ? h("a", { class: "card-link", href: runsPath(benchmark.id) }, benchmark.name)
      : benchmark.name;
    // The link stays the same element while it says the same, so that the focus stays on it.
    const isSame = name.firstElementChild?.getAttribute("href") === runsPath(benchmark.id);
    if (!available || !isSame || name.textContent !== benchmark.name) fill(name, link);
    setText(path, benchmark.path);
    path.title = benchmark.path;
    show(liveChip, live > 0);
    setText(liveChip, `${live} live`);
    show(own, benchmark.is_home === true);
    show(gone, !available);
    show(figures, available);
    setText(runs, count === undefined ? "…" : count.toLocaleString("en"));
    setText(rate, count === undefined ? "…" : count > 0 ? formatPercent(benchmark.pass_rate) : "–");
    setAttribute(rate, "class", count ? `rate-${rateTone(benchmark.pass_rate ?? 0)}` : null);
    if (last.dataset.at !== String(benchmark.last_run)) {
      last.dataset.at = String(benchmark.last_run);
      fill(last, count === undefined ? "…" : timeCell(benchmark.last_run));
    }
    show(remove, !next.readOnly);
    setAttribute(remove, "aria-label", `Remove ${benchmark.name} from the list`);
    remove.title = "Remove from the list";
  });
  updateBenchmarkCard(card, item);
  return card;
}

/** @param {HTMLElement} card @param {CardItem} item */
export function updateBenchmarkCard(card, item) {
  updaters.get(card)?.(item);
}
