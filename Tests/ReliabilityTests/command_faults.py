"""`agentv eval` on a machine that refuses: full disks, errors, interruptions, other people's hands."""

import errno
import os
import random
import shutil
import signal
import subprocess
import time

import machine
from outcome import Outcome, demand, place_of
from project import Run, announced

KEPT = "the run ends with a clear error and exit code 1, rows before it are kept, resume completes"
SAME = "the run completes with the same results"
# What a run writes; its output and its talk with others are no files of it.
FILES = "write fsync fdatasync ftruncate create rename unlink mkdir"


class CommandFaults:
    """Trials with `agentv eval` as our own child and no Studio."""

    def __init__(self, commands):
        self.commands = commands
        self.project = commands.project
        self.faults = commands.faults
        self.reference = commands.reference
        self.checks = commands.checks
        self.random = commands.random

    # MARK: - Steps

    def ran(self, suite, run, mark, **more):
        """Runs a suite to its end under the plan that is set."""
        process = self.project.start(
            *self.project.launch(suite), "--output", run.path, mark=mark,
            environment=self.faults.environment(), **more)
        try:
            out, err = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            demand(False, "the run hangs")
        return subprocess.CompletedProcess([], process.returncode, out, err.decode())

    def trials(self, promise, fault, limit, body, suites=None):
        outcome = Outcome(promise, fault)
        for number in limit:
            chosen = suites or self.project.names
            suite = chosen[number % len(chosen)]
            run = self.commands.new_run()
            mark = f"{os.getpid()}-{run.name}"

            def trial():
                self.reference(suite)
                try:
                    body(outcome, number, suite, run, mark)
                finally:
                    self.faults.clear()
                self.checks.gone(run, outcome, f"AGENTV_RELIABILITY={mark}".encode())
                self.project.forget(run)
            outcome.trial(f"{suite} {run.name}", trial)
        outcome.numbers.pop("gone after s", None)
        return outcome

    def failed_or_same(self, outcome, suite, run, done, text):
        """A run that may have met the fault: it says so, or did not need what was refused."""
        wanted = self.reference(suite)["code"]
        demand(done.returncode in (1, 2, wanted), "exit code", done.returncode, done.stderr)
        if done.returncode == 1 and wanted != 1:
            demand("Error: " in done.stderr and text in done.stderr, "the error is not told",
                   done.stderr)
            outcome.count("ended with the error")
        self.as_after_a_kill(suite, run, done)

    def as_after_a_kill(self, suite, run, done):
        self.checks.kept(run, announced(done.stdout))
        self.checks.readable(run)
        self.faults.clear()
        self.checks.resumed(run, suite, by_record=self.random.random() < 0.7)

    def same(self, suite, run, done):
        wanted = self.reference(suite)
        demand(done.returncode == wanted["code"], "exit code", done.returncode, done.stderr)
        demand(run.outcomes() == wanted["outcomes"], "another set of results", run.outcomes())
        self.checks.kept(run, announced(done.stdout))
        demand(len(run.rows()) == len(run.lines()), "a line of the index cannot be read")
        demand(run.record()["completion"] == "completed", "run.json", run.record()["completion"])
        for row in run.rows():
            for name in ("duration_ms", "total_duration_ms"):
                demand(0 <= (row.get(name) or 0) < 600_000, name, row.get(name))

    # MARK: - Errors of the system

    def errors(self, limit, number, calls=FILES, path="/results/", forever=None):
        """From the n-th call on, or once, with the error that a full or broken disk gives."""
        name, text = errno.errorcode[number], os.strerror(number)
        what = "files of the run" if path == "/results/" else "any file"
        fault = f"{name} from the n-th call on {what} on, or once"

        def trial(outcome, count, suite, run, mark):
            calls_made = self.counted(suite, calls, path)
            place = place_of(count, len(self.project.names), calls_made)
            once = count % 3 == 2 if forever is None else not forever
            self.faults.plan("eval", "error", calls, path=path, error=number, at=place,
                             count=1 if once else 0)
            done = self.ran(suite, run, mark)
            if not self.faults.happened:
                # A run makes more or fewer calls than the one that was counted.
                outcome.count("over before the n-th call")
            if number == errno.EMFILE and done.returncode == -signal.SIGILL:
                # libdispatch looks at its threads in /proc now and then and aborts when it cannot.
                outcome.count("aborted by libdispatch, resumed like a killed run")
                return self.as_after_a_kill(suite, run, done)
            self.failed_or_same(outcome, suite, run, done, text)
        return self.trials(KEPT, fault, limit, trial)

    def counted(self, suite, calls, path):
        key = (calls, path)
        counts = self.reference(suite).setdefault("counts", {})
        if key not in counts:
            run = self.commands.new_run()
            self.faults.plan("eval", "none", calls, path=path)
            self.ran(suite, run, "count")
            counts[key] = self.faults.calls
        return counts[key]

    def spawn_failure(self, limit):
        """fork fails: some of the commands of targets and graders cannot be started."""
        def trial(outcome, count, suite, run, mark):
            self.faults.plan("eval", "error", "spawn", error=errno.EAGAIN, at=1 + count % 5,
                             count=count % 2 * 2)
            done = self.ran(suite, run, mark)
            wanted = self.reference(suite)
            demand(done.returncode in (wanted["code"], 2), "exit code", done.returncode,
                   done.stderr)
            new = [row for row in run.rows() if row["execution_status"] == "execution_error"
                   and wanted["outcomes"][Run.identity(row)][0] != "execution_error"]
            for row in new:
                demand(os.strerror(errno.EAGAIN) in (row.get("error") or "")
                       or "resource" in (row.get("error") or "").lower(), "the row does not tell why",
                       row.get("error"))
            outcome.note("tests with that error in a run", len(new))
            self.failed_or_same(outcome, suite, run, done, "")
        return self.trials(
            "tests that cannot be started are told as execution errors, resume completes",
            "EAGAIN of posix_spawn, always or twice", limit, trial, ["cli", "script"])

    # MARK: - What must change nothing

    def interrupted(self, limit):
        """EINTR from every second call, or a signal every 200 µs without SA_RESTART."""
        def trial(outcome, count, suite, run, mark):
            if count % 2:
                self.faults.plan("eval", "storm", micros=200)
            else:
                self.faults.plan(
                    "eval", "error", "write read fsync fdatasync ftruncate create wait poll",
                    error=errno.EINTR, at=1, every=2, regular=1)
            done = self.ran(suite, run, mark)
            demand(self.faults.happened > 20, "too few faults", self.faults.happened)
            self.same(suite, run, done)
        return self.trials(
            SAME, "EINTR of every second call, or a signal every 200 µs", limit, trial)

    def short_writes(self, limit):
        def trial(outcome, count, suite, run, mark):
            self.faults.plan("eval", "short", "write", path="/results/", at=1)
            done = self.ran(suite, run, mark)
            demand(self.faults.happened, "no fault happened")
            self.same(suite, run, done)
        return self.trials(SAME, "every write(2) takes a third of its bytes", limit, trial)

    def slow_disk(self, limit):
        def trial(outcome, count, suite, run, mark):
            self.faults.plan("eval", "slow", FILES, path="/results/", at=1, micros=20_000)
            begun = time.monotonic()
            done = self.ran(suite, run, mark)
            outcome.note("run took s", time.monotonic() - begun)
            self.same(suite, run, done)
        return self.trials(
            SAME, "every call on a file of the run takes 20 ms, as on a slow NFS", limit, trial)

    def clock_steps(self, limit):
        def trial(outcome, count, suite, run, mark):
            self.faults.plan("eval", "clock", "clock", at=3, step=(3600, 86400 * 400)[count % 2])
            done = self.ran(suite, run, mark)
            demand(self.faults.happened > 5, "too few steps", self.faults.happened)
            self.same(suite, run, done)
        return self.trials(
            SAME, "the clock jumps by an hour, or by 400 days, forth and back", limit, trial)

    def reader_gone(self, limit):
        """SIGPIPE: whoever read the output goes away."""
        def trial(outcome, count, suite, run, mark):
            process = self.project.start(
                *self.project.launch(suite), "--output", run.path, mark=mark)
            for _ in range(count % 6):
                process.stdout.readline()
            process.stdout.close()
            process.stderr.close()
            process.wait(120)
            self.same(suite, run, subprocess.CompletedProcess([], process.returncode, b"", ""))
        return self.trials(SAME, "the reader of its output goes away (SIGPIPE)", limit, trial)

    # MARK: - Other people's hands

    def hands(self, limit, deed):
        """The index, or the whole directory, is changed while the run writes."""
        deeds = {
            "removed": (
                "the run directory is deleted", lambda run: shutil.rmtree(run.path)),
            "replaced": (
                "index.jsonl is replaced by another file", lambda run: self.replace(run)),
            "cut": (
                "index.jsonl is cut to its first row", lambda run: self.cut(run)),
        }
        fault, strike = deeds[deed]

        def trial(outcome, count, suite, run, mark):
            process = self.project.start(
                *self.project.launch(suite), "--output", run.path, "--workers", "1",
                mark=mark)
            out = b""
            while process.poll() is None and len(announced(out)) < (2 if deed == "cut" else 1):
                out += process.stdout.readline()
            # It stands still, or it would write in the middle of the deed.
            process.send_signal(signal.SIGSTOP)
            while not all(task[0] in "TZ" for task in machine.threads(process.pid)):
                time.sleep(0.001)
            kept = run.lines()[:1]
            strike(run)
            process.send_signal(signal.SIGCONT)
            rest, err = process.communicate(timeout=120)
            err = err.decode()
            demand(process.returncode == 1, "exit code", process.returncode, err)
            demand("Error: cannot" in err and str(run.path) in err, "the error is not told", err)
            if deed == "removed":
                demand("are kept" not in err, "it claims that rows are kept", err)
                return
            demand(run.lines()[:1] == (kept if deed == "cut" else []), "rows", run.lines())
            self.checks.readable(run)
            self.checks.resumed(run, suite, by_record=True)
        promise = "the run ends with a clear error and exit code 1 instead of announcing rows that are lost"
        if deed != "removed":
            promise += "; resume completes"
        return self.trials(promise, f"{fault} under a run", limit, trial, ["cli", "script"])

    @staticmethod
    def replace(run):
        (run.path / "other").write_bytes(b"")
        os.replace(run.path / "other", run.path / "index.jsonl")

    @staticmethod
    def cut(run):
        with open(run.path / "index.jsonl", "r+b") as index:
            index.truncate(len(index.readline()))

    # MARK: - Real disks

    def tmpfs(self, limit):
        """A disk that is full, and has room again before the resume."""
        outcome = Outcome(KEPT, "a tmpfs of 64 to 192 KiB that fills up")
        for number in limit:
            suite = ("mock", "cli", "mixed", "script")[number % 4]

            def trial():
                self.reference(suite)
                place = self.project.path / f"disk-{number}"
                place.mkdir()
                subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={64 + 16 * (number % 9)}k",
                                "tmpfs", place], check=True)
                try:
                    run = Run(place / "run")
                    self.faults.clear()
                    done = self.ran(suite, run, f"disk-{number}")
                    if done.returncode == 1:
                        outcome.count("full before the end")
                    subprocess.run(["mount", "-o", "remount,size=64m", place], check=True)
                    self.failed_or_same(outcome, suite, run, done, os.strerror(errno.ENOSPC))
                finally:
                    subprocess.run(["umount", "-l", place], check=True)
            outcome.trial(f"{suite} {number}", trial)
        outcome.counts.pop("ended with the error", None)
        return outcome

    @staticmethod
    def cannot_mount():
        """Why there can be no tmpfs here."""
        if os.geteuid() != 0:
            return "only root may mount a tmpfs"
        probe = subprocess.run(
            ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True)
        return None if probe.returncode == 0 else "this container may not mount a tmpfs"

    def read_only(self, limit):
        """A results directory that an ordinary user cannot write to."""
        outcome = Outcome(
            "the run refuses to start with a clear error and exit code 1; started again it completes",
            "a results directory without write permission, as an ordinary user")
        user = 65534 if os.geteuid() == 0 else os.geteuid()
        for number in limit:
            suite = ("mock", "mixed")[number % 2]

            def trial():
                wanted = self.reference(suite)
                place = self.project.path / f"own-{number}"
                place.mkdir()
                os.chown(place, user, -1)
                place.chmod(0o555)
                run = Run(place / "run")
                more = {"user": user, "binary": self.project.for_anybody / "agentv"}
                done = self.ran(suite, run, f"own-{number}", **more)
                demand(done.returncode == 1, "exit code", done.returncode)
                demand("Error: cannot create directory" in done.stderr
                       and "Permission denied" in done.stderr, "the error", done.stderr)
                place.chmod(0o755)
                done = self.ran(suite, run, f"own-{number}", **more)
                demand(done.returncode == wanted["code"], "exit code", done.returncode, done.stderr)
                demand(run.outcomes() == wanted["outcomes"], "another set of results")
            self.faults.clear()
            outcome.trial(f"{suite} {number}", trial)
        return outcome
