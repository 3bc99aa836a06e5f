// Requests to the server. They are sent on navigation and on what a person does or an event says,
// never by a timer.

import { currentScope } from "../router.js";
import { noteStatus } from "./login.js";

/** An answer other than 2xx, with the server's own words. */
export class ApiError extends Error {
  /**
   * @param {number} status  0 when no answer came
   * @param {string} message
   * @param {string} code
   */
  constructor(status, message, code) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
  }
}

/**
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export function getJSON(path, signal) {
  return request(path, { headers: { accept: "application/json" }, signal });
}

/**
 * @param {string} path
 * @param {unknown} body
 * @returns {Promise<any>}
 */
export function postJSON(path, body) {
  return request(path, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify(body ?? {}),
  });
}

/** Asked for at a time; the server may send less. */
const PIECE_BYTES = 4 << 20;

/**
 * A range of a file that may still grow (RFC 9110 §14).
 * @param {string} path
 * @param {number} offset
 * @returns {Promise<{ bytes: Uint8Array, size: number }>}
 */
async function getBytes(path, offset) {
  const from = Math.max(0, offset - 1);
  let response;
  try {
    // One byte more than is needed: a range that begins at the end would be an error.
    const headers = { range: `bytes=${from}-${offset + PIECE_BYTES - 1}` };
    response = await fetch(path, { cache: "no-store", headers });
  } catch {
    throw new ApiError(0, "The server cannot be reached.", "unreachable");
  }
  if (!response.ok) {
    noteStatus(response.status);
    const body = await response.json().catch(() => null);
    throw new ApiError(
      response.status,
      body?.error ?? `The server answered ${response.status}`,
      body?.code ?? "",
    );
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  const total = Number(response.headers.get("content-range")?.split("/")[1]);
  const size = Number.isFinite(total) ? total : from + bytes.length;
  return { bytes: bytes.subarray(offset - from), size };
}

/**
 * @param {"PUT" | "DELETE" | "POST"} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<any>}
 */
export function sendJSON(method, path, body) {
  const headers = { accept: "application/json", "content-type": "application/json" };
  const text = body === undefined ? undefined : JSON.stringify(body);
  return request(path, { method, headers, body: text });
}

/**
 * @param {string} path
 * @param {RequestInit} init
 */
async function request(path, init) {
  let response;
  try {
    response = await (askedEarly(path) ?? fetch(path, { cache: "no-store", ...init }));
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "The server cannot be reached.", "unreachable");
  }
  const body = await response.json().catch(() => null);
  if (response.ok) return body;
  noteStatus(response.status);
  const text = typeof body?.error === "string" ? body.error : body?.error?.message;
  const fallback = `The server answered ${response.status} ${response.statusText}`.trim();
  throw new ApiError(response.status, text ?? fallback, body?.code ?? "");
}

/**
 * What was asked for before this code was there (early.js); once.
 * @param {string} path
 * @returns {Promise<Response> | null}
 */
function askedEarly(path) {
  const early = globalThis.agentvEarly;
  if (!early || early.path !== path) return null;
  globalThis.agentvEarly = undefined;
  return early.response;
}

/**
 * Where the routes of the project are whose page is shown (docs/reference/http-api.md).
 * @param {string | null} [scope]
 */
export function apiBase(scope = currentScope()) {
  return scope === null ? "/api" : `/api/benchmarks/${encodeURIComponent(scope)}`;
}

/**
 * What a route would answer: its status, 0 when nothing answers.
 * @param {string} path
 * @returns {Promise<number>}
 */
export async function probe(path) {
  try {
    return (await fetch(path, { method: "HEAD", cache: "no-store" })).status;
  } catch {
    return 0;
  }
}

/** @param {string} run @param {string} test */
const evalBase = (run, test) =>
  `${apiBase()}/runs/${encodeURIComponent(run)}/evals/${encodeURIComponent(test)}`;

/** @param {Record<string, string | null | undefined>} values */
function queryOf(values) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value) query.set(name, value);
  const text = query.toString();
  return text ? `?${text}` : "";
}

export const api = {
  /** @param {string} id */
  jobStatus: (id) => getJSON(`${apiBase()}/eval/status/${encodeURIComponent(id)}`),
  /** @param {string} id @param {AbortSignal} [signal] @returns {Promise<RunDetail>} */
  run: (id, signal) => getJSON(`${apiBase()}/runs/${encodeURIComponent(id)}?view=columns`, signal),
  /** Its results as the API has them, for what counts them otherwise than a page of a run. */
  /** @param {string} id @returns {Promise<RunDetail>} */
  runResults: (id) => getJSON(`${apiBase()}/runs/${encodeURIComponent(id)}?view=compact`),
  /**
   * What the list tells of a run.
   * @param {string} id
   * @returns {Promise<RunDetail>}
   */
  runHead: (id) => getJSON(`${apiBase()}/runs/${encodeURIComponent(id)}?view=compact&limit=1`),
  /**
   * @param {string} run
   * @param {string} test
   * @param {{ target?: string | null, eval_file?: string | null }} which
   * @returns {Promise<EvalAnswer>}
   */
  evaluation: (run, test, which) => getJSON(`${evalBase(run, test)}${queryOf(which)}`),
  /**
   * Every result of a test, oldest first; the last one counts.
   * @param {string} run
   * @param {string} test
   * @param {{ target?: string | null, eval_file?: string | null }} which
   * @returns {Promise<{ attempts: EvalResult[] }>}
   */
  attempts: (run, test, which) => getJSON(`${evalBase(run, test)}/attempts${queryOf(which)}`),
  /** @param {string} run @param {string} test @returns {Promise<{ files: FileNode[] }>} */
  files: (run, test) => getJSON(`${evalBase(run, test)}/files`),
  /**
   * @param {string} run
   * @param {string} test
   * @param {string} path
   * @returns {Promise<{ content: string, language: string }>}
   */
  file: (run, test, path) =>
    getJSON(`${evalBase(run, test)}/files/${path.split("/").map(encodeURIComponent).join("/")}`),
  /** @returns {Promise<{ experiments: ExperimentSummary[] }>} */
  experiments: () => getJSON(`${apiBase()}/experiments`),
  /** @returns {Promise<{ targets: TargetSummary[] }>} */
  targetSummaries: () => getJSON(`${apiBase()}/targets`),
  /** @param {{ tags?: string | null, baseline?: string | null }} choice @returns {Promise<Comparison>} */
  compare: (choice) => getJSON(`${apiBase()}/compare${queryOf(choice)}`),
  /** @returns {Promise<{ runs: Job[] }>} */
  jobs: () => getJSON(`${apiBase()}/eval/runs`),
  /** @returns {Promise<{ reviews: Review[] }>} */
  feedback: () => getJSON(`${apiBase()}/feedback`),
  /** @param {Pick<Review, "test_id" | "comment">[]} reviews @returns {Promise<{ reviews: Review[] }>} */
  saveFeedback: (reviews) => postJSON(`${apiBase()}/feedback`, { reviews }),
  /** @param {{ threshold: number }} settings */
  saveConfig: (settings) => postJSON(`${apiBase()}/config`, settings),
  /** @returns {Promise<StudioConfig>} */
  config: () => getJSON(`${apiBase()}/config`),
  /** @param {string} run @param {string[]} tags @returns {Promise<{ tags: string[] }>} */
  setTags: (run, tags) =>
    sendJSON("PUT", `${apiBase()}/runs/${encodeURIComponent(run)}/tags`, { tags }),
  /** @returns {Promise<{ benchmarks: Benchmark[] }>} */
  benchmarks: () => getJSON("/api/benchmarks"),
  /** @param {string} path @returns {Promise<Benchmark>} */
  addBenchmark: (path) => postJSON("/api/benchmarks", { path }),
  /** @param {string} id */
  removeBenchmark: (id) => sendJSON("DELETE", `/api/benchmarks/${encodeURIComponent(id)}`),
  /** @returns {Promise<RemoteStatus>} */
  remoteStatus: () => getJSON(`${apiBase()}/remote/status`),
  /** @returns {Promise<RemoteStatus>} */
  syncRemote: () => postJSON(`${apiBase()}/remote/sync`, {}),
  /** @returns {Promise<{ eval_files: DiscoveredEval[] }>} */
  discover: () => getJSON(`${apiBase()}/eval/discover`),
  /** @returns {Promise<{ targets: string[] }>} */
  targets: () => getJSON(`${apiBase()}/eval/targets`),
  /** @param {LaunchRequest} body @returns {Promise<{ command: string }>} */
  preview: (body) => postJSON(`${apiBase()}/eval/preview`, body),
  /** @param {LaunchRequest} body @returns {Promise<Launched>} */
  launch: (body) => postJSON(`${apiBase()}/eval/run`, body),
  /**
   * A piece of a job's log and how long the log is in all.
   * @param {string} id
   * @param {number} offset  bytes that are known already
   * @returns {Promise<{ bytes: Uint8Array, size: number }>}
   */
  log: (id, offset) => getBytes(`${apiBase()}/eval/run/${encodeURIComponent(id)}/log`, offset),
  /**
   * A page of the list of runs.
   * @param {Record<string, string>} query
   * @returns {Promise<{ runs: RunMeta[], total: number, next_cursor: string | null }>}
   */
  runs: (query) => getJSON(`${apiBase()}/runs${queryOf(query)}`),
  /** @returns {Promise<Facets>} */
  facets: () => getJSON(`${apiBase()}/facets`),
  /** @param {string} id @returns {Promise<unknown>} */
  deleteRun: (id) => sendJSON("DELETE", `${apiBase()}/runs/${encodeURIComponent(id)}`),
  /**
   * @param {{ ids?: string[], all?: boolean, mode: StopMode, reason?: string }} body
   * @returns {Promise<{ jobs: { id: string, stopped: boolean, reason?: string }[] }>}
   */
  stopMany: (body) => postJSON(`${apiBase()}/eval/stop`, body),
  /** @param {string} id @param {{ mode?: StopMode, reason?: string }} [body] */
  stop: (id, body) => postJSON(`${apiBase()}/eval/run/${encodeURIComponent(id)}/stop`, body),
};

/**
 * What to show for a failed request.
 * @param {unknown} error
 */
export function errorText(error) {
  return error instanceof Error ? error.message : String(error);
}
