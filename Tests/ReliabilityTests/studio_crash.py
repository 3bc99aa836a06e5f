"""SIGKILL of the Studio, alone and with everything below it, and what the next one makes of it."""

import random
import threading
import time

import machine
from command_crash import Checks
from job_crash import JobCrash
from outcome import Outcome, agreed, demand, place_of
from project import Run
from server import Server, Stream

PROMISE = (
    "a restarted Studio knows every job: live ones can be watched and stopped, ended ones have their "
    "end; streams go on; no finished row lost, resume completes to the same set")
# From the start of the next server until it tells of a job that lives.
ATTACH_SECONDS = 10


class StudioCrash(JobCrash):
    """Trials with a Studio each; nothing else of `JobCrash` but its checks and its resume."""

    def __init__(self, project, faults, reference, seed=3):
        self.project = project
        self.faults = faults
        self.reference = reference
        self.checks = Checks(project, reference)
        self.random = random.Random(seed)

    def trials(self, limit, fault, prepare, suites=None, victims="studio"):
        outcome = Outcome(PROMISE, fault)
        for number in limit:
            chosen = suites or self.project.names
            suite = chosen[number % len(chosen)]
            # It serves this trial alone, so that its journal is read from the disk each time.
            outcome.trial(f"{suite} {number}", lambda: self.trial(
                outcome, number, suite, prepare, victims))
        outcome.numbers.pop("gone after s", None)
        return outcome

    def trial(self, outcome, number, suite, prepare, victims):
        self.reference(suite)
        self.faults.clear()
        self.server = Server(self.project, self.faults.environment(), ["--stop-grace", "5"])
        self.checks.viewer = self.server
        before = set(self.project.runs.iterdir())
        strike = prepare(outcome, number, suite)
        stream = None
        try:
            job, stream = self.until_dead(outcome, suite, strike)
            self.faults.clear()
            demand(self.server.start(), "the Studio does not start again", self.server.said)
            if job is None:
                # It died before it could answer: whatever it had begun must be in order.
                job = self.begun(before)
            if job is None:
                return
            stream = stream or Stream(self.server, job["id"])
            self.attached(outcome, job, stream)
            run = self.run_of(job)
            end = self.ended(outcome, job, stream, run)
            listed = [each["id"] for each in self.server.get("/api/eval/runs").json["runs"]]
            demand(listed.count(job["id"]) == 1, "the list of jobs", listed)
            demand(victims != "studio" or end["outcome"] != "lost", "the job is lost",
                   end["reason"])
            self.resumed(outcome, run, suite)
            self.project.forget(run)
        finally:
            self.faults.clear()
            if stream:
                stream.cancel()
            self.server.stop()

    def until_dead(self, outcome, suite, strike):
        """Starts a server and a run and waits until it is dead; the job, if it told of one."""
        if not self.server.start():
            outcome.count("killed before the end of the run")
            return None, None
        job = stream = None
        try:
            answer = self.server.launch(suite)
            demand(answer.status == 202, "the launch is refused", answer.status, answer.text)
            job = answer.json
            stream = Stream(self.server, job["id"])
        except OSError:
            pass
        finally:
            timer = strike(job) if strike else None
        deadline = time.monotonic() + 60
        while self.server.process.poll() is None and time.monotonic() < deadline:
            if stream is None or stream.has_ended:
                break
            time.sleep(0.005)
        if timer:
            # It is for this server, not for the next.
            timer.cancel()
            timer.join()
        if self.server.process.poll() is not None:
            outcome.count("killed before the end of the run")
        else:
            self.server.kill()
        return job, stream

    def begun(self, before):
        """The job of a run directory that was made in this trial, if there is one."""
        for path in set(self.project.runs.iterdir()) - before:
            for folder in path.glob(".jobs/*"):
                if (folder / "launch.json").exists():
                    deadline = time.monotonic() + ATTACH_SECONDS
                    while not (job := self.server.job(folder.name)):
                        demand(time.monotonic() < deadline, "a job that was begun is not known",
                               folder, self.server.said)
                        time.sleep(0.01)
                    return job
        return None

    def attached(self, outcome, job, stream):
        """The new server knows the job; one that lives can be watched, and stopped."""
        while not (now := self.server.job(job["id"])):
            demand(time.monotonic() - self.server.started < ATTACH_SECONDS, "the job is not known",
                   job["id"], self.server.said)
            time.sleep(0.005)
        outcome.note("known after s", time.monotonic() - self.server.started)
        if now["finished_at"] is None and self.random.random() < 0.3:
            answer = self.server.post(f"/api/eval/run/{job['id']}/stop")
            demand(answer.status == 200, "the stop is refused", answer.status, answer.text)

    # MARK: - Trials

    def at_random(self, limit, everything=False, suites=None):
        def prepare(outcome, number, suite):
            seconds = self.random.uniform(0, self.reference(suite)["seconds"] * 1.2)

            def strike(job):
                timer = threading.Timer(seconds, self.strike_server, (everything,))
                timer.daemon = True
                timer.start()
                return timer
            return strike
        who = "the Studio, its holders, runs and guards" if everything else "the Studio"
        return self.trials(limit, f"SIGKILL of {who} at a random instant", prepare, suites,
                           "all" if everything else "studio")

    def strike_server(self, everything):
        pid = self.server.pid
        below = []
        if everything:
            level = [pid]
            while level:
                level = [child for parent in level for child in machine.children(parent)
                         if b"agentv" in machine.read(f"/proc/{child}/comm")]
                below += level
        machine.kill([pid, *below])

    def at_each_call(self, limit, suites=None):
        """Death of the server at the n-th change from its own start on."""
        calls = {}

        def prepare(outcome, number, suite):
            if suite not in calls:
                calls[suite] = agreed(f"studio-{suite}", self.counted(suite))
            place = place_of(number, len(suites or self.project.names), calls[suite])
            outcome.cover(suite, place, calls[suite])
            self.faults.plan("studio", "kill", at=place)
        return self.trials(
            limit, "the Studio dead at the n-th system call that changes something", prepare, suites)

    def counted(self, suite):
        server = Server(self.project, self.faults.environment())
        self.faults.plan("studio", "none")
        server.start()
        stream = Stream(server, server.launch(suite).json["id"])
        stream.until_end()
        count = self.faults.calls
        self.faults.clear()
        server.stop()
        return count
