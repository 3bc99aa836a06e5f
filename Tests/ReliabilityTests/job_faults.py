"""A Studio on a machine that refuses: it serves on, says what is wrong, and works again afterwards."""

import errno
import os
import pathlib
import resource
import shutil
import threading
import time

import machine
from command_crash import Checks
from job_crash import JobCrash
from outcome import Outcome, demand
from project import Run
from server import Server, Stream

SERVES = "the server answers all the time, tells the error, loses no row, and starts the next run"


class Requests(threading.Thread):
    """Asks for things while something is broken, and keeps what was refused and how long it took."""

    PATHS = ["/healthz", "/api/runs", "/api/eval/runs", "/api/config", "/"]

    def __init__(self, server, paths=None):
        super().__init__(daemon=True)
        self.server = server
        self.paths = paths or self.PATHS
        self.times = []
        self.refused = []
        self.is_over = threading.Event()
        self.start()

    def run(self):
        number = 0
        while not self.is_over.wait(0.01):
            path = self.paths[number % len(self.paths)]
            number += 1
            begun = time.monotonic()
            try:
                answer = self.server.get(path)
                if answer.status != 200:
                    self.refused.append((path, answer.status))
            except OSError as error:
                self.refused.append((path, str(error)))
            self.times.append(time.monotonic() - begun)

    def finish(self, outcome):
        """At least once round."""
        deadline = time.monotonic() + 30
        while len(self.times) < len(self.paths) and time.monotonic() < deadline:
            time.sleep(0.01)
        self.is_over.set()
        self.join(60)
        demand(self.times and not self.refused, "requests are refused", self.refused[:5])
        outcome.note("slowest answer ms", max(self.times) * 1000)


class JobFaults:
    """Trials with a Studio of their own."""

    def __init__(self, project, faults, reference):
        self.project = project
        self.faults = faults
        self.reference = reference
        self.checks = Checks(project, reference)

    def started(self, environment=None, **more):
        server = Server(
            self.project, self.faults.environment() if environment is None else environment,
            ["--stop-grace", "3"])
        demand(server.start(**more), "the Studio does not start", server.said)
        demand(not any("memory only" in line for line in server.said), "it has no journal", server.said)
        return server

    def finished(self, outcome, server, job):
        """Waits for the end of a job and for the last of its processes."""
        stream = Stream(server, job["id"])
        stream.until_end()
        self.checks.gone(Run(self.project.path / job["run_dir"]), outcome, *JobCrash.marks(job))
        return server.job(job["id"])

    def next_run(self, outcome, server, suite="mock"):
        """A run after the fault is like any other."""
        answer = server.launch(suite)
        demand(answer.status == 202, "the next launch is refused", answer.status, answer.text)
        end = self.finished(outcome, server, answer.json)
        demand(end["outcome"] == "completed", "the next run", end["outcome"], end["reason"])

    def trials(self, fault, limit, body, promise=SERVES):
        outcome = Outcome(promise, fault)
        for number in limit:
            def trial():
                try:
                    body(outcome, number)
                finally:
                    self.faults.clear()
                    self.faults.pause(False)
            outcome.trial(str(number), trial)
        outcome.numbers.pop("gone after s", None)
        return outcome

    # MARK: - Errors of the system

    def errors(self, limit, number):
        """Everything that is written below .agentv fails, in the Studio, the holder and the run."""
        name = errno.errorcode[number]

        def trial(outcome, count):
            suite = ("mock", "cli")[count % 2]
            self.reference(suite)
            self.faults.plan(
                "studio hold eval", "error", "write fsync fdatasync create rename mkdir",
                path="/.agentv/", error=number, at=1)
            self.faults.pause()
            server = self.started()
            try:
                self.next_run(outcome, server)
                requests = Requests(server)
                if count % 3 == 0:
                    # From before the launch on.
                    self.faults.pause(False)
                    answer = server.launch(suite)
                else:
                    # In the middle.
                    answer = server.launch("cli")
                    time.sleep(0.05 * (count % 3))
                    self.faults.pause(False)
                if answer.status == 202:
                    end = self.finished(outcome, server, answer.json)
                    demand(end["status"] in ("failed", "finished"), "the job has no end", end)
                    demand(end["reason"] or end["outcome"] != "lost", "nobody says why", end)
                else:
                    demand(answer.status == 500 and os.strerror(number) in answer.text,
                           "the answer to the launch", answer.status, answer.text)
                requests.finish(outcome)
                self.faults.pause()
                self.next_run(outcome, server, suite)
                if answer.status == 202:
                    run = Run(self.project.path / answer.json["run_dir"])
                    self.checks.readable(run)
                    if run.record():
                        self.checks.resumed(run, "cli" if count % 3 else suite, by_record=True)
            finally:
                self.faults.pause()
                server.stop()
        return self.trials(f"{name} of everything that is written below .agentv", limit, trial)

    def spawn_failure(self, limit):
        def trial(outcome, count):
            self.faults.plan("studio", "error", "spawn", error=errno.EAGAIN, at=1)
            server = self.started()
            try:
                requests = Requests(server)
                answer = server.launch("mock")
                demand(answer.status == 202, "the launch", answer.status, answer.text)
                end = self.finished(outcome, server, answer.json)
                demand(end["outcome"] == "failed" and end["exit_code"] in (None, 126),
                       "the job", end["outcome"], end["exit_code"])
                demand("esource" in (end["reason"] or ""), "the reason", end["reason"])
                requests.finish(outcome)
                self.faults.pause()
                self.next_run(outcome, server)
            finally:
                server.stop()
        return self.trials("the holder cannot be started (EAGAIN of posix_spawn)", limit, trial)

    def no_open(self, limit):
        """No file can be opened from the start on, also not those that every start needs."""
        def trial(outcome, count):
            self.faults.plan("studio", "error", "create open", error=errno.EMFILE, at=1)
            self.faults.pause()
            server = self.started()
            try:
                self.faults.pause(False)
                requests = Requests(server, ["/healthz", "/api/eval/runs"])
                answer = server.launch("mock")
                if answer.status == 202:
                    end = self.finished(outcome, server, answer.json)
                    demand(end["status"] == "failed", "the job", end["status"])
                else:
                    demand(answer.status in (400, 500), "the launch", answer.status, answer.text)
                requests.finish(outcome)
                self.faults.pause()
                self.next_run(outcome, server)
            finally:
                self.faults.pause()
                server.stop()
        return self.trials("the server can open nothing (EMFILE)", limit, trial)

    def descriptors(self, limit):
        """A limit of open files below what is open: nothing can be opened or accepted."""
        def trial(outcome, count):
            self.faults.clear()
            server = self.started(environment={})
            try:
                self.next_run(outcome, server)
                before = len(os.listdir(f"/proc/{server.pid}/fd"))
                limits = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
                resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (before - 4, limits[1]))
                busy = machine.stat(server.pid) and self.processor_seconds(server.pid)
                held = []
                asked = threading.Thread(
                    target=lambda: held.append(server.get("/healthz", seconds=60)), daemon=True)
                asked.start()
                time.sleep(1)
                spent = self.processor_seconds(server.pid) - busy
                demand(spent < 0.5, "it spins while it cannot accept, s of processor time a second",
                       spent)
                resource.prlimit(server.pid, resource.RLIMIT_NOFILE, limits)
                asked.join(30)
                demand(held and held[0].status == 200, "who waited is not served")
                requests = Requests(server)
                self.next_run(outcome, server)
                requests.finish(outcome)
                time.sleep(0.2)
                after = len(os.listdir(f"/proc/{server.pid}/fd"))
                demand(after <= before + 8, "descriptors", before, after)
            finally:
                server.stop()
        return self.trials(
            "no descriptor is left for a second (EMFILE)", limit, trial,
            "the server does not spin, serves who waited, and starts the next run")

    @staticmethod
    def processor_seconds(pid):
        fields = machine.read(f"/proc/{pid}/stat").rsplit(b") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def clock_steps(self, limit):
        def trial(outcome, count):
            self.faults.plan("studio hold eval", "clock", "clock", at=1,
                             step=(3600, 86400 * 400)[count % 2])
            server = self.started()
            try:
                requests = Requests(server)
                self.next_run(outcome, server, "cli")
                answer = server.launch("long")
                demand(answer.status == 202, "the launch", answer.text)
                stream = Stream(server, answer.json["id"])
                stream.until(lambda s: s.rows(), "the first row")
                begun = time.monotonic()
                server.post(f"/api/eval/run/{answer.json['id']}/stop")
                end = self.finished(outcome, server, answer.json)
                outcome.note("stop took s", time.monotonic() - begun)
                demand(end["outcome"] == "stopped" and end["exit_code"] == 143, "the stop",
                       end["outcome"], end["exit_code"])
                requests.finish(outcome)
            finally:
                server.stop()
        return self.trials(
            "the clock of Studio, holder and run jumps by an hour, or by 400 days, forth and back",
            limit, trial, "runs complete, a stop takes no longer, the server answers all the time")

    def interrupted(self, limit):
        def trial(outcome, count):
            if count % 2:
                self.faults.plan("studio hold eval", "storm", micros=500)
            else:
                # What libevent writes into its own socket pair from a signal handler never waits.
                self.faults.plan(
                    "studio hold eval", "error",
                    "write read fsync fdatasync ftruncate create wait poll",
                    error=errno.EINTR, at=1, every=2, regular=1)
            server = self.started()
            try:
                requests = Requests(server)
                for suite in ("cli", "script"):
                    self.next_run(outcome, server, suite)
                requests.finish(outcome)
            finally:
                server.stop()
        return self.trials(
            "EINTR of every second call in Studio, holder and run, or a signal every 500 µs",
            limit, trial, "runs complete, the server answers all the time")

    def slow_disk(self, limit):
        def trial(outcome, count):
            self.faults.plan(
                "studio hold eval", "slow", "write fsync fdatasync create rename mkdir unlink",
                path="/.agentv/", at=1, micros=20_000)
            server = self.started()
            try:
                requests = Requests(server)
                self.next_run(outcome, server, "mock")
                requests.finish(outcome)
            finally:
                server.stop()
        return self.trials(
            "every call on a file below .agentv takes 20 ms, as on a slow NFS", limit, trial,
            "the loop does not wait for the disk: the server answers all the time")

    # MARK: - Directories that go away

    def removed(self, limit):
        """A run directory is deleted under a live job."""
        def trial(outcome, count):
            self.faults.clear()
            server = self.started(environment={})
            try:
                answer = server.launch("long")
                job = answer.json
                stream = Stream(server, job["id"])
                stream.until(lambda s: s.rows(), "the first row")
                requests = Requests(server)
                shutil.rmtree(self.project.path / job["run_dir"])
                if count % 2:
                    server.post(f"/api/eval/run/{job['id']}/stop")
                else:
                    # The test that is held does not end by itself, and is tried again.
                    mark = f"AGENTV_RUN_TIMESTAMP={pathlib.Path(job['run_dir']).name}".encode()
                    deadline = time.monotonic() + 60
                    while not stream.has_ended and time.monotonic() < deadline:
                        machine.kill(machine.processes(mark))
                        time.sleep(0.05)
                end = self.finished(outcome, server, job)
                demand(end["status"] == "failed", "the job", end["status"], end["outcome"])
                requests.finish(outcome)
                shown = [run["filename"] for run in server.get("/api/runs").json["runs"]]
                demand(job["run_id"] not in shown, "the list still has the run")
                self.next_run(outcome, server)
            finally:
                server.stop()
        return self.trials("the run directory of a live job is deleted", limit, trial)

    def read_only(self, limit):
        user = 65534 if os.geteuid() == 0 else os.geteuid()

        def trial(outcome, count):
            runs = self.project.path / f"project-{count}/.agentv/results"
            runs.mkdir(parents=True)
            place = runs.parents[1]
            shutil.copytree(self.project.path / "evals", place / "evals")
            shutil.copy(self.project.path / ".agentv/targets.yaml", place / ".agentv")
            for path in [place, place / ".agentv", runs]:
                os.chown(path, user, -1)
            runs.chmod(0o555)
            self.faults.clear()
            program = self.project.for_anybody
            server = Server(self.project, {}, ["--dir", place, "--web-root", program / "public"])
            demand(server.start(user=user, binary=program / "agentv"), "the Studio does not start",
                   server.said)
            try:
                requests = Requests(server)
                answer = server.launch("mock")
                demand(answer.status == 500 and answer.json["code"] == "run-directory-failed"
                       and "Permission denied" in answer.text, "the answer to the launch",
                       answer.status, answer.text)
                requests.finish(outcome)
                runs.chmod(0o755)
                answer = server.launch("mock")
                demand(answer.status == 202, "the launch", answer.status, answer.text)
                stream = Stream(server, answer.json["id"])
                stream.until_end()
                demand(stream.job["outcome"] == "completed", "the run", stream.job["outcome"])
            finally:
                server.stop()
        return self.trials(
            "results without write permission, as an ordinary user", limit, trial)
