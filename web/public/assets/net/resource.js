// Something a page fetches: asked for on arrival, after a gap in the events, and when an event says
// that it is out of date; one request at a time.

import { live } from "./live.js";

/**
 * @template T
 */
export class Resource {
  /** @type {T | null} */
  data = null;
  /** @type {unknown} */
  error = null;
  /** @type {() => Promise<T>} */
  #load;
  /** @type {() => void} */
  #changed;
  #loading = false;
  #again = false;
  #generation = 0;

  /**
   * @param {() => Promise<T>} load
   * @param {() => void} changed  called when there is something new to show
   */
  constructor(load, changed) {
    this.#load = load;
    this.#changed = changed;
  }

  /** Forgets what it has; for another thing at the same place. */
  reset() {
    this.#generation += 1;
    this.#loading = false;
    this.data = null;
    this.error = null;
  }

  async load() {
    if (this.#loading) {
      this.#again = true;
      return;
    }
    this.#loading = true;
    const generation = this.#generation;
    try {
      const data = await this.#load();
      if (generation !== this.#generation) return;
      this.data = data;
      this.error = null;
    } catch (error) {
      if (generation !== this.#generation) return;
      this.error = error;
    }
    this.#loading = false;
    this.#changed();
    if (this.#again) {
      this.#again = false;
      this.load();
    }
  }

  /**
   * Loads whenever events say so, and for the first time as soon as no event can be missed: when the
   * events have begun, or when it is known that there are none for now.
   * @param {(event: StreamEvent) => boolean} isStale
   * @returns {() => void} ends it
   */
  follow(isStale) {
    let isAsked = false;
    const begin = () => {
      if (isAsked || !(live.project.loaded || live.connection !== "connecting")) return;
      isAsked = true;
      this.load();
    };
    begin();
    return live.subscribe((change) => {
      if (!isAsked) begin();
      else if (change.kind === "resync") this.load();
      // What could not be fetched while the server was away.
      else if (change.kind === "connection" && live.connection === "live" && this.error)
        this.load();
      else if (change.kind === "event" && isStale(change.event)) this.load();
    });
  }
}

/**
 * Results of finished runs changed: a run ended, vanished, or its tags are others.
 * @param {StreamEvent} event
 */
export function resultsChanged({ name, data }) {
  if (name === "tags" || name === "config" || name === "registry") return true;
  return name === "run" && (data.change === "vanished" || data.run?.live !== true);
}
