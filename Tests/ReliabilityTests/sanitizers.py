"""Trials of a binary that was built with a sanitizer: where it reports, and what it reported."""

import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).parent
VARIABLES = {"thread": "TSAN_OPTIONS", "address": "ASAN_OPTIONS"}
# Libraries that go before that of the faults.
PRELOADED = "AGENTV_PRELOADED"


def is_on():
    return any(name in os.environ for name in VARIABLES.values())


def turn_on(name, directory):
    """Makes every process that is started from now on report into a file of its own."""
    options = [f"log_path={directory}/report", "exitcode=0"]
    if name == "thread":
        options.append(f"suppressions={HERE / 'thread-sanitizer.txt'}")
        os.environ[PRELOADED] = str(mutex(pathlib.Path(directory)))
    else:
        # It does not check who was loaded first: the library of the faults is.
        options += ["verify_asan_link_order=0", "detect_leaks=0"]
    variable = VARIABLES[name]
    given = os.environ.get(variable)
    os.environ[variable] = ":".join([*options, *([given] if given else [])])


def mutex(directory):
    """The library with the slow paths of Swift's Mutex, by the clang of the toolchain."""
    swift = shutil.which("swift")
    clang = pathlib.Path(swift).resolve().with_name("clang") if swift else "clang"
    library = directory / "mutex.so"
    subprocess.run(
        [clang, "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, HERE / "mutex.c"],
        check=True)
    return library


def preloaded():
    """What LD_PRELOAD begins with."""
    return [os.environ[PRELOADED]] if PRELOADED in os.environ else []


def reports(directory):
    return sorted(pathlib.Path(directory).glob("report.*"))
