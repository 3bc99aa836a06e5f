"""Stops of runs whose Studio was killed: asked of the next one, or of the one that died of it."""

import http.client
import threading
import time

import machine
from outcome import Outcome, agreed, demand, place_of
from server import Server, Stream
from studio_crash import ATTACH_SECONDS, StudioCrash

PROMISE = (
    "a run whose Studio was killed can be stopped: outcome, exit code 143, reason and actor are told, "
    "nothing is left alive, finished rows stay, resume completes to the same set")
# A run in which one test does not end by itself.
SUITE = "long"
# From the stop until its end; the run obeys at once.
STOP_SECONDS = 20


class Adoption(StudioCrash):
    """Trials with a Studio that dies and one that takes over."""

    def reference_of_long(self):
        """The held test ends when the file is there."""
        self.release()
        try:
            return self.reference(SUITE)
        finally:
            self.hold()

    def release(self):
        (self.project.path / "let-go").touch()

    def hold(self):
        (self.project.path / "let-go").unlink(missing_ok=True)

    def adopted(self, limit, fault, trial):
        outcome = Outcome(PROMISE, fault)
        for number in limit:
            outcome.trial(f"{SUITE} {number}", lambda: self.in_order(outcome, number, trial))
        outcome.numbers.pop("gone after s", None)
        return outcome

    def in_order(self, outcome, number, trial):
        self.reference_of_long()
        self.faults.clear()
        self.server = Server(self.project, self.faults.environment(), ["--stop-grace", "5"])
        self.checks.viewer = self.server
        self.stream = None
        try:
            trial(outcome, number)
        finally:
            self.faults.clear()
            self.faults.pause(False)
            self.release()
            if self.stream:
                self.stream.cancel()
            self.server.stop()
            self.hold()

    # MARK: - Steps

    def running(self):
        """A server with a run in the middle of its held test."""
        demand(self.server.start(), "the Studio does not start", self.server.said)
        answer = self.server.launch(SUITE)
        demand(answer.status == 202, "the launch is refused", answer.status, answer.text)
        self.stream = Stream(self.server, answer.json["id"])
        self.stream.until(lambda stream: stream.rows(), "the first row")
        return answer.json

    def post_stop(self, job):
        """Whether the stop was answered with 200."""
        try:
            answer = self.server.post(
                f"/api/eval/run/{job['id']}/stop", {"reason": "enough"})
            demand(answer.status == 200, "the stop is refused", answer.status, answer.text)
            return True
        except (OSError, http.client.HTTPException):
            return False

    def again(self):
        """The next server, on the same port."""
        self.faults.clear()
        if self.server.process.poll() is None:
            self.server.kill()
        demand(self.server.start(), "the Studio does not start again", self.server.said)

    def known(self, job):
        while not (now := self.server.job(job["id"])):
            demand(time.monotonic() - self.server.started < ATTACH_SECONDS, "the job is not known",
                   job["id"], self.server.said)
            time.sleep(0.005)
        return now

    def stopped(self, outcome, job, begun):
        """What must hold after the end of a stopped run, and of its resume."""
        self.stream.until_end(STOP_SECONDS)
        outcome.note("ended after s", time.monotonic() - begun)
        run = self.run_of(job)
        end = self.ended(outcome, job, self.stream, run)
        demand(end["outcome"] == "stopped" and end["exit_code"] == 143, "the end", end["outcome"],
               end["exit_code"], end["reason"])
        demand(end["reason"] == "enough" and end["actor"] == "api", "who and why",
               end["actor"], end["reason"])
        demand(not (end["census"] or {}).get("remaining"), "the census", end["census"])
        self.release()
        self.resumed(outcome, run, SUITE)
        self.project.forget(run)

    # MARK: - Trials

    def stopped_after(self, limit):
        """The Studio is killed, the next one adopts the run and is asked to stop it."""
        def trial(outcome, number):
            job = self.running()
            self.server.kill()
            time.sleep(self.random.uniform(0, 0.05))
            self.again()
            now = self.known(job)
            demand(now["finished_at"] is None and now["outcome"] is None, "the run is not live",
                   now["status"], now["outcome"])
            outcome.note("known after s", time.monotonic() - self.server.started)
            begun = time.monotonic()
            demand(self.post_stop(job), "the stop is not answered")
            self.stopped(outcome, job, begun)
        return self.adopted(
            limit, "SIGKILL of the Studio during a run; the next one is asked to stop it", trial)

    def stopped_before(self, limit):
        """The Studio is asked to stop the run and killed a moment later."""
        def trial(outcome, number):
            job = self.running()
            timer = threading.Timer(
                self.random.uniform(0, 0.03), machine.kill, ([self.server.pid],))
            timer.start()
            self.carried_out(outcome, job, self.post_stop(job), timer)
        return self.adopted(
            limit, "SIGKILL of the Studio at a random instant of a stop; one that was answered is "
            "carried out by the next without being asked again", trial)

    def stopped_at_each_call(self, limit):
        counted = []

        def trial(outcome, number):
            if not counted:
                counted.append(agreed("stop", self.counted_stop()))
            place = place_of(number, 1, counted[0])
            outcome.cover(SUITE, place, counted[0])
            self.faults.plan("studio", "kill", at=place)
            # Counted from the stop on.
            self.faults.pause()
            job = self.running()
            self.faults.pause(False)
            self.carried_out(outcome, job, self.post_stop(job))
        return self.adopted(
            limit, "the Studio dead at the n-th system call after a stop was asked for; one that was "
            "answered is carried out by the next without being asked again", trial)

    def stopped_unclaimed(self, limit):
        """The holder has been started and comes slowly; the next Studio is asked to stop the job."""
        def trial(outcome, number):
            self.faults.plan(
                "hold", "slow", "create", path="holder.json", at=1,
                micros=int(self.random.uniform(50_000, 800_000)))
            demand(self.server.start(), "the Studio does not start", self.server.said)
            answer = self.server.launch(SUITE)
            demand(answer.status == 202, "the launch is refused", answer.status, answer.text)
            job = answer.json
            self.stream = Stream(self.server, job["id"])
            time.sleep(self.random.uniform(0, 0.2))
            self.again()
            self.known(job)
            demand(self.post_stop(job), "the stop is not answered")
            self.stream.until_end(STOP_SECONDS)
            run = self.run_of(job)
            # The holder itself may still find out that it has come too late.
            self.checks.gone(run, outcome, *self.marks(job))
            ran = len(run.rows())
            demand(ran == len(self.stream.rows()), "it ran although it was told as stopped", ran)
            demand(self.server.job(job["id"])["outcome"] == "stopped", "the outcome")
            self.project.forget(run)
        return self.adopted(
            limit, "SIGKILL of the Studio while a holder starts; the next one is asked to stop", trial)

    def carried_out(self, outcome, job, answered, timer=None):
        """Waits for the death of the server that was asked to stop, and looks at the next."""
        if timer:
            timer.join()
        else:
            deadline = time.monotonic() + 10
            while self.server.process.poll() is None and time.monotonic() < deadline:
                if self.stream.has_ended:
                    break
                time.sleep(0.002)
        self.again()
        begun = time.monotonic()
        now = self.known(job)
        if answered:
            outcome.count("answered before the death")
        elif now["finished_at"] is None and not now["stopping"]:
            demand(self.post_stop(job), "the stop is not answered")
        self.stopped(outcome, job, begun)

    def counted_stop(self):
        """Calls of the server during a stop."""
        self.faults.plan("studio", "none")
        self.faults.pause()
        job = self.running()
        self.faults.pause(False)
        self.post_stop(job)
        self.stream.until_end(STOP_SECONDS)
        calls = self.faults.calls
        self.server.stop()
        self.faults.clear()
        self.stream.cancel()
        return calls
