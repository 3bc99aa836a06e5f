// Requests to the server. They are sent on navigation and on what a person does or an event says,
// never by a timer.

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

/**
 * @param {string} path
 * @param {RequestInit} init
 */
async function request(path, init) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "The server cannot be reached.", "unreachable");
  }
  const body = await response.json().catch(() => null);
  if (response.ok) return body;
  const text = typeof body?.error === "string" ? body.error : body?.error?.message;
  const fallback = `The server answered ${response.status} ${response.statusText}`.trim();
  throw new ApiError(response.status, text ?? fallback, body?.code ?? "");
}

export const api = {
  /** @param {string} id */
  jobStatus: (id) => getJSON(`/api/eval/status/${encodeURIComponent(id)}`),
  /** @param {string} id @param {AbortSignal} [signal] @returns {Promise<RunDetail>} */
  run: (id, signal) => getJSON(`/api/runs/${encodeURIComponent(id)}`, signal),
  /** @returns {Promise<{ eval_files: DiscoveredEval[] }>} */
  discover: () => getJSON("/api/eval/discover"),
  /** @returns {Promise<{ targets: string[] }>} */
  targets: () => getJSON("/api/eval/targets"),
  /** @param {LaunchRequest} body @returns {Promise<{ command: string }>} */
  preview: (body) => postJSON("/api/eval/preview", body),
  /** @param {LaunchRequest} body @returns {Promise<Launched>} */
  launch: (body) => postJSON("/api/eval/run", body),
  /** @param {string} id @param {{ force?: boolean, reason?: string }} [body] */
  stop: (id, body) => postJSON(`/api/eval/run/${encodeURIComponent(id)}/stop`, body),
};

/**
 * What to show for a failed request.
 * @param {unknown} error
 */
export function errorText(error) {
  return error instanceof Error ? error.message : String(error);
}
