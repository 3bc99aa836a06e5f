// All event streams of one browser, multiplexed to its tabs. No DOM, no globals: it runs in the
// SharedWorker, in a page where that is missing, and under `node --test`.
//
// HTTP/1.1 allows a browser six connections to one server. The hub uses at most four (`STREAMS`): one
// for each project that a tab shows, up to three (`PROJECT_STREAMS`), and what is left for the jobs
// whose pages were looked at last. A tab whose project has no stream says so and gets it back when it
// is looked at. Other open job pages stay live from their project's stream, whose status, progress and
// row events name their job; what they miss is output, which the job's stream replays
// (`last_event_id`) when the page is looked at again.

import { emptyJob, jobFromProject, reduceJob } from "../state/job.js";
import { isLiveJob } from "../state/phase.js";
import { anyJob, jobOf, progressOfJob } from "../state/project.js";
import { ProjectFeed, pathWithID } from "./project-feed.js";

export const STREAMS = 4;
export const PROJECT_STREAMS = 3;
/** Projects that no tab shows any more and whose state is kept for the way back. */
export const KEPT_PROJECTS = 2;

/**
 * @typedef {{ id: string, feed: ProjectFeed, state: JobState, source: Source | null,
 *   lastID: string | null, watchers: Set<HubPort>, looked: number, baseline: boolean }} Topic
 */

export class StreamHub {
  #environment;
  /** @type {Map<HubPort, { visible: boolean, feed: ProjectFeed }>} */
  #ports = new Map();
  /** @type {Map<string | null, ProjectFeed>} */
  #feeds = new Map();
  /** @type {Set<Topic>} */
  #topics = new Set();
  #clock = 0;
  #suspended = false;

  /** @param {{ open: OpenSource, timers: Timers }} environment */
  constructor(environment) {
    this.#environment = environment;
  }

  /** @param {HubPort} port @param {ToHub} message */
  receive(port, message) {
    switch (message.kind) {
      case "hello":
        this.#suspended = false;
        this.#join(port, message.scope ?? null, message.visible);
        break;
      case "scope":
        if (this.#ports.has(port)) this.#join(port, message.scope, true);
        break;
      case "watch":
        this.#watch(port, message.job);
        break;
      case "unwatch":
        for (const topic of this.#topicsOf(port)) {
          if (topic.id === message.job) this.#unwatch(port, topic);
        }
        this.#balance();
        break;
      case "visible":
        this.#visible(port, message.visible);
        break;
      case "retry":
        for (const feed of this.#feeds.values()) {
          if (feed.watchers.size > 0 && feed.connection !== "live") this.#retry(feed);
        }
        break;
      case "bye":
        this.detach(port);
        break;
    }
  }

  /** @param {HubPort} port */
  detach(port) {
    if (!this.#ports.has(port)) return;
    this.#leave(port);
    this.#ports.delete(port);
    this.#balance();
  }

  /** Closes every stream; `resume` takes up where they were. */
  suspend() {
    this.#suspended = true;
    for (const feed of this.#feeds.values()) feed.close("connecting");
    this.#balance();
  }

  resume() {
    this.#suspended = false;
    this.#balance();
  }

  // Tabs

  /** @param {HubPort} port @param {string | null} scope @param {boolean} visible */
  #join(port, scope, visible) {
    this.#leave(port);
    let feed = this.#feeds.get(scope);
    if (!feed) {
      feed = new ProjectFeed(scope, this.#environment, {
        event: (from, event) => this.#projectEvent(from, event),
        connection: (from) => this.#connectionChanged(from),
      });
      this.#feeds.set(scope, feed);
    }
    // A project that was not there may be there now.
    if (feed.watchers.size === 0) feed.connection = "connecting";
    feed.watchers.add(port);
    this.#clock += 1;
    feed.looked = this.#clock;
    this.#ports.set(port, { visible, feed });
    port.post(connectionOf(feed));
    if (feed.state.loaded) port.post({ kind: "project", scope, state: feed.state });
    this.#balance();
  }

  /** @param {HubPort} port */
  #leave(port) {
    for (const topic of this.#topicsOf(port)) this.#unwatch(port, topic);
    this.#ports.get(port)?.feed.watchers.delete(port);
  }

  /** @param {HubPort} port @param {boolean} visible */
  #visible(port, visible) {
    const tab = this.#ports.get(port);
    if (!tab) return;
    tab.visible = visible;
    if (!visible) return;
    this.#clock += 1;
    tab.feed.looked = this.#clock;
    for (const topic of this.#topicsOf(port)) {
      this.#clock += 1;
      topic.looked = this.#clock;
    }
    this.#balance();
  }

  /** @param {HubPort} port */
  #topicsOf(port) {
    return [...this.#topics].filter((topic) => topic.watchers.has(port));
  }

  // Projects

  /** @param {ProjectFeed} feed */
  #retry(feed) {
    if (feed.isOpen) feed.open();
    else if (feed.isRefused) {
      feed.close("connecting");
      this.#balance();
    }
  }

  /** @param {ProjectFeed} feed */
  #connectionChanged(feed) {
    for (const port of feed.watchers) port.post(connectionOf(feed));
    // Job streams come back with their project's: one thing knocks at the door, not four.
    this.#balance();
  }

  /** @param {ProjectFeed} feed @param {StreamEvent} event */
  #projectEvent(feed, event) {
    const { scope, state } = feed;
    for (const port of feed.watchers) {
      if (event.name === "snapshot") port.post({ kind: "project", scope, state });
      else port.post({ kind: "project-event", scope, event });
    }
    for (const topic of this.#topics) if (topic.feed === feed) feedFromProject(topic, event, this);
  }

  // Jobs

  /** @param {HubPort} port @param {string} job */
  #watch(port, job) {
    const feed = this.#ports.get(port)?.feed;
    if (!feed) return;
    let topic = [...this.#topics].find((each) => each.feed === feed && each.id === job);
    if (!topic) {
      const known = anyJob(feed.state, job);
      topic = {
        id: job,
        feed,
        state: known ? jobFromProject(known, progressOfJob(feed.state, known)) : emptyJob(),
        source: null,
        lastID: null,
        watchers: new Set(),
        looked: 0,
        baseline: false,
      };
      this.#topics.add(topic);
    }
    topic.watchers.add(port);
    this.#clock += 1;
    topic.looked = this.#clock;
    port.post({ kind: "job", job, state: topic.state });
    this.#balance();
  }

  /** @param {HubPort} port @param {Topic} topic */
  #unwatch(port, topic) {
    topic.watchers.delete(port);
    if (topic.watchers.size > 0) return;
    topic.source?.close();
    this.#topics.delete(topic);
  }

  // Who gets a stream

  /** Gives the streams to the tabs that need them most and takes them from the others. */
  #balance() {
    const feeds = [...this.#feeds.values()];
    const idle = feeds.filter((feed) => feed.watchers.size === 0);
    idle.sort((a, b) => b.looked - a.looked);
    for (const [index, feed] of idle.entries()) {
      feed.close("connecting");
      if (index >= KEPT_PROJECTS) this.#feeds.delete(feed.scope);
    }
    const shown = feeds.filter((feed) => feed.watchers.size > 0 && !feed.isRefused);
    shown.sort((a, b) => this.#isSeen(b) - this.#isSeen(a) || b.looked - a.looked);
    const projects = this.#suspended ? [] : shown.slice(0, PROJECT_STREAMS);
    for (const feed of shown) {
      if (projects.includes(feed)) continue;
      feed.close(this.#suspended ? "connecting" : "paused");
    }
    for (const feed of projects) if (!feed.isOpen) feed.open();

    const wanted = [...this.#topics]
      .filter(({ feed, state }) => feed.connection === "live" && !state.ended && !state.missing)
      .sort((a, b) => urgency(b) - urgency(a))
      .slice(0, STREAMS - projects.length);
    for (const topic of this.#topics) if (!wanted.includes(topic)) this.#closeJob(topic);
    for (const topic of wanted) if (!topic.source) this.#openJob(topic);
  }

  /** @param {ProjectFeed} feed */
  #isSeen(feed) {
    return [...feed.watchers].some((port) => this.#ports.get(port)?.visible) ? 1 : 0;
  }

  /** @param {Topic} topic */
  #openJob(topic) {
    const path = `${topic.feed.base}/eval/run/${encodeURIComponent(topic.id)}/events`;
    setStreaming(topic, true);
    topic.source = this.#environment.open(pathWithID(path, topic.lastID), {
      open: () => {},
      event: (event, id) => {
        if (id) topic.lastID = id;
        this.jobEvent(topic, event);
      },
      error: (closed) => this.#jobError(topic, closed),
    });
  }

  /** @param {Topic} topic @param {StreamEvent} event */
  jobEvent(topic, event) {
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
    setStreaming(topic, false);
    if (topic.feed.connection !== "live") return;
    if (topic.state.job && topic.state.loaded && !isLiveJob(topic.state.job)) {
      topic.state = { ...topic.state, ended: true };
    } else {
      topic.state = { ...topic.state, missing: true };
      for (const port of topic.watchers) port.post({ kind: "job-lost", job: topic.id });
    }
    this.#balance();
  }

  /** @param {Topic} topic */
  #closeJob(topic) {
    if (topic.feed.connection !== "live" && topic.state.missing) {
      // The server may know the job again after a restart.
      topic.state = { ...topic.state, missing: false };
    }
    if (!topic.source) return;
    topic.source.close();
    topic.source = null;
    if (!topic.state.ended) setStreaming(topic, false);
  }
}

/**
 * A job page without a stream of its own lives from its project's.
 * @param {Topic} topic
 * @param {StreamEvent} event
 * @param {{ jobEvent(topic: Topic, event: StreamEvent): void }} hub
 */
function feedFromProject(topic, event, hub) {
  if (topic.source || topic.state.ended) return;
  const { name, data } = event;
  if (name === "snapshot") {
    const job = anyJob(topic.feed.state, topic.id);
    if (job) hub.jobEvent(topic, { name: "status", data: job });
  } else if (name === "status" && jobOf(data)?.id === topic.id) {
    hub.jobEvent(topic, event);
  } else if (name === "progress" || name === "row") {
    const run = topic.state.job?.run_id;
    if (data.job_id ? data.job_id === topic.id : run && data.run_id === run) {
      hub.jobEvent(topic, event);
    }
  }
}

/**
 * Every page first gets a snapshot, and one that is under way is not interrupted; after that, the
 * page looked at last goes first.
 * @param {Topic} topic
 */
function urgency(topic) {
  if (!topic.baseline) return (topic.source ? 4e15 : 2e15) + topic.looked;
  return topic.looked;
}

/** @param {Topic} topic @param {boolean} streaming */
function setStreaming(topic, streaming) {
  topic.state = { ...topic.state, streaming };
  for (const port of topic.watchers) port.post({ kind: "job-streaming", job: topic.id, streaming });
}

/** @param {ProjectFeed} feed @returns {FromHub} */
function connectionOf({ scope, connection, attempt }) {
  return { kind: "connection", scope, connection, attempt };
}
