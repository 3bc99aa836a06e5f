"""From a killed Studio to live runs that are watched and stoppable again.

    python3 bench/studio/restart.py [--binary PATH] [--rounds N] [--jobs N] [--lost]

Several runs are live when the server is killed with SIGKILL and started again. Counted from the moment at
which the new server tells its address: until the list of jobs has all of them running with their
holders, and until the stream of one of them has told its rows. With --lost the journal is destroyed in between.
"""

import argparse
import time

from common import DEFAULT_BINARY, Studio, all_held, summary

AGENT = 'if grep -q wait "$1"; then exec sleep 600; fi\necho fine > "$2"\n'


def measure(studio, pids, lost):
    """Milliseconds of the start, until all jobs run again, until a stream has its rows."""
    studio.process.kill()
    studio.process.wait()
    if lost:
        (studio.directory / ".agentv/studio.db-wal").unlink(missing_ok=True)
        (studio.directory / ".agentv/studio.db").write_bytes(b"no database" * 1000)
    begun = time.monotonic_ns()
    studio.start()
    ready = time.monotonic_ns()
    while True:
        jobs = studio.request("GET", "/api/eval/runs")["runs"]
        if {job["id"]: job["pid"] for job in jobs if job["status"] == "running"} == pids:
            break
        assert time.monotonic_ns() - ready < 60e9, jobs
    watched = time.monotonic_ns()
    stream = studio.events({"id": next(iter(pids))})
    told, _, _ = stream.wait(all_held(2))
    stream.close()
    return [(ready - begun) / 1e6, (watched - ready) / 1e6, (told - watched) / 1e6]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=DEFAULT_BINARY)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--lost", action="store_true")
    options = parser.parse_args()
    studio = Studio(options.binary, AGENT, "--max-jobs", str(options.jobs), held=2)
    try:
        pids = {}
        for _ in range(options.jobs):
            job = studio.launch()
            stream = studio.events(job)
            stream.wait(all_held(2))
            stream.close()
            pids[job["id"]] = studio.request("GET", f"/api/eval/status/{job['id']}")["pid"]
        results = [measure(studio, pids, options.lost) for _ in range(options.rounds)]
        for name, times in zip(("start to ready", "ready to adopted", "stream to its rows"), zip(*results)):
            print(f"{name:20} {summary(times)}")
        for job in pids:
            studio.stop({"id": job}, force=True)
    finally:
        studio.close()


if __name__ == "__main__":
    main()
