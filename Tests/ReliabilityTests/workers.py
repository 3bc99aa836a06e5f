"""Trials of one experiment by several processes at the same time, each with a project of its own."""

import multiprocessing
import os
import tempfile

from experiments import EXPERIMENTS, Context
from outcome import COUNTS, Limit, Outcome


class Workers:
    """Processes that live for many experiments: what they set up once serves all of them."""

    def __init__(self, count, agentv, tools, seed):
        self.seed = seed
        self.workers = []
        self.counts = tempfile.NamedTemporaryFile(prefix="agentv-counts-")
        os.environ[COUNTS] = self.counts.name
        # A forked child would inherit the pipes of those before it.
        forge = multiprocessing.get_context("spawn")
        for number in range(count):
            ours, theirs = forge.Pipe()
            process = forge.Process(
                target=work, args=(theirs, str(agentv), tools, f"{seed}-{number}"), daemon=True)
            process.start()
            theirs.close()
            self.workers.append((process, ours))

    def run(self, experiment, trials, seconds):
        """The sum of what all of them saw."""
        count = min(len(self.workers), trials)
        busy = [pipe for _, pipe in self.workers[:count]]
        for number, pipe in enumerate(busy):
            pipe.send((experiment.name, trials, seconds, self.seed % 1000, number, count))
        outcomes = [pipe.recv() for pipe in busy]
        total = Outcome(outcomes[0].promise, outcomes[0].fault)
        for outcome in outcomes:
            total.add(outcome)
        return total

    def close(self):
        for process, pipe in self.workers:
            pipe.send(None)
            process.join(120)
        self.counts.close()


def work(pipe, agentv, tools, seed):
    context = Context(agentv, tools, seed)
    try:
        while task := pipe.recv():
            name, trials, seconds, offset, first, step = task
            experiment = next(each for each in EXPERIMENTS if each.name == name)
            pipe.send(experiment.run(context, Limit(trials, seconds, offset, first, step)))
    except EOFError:
        pass  # whoever asked is gone
    finally:
        context.close()
