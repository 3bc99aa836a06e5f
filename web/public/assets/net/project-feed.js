// One project's event stream in the hub: its state, its connection, and coming back after a loss. No
// DOM, no globals.

import { emptyProject, reduceProject } from "../state/project.js";

/** Wait before opening a stream again that the browser has given up: doubled, up to the limit. */
const RETRY_FIRST_MS = 1_000;
const RETRY_LIMIT_MS = 10_000;

/**
 * What the hub does with the feed's news.
 * @typedef {{ event: (feed: ProjectFeed, event: StreamEvent) => void,
 *   connection: (feed: ProjectFeed) => void }} FeedListener
 */

export class ProjectFeed {
  /** The benchmark; null for the server's own project. */
  scope;
  state = emptyProject();
  /** @type {Connection} */
  connection = "connecting";
  attempt = 0;
  /** @type {Set<HubPort>} */
  watchers = new Set();
  /** When a tab of it was last looked at, in steps of the hub's clock. */
  looked = 0;
  /** Below `/api`, or below the benchmark's routes. */
  base;
  #environment;
  #listener;
  /** @type {Source | null} */
  #source = null;
  /** @type {string | null} */
  #lastID = null;
  /** @type {(() => void) | null} */
  #cancelRetry = null;

  /**
   * @param {string | null} scope
   * @param {{ open: OpenSource, timers: Timers }} environment
   * @param {FeedListener} listener
   */
  constructor(scope, environment, listener) {
    this.scope = scope;
    this.base = scope === null ? "/api" : `/api/benchmarks/${encodeURIComponent(scope)}`;
    this.#environment = environment;
    this.#listener = listener;
  }

  /** Whether the stream is open, or will be opened again by itself. */
  get isOpen() {
    return this.#source !== null || this.#cancelRetry !== null;
  }

  /** Whether the server answers that it has no such project, or that one must log in. */
  get isRefused() {
    return this.connection === "missing" || this.connection === "refused";
  }

  /** Opens the stream, from where it was left. */
  open() {
    this.#stop();
    this.#source = this.#environment.open(pathWithID(`${this.base}/events`, this.#lastID), {
      open: () => this.#connected(),
      event: (event, id) => this.#event(event, id),
      error: (closed, status) => this.#disconnected(closed, status),
    });
  }

  /**
   * Closes the stream; `open` takes up where it was.
   * @param {Connection} connection  what a tab is told meanwhile
   */
  close(connection) {
    this.#stop();
    if (this.connection !== connection) this.#tell(connection);
  }

  #stop() {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#source?.close();
    this.#source = null;
  }

  #connected() {
    this.attempt = 0;
    this.#tell("live");
  }

  /** @param {StreamEvent} event @param {string} id */
  #event(event, id) {
    if (id) this.#lastID = id;
    this.state = reduceProject(this.state, event);
    this.#listener.event(this, event);
  }

  /** @param {boolean} closed @param {number} status */
  #disconnected(closed, status) {
    this.attempt += 1;
    if (closed && (status === 404 || status === 401)) {
      this.#stop();
      this.#tell(status === 404 ? "missing" : "refused");
      return;
    }
    if (closed) {
      this.#source?.close();
      this.#source = null;
      const doubled = RETRY_FIRST_MS * 2 ** Math.min(this.attempt - 1, 10);
      this.#cancelRetry = this.#environment.timers.after(Math.min(RETRY_LIMIT_MS, doubled), () =>
        this.open(),
      );
    }
    this.#tell("lost");
  }

  /** @param {Connection} connection */
  #tell(connection) {
    this.connection = connection;
    this.#listener.connection(this);
  }
}

/** @param {string} path @param {string | null} id */
export function pathWithID(path, id) {
  return id ? `${path}?last_event_id=${encodeURIComponent(id)}` : path;
}
