"""Lists of 10,000 runs, a run of 100,000 rows, and small answers, over loopback.

    python3 bench/studio/lists.py [--binary .build/release/agentv] [--web-root DIR] [--runs 10000]
                                  [--rows 100000]

Cold: the first list of a server that has just started, without and with the kept list. Warm: the median of
the following ones, once the server says that its list is current. The page cache is warm throughout.
"""

import argparse
import gzip
import http.client
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

from common import DEFAULT_BINARY


def row(test, run):
    return json.dumps({
        "timestamp": "2026-05-08T09:35:02.417Z", "test_id": f"test-{test:06}", "suite": "arith",
        "category": "demo", "score": test % 10 / 10, "target": "local_cli",
        "scores": [{"name": "contains", "type": "contains", "score": 1, "weight": 1, "verdict": "pass",
                    "assertions": [{"text": "Output contains \"42\"", "passed": True}]}],
        "execution_status": "ok" if test % 10 > 7 else "quality_failure",
        "grading_path": f"arith/{test}/grading.json", "experiment": f"exp-{run % 20}",
        "eval_file": "evals/arith.eval.yaml", "requested_target": "local_cli", "duration_ms": 312,
        "cost_usd": 0.0012, "token_usage": {"input": 812, "output": 64}}, separators=(",", ":"))


def project(runs, rows):
    path = pathlib.Path(tempfile.mkdtemp(prefix="agentv-bench-lists-"))
    tree = path / ".agentv/results/runs"
    for run in range(runs):
        folder = tree / f"exp-{run % 20}/2026-05-{run // 500 % 28 + 1:02}T10-{run // 60 % 60:02}-{run % 60:02}-{run % 1000:03}Z-{run}"
        folder.mkdir(parents=True)
        (folder / "index.jsonl").write_text("".join(row(t, run) + "\n" for t in range(10)))
        (folder / "benchmark.json").write_text(
            '{"metadata":{"eval_file":"","planned_test_count":10},"run_summary":{},"notes":[]}')
    folder = tree / "default/large"
    folder.mkdir(parents=True)
    with open(folder / "index.jsonl", "w") as index:
        for test in range(rows):
            index.write(row(test, 0) + "\n")
    return path


class Server:
    def __init__(self, binary, path, *arguments):
        start = time.perf_counter()
        self.process = subprocess.Popen(
            [str(pathlib.Path(binary).resolve()), "studio", "--port", "0", *arguments], cwd=path, text=True,
            stdout=subprocess.PIPE, env=dict(os.environ, HOME=str(path)))
        for line in self.process.stdout:
            if line.startswith("Dashboard:"):
                self.port = int(line.rsplit(":", 1)[1])
                break
        self.ready = time.perf_counter() - start
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)

    def get(self, path, **headers):
        begin = time.perf_counter()
        self.connection.request("GET", path, headers={
            "Host": f"localhost:{self.port}", **{k.replace("_", "-"): v for k, v in headers.items()}})
        response = self.connection.getresponse()
        first = time.perf_counter() - begin
        body = response.read()
        return time.perf_counter() - begin, first, response, body

    def memory(self, field):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) / 1024

    def close(self):
        self.process.terminate()
        self.process.wait(60)


def show(name, value):
    print(f"{name:<62}{value}", flush=True)


def milliseconds(values):
    return f"{statistics.median(values) * 1000:8.1f} ms"


def measure(binary, path, runs, rounds, arguments):
    kept = path / ".agentv/studio-index.jsonl"
    for name in ["without kept list", "with kept list"]:
        server = Server(binary, path, *arguments)
        show(f"ready, {name}", milliseconds([server.ready]))
        seconds, _, _, body = server.get("/api/runs")
        listed = json.loads(body)
        show(f"first list, {name} ({len(listed['runs'])} runs)", milliseconds([seconds]))
        begin = time.perf_counter()
        server.get("/api/index")
        show(f"whole list read, {name}", milliseconds([time.perf_counter() - begin + seconds]))
        if not kept.exists():
            deadline = time.monotonic() + 60
            while not kept.exists() and time.monotonic() < deadline:
                time.sleep(0.1)
        if name == "with kept list":
            break
        server.close()
    current = b"agentv_runs_current 1"
    begin = time.perf_counter()
    while current not in server.get("/metrics")[3] and time.perf_counter() - begin < 60:
        time.sleep(0.05)
    show("everything is watched and verified after", milliseconds([time.perf_counter() - begin]))
    show("resident memory after the list", f"{server.memory('VmRSS'):8.1f} MiB")
    whole = [server.get("/api/runs") for _ in range(rounds)]
    assert len(json.loads(whole[0][3])["runs"]) == runs + 1
    show(f"list, warm, {len(whole[0][3]) / 1e6:.1f} MB", milliseconds([w[0] for w in whole]))
    coded = [server.get("/api/runs", Accept_Encoding="gzip") for _ in range(rounds)]
    show(f"list, warm, gzip, {len(coded[0][3]) / 1e6:.1f} MB", milliseconds([c[0] for c in coded]))
    tag = whole[0][2].headers["ETag"]
    same = [server.get("/api/runs", If_None_Match=tag) for _ in range(rounds)]
    assert same[0][2].status == 304
    show("list, warm, not modified", milliseconds([s[0] for s in same]))
    show("page of 100, warm", milliseconds([server.get("/api/runs?limit=100")[0] for _ in range(rounds)]))
    show("experiments, warm", milliseconds([server.get("/api/experiments")[0] for _ in range(rounds)]))
    show("comparison of all runs", milliseconds([server.get("/api/compare")[0] for _ in range(3)]))
    for view in ["compact", "full"]:
        answers = []
        for _ in range(5 if view == "compact" else 1):
            answers.append(server.get(f"/api/runs/large?view={view}"))
            server.connection.close()
        show(f"run of 100,000 rows, {view}, {len(answers[0][3]) / 1e6:.1f} MB",
             f"{milliseconds([a[0] for a in answers])}, first byte {milliseconds([a[1] for a in answers])}")
        json.loads(answers[0][3])
    coded = server.get("/api/runs/large?view=compact", Accept_Encoding="gzip")
    server.connection.close()
    gzip.decompress(coded[3])
    show(f"run of 100,000 rows, compact, gzip, {len(coded[3]) / 1e6:.1f} MB", milliseconds([coded[0]]))
    page = [server.get("/api/runs/large?view=compact&limit=100&sort=-durationMs")[0] for _ in range(5)]
    show("100 of its rows, sorted", milliseconds(page))
    show("largest resident memory", f"{server.memory('VmHWM'):8.1f} MiB")
    if shutil.which("wrk"):
        for path_ in ["/healthz", "/api/config", "/api/runs?limit=1"]:
            shown = subprocess.run(
                ["wrk", "-t1", "-c16", "-d3s", f"http://localhost:{server.port}{path_}"],
                capture_output=True, text=True).stdout
            rate = next(l for l in shown.splitlines() if "Requests/sec" in l).split()[-1]
            show(f"GET {path_}", f"{float(rate):8.0f} /s")
    server.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=DEFAULT_BINARY)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--web-root")
    arguments = parser.parse_args()
    path = project(arguments.runs, arguments.rows)
    try:
        root = ["--web-root", os.path.abspath(arguments.web_root)] if arguments.web_root else []
        measure(arguments.binary, path, arguments.runs, arguments.rounds, root)
    finally:
        shutil.rmtree(path, ignore_errors=True)


if __name__ == "__main__":
    main()
