// The browser's EventSource behind the hub's small `Source` interface.

/** Every event name of the two streams (docs/concepts/web-ui.md). */
const EVENT_NAMES = [
  "snapshot",
  "status",
  "output",
  "row",
  "progress",
  "run",
  "config",
  "shutdown",
  "end",
];

/** @type {OpenSource} */
export function openEventSource(path, handlers) {
  const source = new EventSource(path);
  source.onopen = () => handlers.open();
  source.onerror = () => handlers.error(source.readyState === EventSource.CLOSED);
  for (const name of EVENT_NAMES) {
    source.addEventListener(name, (message) => {
      const data = parse(message.data);
      if (data !== undefined) handlers.event({ name, data }, message.lastEventId);
    });
  }
  return { close: () => source.close() };
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
