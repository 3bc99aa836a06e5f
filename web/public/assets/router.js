// Addresses to pages. Links are ordinary links; a click on one of ours changes the page in place.

/**
 * @typedef {{ page: string, params: Record<string, string> }} Route
 */

/** @type {[RegExp, string, string[]][]} */
const ROUTES = [
  [/^\/$/, "av-home-page", []],
  [/^\/jobs$/, "av-jobs-page", []],
  [/^\/jobs\/([^/]+)$/, "av-job-page", ["job"]],
  [/^\/jobs\/([^/]+)\/log$/, "av-log-page", ["job"]],
  [/^\/runs\/([^/]+)$/, "av-run-page", ["run"]],
  [/^\/runs\/([^/]+)\/suite\/([^/]+)$/, "av-run-page", ["run", "suite"]],
  [/^\/runs\/([^/]+)\/category\/([^/]+)$/, "av-run-page", ["run", "category"]],
  [/^\/evals\/([^/]+)\/([^/]+)$/, "av-eval-page", ["run", "test"]],
  [/^\/experiments$/, "av-experiments-page", []],
  [/^\/experiments\/([^/]+)$/, "av-experiment-page", ["experiment"]],
  [/^\/targets$/, "av-targets-page", []],
  [/^\/targets\/([^/]+)$/, "av-target-page", ["target"]],
  [/^\/analytics$/, "av-analytics-page", []],
  [/^\/compare$/, "av-compare-page", []],
  [/^\/settings$/, "av-settings-page", []],
];

/** Addresses of AgentV's own Studio, which kept these views in tabs of its home page. */
/** @type {Record<string, string>} */
const TABS = { experiments: "/experiments", analytics: "/analytics", targets: "/targets" };

/**
 * @param {string} path
 * @param {string} [search]  the query, with its question mark
 * @returns {Route}
 */
export function matchRoute(path, search = "") {
  const tab = path === "/" ? new URLSearchParams(search).get("tab") : null;
  const address = (tab && TABS[tab]) || path;
  for (const [pattern, page, names] of ROUTES) {
    const match = pattern.exec(address);
    if (!match) continue;
    /** @type {Record<string, string>} */
    const params = {};
    try {
      names.forEach((name, index) => {
        params[name] = decodeURIComponent(match[index + 1]);
      });
    } catch {
      break;
    }
    return { page, params };
  }
  return { page: "av-missing-page", params: {} };
}

/** @param {string} id */
export const jobPath = (id) => `/jobs/${encodeURIComponent(id)}`;

/** @param {string} id */
export const logPath = (id) => `/jobs/${encodeURIComponent(id)}/log`;

/** @param {string} id */
export const runPath = (id) => `/runs/${encodeURIComponent(id)}`;

/** @param {string} name */
export const experimentPath = (name) => `/experiments/${encodeURIComponent(name)}`;

/** @param {string} name */
export const targetPath = (name) => `/targets/${encodeURIComponent(name)}`;

/** @param {string[]} runs */
export const comparePath = (runs) => `/compare?runs=${runs.map(encodeURIComponent).join(",")}`;

/**
 * A test of a run; of several targets or files with that id, the one that is named.
 * @param {string} run
 * @param {{ test_id: string, target?: string | null, requested_target?: string | null,
 *   eval_file?: string | null }} row
 */
export function evalPath(run, row) {
  const query = new URLSearchParams();
  const target = row.requested_target ?? row.target;
  if (target) query.set("target", target);
  if (row.eval_file) query.set("eval_file", row.eval_file);
  const words = query.toString();
  const path = `/evals/${encodeURIComponent(run)}/${encodeURIComponent(row.test_id)}`;
  return words ? `${path}?${words}` : path;
}

/**
 * Keeps a view's choices in the address without leaving the page; a value at its default goes.
 * @param {Record<string, string | null>} values
 */
export function replaceQuery(values) {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === "") url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  if (url.href !== location.href) history.replaceState(history.state, "", url);
}

/** @param {string} path */
export function navigate(path) {
  history.pushState(null, "", path);
  dispatchEvent(new CustomEvent("agentv:navigate"));
}

/**
 * Takes over clicks on links to our own pages; every other link, and every click that means "new
 * tab" or "download", stays the browser's.
 * @param {() => void} changed
 */
export function startRouter(changed) {
  addEventListener("popstate", changed);
  addEventListener("agentv:navigate", changed);
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || link.target || link.hasAttribute("download")) return;
    if (link.origin !== location.origin || link.pathname.startsWith("/api/")) return;
    if (link.hash && link.pathname === location.pathname) return;
    event.preventDefault();
    if (link.href !== location.href) navigate(link.pathname + link.search);
  });
}
