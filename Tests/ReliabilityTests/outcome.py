"""What trials came to: the lines of the table in docs/reliability.md."""

import time


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
        self.started = time.monotonic()

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
        self.numbers.setdefault(name, []).append(value)

    def result(self):
        """The last column."""
        if self.failures:
            return f"**{len(self.failures)} failed**"
        shown = []
        for name, values in self.numbers.items():
            ordered = sorted(values)
            middle, last = ordered[len(ordered) // 2], ordered[-1]
            if isinstance(last, str):
                shown.append(f"{name} {last}")
            elif middle == last:
                shown.append(f"{name} {last:.4g}")
            else:
                shown.append(f"{name} {middle:.4g}, at most {last:.4g}")
        return "; ".join(["held", *shown])

    def __str__(self):
        lines = [f"{self.promise} | {self.fault} | {self.trials} | {self.result()}"]
        return "\n".join(lines + [f"    {failure}" for failure in self.failures[:20]])


class Limit:
    """Ends a series of trials by number or by time, whichever comes first."""

    def __init__(self, trials, seconds):
        self.trials = trials
        self.deadline = time.monotonic() + seconds

    def __iter__(self):
        for number in range(self.trials):
            # One at least: a machine too slow for any would otherwise prove nothing and pass.
            if number and time.monotonic() > self.deadline:
                return
            yield number
