import assert from "node:assert/strict";
import { test } from "node:test";
import {
  KEPT_PROJECTS,
  PROJECT_STREAMS,
  STREAMS,
  StreamHub,
} from "../public/assets/net/stream-hub.js";

/** A hub over sources and timers that the test plays by hand. */
function setUp() {
  const sources = [];
  const waiting = [];
  const hub = new StreamHub({
    open: (path, handlers) => {
      const source = {
        path,
        ...handlers,
        closed: false,
        close: () => {
          source.closed = true;
        },
      };
      sources.push(source);
      return source;
    },
    timers: {
      after: (milliseconds, action) => {
        const timer = { milliseconds, action, cancelled: false };
        waiting.push(timer);
        return () => {
          timer.cancelled = true;
        };
      },
    },
  });
  const tabOf = (scope) => {
    const port = { messages: [], post: (message) => port.messages.push(structuredClone(message)) };
    hub.receive(port, { kind: "hello", lock: null, visible: true, scope });
    port.last = (kind) => port.messages.filter((message) => message.kind === kind).at(-1);
    port.to = (next) => hub.receive(port, { kind: "scope", scope: next });
    port.look = () => hub.receive(port, { kind: "visible", visible: true });
    return port;
  };
  const tab = (...jobs) => {
    const port = { messages: [], post: (message) => port.messages.push(structuredClone(message)) };
    hub.receive(port, { kind: "hello", lock: null, visible: true });
    for (const job of jobs) hub.receive(port, { kind: "watch", job });
    port.kinds = () => port.messages.map((message) => message.kind);
    port.last = (kind) => port.messages.filter((message) => message.kind === kind).at(-1);
    return port;
  };
  const open = () => sources.filter((source) => !source.closed);
  const project = () => open().find((source) => source.path.startsWith("/api/events"));
  const jobSource = (id) => open().find((source) => source.path.includes(`/run/${id}/`));
  const feed = (id) => open().find((each) => each.path.startsWith(`/api/benchmarks/${id}/events`));
  return { hub, tab, tabOf, sources, waiting, open, project, jobSource, feed };
}

const job = (id, more = {}) => ({
  id,
  status: "running",
  command: "c",
  started_at: "1",
  run_id: `run-${id}`,
  ...more,
});
const snapshot = (...ids) => ({
  name: "snapshot",
  data: { jobs: ids.map((id) => job(id)), runs: [], config: {} },
});
const jobSnapshot = (id, more) => ({ name: "snapshot", data: { job: job(id), rows: [], ...more } });
const row = (id, test_id) => ({
  name: "row",
  data: { run_id: `run-${id}`, test_id, execution_status: "ok", score: 1 },
});

test("all tabs share one project stream", () => {
  const { tab, open, project } = setUp();
  const tabs = Array.from({ length: 10 }, () => tab());
  assert.equal(open().length, 1);
  project().open();
  project().event(snapshot("a"), "e-1");
  for (const port of tabs) assert.equal(port.last("project").state.jobs.size, 1);
});

test("a late tab gets the state from the hub's memory", () => {
  const { tab, project, sources } = setUp();
  tab();
  project().open();
  project().event(snapshot("a"), "e-1");
  const late = tab();
  assert.equal(late.last("project").state.jobs.size, 1);
  assert.equal(late.last("connection").connection, "live");
  assert.equal(sources.length, 1);
});

test("ten job pages are live over four connections", () => {
  const { tab, project, open, jobSource } = setUp();
  const ids = Array.from({ length: 10 }, (_, i) => `j${i}`);
  const tabs = ids.map((id) => tab(id));
  project().open();
  project().event(snapshot(...ids), "e-1");
  const served = new Set();
  while (served.size < ids.length) {
    assert.ok(open().length <= STREAMS);
    const next = ids.find((id) => jobSource(id) && !served.has(id));
    assert.ok(next, "every page gets its first snapshot in turn");
    served.add(next);
    jobSource(next).event(jobSnapshot(next), `${next}-1`);
  }
  assert.equal(open().length, STREAMS);
  for (const id of ids) project().event(row(id, "t"), "e-2");
  tabs.forEach((port, index) => {
    const event = port.last("job-event");
    if (jobSource(ids[index])) return;
    assert.equal(event.job, ids[index]);
    assert.equal(event.event.name, "row");
  });
});

test("a page that is looked at again gets its stream back where it left off", () => {
  const { hub, tab, project, jobSource } = setUp();
  const ids = ["a", "b", "c", "d"];
  const tabs = ids.map((id) => tab(id));
  project().open();
  for (const id of ["b", "c", "d", "a"]) jobSource(id).event(jobSnapshot(id), `${id}-1`);
  assert.ok(!jobSource("a"));
  assert.equal(tabs[0].last("job-streaming").streaming, false);
  hub.receive(tabs[0], { kind: "visible", visible: true });
  assert.match(jobSource("a").path, /last_event_id=a-1/);
  assert.equal(tabs[0].last("job-streaming").streaming, true);
  assert.ok(!jobSource("b"));
});

test("two pages of one job share its stream, and the second gets the state so far", () => {
  const { tab, project, jobSource, open } = setUp();
  tab("a");
  project().open();
  jobSource("a").event(jobSnapshot("a"), "a-1");
  jobSource("a").event(row("a", "t1"), "a-2");
  const second = tab("a");
  assert.equal(second.last("job").state.rows.size, 1);
  assert.equal(open().length, 2);
});

test("the end of a job gives its connection back", () => {
  const { tab, project, jobSource } = setUp();
  const port = tab("a");
  project().open();
  jobSource("a").event(jobSnapshot("a"), "a-1");
  jobSource("a").event({ name: "end", data: { job: job("a", { status: "failed" }) } }, "a-2");
  assert.equal(jobSource("a"), undefined);
  assert.equal(port.last("job-event").event.name, "end");
});

test("a lost connection closes the job streams, and its return opens them again", () => {
  const { tab, project, jobSource } = setUp();
  const port = tab("a");
  project().open();
  jobSource("a").event(jobSnapshot("a"), "a-1");
  project().error(false);
  assert.equal(port.last("connection").connection, "lost");
  assert.equal(jobSource("a"), undefined);
  project().open();
  assert.equal(port.last("connection").connection, "live");
  assert.match(jobSource("a").path, /last_event_id=a-1/);
});

test("a source that the browser gave up is opened again, later and later", () => {
  const { tab, project, waiting, sources } = setUp();
  tab();
  project().open();
  project().event(snapshot(), "e-7");
  for (const expected of [1000, 2000, 4000, 8000, 10_000, 10_000]) {
    sources.at(-1).error(true);
    assert.equal(waiting.at(-1).milliseconds, expected);
    waiting.at(-1).action();
  }
  assert.match(sources.at(-1).path, /last_event_id=e-7/);
});

test("try now does not wait", () => {
  const { hub, tab, project, waiting, sources } = setUp();
  const port = tab();
  project().error(true);
  hub.receive(port, { kind: "retry" });
  assert.equal(waiting[0].cancelled, true);
  assert.equal(sources.length, 2);
});

test("a job that the server refuses is lost to its page", () => {
  const { tab, project, jobSource } = setUp();
  const port = tab("ghost");
  project().open();
  jobSource("ghost").error(true);
  assert.equal(port.last("job-lost").job, "ghost");
});

test("204 after the end of a job is not a loss", () => {
  const { tab, project, jobSource } = setUp();
  const port = tab("a");
  project().open();
  jobSource("a").event(
    { name: "snapshot", data: { job: job("a", { status: "finished" }) } },
    "a-9",
  );
  jobSource("a").error(true);
  assert.equal(port.last("job-lost"), undefined);
});

test("the last tab closes everything", () => {
  const { hub, tab, open, project } = setUp();
  const port = tab("a");
  project().open();
  hub.receive(port, { kind: "bye" });
  assert.equal(open().length, 0);
});

test("a hub that was suspended goes on from its last event", () => {
  const { hub, tab, project } = setUp();
  tab("a");
  project().open();
  project().event(snapshot("a"), "e-3");
  hub.suspend();
  hub.resume();
  assert.match(project().path, /last_event_id=e-3/);
});

test("a tab that goes to another project leaves no stream behind", () => {
  const { tabOf, open, feed, project } = setUp();
  const port = tabOf(null);
  project().open();
  for (const id of ["a", "b", "c", "d", "a"]) {
    port.to(id);
    assert.deepEqual(open(), [feed(id)]);
    feed(id).open();
    feed(id).event(snapshot(`${id}-job`), `${id}-1`);
    assert.equal(port.last("project").scope, id);
    assert.deepEqual([...port.last("project").state.jobs.keys()], [`${id}-job`]);
  }
});

test("the way back to a project goes on from its last event", () => {
  const { tabOf, feed } = setUp();
  const port = tabOf("a");
  feed("a").open();
  feed("a").event(snapshot("j"), "e-7");
  port.to("b");
  port.to("a");
  assert.ok(feed("a").path.endsWith("last_event_id=e-7"));
  assert.equal(port.last("project").state.jobs.size, 1, "what is known is shown at once");
  for (let number = 0; number <= KEPT_PROJECTS; number += 1) port.to(`x${number}`);
  port.to("a");
  assert.equal(feed("a").path, "/api/benchmarks/a/events", "forgotten after others");
});

test("tabs of one project share its stream, and events reach no other project's tabs", () => {
  const { tabOf, open, feed } = setUp();
  const [first, second, other] = [tabOf("a"), tabOf("a"), tabOf("b")];
  assert.equal(open().length, 2);
  for (const id of ["a", "b"]) {
    feed(id).open();
    feed(id).event(snapshot(), `${id}-1`);
  }
  feed("a").event({ name: "status", data: { job: job("j") } }, "a-2");
  for (const port of [first, second]) assert.equal(port.last("project-event").scope, "a");
  assert.equal(other.last("project-event"), undefined);
});

test("many projects and jobs use no more streams than allowed", () => {
  const { hub, tabOf, open, feed } = setUp();
  const ports = Array.from({ length: 8 }, (_, number) => tabOf(`p${number}`));
  assert.equal(open().length, PROJECT_STREAMS);
  for (const [number, port] of ports.entries()) {
    port.look();
    hub.receive(port, { kind: "watch", job: `j${number}` });
    feed(`p${number}`).open();
    feed(`p${number}`).event(snapshot(`j${number}`), "1");
    assert.ok(open().length <= STREAMS, `${open().length} streams`);
    assert.equal(port.last("connection").connection, "live");
  }
  assert.equal(ports[0].last("connection").connection, "paused");
  assert.equal(ports[0].last("project").state.jobs.size, 1, "keeps what it had");
  ports[0].look();
  assert.ok(feed("p0").path.endsWith("last_event_id=1"), "continues where it was");
  assert.equal(open().filter((each) => each.path.includes("/events")).length <= STREAMS, true);
});

test("a benchmark that the server does not have is not asked for again and again", () => {
  const { hub, tabOf, open, waiting, feed } = setUp();
  const port = tabOf("gone");
  feed("gone").error(true, 404);
  assert.equal(port.last("connection").connection, "missing");
  assert.deepEqual([open().length, waiting.length], [0, 0]);
  hub.receive(port, { kind: "retry" });
  feed("gone").open();
  assert.equal(port.last("connection").connection, "live");
});

test("who is logged out is told so", () => {
  const { tabOf, waiting, project } = setUp();
  const port = tabOf(null);
  project().error(true, 401);
  assert.equal(port.last("connection").connection, "refused");
  assert.equal(waiting.length, 0);
});

test("a job is watched on the stream of its project", () => {
  const { hub, tabOf, open, feed } = setUp();
  const port = tabOf("a");
  feed("a").open();
  feed("a").event(snapshot("j"), "1");
  hub.receive(port, { kind: "watch", job: "j" });
  assert.ok(open().some((each) => each.path === "/api/benchmarks/a/eval/run/j/events"));
  port.to("b");
  assert.deepEqual(open(), [feed("b")], "and is let go with it");
});
