// Which runs the list shows, and in which order. Pure.

import { experimentOf, targetsOf } from "./groups.js";
import { isRemote } from "./remote.js";

/** @typedef {import("../components/run-row.js").RunItem} RunItem */
/**
 * Empty words stand for "any".
 * @typedef {{ q: string, state: string, target: string, experiment: string, tag: string,
 *   source: string, sort: string }} RunFilter
 */

/** @type {RunFilter} */
export const NO_FILTER = {
  q: "",
  state: "",
  target: "",
  experiment: "",
  tag: "",
  source: "",
  sort: "",
};

/** Orders of the list; the first one is the natural one. */
export const SORTS = [
  { name: "", label: "Newest first" },
  { name: "oldest", label: "Oldest first" },
  { name: "worst", label: "Lowest pass rate" },
  { name: "best", label: "Highest pass rate" },
  { name: "largest", label: "Most tests" },
  { name: "dearest", label: "Highest cost" },
];

/** Where runs are; the first one is both. */
export const SOURCES = [
  { name: "", label: "Any source" },
  { name: "local", label: "Local only" },
  { name: "remote", label: "Remote only" },
];

/** Phases under the word that people filter by. */
/** @type {Record<string, string[]>} */
const STATES = {
  live: ["queued", "running", "stopping"],
  finished: ["finished"],
  stopped: ["stopped"],
  failed: ["failed", "lost", "unknown"],
};
export const STATE_NAMES = Object.keys(STATES);

/** @param {string} search  of the address @returns {RunFilter} */
export function filterOfQuery(search) {
  const query = new URLSearchParams(search);
  const read = (/** @type {string} */ name) => query.get(name) ?? "";
  const sort = read("sort");
  const state = read("state");
  return {
    q: read("q"),
    state: STATE_NAMES.includes(state) ? state : "",
    target: read("target"),
    experiment: read("experiment"),
    tag: read("tag"),
    source: SOURCES.some(({ name }) => name === read("source")) ? read("source") : "",
    sort: SORTS.some(({ name }) => name === sort) ? sort : "",
  };
}

/**
 * What there is to choose from, each list by name.
 * @param {RunItem[]} items  that are known here
 * @param {Facets | null} [facets]  what the server knows of the others
 */
export function choicesOf(items, facets = null) {
  const of = (/** @type {Facet[] | undefined} */ names) =>
    new Set((names ?? []).map(({ name }) => name));
  const targets = of(facets?.targets);
  const experiments = of(facets?.experiments);
  const tags = of(facets?.tags);
  for (const { run } of items) {
    if (!run) continue;
    for (const target of targetsOf(run)) targets.add(target);
    experiments.add(experimentOf(run));
    for (const tag of run.tags ?? []) tags.add(tag);
  }
  const names = (/** @type {Set<string>} */ set) => [...set].sort((a, b) => a.localeCompare(b));
  return {
    targets: names(targets),
    experiments: names(experiments),
    tags: names(tags),
    hasRemote:
      facets?.sources.some(({ name }) => name === "remote") === true ||
      items.some(({ run }) => run !== null && isRemote(run)),
  };
}

/**
 * @param {RunItem[]} items  newest first
 * @param {RunFilter} filter
 */
export function filterRuns(items, filter) {
  const words = filter.q.toLowerCase().split(/\s+/).filter(Boolean);
  const found = items.filter((item) => accepts(item, filter, words));
  const rate = (/** @type {RunItem} */ item, /** @type {number} */ none) => item.passRate ?? none;
  switch (filter.sort) {
    case "oldest":
      return found.reverse();
    case "worst":
      return found.sort((a, b) => rate(a, 2) - rate(b, 2));
    case "best":
      return found.sort((a, b) => rate(b, -1) - rate(a, -1));
    case "largest":
      return found.sort((a, b) => b.completed - a.completed);
    case "dearest":
      return found.sort((a, b) => (b.run?.cost_usd ?? 0) - (a.run?.cost_usd ?? 0));
    default:
      return found;
  }
}

/** The server's words for ours: orders and states. */
/** @type {Record<string, string>} */
const SERVER_SORTS = {
  "": "-timestamp",
  oldest: "timestamp",
  worst: "pass_rate",
  best: "-pass_rate",
  largest: "-test_count",
  dearest: "-cost_usd",
};
/** @type {Record<string, string>} */
const SERVER_STATES = {
  live: "running",
  finished: "finished",
  // Which of them failed, only the jobs tell.
  stopped: "interrupted,unknown",
  failed: "interrupted,unknown",
};

/**
 * The filter as the list of the API takes it.
 * @param {RunFilter} filter
 * @returns {Record<string, string>}
 */
export function serverQuery(filter) {
  return {
    q: filter.q.trim(),
    status: SERVER_STATES[filter.state] ?? "",
    // A comma separates names there; such a name is found here.
    target: filter.target.includes(",") ? "" : filter.target,
    experiment: filter.experiment.includes(",") ? "" : filter.experiment,
    tag: filter.tag.includes(",") ? "" : filter.tag,
    source: filter.source,
    sort: SERVER_SORTS[filter.sort],
  };
}

/** @param {RunFilter} filter */
export function isFiltered(filter) {
  return Object.values(filter).some(Boolean);
}

/** @param {RunItem} item @param {RunFilter} filter @param {string[]} words */
function accepts({ run, job, phase }, filter, words) {
  if (filter.state && !STATES[filter.state].includes(phase)) return false;
  if (filter.target && !(run && targetsOf(run).includes(filter.target))) return false;
  if (filter.experiment && !(run && experimentOf(run) === filter.experiment)) return false;
  if (filter.source && (run !== null && isRemote(run)) !== (filter.source === "remote"))
    return false;
  if (filter.tag && !run?.tags?.includes(filter.tag)) return false;
  if (words.length === 0) return true;
  const parts = [
    run?.filename,
    run?.suite_filter ?? job?.suite_filter,
    job?.id,
    ...(run ? [experimentOf(run), ...targetsOf(run), ...(run.tags ?? [])] : []),
  ];
  const text = parts.join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
}
