"""A project with a history, for pictures and for tests that look at every page: agents that answer
when their gate is open, and finished runs as they lie on a disk."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

from studio import Project

TESTS = [
    "refund-policy", "greets-by-name", "escalates-angry-customer", "order-status-lookup",
    "refuses-medical-advice", "address-change", "handles-empty-input", "currency-conversion",
    "json-tool-call", "translates-to-german", "summarises-ticket", "detects-duplicate",
    "closes-politely", "keeps-context", "keeps-its-prompt-secret", "asks-for-order-number",
]  # fmt: skip

CATEGORIES = ["refunds", "tone", "tone", "tools", "safety", "tools", "tone", "tools"]

QUESTION = (
    "I bought these shoes 12 days ago. Can I still send them back, and who pays for the postage?"
)
ANSWER = "Hello! Of course: you can send the shoes back within 30 days, and the label is free."

AGENT = f"""#!/bin/sh
# agent.sh GATES TEST OUTPUT_FILE [stubborn]
if [ "$4" = stubborn ]; then trap '' TERM INT HUP; fi
until [ -e "$1/all" ] || [ -e "$1/$2" ]; do sleep 0.02; done
case $2 in
  order-status-lookup) echo "connection reset by peer (attempt 3 of 3)" >&2; exit 1 ;;
  currency-conversion|detects-duplicate) text="I am not sure about that." ;;
  *) text="{ANSWER}" ;;
esac
printf '{{"text": "%s", "cost_usd": 0.0042}}' "$text" > "$3"
"""

#: Experiment, target and mean score of the finished runs, oldest first.
HISTORY = [
    ("baseline", "gpt-5-mini", 0.68), ("baseline", "claude-haiku", 0.64),
    ("with-skills", "gpt-5-mini", 0.74), ("with-skills", "claude-haiku", 0.79),
    ("baseline", "gpt-5-mini", 0.70), ("with-skills", "claude-haiku", 0.83),
    ("with-skills", "gpt-5-mini", 0.66), ("baseline", "claude-haiku", 0.69),
    ("with-skills", "claude-haiku", 0.88), ("with-skills", "gpt-5-mini", 0.81),
]  # fmt: skip

#: When the newest run of the history was made.
LAST = datetime(2026, 5, 8, 9, 30, tzinfo=timezone.utc)


def sample(path: Path) -> Project:
    """Eval files whose agents wait at gates; no run yet."""
    project = Project(path)
    (path / "agent.sh").write_text(AGENT)
    (path / "evals").mkdir(exist_ok=True)
    for name in ("support", "refunds", "red-team"):
        tests = [
            {
                "id": test,
                "criteria": "A friendly, correct answer.",
                "input": QUESTION,
                "assertions": [
                    {"type": "icontains", "value": "hello"},
                    {"type": "contains", "value": "30 days"},
                ],
            }
            for test in TESTS
        ]
        # JSON is YAML.
        suite = {"name": name, "execution": {"target": "gated", "workers": 3}, "tests": tests}
        (path / f"evals/{name}.eval.yaml").write_text(json.dumps(suite))
    return project


def add_history(project: Project) -> list[str]:
    """Writes finished runs, one a day, and returns their ids, oldest first."""
    chance = random.Random(7)
    ids = []
    for index, (experiment, target, mean) in enumerate(HISTORY):
        start = LAST - timedelta(days=len(HISTORY) - 1 - index)
        rows = [_row(chance, test, number, experiment, target, mean, start)
                for number, test in enumerate(TESTS)]  # fmt: skip
        tags = ["nightly"] if index % 2 == 0 else ["release"] if index == 9 else []
        ids.append(write_run(project, start, experiment, target, rows, tags))
    return ids


def write_run(
    project: Project, start: datetime, experiment: str, target: str, rows: list[dict],
    tags: list[str] = [],
) -> str:  # fmt: skip
    """A finished run on the disk; returns its id."""
    name = start.strftime("%Y-%m-%dT%H-%M-%S-") + f"{start.microsecond // 1000:03d}Z"
    run = project.path / ".agentv/results/runs" / experiment / name
    run.mkdir(parents=True)
    metadata = {
        "eval_file": str(project.path / "evals/support.eval.yaml"), "timestamp": _time(start),
        "targets": [target], "tests_run": [row["test_id"] for row in rows],
        "experiment": experiment, "planned_test_count": len(rows),
    }  # fmt: skip
    summary = {"metadata": metadata, "run_summary": {}, "notes": []}
    (run / "benchmark.json").write_text(json.dumps(summary))
    if tags:
        (run / "tags.json").write_text(json.dumps({"tags": tags, "updated_at": _time(start)}))
    (run / "index.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return name if experiment == "default" else f"{experiment}::{name}"


GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]


class Repository:
    """A bare repository of results and a work tree that pushes to it."""

    def __init__(self, path: Path):
        path.mkdir(parents=True, exist_ok=True)
        self.bare = path / "results.git"
        self.work = path / "work"
        self._git("init", "--quiet", "--bare", str(self.bare), cwd=path)
        self._git("clone", "--quiet", str(self.bare), str(self.work), cwd=path)
        self._git("checkout", "--quiet", "-B", "main")

    def _git(self, *arguments: str, cwd: Path | None = None) -> None:
        subprocess.run(
            [*GIT, *arguments], cwd=cwd or self.work, check=True, capture_output=True, timeout=60
        )

    def push(self, run: Path) -> None:
        shutil.copytree(run, self.work / "runs" / run.name)
        self._git("add", "-A")
        self._git("commit", "--quiet", "-m", run.name)
        self._git("push", "--quiet", "origin", "main")

    def configure(self, project: Project) -> None:
        text = f"results:\n  export:\n    repo: {self.bare}\n    path: runs\n"
        (project.path / ".agentv/config.yaml").write_text(text)

    def fetch_into(self, home: Path) -> None:
        """As a run does that is pushed from this machine: the clone knows more than it shows."""
        for clone in home.glob(".agentv/cache/results-repo/*/repo"):
            self._git("fetch", "--quiet", "origin", cwd=clone)


def _row(
    chance: random.Random, test: str, number: int, experiment: str, target: str, mean: float,
    start: datetime,
) -> dict:  # fmt: skip
    score = round(min(1.0, max(0.0, chance.gauss(mean, 0.22))), 2)
    passed = score >= 0.6
    duration = int(chance.uniform(900, 6200))
    checks = [
        {"text": "Greets the customer", "passed": True, "evidence": "“Hello!”"},
        {"text": "Names the 30 days", "passed": passed,
         "evidence": "“within 30 days”" if passed else "No period is named."},
    ]  # fmt: skip
    return {
        "timestamp": _time(start + timedelta(milliseconds=900 * number + duration)),
        "test_id": test, "suite": "support", "category": CATEGORIES[number % len(CATEGORIES)],
        "experiment": experiment, "target": target, "score": score,
        "execution_status": "ok" if passed else "quality_failure",
        "duration_ms": duration, "cost_usd": round(duration * 1.3e-6, 5),
        "token_usage": {"input": 812 + 31 * number, "output": 96 + 7 * number, "cached": 512},
        "scores": [
            {"name": "policy", "type": "contains", "score": 1.0 if passed else 0.5,
             "weight": 1, "verdict": "pass" if passed else "fail", "assertions": checks},
            {"name": "tone", "type": "llm-grader", "score": score, "weight": 2,
             "verdict": "pass" if passed else "borderline",
             "assertions": [{"text": "Friendly and to the point", "passed": passed,
                             "evidence": "The answer is polite and names the next step."}]},
        ],
        "input": [
            {"role": "system", "content": "You are the support agent of a shoe shop."},
            {"role": "user", "content": QUESTION},
        ],
        "output": [
            {"role": "assistant", "content": "Let me look at your order.",
             "tool_calls": [{"tool": "lookup_order", "id": "call_1", "duration_ms": 184,
                             "input": {"customer": "c-4711", "last_days": 30},
                             "output": {"order": "A-1009", "bought": "2026-04-26",
                                        "items": ["Trail shoe, 42"]}}]},
            {"role": "assistant", "content": ANSWER if passed else "I am not sure about that."},
        ],
    }  # fmt: skip


def _time(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"
