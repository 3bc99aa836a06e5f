// Messages from the hub to a tab, joined: rows that come one by one a thousand times a second wake each
// tab ten times only, and it draws as often. No DOM, no globals.

/** How long a row waits for others of its burst, milliseconds. */
const BURST_MS = 10;
/** Least time between two pictures of rows that come all the time, milliseconds. */
const PAUSE_MS = 100;

/** Events that may wait; whatever else comes takes them along at once. */
const PATIENT = new Set(["row", "progress"]);

/**
 * @param {(messages: FromHub[]) => void} send
 * @param {Timers} timers
 * @returns {HubPort}
 */
export function batchedPort(send, timers) {
  /** @type {FromHub[]} */
  let waiting = [];
  /** Whether rows went out within the pause. */
  let isPaused = false;
  /** @type {(() => void) | null} */
  let cancel = null;
  const flush = () => {
    cancel?.();
    cancel = null;
    const messages = waiting;
    waiting = [];
    if (messages.length > 0) send(messages);
  };
  const flushRows = () => {
    isPaused = true;
    timers.after(PAUSE_MS, () => {
      isPaused = false;
      if (waiting.length > 0) flushRows();
    });
    flush();
  };
  return {
    post(message) {
      waiting.push(message);
      if (!("event" in message) || !PATIENT.has(message.event.name)) flush();
      else if (!isPaused) cancel ??= timers.after(BURST_MS, flushRows);
    },
  };
}
