"""What the suites share: the repository, the binary under test, waiting, and a Studio as a process."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: What a server says when it listens.
ADDRESS = re.compile(rb"Dashboard: ((https?)://[^\s]*:(\d+))\s")


def binary() -> Path:
    """The binary under test: AGENTV_BINARY, else the debug build."""
    path = Path(os.environ.get("AGENTV_BINARY") or ROOT / ".build/debug/agentv")
    if not path.is_file():
        raise FileNotFoundError(f"{path}: build agentv first (swift build --product agentv)")
    return path


def chromium() -> str:
    """The browser of the tests: without windows it draws no windows, which halves its work."""
    for name in ("chromium-headless-shell", "chromium"):
        if path := shutil.which(name):
            return path
    raise FileNotFoundError("chromium-headless-shell is missing: scripts/install-packages test")


def wait_until(condition, what: str, seconds: float = 60):
    """Waits for something that no event tells, and gives what the condition gave."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise TimeoutError(f"not within {seconds} s: {what}")


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """Nothing of the tester's own settings."""
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "LD_LIBRARY_PATH")}
    return {**kept, "HOME": str(home), "NO_COLOR": "1", **more}


class StudioProcess:
    """`agentv studio`: started, read on, ended. It may be served again after its end."""

    process: subprocess.Popen[bytes]
    url = scheme = ""
    port = 0

    def __init__(self) -> None:
        #: All that it has written, over restarts.
        self.said = b""
        #: What it wrote to stderr, when that is kept apart.
        self.complained = b""
        self._readers: list[threading.Thread] = []

    def serve(self, command, *, apart: bool = False, seconds: float = 60, **options) -> None:
        """Starts it and returns when it listens."""
        begin = len(self.said)
        self.process = process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if apart else subprocess.STDOUT,
            **options,
        )
        # Read on, as a terminal does, so that the server never waits for a reader.
        self._readers = [
            threading.Thread(target=self._collect, args=(pipe, name), daemon=True)
            for pipe, name in [(process.stdout, "said"), (process.stderr, "complained")]
            if pipe
        ]
        for reader in self._readers:
            reader.start()
        wait_until(
            lambda: ADDRESS.search(self.said, begin) or process.poll() is not None,
            "the address of the Studio",
            seconds,
        )
        if not (found := ADDRESS.search(self.said, begin)):
            self._join()
            raise RuntimeError(f"no Studio: {(self.said[begin:] + self.complained).decode()}")
        self.url, self.scheme = found.group(1).decode(), found.group(2).decode()
        self.port = int(found.group(3))

    def _collect(self, pipe, name: str) -> None:
        with pipe:
            for line in pipe:
                setattr(self, name, getattr(self, name) + line)

    def _join(self) -> None:
        for reader in self._readers:
            reader.join(60)

    def kill(self) -> None:
        """The server dies without a word, as in a crash."""
        self.process.kill()
        self.process.wait()
        self._join()

    def stop(self, seconds: float = 60) -> bool:
        """Ends it in good order; False when it had to be killed."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                return False
        self._join()
        return True
