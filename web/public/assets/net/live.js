// A tab's side of the event streams: keeps the project's and the watched jobs' state up to date and
// tells the components. Without SharedWorker the hub runs in the page, and a hidden page gives its
// connections back.

import { currentScope } from "../router.js";
import { emptyJob, reduceJob } from "../state/job.js";
import { emptyProject, reduceProject } from "../state/project.js";
import { batchedPort } from "./batched-port.js";
import { openEventSource, timers } from "./event-source.js";
import { StreamHub } from "./stream-hub.js";

/** Part of the worker's name: a page never talks to a worker of another protocol version. */
const PROTOCOL = "3";

/**
 * @typedef {{ kind: "project" } | { kind: "resync" } | { kind: "event", event: StreamEvent } |
 *   { kind: "connection" } | { kind: "scope" }} LiveChange
 * @typedef {(state: JobState, event: StreamEvent | null) => void} JobListener
 */

class Live {
  /** The benchmark whose pages are shown; null for the server's own project. */
  scope = currentScope();
  project = emptyProject();
  /** @type {Connection} */
  connection = "connecting";
  attempt = 0;
  shared = typeof SharedWorker === "function";
  /** @type {Set<(change: LiveChange) => void>} */
  #listeners = new Set();
  /** @type {Map<string, { state: JobState, listeners: Set<JobListener> }>} */
  #jobs = new Map();
  /** @type {(message: ToHub) => void} */
  #send = () => {};
  /** @type {StreamHub | null} */
  #ownHub = null;

  start() {
    if (this.shared) this.#startShared();
    else this.#startOwn();
    document.addEventListener("visibilitychange", () => this.#visibility());
    addEventListener("focus", () => this.#send({ kind: "visible", visible: true }));
    addEventListener("online", () => this.retry());
    addEventListener("pagehide", () => this.#send({ kind: "bye" }));
    addEventListener("pageshow", (event) => {
      if (event.persisted) this.#hello(null);
    });
  }

  /**
   * Shows another project from now on.
   * @param {string | null} scope
   */
  setScope(scope) {
    if (scope === this.scope) return;
    this.scope = scope;
    this.project = emptyProject();
    this.connection = "connecting";
    // The hub forgets what this tab watched; pages that go have nothing left to give back.
    this.#jobs.clear();
    this.#tell({ kind: "scope" });
    this.#send({ kind: "scope", scope });
    this.#tell({ kind: "connection" });
    this.#tell({ kind: "project" });
  }

  retry() {
    this.#send({ kind: "retry" });
  }

  /** Says that this tab is being looked at, which moves its job's stream to the front. */
  touch() {
    this.#send({ kind: "visible", visible: true });
  }

  /**
   * @param {(change: LiveChange) => void} listener
   * @returns {() => void} ends the subscription
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * @param {string} id
   * @param {JobListener} listener
   * @returns {() => void} ends the subscription
   */
  watchJob(id, listener) {
    let entry = this.#jobs.get(id);
    if (!entry) {
      entry = { state: emptyJob(), listeners: new Set() };
      this.#jobs.set(id, entry);
      this.#send({ kind: "watch", job: id });
    }
    const watched = entry;
    watched.listeners.add(listener);
    listener(watched.state, null);
    return () => {
      watched.listeners.delete(listener);
      if (watched.listeners.size > 0 || this.#jobs.get(id) !== watched) return;
      this.#jobs.delete(id);
      this.#send({ kind: "unwatch", job: id });
    };
  }

  #startShared() {
    // Beside this module: tabs of one version of the pages share a worker of that version.
    const worker = new SharedWorker(new URL("./events-worker.js", import.meta.url), {
      type: "module",
      name: `agentv-events-${PROTOCOL}`,
    });
    // A worker that cannot be loaded (blocked, or modules not supported) is replaced at once.
    worker.onerror = () => {
      if (!this.#ownHub) this.#startOwn();
    };
    worker.port.onmessage = ({ data }) => this.#receiveAll(data);
    worker.port.start();
    this.#send = (message) => worker.port.postMessage(message);
    if (!navigator.locks) {
      this.#hello(null);
      return;
    }
    const name = `agentv-tab-${crypto.randomUUID()}`;
    // Held until the tab is gone, however it goes.
    navigator.locks.request(name, () => {
      this.#hello(name);
      return new Promise(() => {});
    });
  }

  #startOwn() {
    const hub = new StreamHub({ open: openEventSource, timers });
    // What a tab keeps grows in place, and so does what the hub keeps.
    const port = batchedPort((messages) => this.#receiveAll(structuredClone(messages)), timers);
    this.#ownHub = hub;
    this.#send = (message) => hub.receive(port, message);
    this.#hello(null);
  }

  /** @param {string | null} lock */
  #hello(lock) {
    this.#send({ kind: "hello", lock, visible: !document.hidden, scope: this.scope });
    for (const id of this.#jobs.keys()) this.#send({ kind: "watch", job: id });
  }

  #visibility() {
    this.#send({ kind: "visible", visible: !document.hidden });
    if (document.hidden) this.#ownHub?.suspend();
    else this.#ownHub?.resume();
  }

  /** @param {FromHub[]} messages */
  #receiveAll(messages) {
    for (const message of messages) this.#receive(message);
  }

  /** @param {FromHub} message */
  #receive(message) {
    // What was on its way when another project was chosen.
    if ("scope" in message && message.scope !== this.scope) return;
    switch (message.kind) {
      case "connection":
        this.connection = message.connection;
        this.attempt = message.attempt;
        this.#tell({ kind: "connection" });
        break;
      case "project": {
        const again = this.project.loaded;
        this.project = message.state;
        this.#tell({ kind: "project" });
        // What a page fetched on its own may be out of date after a gap.
        if (again) this.#tell({ kind: "resync" });
        break;
      }
      case "project-event": {
        const before = this.project;
        this.project = reduceProject(before, message.event);
        this.#tell({ kind: "event", event: message.event });
        if (this.project !== before) this.#tell({ kind: "project" });
        break;
      }
      case "job":
        this.#updateJob(message.job, message.state, null);
        break;
      case "job-event": {
        const entry = this.#jobs.get(message.job);
        if (!entry) break;
        const next = reduceJob(entry.state, message.event);
        next.streaming = entry.state.streaming;
        this.#updateJob(message.job, next, message.event);
        break;
      }
      case "job-streaming":
        this.#patchJob(message.job, { streaming: message.streaming });
        break;
      case "job-lost":
        this.#patchJob(message.job, { missing: true });
        break;
    }
  }

  /** @param {string} id @param {Partial<JobState>} patch */
  #patchJob(id, patch) {
    const entry = this.#jobs.get(id);
    if (entry) this.#updateJob(id, { ...entry.state, ...patch }, { name: "hub", data: null });
  }

  /** @param {string} id @param {JobState} state @param {StreamEvent | null} event */
  #updateJob(id, state, event) {
    const entry = this.#jobs.get(id);
    if (!entry) return;
    entry.state = state;
    for (const listener of [...entry.listeners]) listener(state, event);
  }

  /** @param {LiveChange} change */
  #tell(change) {
    for (const listener of [...this.#listeners]) listener(change);
  }
}

export const live = new Live();
