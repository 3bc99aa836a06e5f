"""Launch, stop and resume by many clients, streams that come and go, and what the server holds meanwhile."""

import os
import random
import selectors
import socket
import threading
import time

import machine
from outcome import Broken, demand
from project import Run
from server import Server, Stream


class Streams(threading.Thread):
    """Many connections to event streams, each read for a while, closed and replaced by another."""

    def __init__(self, server, count, seed, lifetime=(0.5, 20.0)):
        super().__init__(daemon=True)
        self.server = server
        self.count = count
        self.lifetime = lifetime
        self.random = random.Random(seed)
        # Replaced, never changed: clients and this thread use it at the same time.
        self.paths = ("/api/events",)
        self.lock = threading.Lock()
        self.opened = self.events = self.refused = 0
        self.failure = None
        self.is_over = False
        self.selector = selectors.DefaultSelector()
        self.open_now = {}
        self.start()

    def run(self):
        try:
            self.work()
        except Exception as error:  # a load that has ceased to be one must be known
            self.failure = f"{type(error).__name__}: {error}"

    def add(self, path):
        with self.lock:
            self.paths = (*self.paths, path)

    def remove(self, path):
        with self.lock:
            self.paths = tuple(each for each in self.paths if each != path)

    def work(self):
        while not self.is_over:
            now = time.monotonic()
            for connection in [c for c, until in self.open_now.items() if until < now]:
                self.close(connection)
            # A few in each turn, so that they do not all come at once.
            for _ in range(min(10, self.count - len(self.open_now))):
                self.connect()
            # All of a moment at once: this thread is to leave the processor to those it loads.
            time.sleep(0.1)
            for key, _ in self.selector.select(0):
                self.read(key.fileobj)
        for connection in list(self.open_now):
            self.close(connection)

    def connect(self):
        try:
            connection = socket.create_connection(("127.0.0.1", self.server.port), timeout=10)
            path = self.random.choice(self.paths)
            connection.sendall(
                f"GET {path} HTTP/1.1\r\nHost: localhost:{self.server.port}\r\n\r\n".encode())
        except OSError:
            self.refused += 1
            return
        connection.setblocking(False)
        self.opened += 1
        self.open_now[connection] = time.monotonic() + self.random.uniform(*self.lifetime)
        self.selector.register(connection, selectors.EVENT_READ)

    def read(self, connection):
        try:
            data = connection.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.events += data.count(b"\nid:")
        if not data:
            self.close(connection)

    def close(self, connection):
        if self.open_now.pop(connection, None) is not None:
            self.selector.unregister(connection)
            connection.close()


class Client(threading.Thread):
    """Launches runs, stops some, resumes those, deletes old ones, and checks what came of them."""

    def __init__(self, soak, seed, pause):
        super().__init__(daemon=True)
        self.soak = soak
        # Longest time between two runs: what a person takes to look at the first.
        self.pause = pause
        self.random = random.Random(seed)
        self.failures = []
        self.runs = self.stops = self.resumes = 0
        # What it waits for, and since when: a client that stands still shows why.
        self.state = ("begins", time.monotonic())
        self.waits = {}
        self.start()

    def enter(self, state):
        """Notes how long the last state took, at most, and begins another."""
        now = time.monotonic()
        before, since = self.state
        what = before.split(" ")[0]
        self.waits[what] = max(self.waits.get(what, 0), now - since)
        self.state = (state, now)

    def run(self):
        while not self.soak.is_over.is_set():
            try:
                self.one_run()
                self.enter("pausing")
                self.soak.is_over.wait(self.random.uniform(0, self.pause))
            except Exception as error:  # the load goes on, and the failure is told at the end
                if not self.soak.is_over.is_set():
                    self.failures.append(f"{self.state[0]}: {type(error).__name__}: {error}")
                time.sleep(0.2)

    def follow(self, body):
        """One job from its launch to its end; stopped on the way now and then."""
        server = self.soak.server
        self.enter("launching")
        answer = server.post("/api/eval/run", body)
        demand(answer.status == 202, "the launch is refused", answer.status, answer.text)
        job = answer.json
        path = f"/api/eval/run/{job['id']}/events"
        streams = self.soak.streams
        streams.add(path)
        stream = Stream(server, job["id"])
        try:
            if self.random.random() < 0.5:
                rows = self.random.randint(0, 4)
                self.enter(f"{rows} rows of {job['id']}")
                stream.until(lambda s: s.has_ended or len(s.rows()) >= rows, "rows", 120)
                self.enter(f"stopping {job['id']}")
                server.post(f"/api/eval/run/{job['id']}/stop")
                self.stops += 1
                self.enter(f"stopped {job['id']}")
            else:
                self.enter(f"end of {job['id']}")
            stream.until_end(180)
            self.enter("after")
            return stream.job
        finally:
            streams.remove(path)
            stream.cancel()

    def one_run(self):
        soak = self.soak
        suite = self.random.choice(["cli", "mock", "script", "mixed"])
        job = self.follow({"suite_filter": f"evals/{suite}.eval.yaml"})
        self.runs += 1
        run = Run(soak.project.path / job["run_dir"])
        for _ in range(6):
            if job["outcome"] == "completed":
                break
            demand(job["outcome"] == "stopped", "a run's outcome", job["outcome"], job["reason"])
            body = {"resume": True, "output": str(run.path)}
            if not run.record():
                # Stopped before it had begun.
                body = {"suite_filter": f"evals/{suite}.eval.yaml", "output": str(run.path)}
            job = self.follow(body)
            self.resumes += 1
        if job["outcome"] == "completed":
            wanted = soak.reference(suite)["outcomes"]
            demand(run.outcomes() == wanted, "another set of results", run.name)
        with soak.lock:
            soak.kept.append(job["run_id"])
            old = soak.kept.pop(0) if len(soak.kept) > soak.runs_kept else None
        if old:
            self.enter("deleting " + old)
            answer = soak.server.send("DELETE", f"/api/runs/{old}")
            demand(answer.status == 200, "a run cannot be deleted", answer.status, answer.text)


class Soak:
    """One server under load for a while."""

    runs_kept = 50

    def __init__(self, project, reference, clients=6, streams=200, seed=1, pause=0):
        self.project = project
        self.reference = reference
        for suite in ("cli", "mock", "script", "mixed"):
            reference(suite)
        self.server = Server(project, {}, ["--stop-grace", "5", "--max-jobs", "6"])
        demand(self.server.start(), "the Studio does not start", self.server.said)
        self.client_count = clients
        self.stream_count = streams
        self.seed = seed
        self.pause = pause
        self.is_over = threading.Event()
        self.lock = threading.Lock()
        self.kept = []
        self.samples = []
        self.slowest = 0.0
        self.answers = []

    def figures(self):
        """What the server holds now."""
        pid = self.server.pid
        resident = next(
            int(line.split()[1]) / 1024
            for line in machine.read(f"/proc/{pid}/status").splitlines()
            if line.startswith(b"VmRSS"))
        return {
            "memory MiB": resident, "descriptors": len(os.listdir(f"/proc/{pid}/fd")),
            "threads": len(os.listdir(f"/proc/{pid}/task")),
            "processes below it": len(self.below(pid))}

    @staticmethod
    def below(pid):
        found, level = [], [pid]
        while level:
            level = [child for parent in level for child in machine.children(parent)]
            found += level
        return found

    def idle(self, seconds=120):
        """Figures when nothing is to be done: no job, no stream, no process."""
        deadline = time.monotonic() + seconds
        last = None
        while time.monotonic() < deadline:
            now = self.figures()
            live = [job for job in self.server.get("/api/eval/runs").json["runs"]
                    if job["finished_at"] is None]
            if not live and not now["processes below it"] and last == now["descriptors"]:
                return now
            last = now["descriptors"]
            time.sleep(0.5)
        raise Broken(f"the server does not come to rest: {now}")

    def load(self, seconds, interval, tell=None):
        """The load for so long; samples every few seconds."""
        self.is_over.clear()
        self.streams = Streams(self.server, self.stream_count, self.seed)
        clients = [Client(self, f"{self.seed}-{number}", self.pause) for number in range(self.client_count)]
        begun = time.monotonic()
        while time.monotonic() - begun < seconds:
            time.sleep(interval)
            asked = time.monotonic()
            self.server.get("/healthz")
            self.answers.append(time.monotonic() - asked)
            sample = {"s": time.monotonic() - begun, "ms": self.answers[-1] * 1000, **self.figures(),
                      "runs": sum(client.runs for client in clients),
                      "streams": len(self.streams.open_now)}
            self.samples.append(sample)
            if tell:
                tell("  ".join(f"{name} {value:.6g}" for name, value in sample.items()))
                for client in clients:
                    what, since = client.state
                    if time.monotonic() - since > 10:
                        tell(f"    {time.monotonic() - since:.0f} s: {what}")
        self.is_over.set()
        for client in clients:
            client.join(300)
        self.streams.is_over = True
        self.streams.join(60)
        return clients

    def growth(self, name):
        """An hour's growth: the slope of a line through the samples (least squares).

        Without the first quarter, in which caches fill up: the server keeps its last 200 jobs, some
        runs, and what an allocator once had.
        """
        points = [(each["s"], each[name]) for each in self.samples[len(self.samples) // 4:]]
        count = len(points)
        if count < 3:
            return 0.0
        mean_x = sum(x for x, _ in points) / count
        mean_y = sum(y for _, y in points) / count
        spread = sum((x - mean_x) ** 2 for x, _ in points)
        return 3600 * sum((x - mean_x) * (y - mean_y) for x, y in points) / spread

    def run(self, seconds, interval, warm_up, tell=None):
        """Warm-up, rest, load, rest; returns the clients."""
        first = self.load(warm_up, interval, tell)
        self.samples = []
        self.answers = []
        self.before = self.idle()
        clients = self.load(seconds, interval, tell)
        self.after = self.idle()
        self.failures = [failure for client in first + clients for failure in client.failures]
        if self.streams.failure or self.streams.refused:
            self.failures.append(f"streams: {self.streams.failure}, {self.streams.refused} refused")
        return clients

    def check(self, memory_mebibytes):
        """At rest the server holds what it held before the load; nobody met anything wrong."""
        demand(not self.failures, f"{len(self.failures)} time(s) something was wrong",
               *self.failures[:5])
        problems = []
        for name, allowed in (("descriptors", 4), ("threads", 4), ("processes below it", 0),
                              ("memory MiB", memory_mebibytes)):
            if self.after[name] > self.before[name] + allowed:
                problems.append(f"{name}: {self.before[name]:.6g} → {self.after[name]:.6g}")
        demand(not problems, "the server has grown", *problems)

    def close(self):
        self.is_over.set()
        self.server.stop()
