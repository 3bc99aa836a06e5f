"""The real binary on a project made for one test: agents that answer when the test says so."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from pathlib import Path

from common import ROOT, StudioProcess, binary, wait_until

# The agent answers when its gate is open: one file opens all gates, a file named after the test
# opens one. Tests decide how far a run gets; no test waits for a clock.
AGENT = """#!/bin/sh
# agent.sh GATES TEST OUTPUT_FILE [stubborn]
if [ "$4" = stubborn ]; then trap '' TERM INT HUP; fi
echo "agent starts $2" >&2
until [ -e "$1/all" ] || [ -e "$1/$2" ]; do sleep 0.02; done
case $2 in
  *wrong*) echo "I do not know" > "$3" ;;
  *) echo "hello from $2" > "$3" ;;
esac
"""

TARGETS = """targets:
  - name: default
    use_target: gated
  - name: gated
    provider: cli
    command: sh {agent} {gates} {{EVAL_ID}} {{OUTPUT_FILE}}
  - name: stubborn
    provider: cli
    command: sh {agent} {gates} {{EVAL_ID}} {{OUTPUT_FILE}} stubborn
"""


class Project:
    """A project directory with gated agents."""

    def __init__(self, path: Path):
        self.path = path
        self.gates = path / "gates"
        self.gates.mkdir(parents=True)
        agent = path / "agent.sh"
        agent.write_text(AGENT)
        (path / ".agentv").mkdir()
        (path / ".agentv/targets.yaml").write_text(
            TARGETS.format(agent=agent, gates=self.gates)
        )

    def add_eval(
        self, name: str, tests: list[str], workers: int = 2, target: str = "default"
    ) -> str:
        """Writes evals/NAME.eval.yaml; ids with "wrong" in them are answered wrongly."""
        lines = [
            f"name: {name}",
            f"execution: {{target: {target}, workers: {workers}}}",
            "tests:",
        ]
        for test in tests:
            lines += [
                f"  - id: {test}",
                "    criteria: It says hello.",
                f"    input: Say hello, {test}.",
                "    assertions: [{type: contains, value: hello}]",
            ]
        path = self.path / f"evals/{name}.eval.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines) + "\n")
        return f"evals/{name}.eval.yaml"

    def open(self, *tests: str) -> None:
        """Lets these tests be answered; all of them when none is named."""
        for test in tests or ("all",):
            (self.gates / test).touch()

    def eval(self, *arguments: str) -> subprocess.Popen[bytes]:
        """`agentv eval` as a person starts it in a terminal."""
        return subprocess.Popen(
            [binary(), "eval", *arguments],
            cwd=self.path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


class Studio(StudioProcess):
    """`agentv studio` on a port of its own."""

    def __init__(self, project: Project, *arguments: str, port: int = 0, home: Path | None = None):
        super().__init__()
        self.project = project
        self.arguments = arguments
        #: The home directory with the registry of benchmarks and the clones; the tester's own when none is given.
        self.home = home
        self.start(port)

    def start(self, port: int) -> None:
        command = [binary(), "studio", "--dir", self.project.path, "--port", port]
        # The pages as they are in the source tree, not as they were at the last build.
        command += ["--web-root", ROOT / "web/public", *self.arguments]
        self.serve(command, env={**os.environ, "HOME": str(self.home)} if self.home else None)

    def get(self, path: str):
        with urllib.request.urlopen(self.url + path, timeout=20) as response:
            return json.load(response)

    def post(self, path: str, body: dict):
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=20) as response:
            return json.load(response)

    def launch(self, suite: str, **more) -> dict:
        """Starts a run as the page does and returns the job object."""
        job = self.post("/api/eval/run", {"suite_filter": suite, **more})
        return self.get(f"/api/eval/status/{job['id']}")

    def completed(self, job: str, count: int) -> None:
        """Returns when the job has that many finished tests."""
        wait_until(
            lambda: self.get(f"/api/eval/status/{job}")["completed_test_count"] >= count,
            f"{count} finished tests of {job}",
        )

    def ended(self, job: str) -> dict:
        def status():
            answer = self.get(f"/api/eval/status/{job}")
            return answer if answer["status"] in ("finished", "failed") else None

        return wait_until(status, f"the end of {job}", 40)
