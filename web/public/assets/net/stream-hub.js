// All event streams of one browser, multiplexed to its tabs. No DOM, no globals: it runs in the
// SharedWorker, in a page where that is missing, and under `node --test`.
//
// HTTP/1.1 allows a browser six connections to one server. The hub uses at most four: the project
// stream, and the job streams of the job pages looked at last (`JOB_STREAMS`). Other open job pages
// stay live from the project stream, whose status, progress and row events name their job; what they
// miss is output, which the job's stream replays (`last_event_id`) when the page is looked at again.

import { emptyJob, jobFromProject, reduceJob } from "../state/job.js";
import { isLiveJob } from "../state/phase.js";
import { emptyProject, jobOf, progressOfJob, reduceProject } from "../state/project.js";

export const JOB_STREAMS = 3;

/** Wait before opening a stream again that the browser has given up: doubled, up to the limit. */
const RETRY_FIRST_MS = 1_000;
const RETRY_LIMIT_MS = 10_000;

/**
 * @typedef {{ id: string, state: JobState, source: Source | null, lastID: string | null,
 *   watchers: Set<HubPort>, looked: number, baseline: boolean }} Topic
 */

export class StreamHub {
  #open;
  #timers;
  /** @type {Map<HubPort, { visible: boolean }>} */
  #ports = new Map();
  /** @type {Map<string, Topic>} */
  #topics = new Map();
  #project = emptyProject();
  /** @type {Source | null} */
  #source = null;
  /** @type {string | null} */
  #lastID = null;
  /** @type {Connection} */
  #connection = "connecting";
  #attempt = 0;
  #clock = 0;
  /** @type {(() => void) | null} */
  #cancelRetry = null;

  /** @param {{ open: OpenSource, timers: Timers }} environment */
  constructor({ open, timers }) {
    this.#open = open;
    this.#timers = timers;
  }

  /** @param {HubPort} port @param {ToHub} message */
  receive(port, message) {
    switch (message.kind) {
      case "hello":
        this.#attach(port, message.visible);
        break;
      case "watch":
        this.#watch(port, message.job);
        break;
      case "unwatch":
        this.#unwatch(port, message.job);
        break;
      case "visible":
        this.#visible(port, message.visible);
        break;
      case "retry":
        if (this.#connection !== "live") this.#connect();
        break;
      case "bye":
        this.detach(port);
        break;
    }
  }

  /** @param {HubPort} port */
  detach(port) {
    this.#ports.delete(port);
    for (const topic of [...this.#topics.values()]) this.#unwatch(port, topic.id);
    if (this.#ports.size === 0) this.suspend();
  }

  /** Closes every stream; `resume` takes up where they were. */
  suspend() {
    this.#connection = "connecting";
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#source?.close();
    this.#source = null;
    this.#closeJobs();
  }

  resume() {
    if (!this.#source && this.#ports.size > 0) this.#connect();
  }

  /** @param {HubPort} port @param {boolean} visible */
  #attach(port, visible) {
    this.#ports.set(port, { visible });
    port.post({
      kind: "connection",
      connection: this.#connection,
      attempt: this.#attempt,
    });
    if (this.#project.loaded) port.post({ kind: "project", state: this.#project });
    if (!this.#source && !this.#cancelRetry) this.#connect();
  }

  #connect() {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#source?.close();
    this.#source = this.#open(pathWithID("/api/events", this.#lastID), {
      open: () => this.#connected(),
      event: (event, id) => this.#projectEvent(event, id),
      error: (closed) => this.#disconnected(closed),
    });
  }

  #connected() {
    this.#attempt = 0;
    this.#setConnection("live");
    this.#balance();
  }

  /** @param {boolean} closed */
  #disconnected(closed) {
    this.#attempt += 1;
    this.#setConnection("lost");
    // Job streams come back with the project stream: one thing knocks at the door, not four.
    this.#closeJobs();
    if (!closed) return;
    this.#source?.close();
    this.#source = null;
    const wait = Math.min(RETRY_LIMIT_MS, RETRY_FIRST_MS * 2 ** Math.min(this.#attempt - 1, 10));
    this.#cancelRetry = this.#timers.after(wait, () => this.#connect());
  }

  /** @param {Connection} connection */
  #setConnection(connection) {
    this.#connection = connection;
    this.#broadcast({ kind: "connection", connection, attempt: this.#attempt });
  }

  /** @param {StreamEvent} event @param {string} id */
  #projectEvent(event, id) {
    if (id) this.#lastID = id;
    this.#project = reduceProject(this.#project, event);
    if (event.name === "snapshot") this.#broadcast({ kind: "project", state: this.#project });
    else this.#broadcast({ kind: "project-event", event });
    for (const topic of this.#topics.values()) this.#feedFromProject(topic, event);
  }

  /** A job page without a stream of its own lives from the project's. */
  /** @param {Topic} topic @param {StreamEvent} event */
  #feedFromProject(topic, event) {
    if (topic.source || topic.state.ended) return;
    const { name, data } = event;
    if (name === "snapshot") {
      const job = this.#project.jobs.get(topic.id);
      if (job) this.#jobEvent(topic, { name: "status", data: job });
    } else if (name === "status" && jobOf(data)?.id === topic.id) {
      this.#jobEvent(topic, event);
    } else if (name === "progress" || name === "row") {
      const run = topic.state.job?.run_id;
      if (data.job_id ? data.job_id === topic.id : run && data.run_id === run) {
        this.#jobEvent(topic, event);
      }
    }
  }

  /** @param {HubPort} port @param {string} job */
  #watch(port, job) {
    let topic = this.#topics.get(job);
    if (!topic) {
      topic = {
        id: job,
        state: this.#initialJob(job),
        source: null,
        lastID: null,
        watchers: new Set(),
        looked: 0,
        baseline: false,
      };
      this.#topics.set(job, topic);
    }
    topic.watchers.add(port);
    this.#clock += 1;
    topic.looked = this.#clock;
    port.post({ kind: "job", job, state: topic.state });
    this.#balance();
  }

  /** @param {string} id */
  #initialJob(id) {
    const job = this.#project.jobs.get(id);
    return job ? jobFromProject(job, progressOfJob(this.#project, job)) : emptyJob();
  }

  /** @param {HubPort} port @param {string} job */
  #unwatch(port, job) {
    const topic = this.#topics.get(job);
    if (!topic?.watchers.delete(port) || topic.watchers.size > 0) return;
    topic.source?.close();
    this.#topics.delete(job);
    this.#balance();
  }

  /** @param {HubPort} port @param {boolean} visible */
  #visible(port, visible) {
    const tab = this.#ports.get(port);
    if (!tab) return;
    tab.visible = visible;
    if (!visible) return;
    for (const topic of this.#topics.values()) {
      if (!topic.watchers.has(port)) continue;
      this.#clock += 1;
      topic.looked = this.#clock;
    }
    this.#balance();
  }

  /** Gives the job streams to the pages that need them most and takes them from the others. */
  #balance() {
    if (this.#connection !== "live") return;
    const wanted = [...this.#topics.values()]
      .filter((topic) => !topic.state.ended && !topic.state.missing)
      .sort((a, b) => this.#urgency(b) - this.#urgency(a))
      .slice(0, JOB_STREAMS);
    for (const topic of this.#topics.values()) {
      if (!wanted.includes(topic)) this.#closeJob(topic);
    }
    for (const topic of wanted) if (!topic.source) this.#openJob(topic);
  }

  /**
   * Every page first gets a snapshot, and one that is under way is not interrupted; after that, the
   * page looked at last goes first.
   * @param {Topic} topic
   */
  #urgency(topic) {
    if (!topic.baseline) return (topic.source ? 4e15 : 2e15) + topic.looked;
    return topic.looked;
  }

  /** @param {Topic} topic */
  #openJob(topic) {
    const path = pathWithID(`/api/eval/run/${encodeURIComponent(topic.id)}/events`, topic.lastID);
    this.#setStreaming(topic, true);
    topic.source = this.#open(path, {
      open: () => {},
      event: (event, id) => {
        if (id) topic.lastID = id;
        this.#jobEvent(topic, event);
      },
      error: (closed) => this.#jobError(topic, closed),
    });
  }

  /** @param {Topic} topic @param {StreamEvent} event */
  #jobEvent(topic, event) {
    const fromStream = topic.source !== null;
    topic.state = {
      ...reduceJob(topic.state, event),
      streaming: topic.state.streaming,
    };
    for (const port of topic.watchers) port.post({ kind: "job-event", job: topic.id, event });
    if (event.name === "end") {
      topic.source?.close();
      topic.source = null;
      this.#balance();
    } else if (event.name === "snapshot" && fromStream && !topic.baseline) {
      topic.baseline = true;
      this.#balance();
    }
  }

  /**
   * A job stream that is refused while the project stream lives: the server does not know the job.
   * @param {Topic} topic
   * @param {boolean} closed
   */
  #jobError(topic, closed) {
    if (!closed) return;
    topic.source?.close();
    topic.source = null;
    this.#setStreaming(topic, false);
    if (this.#connection !== "live") return;
    if (topic.state.job && topic.state.loaded && !isLiveJob(topic.state.job)) {
      topic.state = { ...topic.state, ended: true };
      this.#balance();
      return;
    }
    topic.state = { ...topic.state, missing: true };
    for (const port of topic.watchers) port.post({ kind: "job-lost", job: topic.id });
    this.#balance();
  }

  #closeJobs() {
    for (const topic of this.#topics.values()) {
      this.#closeJob(topic);
      // The server may know the job again after a restart.
      topic.state = { ...topic.state, missing: false };
    }
  }

  /** @param {Topic} topic */
  #closeJob(topic) {
    if (!topic.source) return;
    topic.source.close();
    topic.source = null;
    if (!topic.state.ended) this.#setStreaming(topic, false);
  }

  /** @param {Topic} topic @param {boolean} streaming */
  #setStreaming(topic, streaming) {
    topic.state = { ...topic.state, streaming };
    for (const port of topic.watchers)
      port.post({ kind: "job-streaming", job: topic.id, streaming });
  }

  /** @param {FromHub} message */
  #broadcast(message) {
    for (const port of this.#ports.keys()) port.post(message);
  }
}

/** @param {string} path @param {string | null} id */
function pathWithID(path, id) {
  return id ? `${path}?last_event_id=${encodeURIComponent(id)}` : path;
}
