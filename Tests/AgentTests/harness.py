"""The real agents on a project made for one test, against a mock of the model APIs on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

from common import StudioProcess, binary, wait_until

AGENTS = ("claude", "codex", "copilot")


class Mock:
    """mock_llm on a port of its own."""

    def __init__(self, script: Path):
        self.process = subprocess.Popen(
            [sys.executable, str(script), "--port", "0"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout
        self.url = self.process.stdout.readline().split()[-1]

    def stats(self) -> dict:
        with urllib.request.urlopen(self.url + "/stats", timeout=10) as answer:
            return json.load(answer)

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(10)


class Project:
    """A project with one target for each agent, and a tag by which its processes are known."""

    def __init__(self, path: Path, programs: dict[str, Path], mock: Mock, home: Path):
        self.path = path
        self.mock = mock
        self.programs = programs
        self.tag = uuid.uuid4().hex
        self.flags = path / "flags"
        self.flags.mkdir(parents=True)
        (path / ".agentv").mkdir()
        for agent in AGENTS:
            (path / "code" / agent).mkdir(parents=True)
        provider = (
            'model_providers.mock={name="mock",base_url="%s/v1",wire_api="responses",'
            'env_key="MOCK_API_KEY"}' % mock.url
        )
        settings = {
            "claude": {"allowed_tools": ["Bash"]},
            "codex": {
                "sandbox": "danger-full-access",
                "args": [
                    "--disable", "plugins", "-c", "analytics.enabled=false", "-c",
                    'model="mock-model"', "-c", 'model_provider="mock"', "-c", provider,
                ],
            },
            "copilot": {},
        }  # fmt: skip
        self.targets = [
            {
                "name": agent,
                "provider": agent,
                "executable": str(programs[agent]),
                "cwd": str(path / "code" / agent),
                **settings[agent],
            }
            for agent in AGENTS
        ]
        self.write_targets()
        self.environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "AGENT_TEST_TAG": self.tag,
            "ANTHROPIC_BASE_URL": mock.url,
            "ANTHROPIC_API_KEY": "key-of-claude-0123456789",
            "DISABLE_AUTOUPDATER": "1",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "CLAUDE_CODE_MAX_RETRIES": "1",
            "MOCK_API_KEY": "key-of-codex-0123456789",
            "COPILOT_OFFLINE": "true",
            "COPILOT_MODEL": "mock-model",
            "COPILOT_PROVIDER_BASE_URL": mock.url + "/v1",
            "COPILOT_PROVIDER_API_KEY": "key-of-copilot-0123456789",
        }

    def write_targets(self, **more) -> None:
        """Writes targets.yaml; `more` goes into every target."""
        targets = [{**target, **more} for target in self.targets]
        # JSON is YAML.
        (self.path / ".agentv/targets.yaml").write_text(json.dumps({"targets": targets}))

    def write_eval(self, tests: dict[str, str], name: str = "a") -> None:
        """An eval file whose tests expect the answer `done`."""
        suite = {
            "name": name,
            "tests": [
                {
                    "id": test,
                    "criteria": "It says done.",
                    "input": prompt,
                    "assertions": [{"type": "contains", "value": "done"}],
                }
                for test, prompt in tests.items()
            ],
        }
        file = self.path / f"evals/{name}.eval.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(suite))

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """`agentv` as a terminal starts it: the leader of a process group of its own."""
        return subprocess.Popen(
            [str(binary()), *arguments],
            cwd=self.path,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=open(self.path / "stdout.log", "ab"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # A shell starts what runs in the background with SIGINT ignored, and agentv keeps that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def run(self, *arguments: str, seconds: float = 180) -> int:
        return self.start(*arguments).wait(seconds)

    def output(self) -> str:
        path = self.path / "stdout.log"
        return path.read_text(errors="replace") if path.exists() else ""

    # What is left

    def processes(self) -> dict[int, str]:
        """Living processes that carry the tag, or are a guard of ours, with their command lines."""
        found = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                variables = Path(f"/proc/{pid}/environ").read_bytes()
                command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
                state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
            except OSError:
                continue
            if state not in "ZX" and self.tag.encode() in variables:
                found[int(pid)] = command.decode(errors="replace").strip()
        return found

    def guards(self) -> list[int]:
        """Guards of `agentv` processes of this project: their parent carries the tag."""
        tagged = self.processes()
        guards = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
                parent = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            if b"\0guard\0--mark\0" in command and parent in tagged:
                guards.append(int(pid))
        return guards

    def agent_of(self, pid: int) -> str:
        """The agent in whose directory a process works."""
        try:
            directory = os.readlink(f"/proc/{pid}/cwd")
        except OSError:
            return "?"
        return next((a for a in AGENTS if f"/code/{a}" in directory), "?")

    def end_all(self) -> None:
        """The end of a test that failed."""
        for _ in range(100):
            left = self.processes()
            if not left:
                return
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except OSError:
                    pass
            time.sleep(0.02)

    # What is kept

    def index(self, run: str) -> bytes:
        path = self.path / run / "index.jsonl"
        return path.read_bytes() if path.exists() else b""

    def rows(self, run: str) -> list[dict]:
        return [json.loads(line) for line in self.index(run).splitlines()]

    def files(self, run: str) -> dict[str, bytes]:
        root = self.path / run
        return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


class Studio(StudioProcess):
    """`agentv studio` of a project."""

    def __init__(self, project: Project):
        super().__init__()
        self.project = project
        self.serve(
            [binary(), "studio", "--dir", project.path, "--port", "0"],
            cwd=project.path,
            env=project.environment,
            start_new_session=True,
        )

    def request(self, path: str, body: dict | None = None) -> dict:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def launch(self, **body) -> dict:
        return self.request("/api/eval/run", {"suite_filter": "evals/a.eval.yaml", **body})

    def status(self, job: str) -> dict:
        return self.request(f"/api/eval/status/{job}")

    def ended(self, job: str) -> dict:
        def status():
            answer = self.status(job)
            return answer if answer["status"] in ("finished", "failed") else None

        return wait_until(status, f"the end of {job}", 60)

    def end(self) -> None:
        assert self.stop(), "the Studio did not end"
