"""Trials of a binary that was built with a sanitizer: where it reports, and what it reported."""

import os
import pathlib

VARIABLES = {"thread": "TSAN_OPTIONS", "address": "ASAN_OPTIONS"}


def is_on():
    return any(name in os.environ for name in VARIABLES.values())


def turn_on(name, directory):
    """Makes every process that is started from now on report into a file of its own."""
    options = [f"log_path={directory}/report", "exitcode=0"]
    if name == "address":
        # It does not check who was loaded first: the library of the faults is.
        options.append("verify_asan_link_order=0")
    variable = VARIABLES[name]
    given = os.environ.get(variable)
    os.environ[variable] = ":".join([*options, *([given] if given else [])])


def reports(directory):
    return sorted(pathlib.Path(directory).glob("report.*"))
