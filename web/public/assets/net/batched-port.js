// Messages from the hub to a tab, joined: rows that come one by one a thousand times a second wake each
// tab a few times only. No DOM, no globals.

/** Longest time that a row waits for others, milliseconds. */
const WAIT_MS = 40;

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
  /** @type {(() => void) | null} */
  let cancel = null;
  const flush = () => {
    cancel?.();
    cancel = null;
    const messages = waiting;
    waiting = [];
    if (messages.length > 0) send(messages);
  };
  return {
    post(message) {
      waiting.push(message);
      if (!("event" in message) || !PATIENT.has(message.event.name)) flush();
      else cancel ??= timers.after(WAIT_MS, flush);
    },
  };
}
