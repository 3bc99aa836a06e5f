import fcntl
import os
import pathlib
import select
import signal
import subprocess
import termios
import time

import pytest

SECONDS = 30


@pytest.fixture
def project(tmp_path):
    """A project with two categories of eval files, two targets and a home of its own."""
    for place in ["evals/first.eval.yaml", "more/evals/second.eval.yaml"]:
        path = tmp_path / place
        path.parent.mkdir(parents=True)
        path.write_text(
            "name: s\ntests:\n"
            "  - {id: one, criteria: c, input: hi, assertions: [{type: contains, value: fine}]}\n"
        )
    (tmp_path / ".git").mkdir()
    (tmp_path / ".agentv").mkdir()
    (tmp_path / ".agentv/targets.yaml").write_text(
        "targets:\n"
        "  - {name: default, provider: mock, response: fine}\n"
        "  - {name: broken, provider: cli, command: 'test -e fixed && echo fine > {OUTPUT_FILE}', cwd: '..'}\n"
    )
    return tmp_path


@pytest.fixture
def environment(agentv, project):
    return {
        "PATH": f"{pathlib.Path(agentv).parent}:{os.environ['PATH']}",
        "HOME": str(project),
        "TERM": "xterm",
        "LANG": "C.UTF-8",
    }


class Terminal:
    """A program on a pseudo-terminal of 100 × 30, and everything that it showed."""

    def __init__(self, command, cwd, environment):
        self.shown = ""
        self._seen = 0
        main, other = os.openpty()
        termios.tcsetwinsize(other, (30, 100))
        self.before = termios.tcgetattr(other)
        self.process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=other, stdout=other, stderr=other,
            start_new_session=True, preexec_fn=lambda: _control(other),
        )  # fmt: skip
        self._other = other
        self._main = main

    def wait_for(self, text, seconds=SECONDS):
        """Reads until a text is shown that was not waited for before."""
        until = time.monotonic() + seconds
        while text not in self.shown[self._seen :]:
            left = until - time.monotonic()
            ready, _, _ = select.select([self._main], [], [], max(0, left))
            assert ready, f"{text!r} was not shown, but:\n{self.shown[self._seen:]}"
            self._read()
        self._seen = self.shown.index(text, self._seen) + len(text)

    def _read(self):
        try:
            data = os.read(self._main, 65536)
        except OSError:
            data = b""
        assert data, f"the program ended and had shown:\n{self.shown}"
        self.shown += data.decode("utf-8", "replace")

    def type(self, keys):
        os.write(self._main, keys.encode())

    def settings(self):
        return termios.tcgetattr(self._other)

    def end(self, seconds=SECONDS):
        """Waits for the end and gives the exit code."""
        until = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < until, f"it does not end, and had shown:\n{self.shown}"
            ready, _, _ = select.select([self._main], [], [], 0.05)
            if ready:
                self._read()
        while select.select([self._main], [], [], 0)[0]:
            self._read()
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._main)
        os.close(self._other)


def _control(descriptor):
    # What started the tests in the background may ignore Ctrl+C, and agentv keeps what it finds.
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    fcntl.ioctl(descriptor, termios.TIOCSCTTY, 0)


@pytest.fixture
def terminal(project, environment):
    opened = []

    def start(command, **more):
        opened.append(Terminal(command, project, environment | more))
        return opened[-1]

    yield start
    for one in opened:
        one.close()
