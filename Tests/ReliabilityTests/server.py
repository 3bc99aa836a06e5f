"""`agentv studio` that may die and come back, and a client of its streams that does not mind."""

import http.client
import json
import subprocess
import threading
import time

from outcome import demand
from project import ROOT


class Answer:
    def __init__(self, status, body):
        self.status = status
        self.body = body

    @property
    def text(self):
        return self.body.decode(errors="replace")

    @property
    def json(self):
        return json.loads(self.body)


class Server:
    """A server on a port that it keeps over restarts."""

    def __init__(self, project, environment=None, arguments=()):
        self.project = project
        self.environment = environment or {}
        self.arguments = arguments
        self.port = 0
        self.process = None
        self.said = []

    def start(self, seconds=60, **more):
        """Starts it and waits until it listens; False when it died before that."""
        self.started = time.monotonic()
        web = [] if "--web-root" in self.arguments else ["--web-root", ROOT / "web/public"]
        self.process = self.project.start(
            "studio", "--port", self.port, *web, *self.arguments,
            environment=self.environment, stderr=subprocess.STDOUT, **more)
        ready = threading.Event()
        self.said = []
        self.reader = threading.Thread(
            target=self.listen, args=(self.process, self.said, ready), daemon=True)
        self.reader.start()
        demand(ready.wait(seconds), "the Studio does not start", self.said)
        return self.process.poll() is None

    def listen(self, process, said, ready):
        with process.stdout:
            for line in process.stdout:
                said.append(line.decode(errors="replace"))
                if line.startswith(b"Dashboard:"):
                    self.port = int(line.rsplit(b":", 1)[1])
                    ready.set()
        process.wait()
        ready.set()

    @property
    def pid(self):
        return self.process.pid

    def send(self, method, path, body=None, seconds=120, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            data = None if body is None else json.dumps(body).encode()
            fields = {"Host": f"localhost:{self.port}", **(headers or {})}
            if data is not None:
                fields["Content-Type"] = "application/json"
            connection.request(method, path, data, fields)
            response = connection.getresponse()
            return Answer(response.status, response.read())
        finally:
            connection.close()

    def get(self, path, **more):
        return self.send("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.send("POST", path, {} if body is None else body, **more)

    def launch(self, suite, **more):
        return self.post("/api/eval/run", {"suite_filter": f"evals/{suite}.eval.yaml", **more})

    def job(self, identifier):
        """The job object; None when the server does not know it."""
        answer = self.get(f"/api/eval/status/{identifier}")
        return answer.json if answer.status == 200 else None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, seconds=60):
        """An orderly end, which stops what runs."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()


class Stream(threading.Thread):
    """Follows the stream of a job as an EventSource does, over every break, until its `end`."""

    def __init__(self, server, job_id):
        super().__init__(daemon=True)
        self.server = server
        self.path = f"/api/eval/run/{job_id}/events"
        self.changed = threading.Condition()
        self.events = []     # (name, data) in order, with ("connected", id asked for) between
        self.last_id = None
        self.job = None
        self.has_ended = False
        self.is_cancelled = False
        self.start()

    def run(self):
        while not (self.has_ended or self.is_cancelled):
            try:
                self.follow()
            except (OSError, http.client.HTTPException, ValueError):
                pass
            time.sleep(0.02)

    def follow(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=40)
        try:
            fields = {"Host": f"localhost:{self.server.port}", "Accept": "text/event-stream"}
            if self.last_id is not None:
                fields["Last-Event-ID"] = self.last_id
            connection.request("GET", self.path, headers=fields)
            response = connection.getresponse()
            if response.status == 204:
                self.has_ended = True
                return
            if response.status != 200:
                return
            self.tell("connected", self.last_id)
            self.read(response)
        finally:
            connection.close()

    def read(self, response):
        name = identifier = None
        data = []
        while line := response.readline():
            if self.is_cancelled:
                return
            text = line.decode().rstrip("\n")
            if text.startswith("event:"):
                name = text[6:].strip()
            elif text.startswith("id:"):
                identifier = text[3:].strip()
            elif text.startswith("data:"):
                data.append(text[5:].strip())
            elif not text:
                if name:
                    self.last_id = identifier or self.last_id
                    self.tell(name, json.loads("\n".join(data)))
                name, identifier, data = None, None, []

    def tell(self, name, data):
        with self.changed:
            self.events.append((name, data))
            if isinstance(data, dict) and "job" in data:
                self.job = data["job"]
            if name == "end":
                self.has_ended = True
            self.changed.notify_all()

    def until(self, condition, what, seconds=60):
        """Waits for a condition on this stream."""
        with self.changed:
            met = self.changed.wait_for(lambda: condition(self), seconds)
        demand(met, f"the stream does not tell {what}", [name for name, _ in self.events][-8:],
               self.job and {k: self.job[k] for k in ("id", "status", "outcome", "stopping")})

    def until_end(self, seconds=90):
        self.until(lambda stream: stream.has_ended, "the end", seconds)

    def cancel(self):
        self.is_cancelled = True

    # What was told

    def rows(self):
        """Finished tests in the order in which they were told."""
        told = []
        for name, data in self.snapshot_events():
            if name == "snapshot":
                told += [row for row in data["rows"]]
            elif name == "row":
                told.append(data)
        return told

    def summary(self):
        """The names of what was told, with the ids that were asked for."""
        return [f"connected after {data}" if name == "connected" else name
                for name, data in self.snapshot_events()]

    def snapshot_events(self):
        with self.changed:
            return list(self.events)

    def repeated(self):
        """Rows that were told twice without a snapshot between, and output with holes or overlaps."""
        problems = []
        seen, ends = set(), {}
        for name, data in self.snapshot_events():
            if name == "snapshot":
                seen = {self.key(row) for row in data["rows"]}
                ends = {part["stream"]: part["end"] for part in data.get("output", [])}
            elif name == "row":
                if self.key(data) in seen:
                    problems.append(f"row {data['test_id']} twice")
                seen.add(self.key(data))
            elif name == "output":
                end = ends.get(data["stream"], 0)
                if data["offset"] < end:
                    problems.append(f"{data['stream']} {data['offset']} again after {end}")
                ends[data["stream"]] = max(end, data["end"])
        return problems

    @staticmethod
    def key(row):
        return (row.get("eval_file"), row["test_id"], row.get("requested_target"), row["timestamp"])
