"""A Studio with a sample project, and a client of its streams, for the benchmarks."""

import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEFAULT_BINARY = ROOT / ".build/release/agentv"


def evaluation(name, tests, workers):
    lines = [f"name: {name}", "execution:", "  target: shell", f"  workers: {workers}", "tests:"]
    for test, text in tests:
        lines += [
            f"  - id: {test}", "    criteria: It says fine.", f"    input: {text}",
            "    assertions:", "      - type: contains", "        value: fine",
        ]
    return "\n".join(lines) + "\n"


class Studio:
    """`agentv studio` on a free port with a project of its own."""

    def __init__(self, binary, agent, *arguments, held=3):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="agentv-bench-"))
        (self.directory / ".agentv").mkdir()
        (self.directory / "evals").mkdir()
        (self.directory / ".agentv/targets.yaml").write_text(
            "targets:\n  - name: shell\n    provider: cli\n"
            "    command: sh agent.sh {PROMPT_FILE} {OUTPUT_FILE}\n    cwd: ..\n")
        (self.directory / "agent.sh").write_text(agent)
        tests = [("first", "say")] + [(f"held-{n}", "wait") for n in range(held)]
        (self.directory / "evals/bench.eval.yaml").write_text(evaluation("bench", tests, held))
        self.command = [str(pathlib.Path(binary).resolve()), "studio", "--port", "0", *arguments]
        self.start()

    def start(self):
        """Starts the server and returns when it has told its address."""
        self.process = subprocess.Popen(
            self.command, cwd=self.directory, stdout=subprocess.PIPE, text=True,
            env=dict(os.environ, HOME=str(self.directory)))
        self.port = None
        for line in self.process.stdout:
            if line.startswith("Dashboard:"):
                self.port = int(line.rsplit(":", 1)[1])
                break
        assert self.port, "the Studio did not start"

    def request(self, method, path, body=None):
        data = b"" if body is None else json.dumps(body).encode()
        head = (f"{method} {path} HTTP/1.1\r\nHost: localhost:{self.port}\r\nConnection: close\r\n"
                f"Content-Length: {len(data)}\r\nContent-Type: application/json\r\n\r\n")
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(head.encode() + data)
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
        header, _, text = answer.partition(b"\r\n\r\n")
        assert b" 20" in header.split(b"\r\n")[0], answer
        return json.loads(text)

    def launch(self, **more):
        return self.request(
            "POST", "/api/eval/run", {"suite_filter": "evals/bench.eval.yaml", **more})

    def stop(self, job, **body):
        return self.request("POST", f"/api/eval/run/{job['id']}/stop", body)

    def events(self, job):
        return Stream(self.port, f"/api/eval/run/{job['id']}/events")

    def run_pid(self, job):
        record = self.directory / job["run_dir"] / "run.json"
        return json.loads(record.read_text())["pid"]

    def memory_kib(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])

    def close(self):
        self.process.terminate()
        self.process.wait(60)
        shutil.rmtree(self.directory, ignore_errors=True)


class Stream:
    """Server-sent events with the time at which each arrived (monotonic nanoseconds)."""

    def __init__(self, port, path):
        self.events = []
        self.condition = threading.Condition()
        self.ended = False
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n"
            "Accept: text/event-stream\r\n\r\n".encode())
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        buffer = b""
        # Chunk headers end up between events as lines without a colon and are passed over.
        while chunk := self._receive():
            now = time.monotonic_ns()
            buffer += chunk
            *blocks, buffer = buffer.split(b"\n\n")
            found = []
            for block in blocks:
                name, data = None, []
                for line in block.replace(b"\r", b"").split(b"\n"):
                    if line.startswith(b"event: "):
                        name = line[7:].decode()
                    elif line.startswith(b"data: "):
                        data.append(line[6:])
                if name:
                    found.append((now, name, b"\n".join(data)))
            with self.condition:
                self.events += found
                self.condition.notify_all()
        with self.condition:
            self.ended = True
            self.condition.notify_all()

    def _receive(self):
        try:
            return self.socket.recv(1 << 20)
        except OSError:
            return b""

    def wait(self, condition, timeout=60):
        """The first event for which the condition holds, with its time."""
        seen = 0
        deadline = time.monotonic() + timeout
        with self.condition:
            while True:
                for event in self.events[seen:]:
                    seen += 1
                    if condition(event[1], event[2]):
                        return event
                left = deadline - time.monotonic()
                assert left > 0 and not self.ended, "the event did not come"
                self.condition.wait(left)

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()


def all_held(count):
    """Whether an event says that every held test is under way and the first one is done."""
    def condition(name, data):
        return name in ("progress", "snapshot") and b'"completed":1' in data \
            and data.count(b'"test_id":"held-') >= count
    return condition


def summary(values_ms):
    values = sorted(values_ms)
    def at(share):
        return values[min(len(values) - 1, int(share * len(values)))]
    return (f"n {len(values)}  median {statistics.median(values):.1f}  p95 {at(0.95):.1f}  "
            f"max {values[-1]:.1f} ms")
