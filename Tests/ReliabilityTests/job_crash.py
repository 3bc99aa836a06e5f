"""SIGKILL of the holder and of the run below a Studio, at random and at the n-th change they make."""

import random
import threading
import time

import machine
from command_crash import PROMISE, Checks
from outcome import Outcome, agreed, demand, place_of
from project import Run
from server import Server, Stream


class JobCrash:
    """Trials with runs that one Studio launches; it lives through all of them."""

    def __init__(self, project, faults, reference, seed=2):
        self.project = project
        self.faults = faults
        self.reference = reference
        self.server = Server(project, faults.environment(), ["--stop-grace", "5"])
        faults.clear()
        self.server.start()
        self.checks = Checks(project, self.reference, viewer=self.server)
        self.random = random.Random(seed)

    def close(self):
        self.server.stop()

    # MARK: - Steps of a trial

    def launched(self, suite, **more):
        answer = self.server.launch(suite, **more)
        demand(answer.status == 202, "the launch is refused", answer.status, answer.text)
        job = answer.json
        return job, Stream(self.server, job["id"])

    def run_of(self, job):
        return Run(self.project.path / job["run_dir"])

    @staticmethod
    def marks(job):
        """What is found in every process of a job."""
        return (f"AGENTV_JOB_ID={job['id']}".encode(), f"/.jobs/{job['id']}/launch.json".encode())

    def ended(self, outcome, job, stream, run):
        """What must hold once the stream has told the end."""
        stream.until_end()
        stopped = time.monotonic()
        self.checks.gone(run, outcome, *self.marks(job), begun=stopped)
        end = self.server.job(job["id"])
        demand(end is not None, "the Studio forgot the job")
        demand(end["status"] in ("finished", "failed"), "the job has no end", end["status"])
        demand((end["status"] == "finished") == (end["exit_code"] == 0), "status and exit code",
               end["status"], end["exit_code"])
        demand(end["outcome"] in ("completed", "stopped", "failed", "lost"), "outcome",
               end["outcome"])
        self.agree(end, run)
        told = {Stream.key(row) for row in stream.rows()}
        known = {Stream.key({**row, "requested_target": row.get("requested_target")})
                 for row in run.rows()}
        demand(told <= known, "rows were told that are not in the index", told - known)
        if any(name == "end" for name, _ in stream.snapshot_events()):
            demand(known <= told, "rows of the index were not told", known - told,
                   stream.summary(), end["outcome"], end["reason"])
        demand(not stream.repeated(), "the stream", stream.repeated())
        self.checks.readable(run)
        return end

    @staticmethod
    def agree(end, run):
        """The job, the holder's record and the run's own record do not contradict each other."""
        record = run.record()
        if end["outcome"] == "completed":
            demand(record and record["completion"] == "completed", "completed, but run.json says",
                   record and record["completion"])
        if record and record["completion"] == "running":
            demand(end["outcome"] in ("failed", "lost", "stopped"), "the run was killed, but",
                   end["outcome"])
        if end["outcome"] == "lost":
            demand(not (run.path / f".jobs/{end['id']}/end.json").exists(),
                   "lost, although the holder left a record")

    def resumed(self, outcome, run, suite):
        """Through the Studio where it can be, as a person would; else as a new launch."""
        record = run.record()
        if not record:
            return self.checks.resumed(run, suite, by_record=False)

        def resume():
            self.faults.clear()
            job, stream = self.launched(suite, resume=True, output=str(run.path))
            stream.until_end()
            self.checks.gone(run, outcome, *self.marks(job))
            end = self.server.job(job["id"])
            demand(end["outcome"] == "completed", "the resumed job", end["outcome"], end["reason"])
            return end["exit_code"]
        return self.checks.resumed(run, suite, by_record=True, resume=resume)

    # MARK: - Trials

    def at_random(self, limit, victims, suites=None):
        """SIGKILL from outside: `run`, `holder`, or both at the same time."""
        outcome = Outcome(PROMISE, f"SIGKILL below a Studio of the {' and the '.join(victims)} at a random instant")
        for number in limit:
            suite = self.random.choice(suites or self.project.names)

            def trial():
                seconds = self.reference(suite)["seconds"]
                self.faults.clear()
                job, stream = self.launched(suite)
                timer = threading.Timer(
                    self.random.uniform(0, seconds), self.strike, (job, victims))
                timer.start()
                try:
                    run = self.run_of(job)
                    self.ended(outcome, job, stream, run)
                    self.resumed(outcome, run, suite)
                    self.project.forget(run)
                finally:
                    timer.cancel()
                    stream.cancel()
            outcome.trial(f"{suite} {number}", trial)
        return outcome

    def strike(self, job, victims):
        """Kills the holder's process, that of the run, or both in one go."""
        now = self.server.job(job["id"])
        if not now or not now["pid"]:
            return
        holder = now["pid"]
        run = machine.children(holder)
        machine.kill(([holder] if "holder" in victims else []) + (run if "run" in victims else []))

    def at_each_call(self, limit, roles, kill="self", suites=None):
        names = {"hold": "the holder", "eval": "the run", "hold eval": "the holder or the run"}
        who = names[roles] if kill == "self" else "the run, its holder and its guard"
        outcome = Outcome(
            PROMISE, f"{who} below a Studio dead at the n-th system call that changes something")
        calls = {}
        for number in limit:
            chosen = suites or self.project.names
            suite = chosen[number % len(chosen)]

            def trial():
                if suite not in calls:
                    self.faults.plan(roles, "none")
                    job, stream = self.launched(suite)
                    self.ended(outcome, job, stream, self.run_of(job))
                    calls[suite] = agreed(
                        f"{roles.replace(' ', '-')}-{suite}", self.faults.calls)
                place = place_of(number, len(chosen), calls[suite])
                outcome.cover(suite, place, calls[suite])
                self.faults.plan(roles, "kill", at=place, kill=kill)
                job, stream = self.launched(suite)
                run = self.run_of(job)
                try:
                    end = self.ended(outcome, job, stream, run)
                    if self.faults.happened:
                        # One that dies after its last word has run to its end.
                        record = run.record()
                        demand(end["outcome"] in ("failed", "lost") or roles != "eval"
                               or record and record["completion"] == "completed",
                               "the run was killed, but", end["outcome"])
                        outcome.count("killed before the end")
                    self.faults.clear()
                    self.resumed(outcome, run, suite)
                    self.project.forget(run)
                finally:
                    self.faults.clear()
                    stream.cancel()
            outcome.trial(f"{suite} {number}", trial)
        return outcome
