"""All experiments by name: bounded in CI, long by `bench/reliability`."""

import dataclasses
import errno
import functools
import os
import tempfile
import typing

import sanitizers
from adoption import Adoption
from command_crash import CommandCrash, Reference
from command_faults import CommandFaults
from faults import Faults
from floods import Floods
from job_crash import JobCrash
from job_faults import JobFaults
from project import Project
from studio_crash import StudioCrash


class Context:
    """What experiments share: a project, the interposed library, a Studio that reads."""

    def __init__(self, agentv, tools=None, seed=None):
        self.agentv = agentv
        self.tools = tools
        self.seed = seed if seed is not None else int.from_bytes(os.urandom(4), "big")
        self.scratch = tempfile.TemporaryDirectory(prefix="agentv-faults-")
        self.opened = []

    def keep(self, thing):
        self.opened.append(thing)
        return thing

    @functools.cached_property
    def faults(self):
        return Faults(self.scratch.name)

    @functools.cached_property
    def project(self):
        """The project of one Studio, which lives all the time and also reads what commands wrote."""
        return self.keep(Project(self.agentv, self.tools))

    @functools.cached_property
    def reference(self):
        return Reference(self.project, self.faults)

    @functools.cached_property
    def jobs(self):
        return self.keep(JobCrash(self.project, self.faults, self.reference, seed=self.seed))

    @functools.cached_property
    def commands(self):
        return CommandCrash(
            self.project, self.faults, self.reference, self.jobs.server, self.seed)

    @functools.cached_property
    def command_faults(self):
        return CommandFaults(self.commands)

    @functools.cached_property
    def changing(self):
        """The project of Studios that come and go: a journal has one Studio at a time."""
        return self.keep(Project(self.agentv, self.tools))

    @functools.cached_property
    def changing_reference(self):
        return Reference(self.changing, self.faults)

    @functools.cached_property
    def studios(self):
        return StudioCrash(self.changing, self.faults, self.changing_reference, self.seed)

    @functools.cached_property
    def adoptions(self):
        return Adoption(self.changing, self.faults, self.changing_reference, self.seed)

    @functools.cached_property
    def job_faults(self):
        return JobFaults(self.changing, self.faults, self.changing_reference)

    @functools.cached_property
    def floods(self):
        commands = CommandCrash(
            self.changing, self.faults, self.changing_reference, seed=self.seed)
        return Floods(commands, self.job_faults)

    def close(self):
        for thing in reversed(self.opened):
            thing.close()
        self.scratch.cleanup()


# MiB of a flood; a sanitizer looks at each byte of it, so that less has to do.
GIGABYTE = 80 if sanitizers.is_on() else 1024


@dataclasses.dataclass
class Experiment:
    """Trials of one promise under one fault."""

    name: str
    # From a context and a limit to an outcome.
    run: typing.Callable
    # Trials in CI, and their share of the trials that the long command is asked for.
    trials: int
    share: float
    # Why it cannot be done here, if it cannot.
    missing: typing.Callable = lambda: None


EXPERIMENTS = [
    Experiment("command-random", lambda c, n: c.commands.at_random(n), 2, 1),
    Experiment("command-call", lambda c, n: c.commands.at_each_call(n), 6, 3),
    Experiment("command-torn", lambda c, n: c.commands.at_each_call(n, torn=True), 2, 1),
    Experiment("command-guard-random", lambda c, n: c.commands.at_random(n, guard=True), 1, 0.5),
    Experiment(
        "command-guard-call", lambda c, n: c.commands.at_each_call(n, kill="run"), 2, 0.5),
    Experiment("job-run-random", lambda c, n: c.jobs.at_random(n, ["run"]), 1, 0.5),
    Experiment("job-holder-random", lambda c, n: c.jobs.at_random(n, ["holder"]), 1, 0.5),
    Experiment("job-both-random", lambda c, n: c.jobs.at_random(n, ["run", "holder"]), 1, 0.5),
    Experiment("job-holder-call", lambda c, n: c.jobs.at_each_call(n, "hold"), 3, 1),
    Experiment("job-run-call", lambda c, n: c.jobs.at_each_call(n, "eval"), 1, 3),
    Experiment("job-all-call", lambda c, n: c.jobs.at_each_call(n, "hold eval", "run"), 2, 1),
    Experiment("studio-random", lambda c, n: c.studios.at_random(n), 1, 1),
    Experiment("studio-all-random", lambda c, n: c.studios.at_random(n, everything=True), 1, 1),
    # Two suites, so that as many trials as it makes calls fit into an hour.
    Experiment("studio-call", lambda c, n: c.studios.at_each_call(n, ["cli", "mock"]), 2, 1.5),
    Experiment("adopted-stop", lambda c, n: c.adoptions.stopped_after(n), 1, 0.5),
    Experiment("adopted-stopping", lambda c, n: c.adoptions.stopped_before(n), 1, 0.5),
    Experiment("adopted-unclaimed", lambda c, n: c.adoptions.stopped_unclaimed(n), 1, 0.2),
    Experiment("adopted-stopping-call", lambda c, n: c.adoptions.stopped_at_each_call(n), 1, 0.5),
    Experiment("disk-full", lambda c, n: c.command_faults.errors(n, errno.ENOSPC), 2, 1),
    Experiment("disk-broken", lambda c, n: c.command_faults.errors(n, errno.EIO), 2, 1),
    Experiment(
        "descriptors",
        lambda c, n: c.command_faults.errors(
            n, errno.EMFILE, "create open spawn", path=""), 2, 1),
    Experiment(
        "disk-small", lambda c, n: c.command_faults.tmpfs(n), 1, 0.5, CommandFaults.cannot_mount),
    Experiment("read-only", lambda c, n: c.command_faults.read_only(n), 1, 0.05),
    Experiment("spawn", lambda c, n: c.command_faults.spawn_failure(n), 1, 0.3),
    Experiment("interrupted", lambda c, n: c.command_faults.interrupted(n), 2, 0.5),
    Experiment("short-writes", lambda c, n: c.command_faults.short_writes(n), 1, 0.2),
    Experiment("slow-disk", lambda c, n: c.command_faults.slow_disk(n), 1, 0.1),
    Experiment("clock", lambda c, n: c.command_faults.clock_steps(n), 1, 0.2),
    Experiment("reader-gone", lambda c, n: c.command_faults.reader_gone(n), 1, 0.3),
    Experiment("removed", lambda c, n: c.command_faults.hands(n, "removed"), 1, 0.2),
    Experiment("replaced", lambda c, n: c.command_faults.hands(n, "replaced"), 1, 0.2),
    Experiment("cut", lambda c, n: c.command_faults.hands(n, "cut"), 1, 0.2),
    Experiment("studio-disk-full", lambda c, n: c.job_faults.errors(n, errno.ENOSPC), 1, 0.3),
    Experiment("studio-disk-broken", lambda c, n: c.job_faults.errors(n, errno.EIO), 1, 0.3),
    Experiment("studio-descriptors", lambda c, n: c.job_faults.descriptors(n), 1, 0.1),
    Experiment("studio-no-open", lambda c, n: c.job_faults.no_open(n), 1, 0.1),
    Experiment("studio-spawn", lambda c, n: c.job_faults.spawn_failure(n), 1, 0.1),
    Experiment("studio-interrupted", lambda c, n: c.job_faults.interrupted(n), 2, 0.1),
    Experiment("studio-slow-disk", lambda c, n: c.job_faults.slow_disk(n), 1, 0.1),
    Experiment("studio-clock", lambda c, n: c.job_faults.clock_steps(n), 1, 0.1),
    Experiment("studio-removed", lambda c, n: c.job_faults.removed(n), 1, 0.1),
    Experiment("studio-read-only", lambda c, n: c.job_faults.read_only(n), 1, 0.05),
    Experiment("flood-studio", lambda c, n: c.floods.studio(n, GIGABYTE), 0, 0.05),
    Experiment("flood-studio-small", lambda c, n: c.floods.studio(n, 80), 1, 0),
    Experiment("flood-studio-stop", lambda c, n: c.floods.studio_stopped(n), 1, 0.1),
    Experiment("flood-command", lambda c, n: c.floods.command(n, GIGABYTE), 0, 0.05),
    Experiment("flood-command-small", lambda c, n: c.floods.command(n, 80), 1, 0),
    Experiment("flood-command-stop", lambda c, n: c.floods.command_stopped(n), 1, 0.1),
]
