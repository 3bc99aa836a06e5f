"""The tables of docs/reliability.md: read, merged with new lines, written between their markers."""

import datetime
import os
import pathlib
import re
import subprocess

from project import ROOT

PAGE = ROOT / "docs/reliability.md"


def measured(binary):
    """What was measured, and when: version, commit, date."""
    version = subprocess.run([binary, "--version"], capture_output=True, text=True).stdout.strip()
    commit = subprocess.run(
        ["git", "rev-parse", "--short=10", "HEAD"], cwd=ROOT, capture_output=True,
        text=True).stdout.strip() or "no repository"
    changed = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=no", "Sources"], cwd=ROOT,
        capture_output=True, text=True).stdout.strip()
    date = datetime.date.today().isoformat()
    kind = "release" if "release" in str(pathlib.Path(binary).resolve()) else "debug"
    return f"{version} {kind}, {commit}{' with changes' if changed else ''}, {date}"


def between(page, name):
    found = re.search(
        rf"(<!-- {name}: [^\n]*-->\n)(.*?)(<!-- {name} end -->)", page, re.DOTALL)
    if not found:
        raise SystemExit(f"{PAGE} has no markers of \"{name}\"")
    return found


def merge(name, heading, lines, key_columns):
    """Replaces the lines of a table that were measured anew and keeps the others."""
    page = PAGE.read_text()
    found = between(page, name)
    old = [line for line in found[2].splitlines() if line.startswith("|")][2:]

    def key(line):
        return tuple(cell.strip() for cell in line.strip("|").split(" | "))[:key_columns]
    rows = {key(line): line for line in old}
    rows |= {key(line): line for line in lines}
    count = heading.count("|") - 1
    text = "\n".join([heading, "|" + "---|" * count, *rows.values()])
    new = page[:found.start(2)] + text + "\n" + page[found.end(2):]
    temporary = PAGE.with_suffix(".new")
    temporary.write_text(new)
    os.replace(temporary, PAGE)


def write_trials(outcomes, binary):
    lines = [
        f"| {o.promise} | {o.fault} | {o.trials:,} | {o.result()} | {measured(binary)} |"
        for o in outcomes]
    merge("trials", "| Promise | Fault | Trials | Result | Measured |", lines, 2)


def write_sanitizer(name, outcomes, reports, binary):
    names = {"thread": "ThreadSanitizer", "address": "AddressSanitizer"}
    trials = sum(outcome.trials for outcome in outcomes)
    failures = sum(len(outcome.failures) for outcome in outcomes)
    result = f"{reports} report(s), {failures} failed" if reports or failures else "no report, all held"
    merge("sanitizers", "| Sanitizer | Faults | Trials | Result | Measured |",
          [f"| {names[name]} | {len(outcomes)} | {trials:,} | {result} | {measured(binary)} |"], 1)


def write_soak(lines, binary):
    merge("soak", "| Figure | At the start | At the end | Growth an hour | Measured |",
          [f"{line} {measured(binary)} |" for line in lines], 1)
