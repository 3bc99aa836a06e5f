"""A project whose suites have everything that can be interrupted, and `agentv` in it."""

import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import sanitizers
from common import ROOT

# A test that is told as finished on stdout: `3/8   ✅ name | target | 100% PASS`.
ANNOUNCED = re.compile(rb"^(?:\x1b\[[0-9;]*[A-Za-z]|\r)*\d+/\d+ +(?:\xe2\x9c\x85|\xe2\x9a\xa0\xef\xb8\x8f|\xe2\x9d\x8c) (\S+) \| ")

AGENT = """\
echo "$AGENTV_TEST_ID" >> "ran-$AGENTV_RUN_TIMESTAMP"
case "$(cat "$1")" in
  *broken*) exit 3;;
  *slow*) sleep 0.05;;
  *tree*) "$STUBBORN" --pids "$PWD/tree-$AGENTV_RUN_TIMESTAMP-$AGENTV_TEST_ID" --obey 1 \\
      --double-fork 1 --setsid 1 --wipe-env --for 0.3 --life 60;;
  *held*) [ -e let-go ] || exec sleep 120;;
esac
echo fine > "$2"
"""
GRADER = 'cat > /dev/null; sleep 0.02; echo \'{"score": 1, "reasoning": "fine"}\'\n'
TARGETS = """\
targets:
  - {name: canned, provider: mock, response: fine}
  - {name: other, provider: mock, response: fine}
  - {name: shell, provider: cli, command: "sh agent.sh {PROMPT_FILE} {OUTPUT_FILE}", cwd: ..}
"""


class Project:
    """Suites below `evals`, results in `.agentv/results/runs`, a home directory of its own."""

    def __init__(self, agentv, tools=None):
        self.agentv = str(agentv)
        self.scratch = tempfile.TemporaryDirectory(prefix="agentv-reliability-")
        self.path = pathlib.Path(self.scratch.name).resolve() / "project"
        self.home = pathlib.Path(self.scratch.name).resolve() / "home"
        self.runs = self.path / ".agentv/results/runs/default"
        self.runs.mkdir(parents=True)
        self.home.mkdir()
        self.stubborn = self.compile(tools)
        self.write(".agentv/targets.yaml", TARGETS)
        self.write("agent.sh", AGENT)
        self.write("grade.sh", GRADER)
        self.suite("mock", "canned", ["say"] * 8)
        self.suite("cli", "shell", ["say", "slow", "say", "broken", "slow", "say"])
        self.suite("script", "canned", ["say"] * 6,
                   assertion="{type: code-grader, command: [sh, grade.sh]}")
        self.suite("mixed", "canned", ["say"] * 4, more="  trials: {count: 2, strategy: mean}\n",
                   targets="[canned, other]")
        self.suite("long", "shell", ["say", "held"], workers=1)
        self.names = ["mock", "cli", "script", "mixed"]
        if self.stubborn:
            self.suite("trees", "shell", ["say", "tree", "tree", "say"])
            self.names.append("trees")

    def compile(self, tools):
        source = pathlib.Path(tools or "/nonexistent") / "stubborn/stubborn.c"
        if not source.exists():
            return None
        binary = pathlib.Path(self.scratch.name) / "stubborn"
        subprocess.run(["cc", "-std=c99", "-O2", "-o", binary, source], check=True)
        return str(binary)

    def write(self, place, text):
        path = self.path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def suite(self, name, target, inputs, assertion=None, workers=3, more="", targets=None):
        chosen = f"targets: {targets}" if targets else f"target: {target}"
        text = f"name: {name}\nexecution:\n  {chosen}\n  workers: {workers}\n{more}tests:\n"
        for number, said in enumerate(inputs):
            # Every fourth fails its assertion: quality failures are results like any other.
            wanted = assertion or (
                "{type: contains, value: %s}" % ("other" if number % 4 == 2 else "fine"))
            text += (f"  - id: {name}-{number}\n    criteria: It says fine.\n    input: {said}\n"
                     f"    assertions: [{wanted}]\n")
        return self.write(f"evals/{name}.eval.yaml", text)

    def environment(self, mark=None, **more):
        kept = {k: v for k, v in os.environ.items()
                if k in ("PATH", "LANG", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "TSAN_OPTIONS")}
        kept |= {"HOME": str(self.home), "NO_COLOR": "1", **more}
        if libraries := sanitizers.preloaded():
            kept["LD_PRELOAD"] = " ".join([*libraries, kept.get("LD_PRELOAD", "")]).strip()
        if self.stubborn:
            kept["STUBBORN"] = self.stubborn
        if mark:
            kept["AGENTV_RELIABILITY"] = mark
        return kept

    def start(self, *arguments, mark=None, environment=None, binary=None, **more):
        return subprocess.Popen(
            [binary or self.agentv, *map(str, arguments)], cwd=self.path,
            env=self.environment(mark, **(environment or {})),
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more})

    def run(self, *arguments, mark=None, environment=None, seconds=120):
        process = self.start(*arguments, mark=mark, environment=environment)
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def launch(self, suite):
        """Arguments that run a suite."""
        return ["eval", f"evals/{suite}.eval.yaml", "--max-retries", "0"]

    @functools.cached_property
    def for_anybody(self):
        """Copies of the binary and the pages where any user may read them."""
        place = pathlib.Path(self.scratch.name) / "program"
        shutil.copytree(ROOT / "web/public", place / "public")
        shutil.copy(self.agentv, place / "agentv")
        for path in [pathlib.Path(self.scratch.name), place, self.path, self.home]:
            path.chmod(0o755)
        return place

    def trees(self, run):
        return list(self.path.glob(f"tree-{run.name}-*"))

    def forget(self, run):
        """Takes away what a trial left that went well; thousands of them would slow each other down."""
        shutil.rmtree(run.path, ignore_errors=True)
        (self.path / f"ran-{run.name}").unlink(missing_ok=True)
        for tree in self.trees(run):
            tree.unlink()

    def close(self):
        self.scratch.cleanup()


class Run:
    """A run directory as its files tell it."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.name = self.path.name

    def lines(self):
        """The whole lines of the index."""
        try:
            data = (self.path / "index.jsonl").read_bytes()
        except FileNotFoundError:
            return []
        return data[:data.rfind(b"\n") + 1].splitlines()

    def rows(self):
        rows = []
        for line in self.lines():
            try:
                rows.append(json.loads(line))
            except ValueError:
                pass
        return rows

    @staticmethod
    def identity(row):
        return (row.get("eval_file"), row["test_id"], row.get("requested_target"))

    def effective(self):
        return {self.identity(row): row for row in self.rows()}

    def outcomes(self):
        """What must be equal, whatever happened on the way."""
        return {
            identity: (row["execution_status"], row.get("score"), row["target"],
                       bool(row.get("error")))
            for identity, row in self.effective().items()}

    def record(self):
        try:
            return json.loads((self.path / "run.json").read_bytes())
        except FileNotFoundError:
            return None

    def names(self):
        """How stdout calls the finished tests: `id`, or `id@target` in a matrix."""
        names = set()
        for row in self.rows():
            names |= {row["test_id"], f"{row['test_id']}@{row.get('requested_target')}"}
        return names


def announced(output):
    """Tests that a run told as finished, in whole lines."""
    whole = output[:output.rfind(b"\n") + 1]
    return [found[1].decode() for line in whole.splitlines() if (found := ANNOUNCED.match(line))]
