// Runs while the browser still loads the page's modules: asks for the results of the run that the
// address names, so that code and results come at the same time (net/api.js takes them).
(() => {
  const named = /^(?:\/benchmarks\/([^/]+))?\/runs\/([^/]+)/.exec(location.pathname);
  if (!named) return;
  try {
    const [scope, run] = named
      .slice(1)
      .map((part) => part && encodeURIComponent(decodeURIComponent(part)));
    const path = `${scope ? `/api/benchmarks/${scope}` : "/api"}/runs/${run}?view=columns`;
    const response = fetch(path, { cache: "no-store", headers: { accept: "application/json" } });
    response.catch(() => {});
    globalThis.agentvEarly = { path, response };
  } catch {
    // An address that cannot be decoded names no run; the page says so.
  }
})();
