// The browser's EventSource behind the hub's small `Source` interface.

import { probe } from "./api.js";

/** Every event name of the two streams (docs/concepts/web-ui.md). */
const EVENT_NAMES = [
  "snapshot",
  "status",
  "output",
  "row",
  "progress",
  "run",
  "config",
  "registry",
  "benchmark",
  "remote",
  "shutdown",
  "end",
];

/** Runs that a project's stream begins with; pages fetch older ones (net/run-pages.js). */
const NEWEST_RUNS = 200;

/** @param {string} path */
function limited(path) {
  if (!/\/events(\?|$)/.test(path) || path.includes("/eval/run/")) return path;
  return `${path}${path.includes("?") ? "&" : "?"}runs=${NEWEST_RUNS}`;
}

/** @type {OpenSource} */
export function openEventSource(path, handlers) {
  const source = new EventSource(limited(path));
  source.onopen = () => handlers.open();
  let isWanted = true;
  source.onerror = async () => {
    if (source.readyState !== EventSource.CLOSED) return handlers.error(false, 0);
    // An EventSource does not tell why it was refused.
    const status = await probe(path);
    if (isWanted) handlers.error(true, status);
  };
  for (const name of EVENT_NAMES) {
    source.addEventListener(name, (message) => {
      const data = parse(message.data);
      if (data !== undefined) handlers.event({ name, data }, message.lastEventId);
    });
  }
  return {
    close: () => {
      isWanted = false;
      source.close();
    },
  };
}

/** @type {Timers} */
export const timers = {
  after(milliseconds, action) {
    const timer = setTimeout(action, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
