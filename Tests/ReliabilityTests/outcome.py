"""What trials came to: the lines of the table in docs/reliability.md."""

import fcntl
import math
import os
import time

# Names the file in which workers agree on numbers.
COUNTS = "AGENTV_RELIABILITY_COUNTS"


class Broken(Exception):
    """A promise that did not hold in a trial."""


def demand(condition, what, *more):
    if not condition:
        raise Broken(": ".join([what, *map(str, more)]))


class Outcome:
    """Trials of one promise under one fault."""

    def __init__(self, promise, fault):
        self.promise = promise
        self.fault = fault
        self.trials = 0
        self.failures = []
        self.numbers = {}
        self.counts = {}
        self.covered = {}

    def trial(self, name, body):
        """Runs one; what breaks is kept and told, and does not end the others."""
        self.trials += 1
        try:
            return body()
        except Broken as error:
            self.failures.append(f"{name}: {error}")
        except Exception as error:  # a trial that cannot be judged counts as one that failed
            self.failures.append(f"{name}: {type(error).__name__}: {error}")
        return None

    def note(self, name, value):
        """One of many values, of which the middle and the highest are shown."""
        self.numbers.setdefault(name, []).append(value)

    def count(self, name):
        """Something that happened in some of the trials."""
        self.counts[name] = self.counts.get(name, 0) + 1

    def cover(self, name, place, places):
        """One of so many places was tried."""
        tried, _ = self.covered.setdefault(name, (set(), 0))
        tried.add(place)
        self.covered[name] = (tried, max(places, self.covered[name][1]))

    def add(self, other):
        """Trials of the same that others made at the same time."""
        self.trials += other.trials
        self.failures += other.failures
        for name, values in other.numbers.items():
            self.numbers.setdefault(name, []).extend(values)
        for name, number in other.counts.items():
            self.counts[name] = self.counts.get(name, 0) + number
        for name, (tried, places) in other.covered.items():
            mine, known = self.covered.get(name, (set(), 0))
            self.covered[name] = (mine | tried, max(places, known))

    def result(self):
        """The column that tells what came of it."""
        if self.failures:
            return f"**{len(self.failures)} failed**"
        shown = []
        if self.covered:
            tried = sum(min(len(tried), places) for tried, places in self.covered.values())
            shown.append(f"{tried:,} of {sum(n for _, n in self.covered.values()):,} calls")
        shown += [f"{name} {number:,} times" for name, number in self.counts.items()]
        for name, values in self.numbers.items():
            ordered = sorted(values)
            middle, last = ordered[len(ordered) // 2], ordered[-1]
            shown.append(
                f"{name} {last:.3g}" if middle == last
                else f"{name} {middle:.3g}, at most {last:.3g}")
        return "; ".join(["held", *shown])

    def __str__(self):
        lines = [f"{self.promise} | {self.fault} | {self.trials} | {self.result()}"]
        return "\n".join(lines + [f"    {failure}" for failure in self.failures[:20]])


class Limit:
    """Ends a series of trials by number or by time, whichever comes first.

    Trials are numbered from `offset`; of several workers each takes every n-th.
    """

    def __init__(self, trials, seconds, offset=0, first=0, step=1):
        self.trials = trials
        self.offset = offset
        self.first = first
        self.step = step
        self.deadline = time.monotonic() + seconds

    def __iter__(self):
        for number in range(self.first, self.trials, self.step):
            # One at least: a machine too slow for any would otherwise prove nothing and pass.
            if number != self.first and time.monotonic() > self.deadline:
                return
            yield self.offset + number


def agreed(name, number):
    """The number that the first of several workers found: together they are to try each of so many."""
    path = os.environ.get(COUNTS)
    if not path:
        return number
    with open(path, "a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        known = dict(line.split() for line in file)
        if name not in known:
            file.write(f"{name} {number}\n")
        return int(known.get(name, number))


def place_of(number, suites, places):
    """Which of so many calls the n-th trial hits, from 1, when trials go round so many suites.

    Few trials are spread evenly over all; as many as there are calls hit each of them once.
    """
    step = max(1, round(places * 0.6180339887))
    while math.gcd(step, places) != 1:
        step += 1
    turn, suite = divmod(number, suites)
    return 1 + (turn + suite * 3) * step % places
