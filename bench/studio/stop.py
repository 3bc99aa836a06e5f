"""From the POST of a stop to its terminal event, of real runs with cli targets.

    python3 bench/studio/stop.py [--binary PATH] [--rounds N] [--slow-rounds N]

obey      three providers that die of SIGTERM
stray     each has left a process in another session that holds its stdout and stderr open
ignore    each has a member that ignores SIGTERM; --stop-grace 1
leader    each provider itself ignores SIGTERM; --stop-grace 1
"""

import argparse
import json
import time

from common import DEFAULT_BINARY, Studio, all_held, summary

AGENTS = {
    "obey": 'if grep -q wait "$1"; then exec sleep 120; fi\necho fine > "$2"\n',
    "stray": 'if grep -q wait "$1"; then (setsid sleep 120 &); exec sleep 120; fi\n'
             'echo fine > "$2"\n',
    "ignore": "if grep -q wait \"$1\"; then\n  (trap '' TERM; exec sleep 120) &\n"
              "  exec sleep 120\nfi\necho fine > \"$2\"\n",
    "leader": "if grep -q wait \"$1\"; then trap '' TERM; exec sleep 120; fi\n"
              "echo fine > \"$2\"\n",
}


def measure(studio):
    job = studio.launch()
    stream = studio.events(job)
    stream.wait(all_held(3))
    time.sleep(0.15)
    before = time.monotonic_ns()
    studio.stop(job)
    answered = time.monotonic_ns()
    at, _, data = stream.wait(
        lambda name, data: name == "status" and b'"finished_at":"' in data)
    end, _, _ = stream.wait(lambda name, _: name == "end")
    stream.close()
    return [(moment - before) / 1e6 for moment in (answered, at, end)], json.loads(data)["job"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=DEFAULT_BINARY)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--slow-rounds", type=int, default=8)
    parser.add_argument("--only")
    options = parser.parse_args()
    for case, agent in AGENTS.items():
        if options.only and case != options.only:
            continue
        is_slow = case in ("ignore", "leader")
        studio = Studio(options.binary, agent, *(["--stop-grace", "1"] if is_slow else []))
        results, exits, left = [], {}, 0
        for _ in range(options.slow_rounds if is_slow else options.rounds):
            times, job = measure(studio)
            results.append(times)
            exits[job["exit_code"]] = exits.get(job["exit_code"], 0) + 1
            left += len(job["census"]["remaining"])
        studio.close()
        for index, what in enumerate(["answer", "terminal", "end"]):
            print(f"{case:7} {what:9} {summary([times[index] for times in results])}")
        print(f"{case:7} exit codes {exits}, processes left {left}")


main()
