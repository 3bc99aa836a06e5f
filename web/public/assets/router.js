// Addresses to pages. Links are ordinary links; a click on one of ours changes the page in place.

/**
 * @typedef {{ page: string, params: Record<string, string> }} Route
 */

/** @type {[RegExp, string, string[]][]} */
const ROUTES = [
  [/^\/$/, "av-home-page", []],
  [/^\/jobs\/([^/]+)$/, "av-job-page", ["job"]],
  [/^\/runs\/([^/]+)$/, "av-run-page", ["run"]],
];

/**
 * @param {string} path
 * @returns {Route}
 */
export function matchRoute(path) {
  for (const [pattern, page, names] of ROUTES) {
    const match = pattern.exec(path);
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
export const runPath = (id) => `/runs/${encodeURIComponent(id)}`;

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
