"""Ratios of our server to its peers within each round, and their medians.

Usage: ratios.py RUN.jsonl [WRK.jsonl]
"""

import collections
import json
import statistics
import sys


def rounds(path, key):
    found = collections.defaultdict(dict)
    with open(path) as lines:
        for line in lines:
            run = json.loads(line)
            found[key(run)][run["label"]] = run
    return found


def last(run):
    return statistics.median(entry["last_us"] for entry in run["rounds"][1:])


def sustained(run):
    return run["sustain"]["delivered_per_s"]


def show(title, found, value, peers):
    for peer in peers:
        by_n = collections.defaultdict(list)
        for key, runs in sorted(found.items()):
            if "ours" in runs and peer in runs:
                by_n[key[0]].append(value(runs["ours"]) / value(runs[peer]))
        for n, ratios in by_n.items():
            each = " ".join(f"{ratio:.2f}" for ratio in ratios)
            print(f"{title} {n}: ours / {peer}: median {statistics.median(ratios):.2f} ({each})")


runs = rounds(sys.argv[1], lambda run: (run["n"], run["round"]))
show("last subscriber, N =", runs, last, ["raw", "le-batch", "nchan", "nchan-2w"])
show("deliveries per second, N =", runs, sustained, ["raw", "le-batch", "nchan", "nchan-2w"])
for n in sorted({key[0] for key in runs}):
    sizes = [found["ours"]["kb_per_conn"] for key, found in runs.items() if key[0] == n]
    print(f"KB per idle subscriber, N = {n}: median {statistics.median(sizes):.2f}")
if len(sys.argv) > 2:
    gets = rounds(sys.argv[2], lambda run: ("GET", run["round"]))
    show("requests per second,", gets, lambda run: run["rps"],
         ["le-batch-tracker", "le-batch-changelist", "hummingbird"])
