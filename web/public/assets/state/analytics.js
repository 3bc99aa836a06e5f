// What the analytics and the comparison page compute. Pure.

/** @typedef {{ lower: number, upper: number, count: number }} Bucket */

/**
 * Ten buckets of scores from 0 to 1; a score of 1 belongs to the last.
 * @param {ComparedCell[]} cells
 * @returns {Bucket[]}
 */
export function distribution(cells) {
  const buckets = Array.from({ length: 10 }, (_, index) => ({
    lower: index / 10,
    upper: (index + 1) / 10,
    count: 0,
  }));
  for (const { score } of cells.flatMap((cell) => cell.tests)) {
    if (score === null || Number.isNaN(score)) continue;
    const index = Math.min(9, Math.max(0, Math.floor(score * 10)));
    buckets[index].count += 1;
  }
  return buckets;
}

/**
 * The mean score of each day for each target, oldest day first.
 * @param {ComparedRun[]} runs
 * @returns {{ days: string[], series: { name: string, values: (number | null)[] }[] }}
 */
export function trend(runs) {
  /** @type {Map<string, Map<string, { sum: number, count: number }>>} */
  const byTarget = new Map();
  /** @type {Set<string>} */
  const days = new Set();
  for (const run of runs) {
    const day = run.started_at.slice(0, 10);
    if (!/^\d{4}-\d\d-\d\d$/.test(day) || run.avg_score === null) continue;
    days.add(day);
    const target = byTarget.get(run.target) ?? new Map();
    const mean = target.get(day) ?? { sum: 0, count: 0 };
    mean.sum += run.avg_score * run.eval_count;
    mean.count += run.eval_count;
    target.set(day, mean);
    byTarget.set(run.target, target);
  }
  const ordered = [...days].sort();
  const series = [...byTarget].map(([name, means]) => ({
    name,
    values: ordered.map((day) => {
      const mean = means.get(day);
      return mean && mean.count > 0 ? mean.sum / mean.count : null;
    }),
  }));
  return { days: ordered, series: series.sort((a, b) => a.name.localeCompare(b.name)) };
}

/**
 * Cells that have a gain over the baseline, the largest change first.
 * @param {ComparedCell[]} cells
 */
export function gains(cells) {
  return cells
    .filter((cell) => cell.delta !== undefined && cell.delta !== null)
    .map((cell) => ({
      label: `${cell.target} · ${cell.experiment}`,
      gain: cell.normalized_gain ?? null,
      delta: cell.delta ?? 0,
      average: cell.avg_score,
      experiment: cell.experiment,
      target: cell.target,
    }))
    .sort((a, b) => Math.abs(b.gain ?? 0) - Math.abs(a.gain ?? 0));
}

/** @param {ReturnType<typeof gains>} all */
export function regressions(all) {
  return all.filter(({ delta }) => delta < 0).sort((a, b) => a.delta - b.delta);
}

/**
 * Pass rates by tag and target.
 * @param {ComparedRun[]} runs
 */
export function tagRates(runs) {
  /** @type {Map<string, Map<string, { passed: number, total: number }>>} */
  const rates = new Map();
  /** @type {Set<string>} */
  const targets = new Set();
  for (const run of runs) {
    for (const tag of run.tags ?? []) {
      const line = rates.get(tag) ?? new Map();
      const cell = line.get(run.target) ?? { passed: 0, total: 0 };
      cell.passed += run.passed_count;
      cell.total += run.eval_count;
      line.set(run.target, cell);
      rates.set(tag, line);
      targets.add(run.target);
    }
  }
  return {
    targets: [...targets].sort(),
    lines: [...rates].sort(([a], [b]) => a.localeCompare(b)),
  };
}

/**
 * Every tag with the number of its runs.
 * @param {ComparedRun[]} runs
 * @returns {[string, number][]}
 */
export function tagCounts(runs) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const run of runs) {
    for (const tag of run.tags ?? []) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a.localeCompare(b));
}

/**
 * Tests × runs, with what changed between the first and the last of the runs.
 * @param {ComparedRun[]} runs
 */
export function sideBySide(runs) {
  /** @type {Map<string, (ComparedTest | null)[]>} */
  const lines = new Map();
  runs.forEach((run, index) => {
    for (const test of run.tests) {
      const line = lines.get(test.test_id) ?? runs.map(() => null);
      line[index] = test;
      lines.set(test.test_id, line);
    }
  });
  return [...lines]
    .map(([test, results]) => ({
      test,
      results,
      change: changeOf(results),
      delta: scoreDelta(results),
    }))
    .sort((a, b) => ORDER[a.change] - ORDER[b.change] || a.test.localeCompare(b.test));
}

/**
 * What a test's score is more, or less, in the last of the runs than in the first.
 * @param {(ComparedTest | null)[]} results
 */
function scoreDelta(results) {
  const first = results[0]?.score;
  const last = results.at(-1)?.score;
  return first == null || last == null ? null : last - first;
}

/**
 * A run with all of its tests, as its page fetches it, for a comparison.
 * @param {string} id
 * @param {RunDetail} detail
 * @param {boolean} isMatrix  some of the runs have several targets: tests are told apart by them
 * @returns {ComparedRun}
 */
export function comparedRun(id, { run, results }, isMatrix) {
  const tests = results.map((result) => {
    const status = result.executionStatus ?? "ok";
    const target = result.requestedTarget ?? result.target;
    return {
      test_id: isMatrix ? `${result.testId} · ${target}` : result.testId,
      score: result.score ?? null,
      passed: status === "ok",
      execution_status: status,
      at: { test_id: result.testId, target, eval_file: result.evalFile },
    };
  });
  const passed = tests.filter((test) => test.passed).length;
  return {
    run_id: id,
    started_at: run?.started_at ?? run?.timestamp ?? "",
    experiment: run?.experiment ?? "default",
    target: (run?.targets ?? [run?.target]).filter(Boolean).join(", ") || "–",
    source: run?.source ?? "local",
    eval_count: tests.length,
    passed_count: passed,
    pass_rate: tests.length > 0 ? passed / tests.length : 0,
    avg_score: null,
    tests,
  };
}

/**
 * What changed, in words: `1 worse, 3 better, 12 with another score`.
 * @param {ReturnType<typeof sideBySide>} lines
 */
export function changeLine(lines) {
  /** @type {Map<Change, number>} */
  const counts = new Map();
  for (const { change } of lines) counts.set(change, (counts.get(change) ?? 0) + 1);
  const parts = CHANGE_WORDS.flatMap(([change, words]) => {
    const count = counts.get(change) ?? 0;
    return count > 0 ? [`${count.toLocaleString("en")} ${words}`] : [];
  });
  return parts.join(", ") || "No tests";
}

/** @type {[Change, string][]} */
const CHANGE_WORDS = [
  ["worse", "worse"],
  ["better", "better"],
  ["new", "new"],
  ["gone", "gone"],
  ["differs", "with another score"],
  ["same", "the same"],
];

/** @typedef {"worse" | "better" | "differs" | "new" | "gone" | "same"} Change */
/** @type {Record<Change, number>} */
const ORDER = { worse: 0, better: 1, new: 2, gone: 3, differs: 4, same: 5 };

/** @param {(ComparedTest | null)[]} results @returns {Change} */
function changeOf(results) {
  const first = results[0];
  const last = results[results.length - 1];
  if (!first || !last) return first ? "gone" : last ? "new" : "differs";
  if (first.passed !== last.passed) return last.passed ? "better" : "worse";
  const all = results.map((result) => `${result?.passed} ${result?.score}`);
  return new Set(all).size > 1 ? "differs" : "same";
}
