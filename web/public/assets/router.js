// Addresses to pages. Links are ordinary links; a click on one of ours changes the page in place.

/**
 * `scope` is the benchmark whose pages these are; null on those of the server's own project.
 * @typedef {{ page: string, params: Record<string, string>, scope: string | null }} Route
 */

/** @type {[RegExp, string, string[]][]} */
const ROUTES = [
  [/^\/$/, "av-start-page", []],
  [/^\/benchmarks$/, "av-benchmarks-page", []],
  [/^\/runs$/, "av-home-page", []],
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

/** Pages of one benchmark are the same ones below its address. */
const SCOPE = /^\/benchmarks\/([^/]+)(\/.*)?$/;
/** Pages that only the Studio as a whole has. */
const UNSCOPED = ["av-start-page", "av-benchmarks-page"];

/**
 * @param {string} path
 * @param {string} [search]  the query, with its question mark
 * @returns {Route}
 */
export function matchRoute(path, search = "") {
  const scope = scopeOf(path);
  const inner = scope === null ? path : (SCOPE.exec(path)?.[2] ?? "/");
  const isTop = inner === "/";
  const tab = isTop ? new URLSearchParams(search).get("tab") : null;
  const address = (tab && TABS[tab]) || (isTop && (scope !== null || tab) ? "/runs" : inner);
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
    if (scope !== null && UNSCOPED.includes(page)) break;
    return { page, params, scope };
  }
  return { page: "av-missing-page", params: {}, scope };
}

/**
 * The benchmark in an address.
 * @param {string} path
 * @returns {string | null}
 */
export function scopeOf(path) {
  const match = SCOPE.exec(path);
  if (!match) return null;
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return null;
  }
}

/** The benchmark of the page that is shown; null for the server's own project. */
export function currentScope() {
  return typeof location === "undefined" ? null : scopeOf(location.pathname);
}

/**
 * The address of a page of a project.
 * @param {string} path  as it is for the server's own project
 * @param {string | null} [scope]
 */
export function at(path, scope = currentScope()) {
  return scope === null ? path : `/benchmarks/${encodeURIComponent(scope)}${path}`;
}

/**
 * The runs of a project. `/` is the same page where the server shows one project.
 * @param {string | null} [scope]
 */
export const runsPath = (scope = currentScope()) => (scope === null ? "/runs" : at("", scope));

/** @param {string} id @param {string | null} [scope] */
export const jobPath = (id, scope) => at(`/jobs/${encodeURIComponent(id)}`, scope);

/** @param {string} id @param {string | null} [scope] */
export const logPath = (id, scope) => at(`/jobs/${encodeURIComponent(id)}/log`, scope);

/** @param {string} id @param {string | null} [scope] */
export const runPath = (id, scope) => at(`/runs/${encodeURIComponent(id)}`, scope);

/** @param {string} name */
export const experimentPath = (name) => at(`/experiments/${encodeURIComponent(name)}`);

/** @param {string} name */
export const targetPath = (name) => at(`/targets/${encodeURIComponent(name)}`);

/** @param {string[]} runs */
export const comparePath = (runs) =>
  `${at("/compare")}?runs=${runs.map(encodeURIComponent).join(",")}`;

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
  const path = at(`/evals/${encodeURIComponent(run)}/${encodeURIComponent(row.test_id)}`);
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
  query = location.search;
}

/** The query that the page on the screen shows. */
let query = typeof location === "undefined" ? "" : location.search;

/** Whether the address has another query than the page on the screen: a link or the way back. */
export function isQueryNew() {
  return location.search !== query;
}

/** The page of the address is on the screen. */
export function queryShown() {
  query = location.search;
}

/**
 * @param {string} path
 * @param {{ replaces: boolean }} [how]  whether the address before is forgotten
 */
export function navigate(path, how) {
  if (how?.replaces) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
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
