// The registered projects: how they are listed, searched and switched between. Pure.

import { at, runsPath, scopeOf } from "../router.js";

/**
 * @typedef {{ scope: string | null, name: string, path: string, note: string, here: boolean,
 *   liveCount: number }} Choice
 */

/** Places that every project has; from anywhere else a switch leads to the runs. */
const PLACES = ["/jobs", "/experiments", "/targets", "/analytics", "/settings"];

/**
 * What the switcher offers: the server's own project when it is not registered, then the registered
 * ones whose directory is there.
 * @param {ProjectState} project
 * @param {string | null} scope  the one that is shown
 * @returns {Choice[]}
 */
export function benchmarkChoices(project, scope) {
  const choices = project.benchmarks
    .filter((each) => each.available !== false)
    .map((each) => ({
      scope: each.id,
      name: each.name,
      path: each.path,
      note: each.is_home ? `${each.path} · this server's own` : each.path,
      here: scope === each.id || (scope === null && each.is_home === true),
      liveCount: each.live_count ?? 0,
    }));
  if (!project.loaded || project.benchmarks.some((each) => each.is_home)) return choices;
  const isHome = project.config.is_home === true;
  const own = {
    scope: null,
    name: (isHome && project.config.benchmark_name) || "This server's project",
    path: "",
    note: "this server's own, not registered",
    here: scope === null,
    liveCount: 0,
  };
  return [own, ...choices];
}

/** @param {{ name: string, path: string }} item @param {string} query */
export function matchesWords({ name, path }, query) {
  const text = `${name}\n${path}`.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/**
 * The same place in another project.
 * @param {string} path  of the page that is shown
 * @param {string | null} scope
 */
export function switchPath(path, scope) {
  const from = scopeOf(path);
  const inner = from === null ? path : path.slice(at("", from).length);
  return PLACES.includes(inner) ? at(inner, scope) : runsPath(scope);
}

/**
 * What was fetched, brought up to date by the events: entries come and go with the events, numbers
 * that they do not have are those of the answer.
 * @param {Benchmark[] | null} fetched
 * @param {ProjectState} project
 * @returns {Benchmark[]}
 */
export function mergedBenchmarks(fetched, project) {
  if (!project.loaded) return fetched ?? [];
  const known = new Map((fetched ?? []).map((each) => [each.id, each]));
  return project.benchmarks.map((each) => ({ ...known.get(each.id), ...each }));
}

/** Orders of the list of benchmarks; the first one is the natural one. */
export const SORTS = [
  { name: "", label: "As registered" },
  { name: "name", label: "By name" },
  { name: "recent", label: "Last run first" },
  { name: "worst", label: "Lowest pass rate" },
];

/**
 * @param {Benchmark[]} benchmarks
 * @param {{ q: string, sort: string }} choice
 */
export function shownBenchmarks(benchmarks, { q, sort }) {
  const found = benchmarks.filter((each) => matchesWords(each, q));
  const rate = (/** @type {Benchmark} */ each) =>
    each.run_count ? (each.pass_rate ?? 0) : Number.POSITIVE_INFINITY;
  switch (sort) {
    case "name":
      return found.sort((a, b) => a.name.localeCompare(b.name));
    case "recent":
      return found.sort((a, b) => (b.last_run ?? "").localeCompare(a.last_run ?? ""));
    case "worst":
      return found.sort((a, b) => rate(a) - rate(b));
    default:
      return found;
  }
}
