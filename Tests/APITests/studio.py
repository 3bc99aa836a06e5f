"""A project on disk and an `agentv studio` that serves it, for tests of the HTTP API."""

import http.client
import json
import pathlib
import tempfile

from common import StudioProcess, clean_environment


def row(test_id, score=1.0, status=None, **more):
    """A compact row of index.jsonl."""
    if status is None:
        status = "ok" if score >= 0.8 else "quality_failure"
    return {
        "timestamp": "2026-05-07T10:00:01.000Z", "test_id": test_id, "score": score,
        "target": "gpt-4o", "scores": [], "execution_status": status, **more,
    }


class Project:
    """A project directory with a home directory of its own."""

    def __init__(self, name="project"):
        self.scratch = tempfile.TemporaryDirectory(prefix="agentv-api-")
        self.path = pathlib.Path(self.scratch.name).resolve() / name
        self.home = pathlib.Path(self.scratch.name).resolve() / "home"
        (self.path / ".agentv").mkdir(parents=True)
        self.home.mkdir()
        self.write(
            ".agentv/targets.yaml",
            "targets:\n  - name: shell\n    provider: cli\n"
            "    command: exec sh agent.sh {PROMPT_FILE} {OUTPUT_FILE}\n    cwd: ..\n"
            "  - name: canned\n    provider: mock\n    response: fine\n")
        # "wait" in the input holds a test until it is stopped; "linger" until the file "go" is there.
        self.write(
            "agent.sh",
            'if grep -q wait "$1"; then exec sleep 120; fi\n'
            'if grep -q linger "$1"; then while [ ! -e go ]; do sleep 0.05; done; fi\n'
            'echo fine > "$2"\n')
        self.evaluation("quick", {"one": "say", "two": "say"})
        self.evaluation("slow", {"first": "say", "held": "wait"})

    def write(self, place, text):
        path = self.path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def evaluation(self, name, tests, target="shell", workers=1):
        text = f"name: {name}\nexecution:\n  target: {target}\n  workers: {workers}\ntests:\n"
        for test, said in tests.items():
            text += (
                f"  - id: {test}\n    criteria: It says fine.\n    input: {said}\n"
                "    assertions:\n      - type: contains\n        value: fine\n")
        self.write(f"evals/{name}.eval.yaml", text)

    def run(self, place, rows, benchmark=None, tags=None, files=None):
        """Writes a run directory below .agentv/results/runs."""
        folder = f".agentv/results/runs/{place}"
        self.write(f"{folder}/index.jsonl", "".join(json.dumps(r) + "\n" for r in rows))
        if benchmark is not None:
            self.write(f"{folder}/benchmark.json", json.dumps(benchmark))
        if tags is not None:
            self.write(f"{folder}/tags.json", json.dumps({"tags": tags, "updated_at": "x"}))
        for name, text in (files or {}).items():
            self.write(f"{folder}/{name}", text)
        return self.path / folder

    def register(self, *projects):
        lines = ["benchmarks:"]
        for identifier, path in projects:
            lines += [
                f"  - id: {identifier}", f"    name: {identifier}", f"    path: {path}",
                "    added_at: '2026-01-01T00:00:00.000Z'",
                "    last_opened_at: '2026-01-01T00:00:00.000Z'"]
        (self.home / ".agentv").mkdir(exist_ok=True)
        (self.home / ".agentv/benchmarks.yaml").write_text("\n".join(lines) + "\n")

    def environment(self):
        return clean_environment(self.home)

    def close(self):
        self.scratch.cleanup()


class Answer:
    def __init__(self, response, body):
        self.status = response.status
        self.headers = {k.lower(): v for k, v in response.getheaders()}
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def text(self):
        return self.body.decode()


class Studio(StudioProcess):
    """A running server on a free port."""

    def __init__(self, agentv, project, *arguments):
        super().__init__()
        self.project = project
        self.serve(
            [agentv, "studio", "--port", "0", *arguments], cwd=project.path,
            env=project.environment())
        self.host = f"localhost:{self.port}"

    def send(self, method, path, body=None, headers=None, raw=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            fields = {"Host": self.host, **(headers or {})}
            data = raw
            if body is not None:
                data = json.dumps(body).encode()
            if data is not None:
                fields.setdefault("Content-Type", "application/json")
            connection.request(method, path, data, fields)
            response = connection.getresponse()
            return Answer(response, response.read())
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.send("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def post(self, path, body=None, **more):
        return self.send("POST", path, body, **more)

    def events(self, path):
        """Yields (name, data) until the stream ends."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", path, headers={"Host": self.host})
        response = connection.getresponse()
        name, data = None, ""
        while line := response.readline():
            text = line.decode().rstrip("\n")
            if text.startswith("event:"):
                name = text[6:].strip()
            elif text.startswith("data:"):
                data += text[5:].strip()
            elif not text and name:
                yield name, json.loads(data)
                name, data = None, ""
        connection.close()

    def launch(self, suite, **more):
        answer = self.post("/api/eval/run", {"suite_filter": f"evals/{suite}.eval.yaml", **more})
        assert answer.status == 202, answer.text
        return answer.json

    def until(self, job, condition):
        """The first event of a job's stream for which the condition holds."""
        for name, data in self.events(f"/api/eval/run/{job['id']}/events"):
            if condition(name, data):
                return data
        raise AssertionError(f"the stream of {job['id']} ended")

    def ended(self, job):
        return self.until(job, lambda name, data: name == "end")["job"]

    def running(self, job, test):
        """Returns once a test of the job is under way."""
        def is_running(name, data):
            progress = data.get("progress", data)
            return any(t["test_id"] == test for t in progress.get("in_flight") or [])
        self.until(job, is_running)

    def close(self):
        assert self.stop(), "the server did not end"
