"""SIGKILL of `agentv eval` in a terminal, at random instants and at the n-th change it makes."""

import json
import os
import random
import signal
import subprocess
import threading
import time

import machine
from outcome import Outcome, agreed, demand, place_of
from project import Run, announced

PROMISE = "no finished row lost, run readable, nothing left alive, resume completes to the same set"
# Longest time from the death of a run to that of the last process it had started.
GONE_SECONDS = 20


class Reference:
    """What an uninterrupted run of each suite comes to, and how long and how many calls it takes."""

    def __init__(self, project, faults=None):
        self.project = project
        self.faults = faults
        self.known = {}

    def __call__(self, suite):
        if suite not in self.known:
            run = Run(self.project.runs / f"whole-{suite}")
            if self.faults:
                self.faults.plan("eval", "none")
            begun = time.monotonic()
            done = self.project.run(
                *self.project.launch(suite), "--output", run.path,
                environment=self.faults.environment() if self.faults else None)
            seconds = time.monotonic() - begun
            demand(done.returncode in (0, 2), "an uninterrupted run failed", suite,
                   done.returncode, done.stderr.decode())
            self.known[suite] = {
                "outcomes": run.outcomes(), "code": done.returncode, "seconds": seconds,
                "calls": agreed(f"run-{suite}", self.faults.calls) if self.faults else 0,
                "planned": run.record()["planned_test_count"]}
        return self.known[suite]


class Checks:
    """What must hold of a run that was killed, and of its resume."""

    def __init__(self, project, reference, viewer=None):
        self.project = project
        self.reference = reference
        self.viewer = viewer

    def gone(self, run, outcome, *marks, begun=None):
        """Nothing of it lives: by cookie, by the guard's mark, by the trees' own records."""
        begun = begun or time.monotonic()
        record = run.record()
        if record:
            marks += (f"--mark\0{record['pid']}-{record['start_time']}".encode(),)
        left = machine.until_gone(GONE_SECONDS, *marks, trees=self.project.trees(run))
        if left:
            machine.kill(left)
        demand(not left, "processes are left", left)
        outcome.note("gone after s", time.monotonic() - begun)

    def kept(self, run, told):
        """Every announced row is in the index, whole."""
        names = run.names()
        missing = [name for name in told if name not in names]
        demand(not missing, "announced rows are not in the index", missing)
        for line in run.lines():
            json.loads(line)

    def readable(self, run):
        """By the command line and by the Studio."""
        if not (run.path / "index.jsonl").exists():
            return
        count = len(run.effective())
        if count:
            for command in (["inspect", "show"], ["results", "summary"]):
                done = self.project.run(*command, run.path)
                demand(done.returncode == 0, f"{' '.join(command)} fails", done.stderr.decode())
            total = json.loads(done.stdout)["total"]
            demand(total == count, "results summary counts other rows", total, count)
        if self.viewer and run.path.parent == self.project.runs:
            answer = self.viewer.get(f"/api/runs/{run.name}")
            demand(answer.status == 200, "the Studio cannot read it", answer.text)
            demand(len(answer.json["results"]) == count, "the Studio shows other rows",
                   len(answer.json["results"]), count)
            shown = answer.json["run"]
            demand(shown["status"] in ("interrupted", "finished", "unknown") and not shown["live"],
                   "the Studio shows it as live", shown["status"])

    def resumed(self, run, suite, *, by_record, resume=None):
        """The resume gives what an uninterrupted run gives, and runs nothing twice."""
        wanted = self.reference(suite)
        before = run.rows()
        done_before = {Run.identity(row) for row in before
                       if row["execution_status"] != "execution_error"}
        lines = run.lines()
        ran = self.project.path / f"ran-{run.name}"
        ran_before = ran.read_text().split() if ran.exists() else []
        # The record knows the launch; before it is written there is nothing to go by.
        arguments = ["eval"] if by_record and run.record() else self.project.launch(suite)
        if resume:
            code, told = resume(), ""
        else:
            done = self.project.run(*arguments, "--output", run.path, "--resume")
            code, told = done.returncode, done.stderr.decode()[-500:]
        demand(code == wanted["code"], "the resume ends with another exit code", code,
               wanted["code"], told)
        demand(run.lines()[:len(lines)] == lines, "the resume changed rows that were there")
        outcomes = run.outcomes()
        demand(outcomes == wanted["outcomes"], "another set of results",
               {k: (outcomes.get(k), wanted["outcomes"].get(k))
                for k in outcomes.keys() | wanted["outcomes"].keys()
                if outcomes.get(k) != wanted["outcomes"].get(k)})
        judged = [Run.identity(row) for row in run.rows()
                  if row["execution_status"] != "execution_error"]
        demand(len(judged) == len(set(judged)), "a finished test has two rows")
        if ran.exists():
            again = [test for test in ran.read_text().split()[len(ran_before):]
                     if any(test == identity[1] for identity in done_before)]
            demand(not again, "finished tests ran again", again)
        record = run.record()
        demand(record["completion"] == "completed", "run.json says", record["completion"])
        demand(record["planned_test_count"] == wanted["planned"], "planned_test_count",
               record["planned_test_count"])
        for row in run.effective().values():
            for name in ("grading_path", "timing_path", "input_path", "output_path"):
                if row.get(name):
                    text = (run.path / row[name]).read_bytes()
                    demand(text and (not name.startswith(("g", "t")) or json.loads(text)),
                           "an artifact is not whole", row[name])
        left = [name for name in os.listdir(run.path) if ".tmp-" in name]
        demand(not left, "temporary files are left", left)


class CommandCrash:
    """Trials with `agentv eval` as our own child."""

    def __init__(self, project, faults, reference, viewer=None, seed=1):
        self.project = project
        self.faults = faults
        self.reference = reference
        self.checks = Checks(project, self.reference, viewer)
        self.random = random.Random(seed)
        self.number = 0

    def new_run(self):
        self.number += 1
        return Run(self.project.runs / f"trial-{self.number}")

    def start(self, suite, run, mark):
        return self.project.start(
            *self.project.launch(suite), "--output", run.path, mark=mark,
            environment=self.faults.environment(), stderr=subprocess.DEVNULL)

    def finish(self, outcome, suite, run, process, mark, has_guard=True):
        output = process.communicate(timeout=120)[0]
        marks = (f"AGENTV_RELIABILITY={mark}".encode(),)
        if has_guard:
            self.checks.gone(run, outcome, *marks)
        if process.returncode == -signal.SIGKILL:
            outcome.count("killed before the end")
        self.checks.kept(run, announced(output))
        self.checks.readable(run)
        self.checks.resumed(run, suite, by_record=self.random.random() < 0.7)
        if not has_guard:
            # With nobody left to do it before, the resume has ended them.
            self.checks.gone(run, outcome, *marks)
        self.project.forget(run)

    def at_random(self, limit, suites=None, guard=False):
        """SIGKILL from outside, somewhere in the time that an uninterrupted run takes."""
        victims = "`agentv eval` and its guard" if guard else "`agentv eval`"
        outcome = Outcome(PROMISE, f"SIGKILL of {victims} at a random instant")
        for _ in limit:
            suite = self.random.choice(suites or self.project.names)
            run = self.new_run()
            mark = f"{os.getpid()}-{run.name}"

            def trial():
                seconds = self.reference(suite)["seconds"]
                self.faults.clear()
                process = self.start(suite, run, mark)
                timer = threading.Timer(
                    self.random.uniform(0, seconds * 1.05), self.strike, (process, guard))
                timer.start()
                try:
                    self.finish(outcome, suite, run, process, mark, has_guard=not guard)
                finally:
                    timer.cancel()
            outcome.trial(f"{suite} {run.name}", trial)
        return outcome

    @staticmethod
    def strike(process, guard):
        if process.poll() is not None:
            return
        if guard:
            # It is asked for its children while it stands still, or a new guard could come.
            process.send_signal(signal.SIGSTOP)
            machine.kill(machine.children(process.pid))
        process.kill()

    def at_each_call(self, limit, suites=None, torn=False, kill="self"):
        """Death before the n-th call that changes something, or in the middle of a write."""
        how = ("dead in the middle of the n-th write" if torn
               else "dead at the n-th system call that changes something")
        who = {"self": "`agentv eval`", "run": "`agentv eval` and its guard"}[kill]
        outcome = Outcome(PROMISE, f"{who} {how}")
        for number in limit:
            chosen = (suites or self.project.names)
            suite = chosen[number % len(chosen)]
            run = self.new_run()
            mark = f"{os.getpid()}-{run.name}"

            def trial():
                calls = self.reference(suite)["calls"]
                place = place_of(number, len(chosen), calls)
                if not torn:
                    outcome.cover(suite, place, calls)
                self.faults.plan(
                    "eval", "torn" if torn else "kill", at=place, kill=kill,
                    **({"calls": "write", "path": "/results/"} if torn else {}))
                process = self.start(suite, run, mark)
                self.finish(outcome, suite, run, process, mark, has_guard=kill == "self")
            outcome.trial(f"{suite} {run.name}", trial)
        self.faults.clear()
        return outcome
