// The project's state as every page shares it: jobs, runs, progress of live runs. Pure: a reducer
// takes a state and an event and returns the next state; what did not change is the same object.

/** @returns {ProjectState} */
export function emptyProject() {
  return {
    loaded: false,
    revision: null,
    config: {},
    benchmarks: [],
    jobs: new Map(),
    others: new Map(),
    runs: new Map(),
    runsTotal: 0,
    progress: new Map(),
    shutdown: null,
  };
}

/**
 * @param {ProjectState} state
 * @param {StreamEvent} event
 * @returns {ProjectState}
 */
export function reduceProject(state, event) {
  const { name, data } = event;
  switch (name) {
    case "snapshot":
      return fromSnapshot(data);
    case "status": {
      const job = jobOf(data);
      if (!job) return state;
      if (foreignScope(state, job)) return { ...state, others: set(state.others, job.id, job) };
      return { ...state, jobs: set(state.jobs, job.id, job) };
    }
    case "registry":
      return data.benchmarks ? { ...state, benchmarks: data.benchmarks } : state;
    case "benchmark": {
      const changed = data.benchmark;
      const benchmarks = state.benchmarks.map((each) => (each.id === changed.id ? changed : each));
      return { ...state, benchmarks };
    }
    case "progress":
      return applyProgress(state, data);
    case "row":
      return applyRow(state, data);
    case "run":
      return applyRun(state, data);
    case "config":
      return {
        ...state,
        config: { ...state.config, ...(data.config ?? data) },
      };
    case "shutdown":
      return {
        ...state,
        shutdown: data.reason ?? "the server is shutting down",
      };
    default:
      return state;
  }
}

/**
 * The project of a job that the stream of the server's own project tells of; null when it is its own.
 * @param {ProjectState} state
 * @param {Job} job
 * @returns {string | null}
 */
export function foreignScope(state, job) {
  const id = job.benchmark_id ?? null;
  if (id === null || state.config.is_home !== true) return null;
  return state.benchmarks.some((each) => each.id === id && each.is_home === true) ? null : id;
}

/**
 * A job of this project, or of another one that the stream tells of.
 * @param {ProjectState} state
 * @param {string} id
 * @returns {Job | null}
 */
export function anyJob(state, id) {
  return state.jobs.get(id) ?? state.others.get(id) ?? null;
}

/**
 * A `status` or `end` event carries the job object, bare or under `job`.
 * @param {any} data
 * @returns {Job | null}
 */
export function jobOf(data) {
  const job = data?.job ?? data;
  return typeof job?.id === "string" ? job : null;
}

/**
 * Progress is kept by run where the run is known: it outlives the job that reported it.
 * @param {{ run_id?: string | null, job_id?: string | null }} progress
 */
export function progressKey(progress) {
  return progress.run_id ? `run:${progress.run_id}` : `job:${progress.job_id}`;
}

/**
 * @param {ProjectState} state
 * @param {Job} job
 * @returns {Progress | null}
 */
export function progressOfJob(state, job) {
  const byRun = job.run_id ? state.progress.get(`run:${job.run_id}`) : undefined;
  return byRun ?? state.progress.get(`job:${job.id}`) ?? null;
}

/**
 * For each run the job that writes it now, else the last one known to have written it.
 * @param {ProjectState} state
 * @returns {Map<string, Job>}
 */
export function jobsByRun(state) {
  /** @type {Map<string, Job>} */
  const found = new Map();
  for (const job of state.jobs.values()) {
    if (!job.run_id) continue;
    const known = found.get(job.run_id);
    if (!known || job.started_at > known.started_at) found.set(job.run_id, job);
  }
  return found;
}

/**
 * @param {ProjectState} state
 * @param {string} runID
 * @returns {Job | null}
 */
export function jobOfRun(state, runID) {
  return jobsByRun(state).get(runID) ?? null;
}

/** @param {any} data @returns {ProjectState} */
function fromSnapshot(data) {
  const state = emptyProject();
  state.loaded = true;
  state.revision = data.revision ?? null;
  state.config = data.config ?? {};
  state.benchmarks = data.benchmarks ?? [];
  for (const job of data.jobs ?? []) {
    (foreignScope(state, job) ? state.others : state.jobs).set(job.id, job);
    if (job.progress)
      state.progress.set(progressKey({ ...job.progress, job_id: job.id }), job.progress);
  }
  for (const run of data.runs ?? []) state.runs.set(run.filename, run);
  state.runsTotal = data.runs_total ?? state.runs.size;
  for (const progress of data.progress ?? []) state.progress.set(progressKey(progress), progress);
  return state;
}

/** @param {ProjectState} state @param {any} data @returns {ProjectState} */
function applyProgress(state, data) {
  const progress = set(state.progress, progressKey(data), data);
  const job = data.job_id ? state.jobs.get(data.job_id) : undefined;
  if (!job) return { ...state, progress };
  const counted = {
    ...job,
    planned_test_count: data.planned ?? job.planned_test_count,
    completed_test_count: data.completed ?? job.completed_test_count,
  };
  return { ...state, progress, jobs: set(state.jobs, job.id, counted) };
}

/** The first row of a target tells a live run's name; the list itself follows later. */
/** @param {ProjectState} state @param {any} data @returns {ProjectState} */
function applyRow(state, data) {
  const run = state.runs.get(data.run_id);
  const { target } = data;
  if (!run?.live || !target || run.targets?.includes(target)) return state;
  const targets = [...(run.targets ?? []), target];
  const named = { ...run, target: run.target ?? target, targets };
  return { ...state, runs: set(state.runs, run.filename, named) };
}

/** @param {ProjectState} state @param {any} data @returns {ProjectState} */
function applyRun(state, data) {
  const id = data.run?.filename ?? data.run_id;
  if (typeof id !== "string") return state;
  if (data.change === "vanished") {
    return {
      ...state,
      runs: without(state.runs, id),
      runsTotal: Math.max(0, state.runsTotal - 1),
      progress: without(state.progress, `run:${id}`),
    };
  }
  const runs = set(state.runs, id, data.run);
  // A run that the stream had not brought may be an old one that changed.
  const isNew = data.change === "appeared" && !state.runs.has(id);
  const runsTotal = Math.max(runs.size, state.runsTotal + (isNew ? 1 : 0));
  // In-flight tests of a run that has ended are nobody's any more.
  const progress = data.run.live ? state.progress : without(state.progress, `run:${id}`);
  return { ...state, runs, runsTotal, progress };
}

/**
 * Whether the project has runs that the stream did not bring.
 * @param {ProjectState} state
 */
export function hasOlderRuns(state) {
  return state.runsTotal > state.runs.size;
}

/**
 * @template V
 * @param {Map<string, V>} map
 * @param {string} key
 * @param {V} value
 */
function set(map, key, value) {
  const copy = new Map(map);
  copy.set(key, value);
  return copy;
}

/**
 * @template V
 * @param {Map<string, V>} map
 * @param {string} key
 */
function without(map, key) {
  if (!map.has(key)) return map;
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}
