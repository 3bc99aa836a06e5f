// Runs by what they share. Pure.

/** The experiment of a run that names none. */
export const DEFAULT_EXPERIMENT = "default";

/** @param {RunMeta} run */
export function experimentOf(run) {
  return run.experiment && run.experiment !== "-" ? run.experiment : DEFAULT_EXPERIMENT;
}

/** @param {RunMeta} run @returns {string[]} */
export function targetsOf(run) {
  if (run.targets && run.targets.length > 0) return run.targets;
  return run.target ? [run.target] : [];
}

/**
 * @param {import("../components/run-row.js").RunItem[]} items
 * @param {(run: RunMeta) => boolean} wanted
 */
export function itemsOf(items, wanted) {
  return items.filter(({ run }) => run !== null && wanted(run));
}

/**
 * Items by experiment, the one with the newest run first; items come newest first.
 * @param {import("../components/run-row.js").RunItem[]} items
 * @returns {[string, import("../components/run-row.js").RunItem[]][]}
 */
export function byExperiment(items) {
  /** @type {Map<string, import("../components/run-row.js").RunItem[]>} */
  const groups = new Map();
  for (const item of items) {
    if (!item.run) continue;
    const name = experimentOf(item.run);
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return [...groups];
}

/**
 * Tests, passed tests, targets and experiments of a list of runs.
 * @param {import("../components/run-row.js").RunItem[]} items
 */
export function totals(items) {
  let tests = 0;
  let passed = 0;
  /** @type {Set<string>} */
  const targets = new Set();
  /** @type {Set<string>} */
  const experiments = new Set();
  for (const { run, completed, passRate } of items) {
    tests += completed;
    passed += Math.round((passRate ?? 0) * completed);
    if (!run) continue;
    for (const target of targetsOf(run)) targets.add(target);
    experiments.add(experimentOf(run));
  }
  return {
    tests,
    passed,
    targets: [...targets].sort(),
    experiments: [...experiments].sort(),
    rate: tests > 0 ? passed / tests : null,
  };
}
