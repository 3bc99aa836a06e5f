"""1,000 rows a second into 50 open pages, and a page of 100,000 rows, over loopback.

    python3 bench/studio/rows.py [--binary .build/release/agentv] [--rate 1000] [--seconds 10]
                                 [--subscribers 50] [--tabs 5] [--rows 100000]

A writer holds the lock of a run of 100,000 rows and appends rows to its index, each with the time at which it
was written. Subscribers are HTTP clients of the project's event stream in a process of their own; a row's latency is
the time from before its write(2) until the client has read its event. Tabs are pages of that run in one Chromium
(Playwright), which share one stream; the first one is scrolled while rows arrive. Without Playwright only
the subscribers are measured.
"""

import argparse
import fcntl
import multiprocessing
import os
import pathlib
import re
import selectors
import shutil
import socket
import statistics
import struct
import threading
import time

from common import DEFAULT_BINARY
from lists import Server, milliseconds, project, row, show

ROW = re.compile(rb'"test_id":"live-(\d+)-(\d+)"')
#: fcntl(2): locks of the open file description, as the writer of a run takes them.
F_OFD_SETLK = 37
FRAMES = """() => {
  window.bench = { long: [], frames: [], last: performance.now() };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.bench.long.push(entry.duration);
  }).observe({ type: "longtask" });
  const frame = (now) => {
    window.bench.frames.push(now - window.bench.last);
    window.bench.last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""


class Writer:
    """A run that is being written, by no job of the server."""

    def __init__(self, folder):
        self.lock = os.open(folder / ".writer.lock", os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.fcntl(self.lock, F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
        os.pwrite(self.lock, f"{os.getpid()}\n".encode(), 0)
        self.index = os.open(folder / "index.jsonl", os.O_WRONLY | os.O_APPEND)
        self.count = 0

    def write(self, rate, seconds):
        """Writes at an even rate and gives the number of rows and the seconds it took."""
        begun, first = time.monotonic(), self.count
        for number in range(int(rate * seconds)):
            ahead = begun + number / rate - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
            line = row(0, 0).replace("test-000000", f"live-{self.count}-{time.monotonic_ns()}")
            os.write(self.index, line.encode() + b"\n")
            self.count += 1
        return self.count - first, time.monotonic() - begun

    def wait_until_told(self, port, timeout=120):
        """Writes a row now and then until the server tells it: it reads the rows that are there first."""
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(
                f"GET /api/events?runs=0 HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
            client.settimeout(0.5)
            deadline, seen = time.monotonic() + timeout, b""
            while not ROW.search(seen):
                assert time.monotonic() < deadline, "the server tells no rows"
                self.write(10, 0.1)
                try:
                    seen = seen[-4096:] + client.recv(1 << 20)
                except TimeoutError:
                    continue

    def close(self):
        os.close(self.index)
        os.close(self.lock)


def subscribe(port, count, expected, results, ready):
    """The subscribers, until every one has every row or nothing comes any more."""
    selector = selectors.DefaultSelector()
    rests, seen, latencies = {}, {}, []
    for _ in range(count):
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(f"GET /api/events?runs=0 HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
        head = b""
        while b"event: snapshot" not in head:
            head += client.recv(1 << 20)
        client.setblocking(False)
        selector.register(client, selectors.EVENT_READ)
        rests[client], seen[client] = b"", 0
    ready.set()
    deadline = time.monotonic() + 120
    while min(seen.values()) < expected and time.monotonic() < deadline:
        for key, _ in selector.select(5):
            client = key.fileobj
            data = client.recv(1 << 20)
            now = time.monotonic_ns()
            if not data:
                selector.unregister(client)
                continue
            data = rests[client] + data
            end = data.rfind(b"\n") + 1
            rests[client] = data[end:]
            for _, sent in ROW.findall(data[:end]):
                seen[client] += 1
                latencies.append(now - int(sent))
    results.put((list(seen.values()), sorted(latencies)))


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure_streams(server, writer, options):
    results, ready = multiprocessing.Queue(), multiprocessing.Event()
    expected = int(options.rate * options.seconds)
    clients = multiprocessing.Process(
        target=subscribe, args=(server.port, options.subscribers, expected, results, ready))
    clients.start()
    assert ready.wait(60), "the subscribers did not get their snapshots"
    before = processor_seconds(server.process.pid)
    written, took = writer.write(options.rate, options.seconds)
    seen, latencies = results.get(timeout=180)
    used = processor_seconds(server.process.pid) - before
    clients.join(10)
    show(f"rows written, of {options.rate}/s", f"{written / took:8.0f} /s")
    show(f"rows at {options.subscribers} subscribers, of {written} each", f"{min(seen):8} to {max(seen)}")
    for name, share in [("median", 0.5), ("p95", 0.95), ("p99", 0.99)]:
        show(f"write to event read, {name}", f"{latencies[int(share * len(latencies))] / 1e6:8.1f} ms")
    show("write to event read, greatest", f"{latencies[-1] / 1e6:8.1f} ms")
    show("processor of the server", f"{used / took * 100:8.0f} %")
    show("resident memory", f"{server.memory('VmRSS'):8.1f} MiB")


def measure_pages(server, writer, options):
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return show("pages", "not measured: Playwright is not installed")
    address = f"http://localhost:{server.port}/runs/large"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"])
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(60_000)
        opened = []
        for _ in range(3):
            page = context.new_page()
            begin = time.perf_counter()
            page.goto(address, wait_until="commit")
            page.wait_for_selector("av-test-table .test-row")
            opened.append(time.perf_counter() - begin)
            page.close()
        show(f"page of {options.rows} rows, until its rows are shown", milliseconds(opened))
        tabs = [context.new_page() for _ in range(options.tabs)]
        for tab in tabs:
            tab.goto(address, wait_until="commit")
            tab.wait_for_selector("av-test-table .test-row")
        tabs[0].bring_to_front()
        tabs[0].evaluate(FRAMES)
        writing = threading.Thread(target=writer.write, args=(options.rate, options.seconds))
        before = processor_seconds(server.process.pid)
        begun = time.monotonic()
        writing.start()
        while writing.is_alive():
            tabs[0].mouse.wheel(0, 300)
            tabs[0].wait_for_timeout(50)
        took = time.monotonic() - begun
        seen = tabs[0].evaluate("window.bench")
        used = processor_seconds(server.process.pid) - before
        frames, long = sorted(seen["frames"]), seen["long"]
        show(f"{options.tabs} tabs, frames of the first", f"{len(frames) / took:8.0f} /s")
        show("time between frames, median", f"{statistics.median(frames):8.1f} ms")
        show("time between frames, p95", f"{frames[int(0.95 * len(frames))]:8.1f} ms")
        show("time between frames, greatest", f"{frames[-1]:8.1f} ms")
        show("tasks of more than 50 ms", f"{len(long):8} of {sum(long):.0f} ms in {took:.0f} s")
        show("processor of the server", f"{used / took * 100:8.0f} %")
        browser.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=DEFAULT_BINARY)
    parser.add_argument("--web-root")
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--subscribers", type=int, default=50)
    parser.add_argument("--tabs", type=int, default=5)
    parser.add_argument("--rows", type=int, default=100_000)
    options = parser.parse_args()
    path = project(0, options.rows)
    writer = Writer(path / ".agentv/results/runs/default/large")
    server = Server(
        options.binary, path, *(["--web-root", os.path.abspath(options.web_root)] if options.web_root else []))
    try:
        server.get("/api/index")
        writer.wait_until_told(server.port)
        measure_streams(server, writer, options)
        measure_pages(server, writer, options)
    finally:
        server.close()
        writer.close()
        shutil.rmtree(path, ignore_errors=True)


if __name__ == "__main__":
    main()
