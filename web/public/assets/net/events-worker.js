// The SharedWorker: one hub for all tabs of this browser. A tab that has gone is noticed by the Web
// Lock it held, or by its own goodbye where locks are missing (plain HTTP on another host).

import { batchedPort } from "./batched-port.js";
import { openEventSource, timers } from "./event-source.js";
import { StreamHub } from "./stream-hub.js";

const hub = new StreamHub({ open: openEventSource, timers });

const scope = /** @type {SharedWorkerGlobalScopeLike} */ (/** @type {unknown} */ (globalThis));

/** @param {MessageEvent} event */
scope.onconnect = (event) => {
  const channel = event.ports[0];
  const port = batchedPort((messages) => channel.postMessage(messages), timers);
  channel.onmessage = (/** @type {MessageEvent<ToHub>} */ { data: message }) => {
    hub.receive(port, message);
    if (message.kind === "hello" && message.lock) {
      navigator.locks.request(message.lock, () => hub.detach(port));
    }
  };
};
