// How a job ended, in words a person understands. Pure.

import { formatTime } from "./format.js";

/** Numbers of the signals that end a run in practice (signal(7)). */
/** @type {Record<number, string>} */
const SIGNALS = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  13: "SIGPIPE",
  15: "SIGTERM",
  24: "SIGXCPU",
};

const STOP_SIGNALS = ["SIGHUP", "SIGINT", "SIGTERM"];

/**
 * The signal behind an exit status as a shell reports it: 128 + number.
 * @param {number} code
 * @returns {string | null}
 */
export function signalOfCode(code) {
  return code > 128 ? (SIGNALS[code - 128] ?? null) : null;
}

/**
 * `143 — stopped by SIGTERM`.
 * @param {{ exit_code: number | null, signal?: string | null, outcome?: JobOutcome | null,
 *   forced?: boolean, planned_test_count?: number | null, completed_test_count?: number | null }} job
 */
export function explainExit(job) {
  const code = job.exit_code;
  if (code == null) {
    return job.outcome === "lost"
      ? "Exit code unknown — the run ended while nobody was watching it"
      : "Exit code unknown";
  }
  return `${code} — ${meaning(code, job)}`;
}

/**
 * @param {number} code
 * @param {{ signal?: string | null, outcome?: JobOutcome | null, forced?: boolean }} job
 */
function meaning(code, job) {
  const signal = job.signal ?? signalOfCode(code);
  if (signal && STOP_SIGNALS.includes(signal)) return `stopped by ${signal}`;
  if (signal === "SIGKILL" && job.outcome === "stopped") return "stopped by SIGKILL (forced)";
  if (signal) return `killed by ${signal}`;
  if (job.outcome === "stopped" && code === 1) return "stopped at once by a second signal";
  switch (code) {
    case 0:
      return "every planned test has run";
    case 1:
      return "the run failed or the threshold was missed; the log says which";
    case 2:
      return "every test ended in an execution error";
    case 64:
      return "the command line was not understood";
    case 126:
      return "the command could not be executed";
    case 127:
      return "the command was not found";
    default:
      return "the run failed; the log says why";
  }
}

/**
 * `5 processes obeyed, 1 killed, none left`.
 * @param {Census} census
 */
export function censusLine(census) {
  const { obeyed, killed } = census;
  const left = census.remaining?.length ?? 0;
  if (obeyed === 0 && killed === 0 && left === 0) return "none left when the run ended";
  const parts = [];
  if (obeyed > 0 || killed === 0) {
    parts.push(`${obeyed} ${obeyed === 1 ? "process" : "processes"} obeyed`);
    if (killed > 0) parts.push(`${killed} killed`);
  } else {
    parts.push(`${killed} ${killed === 1 ? "process" : "processes"} killed`);
  }
  parts.push(left === 0 ? "none left" : `${left} still alive`);
  const line = parts.join(", ");
  const outside = census.outside_group;
  return outside > 0 ? `${line} (${outside} found outside of the run's process group)` : line;
}

/** @type {Record<string, string>} */
const ACTORS = {
  browser: "asked for in the browser",
  api: "asked for through the API",
  shutdown: "the server shut down",
  cli: "asked for with agentv stop",
  terminal: "stopped in its terminal",
  signal: "a signal from outside of the Studio",
};

/** @type {Record<StopMode, string>} */
const MODES = { after_current: "after the current tests", now: "", force: "killed at once" };

/** @param {Job} job @returns {StopRecord} */
export function stopOfJob(job) {
  return {
    actor: job.actor,
    reason: job.reason,
    mode: job.forced ? "force" : job.stop_mode,
    requested_at: job.stop_requested_at,
  };
}

/**
 * Who asked for the stop, when, how and why.
 * @param {StopRecord | null | undefined} stop
 * @returns {string | null}
 */
export function stopLine(stop) {
  if (!stop) return null;
  const actor = stop.actor?.trim();
  const reason = stop.reason?.trim();
  const who = actor ? (ACTORS[actor] ?? `asked for by ${actor}`) : null;
  const when = stop.requested_at ? formatTime(stop.requested_at) : null;
  const how = MODES[(stop.force ? "force" : stop.mode) ?? "now"];
  const facts = [who, when, how].filter(Boolean).join(", ");
  if (!reason || reason === actor) return facts || null;
  return facts ? `${facts}: ${reason}` : reason;
}
