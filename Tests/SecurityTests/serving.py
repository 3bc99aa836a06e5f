"""A real `agentv studio` on a small project, and clients that send exactly the bytes they are told."""

from __future__ import annotations

import json
import os
import re
import select
import socket
import ssl
import subprocess
from pathlib import Path

from common import StudioProcess, binary, clean_environment

#: Nothing here waits longer for anything.
PATIENCE_S = 60


class Project:
    """A project whose tests answer at once, but for "held", which waits until the file "go" is there."""

    def __init__(self, path: Path):
        self.path = path.resolve()
        self.home = path.parent.resolve() / "home"
        self.home.mkdir(exist_ok=True)
        self.write(
            ".agentv/targets.yaml",
            "targets:\n  - name: shell\n    provider: cli\n"
            "    command: exec sh agent.sh {PROMPT_FILE} {OUTPUT_FILE}\n    cwd: ..\n",
        )
        self.write(
            "agent.sh",
            'if grep -q held "$1"; then while [ ! -e go ]; do sleep 0.05; done; fi\n'
            'echo fine > "$2"\n',
        )
        for name, said in [("quick", "say"), ("slow", "held")]:
            self.write(
                f"evals/{name}.eval.yaml",
                f"name: {name}\nexecution: {{target: shell}}\ntests:\n"
                f"  - id: one\n    criteria: It says fine.\n    input: {said}\n"
                "    assertions: [{type: contains, value: fine}]\n",
            )

    def write(self, place: str, text: str) -> Path:
        path = self.path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run(self, place: str, tests=("one",)) -> Path:
        """A finished run below .agentv/results/runs."""
        folder = f".agentv/results/runs/{place}"
        rows = [
            {
                "timestamp": "2026-05-07T10:00:01.000Z", "test_id": test, "score": 1.0,
                "target": "shell", "scores": [], "execution_status": "ok",
            }
            for test in tests
        ]  # fmt: skip
        self.write(f"{folder}/index.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
        return self.path / folder


class Certificate:
    """A self-signed certificate of localhost; `days` may be negative."""

    def __init__(self, folder: Path, name: str = "server", days: int = 30):
        self.file = folder / f"{name}.pem"
        self.key = folder / f"{name}.key"
        self.make(days)

    def make(self, days: int = 30) -> None:
        new = [self.file.with_suffix(".new"), self.key.with_suffix(".new-key")]
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
             "-nodes", "-keyout", new[1], "-out", new[0], "-days", str(max(days, 1)), "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost,DNS:studio.example,IP:127.0.0.1"],
            check=True, capture_output=True, timeout=PATIENCE_S)  # fmt: skip
        if days < 0:
            subprocess.run(
                ["openssl", "x509", "-in", new[0], "-signkey", new[1], "-days", str(days), "-out", new[0]],
                check=True, capture_output=True, timeout=PATIENCE_S)
        new[1].chmod(0o600)
        new[0].rename(self.file)
        new[1].rename(self.key)

    def client(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.file))


class Answer:
    def __init__(self, head: bytes, body: bytes):
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split(" ")[1])
        self.headers = {}
        self.all_headers = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.headers[name.lower()] = value.strip()
            self.all_headers.append((name.lower(), value.strip()))
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self) -> str | None:
        """The code word of an error; None when the body is not that of an error."""
        try:
            return self.json.get("code")
        except (ValueError, AttributeError):
            return None


class Wire:
    """One connection; reads answers one after another."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None, source: str | None = None,
                 host: str = "127.0.0.1", name: str = "localhost"):  # fmt: skip
        plain = socket.create_connection(
            (host, port), timeout=PATIENCE_S, source_address=(source, 0) if source else None)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = tls.wrap_socket(plain, server_hostname=name) if tls else plain
        self.pending = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data: bytes | str) -> bool:
        """Sends all; False when the server closed before."""
        try:
            self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)
            return True
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            return False

    def more(self) -> bool:
        try:
            data = self.socket.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError):
            return False
        self.pending += data
        return bool(data)

    def until(self, mark: bytes) -> bytes:
        while mark not in self.pending:
            if not self.more():
                raise ConnectionError(f"closed before {mark!r}: {self.pending[-300:]!r}")
        end = self.pending.index(mark) + len(mark)
        part, self.pending = self.pending[:end], self.pending[end:]
        return part

    def answer(self, head_only: bool = False) -> Answer:
        head = self.until(b"\r\n\r\n")[:-4]
        answer = Answer(head, b"")
        if head_only:
            return answer
        if answer.headers.get("transfer-encoding") == "chunked":
            while size := int(self.until(b"\r\n"), 16):
                answer.body += self.take(size)
                self.until(b"\r\n")
            self.until(b"\r\n")
        else:
            answer.body = self.take(int(answer.headers.get("content-length", "0")))
        return answer

    def take(self, count: int) -> bytes:
        while len(self.pending) < count:
            if not self.more():
                raise ConnectionError("closed in the body")
        part, self.pending = self.pending[:count], self.pending[count:]
        return part

    def rest(self) -> bytes:
        while self.more():
            pass
        part, self.pending = self.pending, b""
        return part

    def event(self) -> tuple[str, str, dict]:
        """The next event of a stream: id, name, data. Chunk sizes are lines that are no fields."""
        fields = {}
        while True:
            line = self.until(b"\n").decode().rstrip("\r\n")
            if not line and "data" in fields:
                return fields.get("id", ""), fields.get("event", "message"), json.loads(fields["data"])
            name, colon, value = line.partition(": ")
            if colon and name in ("id", "event", "data"):
                fields[name] = value


class Studio(StudioProcess):
    """`agentv studio` on a port of its own."""

    def __init__(self, project: Project, *arguments: str, environment=None, wrapper=(),
                 tls: Certificate | None = None, web_root: str | None = None, port: int = 0):  # fmt: skip
        super().__init__()
        self.project = project
        self.tls = tls.client() if tls else None
        if tls:
            arguments += ("--tls-cert", str(tls.file), "--tls-key", str(tls.key))
        web_root = web_root or os.environ.get("AGENTV_WEB_ROOT")
        if web_root:
            arguments += ("--web-root", web_root)
        self.serve(
            [*wrapper, binary(), "studio", "--port", port, *arguments], apart=True,
            seconds=PATIENCE_S, cwd=project.path,
            env=clean_environment(project.home, **(environment or {})))
        self.host = f"localhost:{self.port}"
        self.url = f"{self.scheme}://{self.host}"

    def wire(self, **more) -> Wire:
        return Wire(self.port, tls=self.tls, **more)

    def send(self, method: str, path: str, body=None, headers=None, raw: bytes | None = None,
             source: str | None = None) -> Answer:  # fmt: skip
        fields = {"Host": self.host, "Connection": "close"}
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        if body is not None:
            fields["Content-Type"] = "application/json"
        if data or method == "POST":
            fields["Content-Length"] = str(len(data))
        fields.update(headers or {})
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
        with self.wire(source=source) as wire:
            wire.send(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + data)
            return wire.answer(head_only=method == "HEAD")

    def get(self, path: str, **headers) -> Answer:
        return self.send("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def resident_kib(self) -> int:
        return self._status("VmRSS")

    def _status(self, field: str) -> int:
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+)", text).group(1))

    def launch(self, evaluation: str = "quick", **headers) -> dict:
        answer = self.send(
            "POST", "/api/eval/run", {"suite_filter": f"evals/{evaluation}.eval.yaml"}, headers)
        assert answer.status in (200, 202), answer.body
        return answer.json

    def close(self) -> None:
        self.stop(PATIENCE_S)


def is_readable(sock: socket.socket, seconds: float = 0) -> bool:
    return bool(select.select([sock], [], [], seconds)[0])
