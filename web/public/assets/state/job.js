// One job as its page shows it: the job object, rows, progress and the tail of the output. Pure, but
// the row map and the output list belong to the state they are in and grow in place: copying
// 100,000 rows for each new one would not keep up.

import { jobOf } from "./project.js";
import { putRow, rowMap, tally } from "./rows.js";

/** Characters of output kept by a page; the whole log stays on the server. */
export const OUTPUT_LIMIT_CHARS = 512 * 1024;

/** @returns {JobState} */
export function emptyJob() {
  return {
    loaded: false,
    missing: false,
    streaming: false,
    ended: false,
    job: null,
    rows: new Map(),
    progress: null,
    output: [],
    outputChars: 0,
    outputCut: false,
  };
}

/**
 * @param {JobState} state
 * @param {StreamEvent} event
 * @returns {JobState}
 */
export function reduceJob(state, event) {
  const { name, data } = event;
  switch (name) {
    case "snapshot":
      return fromSnapshot(data);
    case "status": {
      const job = jobOf(data);
      return job ? { ...state, job } : state;
    }
    case "end": {
      const job = jobOf(data) ?? state.job;
      return { ...state, job, ended: true, progress: settled(state.progress) };
    }
    case "progress":
      return applyProgress(state, data);
    case "row":
      putRow(state.rows, data);
      return { ...state };
    case "output":
      return applyOutput(state, data);
    default:
      return state;
  }
}

/**
 * A state for a job known only from the project stream.
 * @param {Job} job
 * @param {Progress | null} progress
 * @returns {JobState}
 */
export function jobFromProject(job, progress) {
  return { ...emptyJob(), job, progress };
}

/** @param {any} data @returns {JobState} */
function fromSnapshot(data) {
  /** @type {JobState} */
  let state = {
    ...emptyJob(),
    loaded: true,
    job: jobOf(data),
    rows: rowMap(data.rows ?? []),
  };
  state.progress = data.progress ?? null;
  /** @type {OutputChunk[]} */
  const chunks = data.output ?? [
    {
      stream: "stdout",
      offset: data.stdout_offset ?? 0,
      text: data.stdout ?? "",
    },
    {
      stream: "stderr",
      offset: data.stderr_offset ?? 0,
      text: data.stderr ?? "",
    },
  ];
  for (const chunk of chunks) if (chunk.text) state = applyOutput(state, chunk);
  if (data.output_cut) state.outputCut = true;
  return state;
}

/** @param {JobState} state @param {any} data @returns {JobState} */
function applyProgress(state, data) {
  if (!state.job) return { ...state, progress: data };
  const job = {
    ...state.job,
    planned_test_count: data.planned ?? state.job.planned_test_count,
    completed_test_count: data.completed ?? state.job.completed_test_count,
  };
  return { ...state, job, progress: data };
}

/** @param {JobState} state @param {OutputChunk} chunk @returns {JobState} */
function applyOutput(state, chunk) {
  if (isRepeated(state.output, chunk)) return state;
  state.output.push(chunk);
  let chars = state.outputChars + chunk.text.length;
  let cut = 0;
  while (chars > OUTPUT_LIMIT_CHARS && cut < state.output.length - 1) {
    chars -= state.output[cut].text.length;
    cut += 1;
  }
  if (cut > 0) state.output.splice(0, cut);
  return {
    ...state,
    outputChars: chars,
    outputCut: state.outputCut || cut > 0,
  };
}

/**
 * A replay may repeat what is already here: offsets of one stream only grow.
 * @param {OutputChunk[]} output
 * @param {OutputChunk} chunk
 */
function isRepeated(output, chunk) {
  for (let i = output.length - 1; i >= 0; i -= 1) {
    if (output[i].stream === chunk.stream) return chunk.offset <= output[i].offset;
  }
  return false;
}

/** @param {Progress | null} progress */
function settled(progress) {
  return progress && { ...progress, in_flight: [] };
}

/**
 * Numbers for the progress bar: from the latest progress event, else counted from the rows.
 * @param {JobState} state
 * @returns {Progress | null}
 */
export function progressOf(state) {
  if (state.progress) return state.progress;
  const { job } = state;
  if (!job) return null;
  const sum = tally(state.rows.values());
  return {
    planned: job.planned_test_count ?? null,
    completed: Math.max(job.completed_test_count ?? 0, sum.total),
    ok: sum.ok,
    quality_failures: sum.qualityFailures,
    execution_errors: sum.executionErrors,
    in_flight: [],
    cost_usd: sum.cost || null,
    started_at: job.started_at,
  };
}
