"""JSON GETs per second of the Studio beside the same answers by node's HTTP server, in one run.

    python3 bench/studio/gets.py [--binary .build/release/agentv] [--web-root DIR] [--runs 1000]
                                 [--rounds 3] [--seconds 4]

`wrk` with one thread and 64 connections, over loopback; the servers take turns, and so does who begins. The
ratio is the median of those of the rounds. gets.js says what node does.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import time

from common import DEFAULT_BINARY
from lists import Server, project

PATHS = ["/healthz", "/api/config", "/api/runs?limit=1", "/api/runs?limit=100"]


def rate(port, path, seconds):
    shown = subprocess.run(
        ["wrk", "-t1", "-c64", f"-d{seconds}s", f"http://localhost:{port}{path}"],
        capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in shown, shown
    line = next(line for line in shown.splitlines() if "Requests/sec" in line)
    return float(line.split()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=DEFAULT_BINARY)
    parser.add_argument("--web-root")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    options = parser.parse_args()
    path = project(options.runs, 10)
    (path / ".agentv/config.yaml").write_text("studio:\n  threshold: 0.7\n")
    root = ["--web-root", os.path.abspath(options.web_root)] if options.web_root else []
    server = Server(options.binary, path, *root)
    node = None
    try:
        while b"agentv_runs_current 1" not in server.get("/metrics")[3]:
            time.sleep(0.1)
        listed = path / "runs.json"
        listed.write_bytes(server.get("/api/runs")[3])
        assert len(json.loads(listed.read_bytes())["runs"]) == options.runs + 1
        script = pathlib.Path(__file__).with_name("gets.js")
        # node tells modules by the name or the nearest package.json.
        module = path / "gets.mjs"
        module.write_bytes(script.read_bytes())
        node = subprocess.Popen(
            ["node", str(module), "0", str(path), str(listed)], stdout=subprocess.PIPE, text=True)
        ports = {"agentv": server.port, "node": int(node.stdout.readline().split()[1])}
        print(f"{'GET':<24}{'agentv /s':>12}{'node /s':>12}{'ratio':>8}")
        for each in PATHS:
            rates = {"agentv": [], "node": []}
            for number in range(options.rounds):
                order = list(ports) if number % 2 == 0 else list(reversed(ports))
                for name in order:
                    rates[name].append(rate(ports[name], each, options.seconds))
            ratios = [ours / theirs for ours, theirs in zip(rates["agentv"], rates["node"])]
            print(f"{each:<24}{statistics.median(rates['agentv']):>12,.0f}"
                  f"{statistics.median(rates['node']):>12,.0f}{statistics.median(ratios):>8.2f}"
                  f"   ({' '.join(f'{ratio:.2f}' for ratio in ratios)})", flush=True)
    finally:
        if node:
            node.terminate()
            node.wait(10)
        server.close()
        shutil.rmtree(path, ignore_errors=True)


if __name__ == "__main__":
    main()
