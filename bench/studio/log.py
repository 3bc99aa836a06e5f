"""From a line that a run prints to its event at a client; and what a flood of output costs others.

    python3 bench/studio/log.py [--binary PATH] [--lines N] [--flood-seconds S] [--rate MB/s]

The lines are written into the run's own stdout (/proc/PID/fd/1), with the time at which that was.
"""

import argparse
import json
import os
import random
import time

from common import DEFAULT_BINARY, Studio, all_held, evaluation, summary

# A flood comes from inside of the run: a provider writes to the stdout of the run that started it.
AGENT = """\
if grep -q flood "$1"; then
  run=$(cut -d ' ' -f 4 /proc/$PPID/stat)
  exec python3 flood.py "$run"
fi
if grep -q wait "$1"; then exec sleep 300; fi
echo fine > "$2"
"""
FLOOD = """\
import os, sys, time
out = os.open(f"/proc/{sys.argv[1]}/fd/1", os.O_WRONLY)
chunk = b"".join(b"flood %07d " % n + b"x" * 100 + b"\\n" for n in range(560))[:65536]
begun, sent = time.monotonic(), 0
while True:
    sent += os.write(out, chunk)
    ahead = sent / RATE - (time.monotonic() - begun)
    if ahead > 0:
        time.sleep(ahead)
"""


class Run:
    def __init__(self, studio):
        self.job = studio.launch()
        self.stream = studio.events(self.job)
        self.stream.wait(all_held(3))
        self.stdout = os.open(f"/proc/{studio.run_pid(self.job)}/fd/1", os.O_WRONLY)

    def lines(self, count, low, high):
        """Prints lines at random distances and gives the time each took, in milliseconds."""
        self.series = getattr(self, "series", 0) + 1
        for number in range(count):
            line = f"bench {self.series}.{number} {time.monotonic_ns()} end\n"
            os.write(self.stdout, line.encode())
            time.sleep(random.uniform(low, high))
        last = f"bench {self.series}.{count - 1} ".encode()
        self.stream.wait(lambda name, data: name == "output" and last in data)
        delays = []
        for at, name, data in self.stream.events:
            if name == "output":
                for line in json.loads(data)["text"].splitlines():
                    words = line.split(" ")
                    if words[0] == "bench" and words[1].startswith(f"{self.series}."):
                        delays.append((at - int(words[2])) / 1e6)
        assert len(delays) == count, f"{len(delays)} of {count} lines came"
        return delays


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=DEFAULT_BINARY)
    parser.add_argument("--lines", type=int, default=200)
    parser.add_argument("--flood-seconds", type=float, default=5)
    parser.add_argument("--rate", type=float, default=50)
    options = parser.parse_args()
    studio = Studio(options.binary, AGENT)
    quiet = Run(studio)
    print(f"line, one in 60..140 ms   {summary(quiet.lines(options.lines, 0.06, 0.14))}")
    print(f"line, one in 2..6 ms      {summary(quiet.lines(options.lines, 0.002, 0.006))}")
    print(f"server memory             {studio.memory_kib() / 1024:.1f} MiB")

    (studio.directory / "flood.py").write_text(FLOOD.replace("RATE", str(options.rate * 1e6)))
    (studio.directory / "evals/flood.eval.yaml").write_text(
        evaluation("flood", [("flood", "flood")], 1))
    job = studio.launch(suite_filter="evals/flood.eval.yaml")
    stream = studio.events(job)
    stream.wait(lambda name, data: name == "output" and b"flood 0000000" in data)
    begun = time.monotonic()
    count = int(options.flood_seconds / 0.1)
    print(f"line of another run while one floods  {summary(quiet.lines(count, 0.06, 0.14))}")
    seconds = time.monotonic() - begun
    before = time.monotonic_ns()
    studio.stop(job)
    at, _, data = stream.wait(
        lambda name, data: name == "status" and b'"finished_at":"' in data)
    ended = json.loads(data)["job"]
    record = json.loads(next(studio.directory.glob(job["run_dir"] + "/.jobs/*/end.json")).read_text())
    printed = record["console_bytes"] + record["console_cut_bytes"]
    print(f"flood                     {printed / 1e6:.0f} MB in about {seconds:.1f} s")
    print(f"stop of the flooding run  {(at - before) / 1e6:.1f} ms, exit {ended['exit_code']}")
    stream.wait(lambda name, _: name == "end")
    sizes = [len(data) for _, name, data in stream.events if name == "output"]
    print(f"output events of it       {len(sizes)}, {sum(sizes) / 1e6:.1f} MB")
    print(f"server memory             {studio.memory_kib() / 1024:.1f} MiB")
    studio.close()


main()
