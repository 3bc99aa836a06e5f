"""Output without end: what is kept of it, in memory and on the disk, and a stop in the middle."""

import os
import signal
import subprocess
import threading
import time

import machine
import sanitizers
from job_crash import JobCrash
from job_faults import Requests
from outcome import Outcome, demand
from project import Run, announced
from server import Stream

MEBIBYTE = 1 << 20
# What a job may keep: the head and the tail of its output, and a little for its records.
KEPT_BYTES = 66 * MEBIBYTE
# Of a process that only passes output on; not judged of a sanitizer's, which has shadows of it all.
MEMORY_MEBIBYTES = 200
STOP_SECONDS = 20
# `loud` writes into the output of the run itself, `wordy` into the pipe of its command.
PLACES = {"loud": "/proc/$PPID/fd/1", "wordy": "/dev/stdout"}
SCRIPT = """\
case {mebibytes} in
  0) yes 'a line of a flood that nobody can read' > "$1";;
  *) yes 'a line of a flood that nobody can read' | head -c {mebibytes}M > "$1";;
esac
echo fine > "$3"
"""


class Resident(threading.Thread):
    """The most memory that a process was seen to hold."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid = pid
        self.mebibytes = 0
        self.is_over = threading.Event()
        self.start()

    def run(self):
        while not self.is_over.wait(0.02):
            for line in machine.read(f"/proc/{self.pid}/status").splitlines():
                if line.startswith(b"VmHWM"):
                    self.mebibytes = max(self.mebibytes, int(line.split()[1]) / 1024)


class Floods:
    """Trials of `agentv eval` and of a Studio whose runs print without end."""

    def __init__(self, commands, job_faults):
        self.commands = commands
        self.project = commands.project
        self.faults = commands.faults
        self.checks = commands.checks
        self.job_faults = job_faults
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            # As a shell starts what is in the background; runs would inherit it, and obey it.
            signal.signal(signal.SIGINT, signal.default_int_handler)
        targets = self.project.path / ".agentv/targets.yaml"
        targets.write_text(targets.read_text() + "".join(
            f"  - {{name: {name}, provider: cli, cwd: .., "
            f"command: \"sh flood.sh {place} {{PROMPT_FILE}} {{OUTPUT_FILE}}\"}}\n"
            for name, place in PLACES.items()))
        for name in PLACES:
            self.project.suite(f"flood-{name}", name, ["say"], workers=1)

    def prepare(self, mebibytes):
        """How much the next commands print; 0: without end."""
        self.faults.clear()
        self.project.write("flood.sh", SCRIPT.format(mebibytes=mebibytes))

    def trials(self, promise, fault, limit, body):
        outcome = Outcome(promise, fault)
        for number in limit:
            name = list(PLACES)[number % 2]
            outcome.trial(f"{name} {number}", lambda: body(outcome, name, number))
        outcome.numbers.pop("gone after s", None)
        return outcome

    def within(self, outcome, watched):
        for who, resident in watched.items():
            resident.is_over.set()
            outcome.note(f"{who} MiB", resident.mebibytes)
            demand(resident.mebibytes < MEMORY_MEBIBYTES or sanitizers.is_on(), f"memory of the {who} in MiB",
                   resident.mebibytes)

    def kept(self, outcome, path):
        """What the run directory holds."""
        size = sum(os.lstat(os.path.join(folder, name)).st_blocks * 512
                   for folder, _, names in os.walk(path) for name in names)
        outcome.note("kept MiB", size / MEBIBYTE)
        demand(size <= KEPT_BYTES, "bytes below the run directory", size)

    @staticmethod
    def shown(mebibytes):
        return f"{mebibytes} MiB" if mebibytes < 1000 else f"{mebibytes / 1024:g} GB"

    # MARK: - Below a Studio

    def launched(self, server, name):
        answer = server.launch(f"flood-{name}")
        demand(answer.status == 202, "the launch", answer.text)
        stream = Stream(server, answer.json["id"])
        stream.until(lambda s: s.job and s.job["pid"], "the holder")
        watched = {"Studio": Resident(server.pid), "holder": Resident(stream.job["pid"])}
        deadline = time.monotonic() + 30
        while not (run := machine.children(stream.job["pid"])):
            demand(time.monotonic() < deadline, "the holder starts nothing")
        watched["run"] = Resident(run[0])
        return answer.json, stream, watched

    def studio(self, limit, mebibytes):
        """A run prints so much, or a command that it calls does."""
        def trial(outcome, name, number):
            self.prepare(mebibytes)
            server = self.job_faults.started(environment={})
            try:
                requests = Requests(server)
                job, stream, watched = self.launched(server, name)
                path = self.project.path / job["run_dir"]
                stream.until_end(600)
                self.within(outcome, watched)
                end = server.job(job["id"])
                demand(end["outcome"] == "completed", "the run", end["outcome"], end["reason"])
                self.kept(outcome, path)
                if name == "loud" and mebibytes > 65:
                    tail = (path / "console.log").read_bytes()[-131072:]
                    demand(b"bytes of output left out here" in tail, "nothing tells of the cut")
                demand(not stream.repeated(), "the stream", stream.repeated())
                requests.finish(outcome)
                self.project.forget(Run(path))
            finally:
                server.stop()
        return self.trials(
            "what is kept and memory are bounded, the server answers all the time",
            f"a run of a Studio prints {self.shown(mebibytes)}, or a command that it calls does",
            limit, trial)

    def studio_stopped(self, limit):
        def trial(outcome, name, number):
            self.prepare(0)
            server = self.job_faults.started(environment={})
            try:
                requests = Requests(server)
                job, stream, watched = self.launched(server, name)
                path = self.project.path / job["run_dir"]
                if name == "loud":
                    stream.until(lambda s: any(e == "output" for e, _ in s.snapshot_events()),
                                 "output")
                time.sleep(0.5)
                begun = time.monotonic()
                server.post(f"/api/eval/run/{job['id']}/stop")
                stream.until_end(STOP_SECONDS)
                outcome.note("stop took s", time.monotonic() - begun)
                self.within(outcome, watched)
                self.checks.gone(Run(path), outcome, *JobCrash.marks(job))
                end = server.job(job["id"])
                demand(end["outcome"] == "stopped" and end["exit_code"] == 143, "the stop",
                       end["outcome"], end["exit_code"])
                self.kept(outcome, path)
                requests.finish(outcome)
                self.project.forget(Run(path))
            finally:
                server.stop()
        return self.trials(
            "a stop takes effect, what is kept and memory are bounded, the server answers all the time",
            "a run of a Studio, or a command that it calls, prints without end", limit, trial)

    # MARK: - In a terminal

    def started(self, name, mark):
        run = self.commands.new_run()
        process = self.project.start(
            *self.project.launch(f"flood-{name}"), "--output", run.path, mark=mark,
            stderr=subprocess.DEVNULL)
        head = bytearray()

        def drain():
            # A terminal reads all of it; the trial needs the lines of the run itself.
            while data := process.stdout.read1(MEBIBYTE):
                if not data.startswith(b"a line of a flood"):
                    head.extend(data)
                del head[:-MEBIBYTE]
        reader = threading.Thread(target=drain, daemon=True)
        reader.start()
        return run, process, reader, head, Resident(process.pid)

    def command(self, limit, mebibytes):
        def trial(outcome, name, number):
            self.prepare(mebibytes)
            run, process, reader, head, resident = self.started(name, f"flood-{number}")
            code = process.wait(600)
            reader.join(60)
            self.within(outcome, {"run": resident})
            demand(code == 0, "exit code", code)
            demand(len(run.effective()) == 1, "rows", len(run.effective()))
            self.checks.kept(run, announced(bytes(head)))
            self.kept(outcome, run.path)
            self.checks.gone(run, outcome, f"AGENTV_RELIABILITY=flood-{number}".encode())
            self.project.forget(run)
        return self.trials(
            "what is kept and memory are bounded, the run completes",
            f"a command of a run in a terminal prints {self.shown(mebibytes)}, into its pipe or past it",
            limit, trial)

    def command_stopped(self, limit):
        def trial(outcome, name, number):
            self.prepare(0)
            run, process, reader, _, resident = self.started(name, f"flood-{number}")
            mark = f"AGENTV_RELIABILITY=flood-{number}".encode()
            deadline = time.monotonic() + 60
            while not any("yes" in command for command in machine.processes(mark).values()):
                demand(time.monotonic() < deadline, "nothing floods")
                time.sleep(0.01)
            time.sleep(0.5)
            begun = time.monotonic()
            process.send_signal(signal.SIGINT)
            try:
                code = process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                machine.kill(machine.processes(mark))
                demand(False, "it does not stop")
            outcome.note("stop took s", time.monotonic() - begun)
            self.within(outcome, {"run": resident})
            demand(code == 130, "exit code", code)
            self.checks.gone(run, outcome, mark)
            reader.join(60)
            self.kept(outcome, run.path)
            demand(not run.rows(), "a stopped test left a row", run.rows())
            self.project.forget(run)
        return self.trials(
            "Ctrl+C takes effect with exit code 130, what is kept and memory are bounded",
            "a command of a run in a terminal prints without end, into its pipe or past it",
            limit, trial)
