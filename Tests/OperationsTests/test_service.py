"""The Studio as a systemd service: its messages to the manager, and the unit by systemd's own tools."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import urllib.request

import pytest

UNIT = "docs/operations/agentv-studio.service"
# systemd-analyze security: 0 is best, 10 is worst. An agent needs the network and system calls.
HIGHEST_EXPOSURE = 2.5
# Holders sweep up and write their records in this time after the grace.
HOLDER_MARGIN = 10

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None,
    reason="systemd-analyze is missing; apt-get install systemd",
)


@pytest.fixture
def manager():
    """The socket that a service manager listens on, an abstract one as systemd's may be."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind("")  # Linux gives it an abstract name
        receiver.settimeout(60)
        yield receiver


@pytest.fixture
def service(agentv, root, tmp_path, manager):
    """A Studio that a manager started, in a project whose agent tells its environment."""
    project = tmp_path / "project"
    (project / ".agentv").mkdir(parents=True)
    (project / ".agentv/targets.yaml").write_text(
        "targets:\n  - name: tell\n    provider: cli\n    command: env > {OUTPUT_FILE}\n"
    )
    (project / "tell.eval.yaml").write_text(
        "execution:\n  target: tell\ntests:\n  - id: one\n    criteria: c\n    input: i\n"
        "    assertions:\n      - {type: contains, value: PATH=}\n"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "NOTIFY_SOCKET": "@" + manager.getsockname()[1:].decode(),
        "WATCHDOG_USEC": "200000",
    }
    command = [agentv, "studio", "--dir", project, "--port", "0", "--web-root", root / "web/public"]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    yield process, project
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def assignments(message: bytes) -> dict[str, str]:
    return dict(line.split("=", 1) for line in message.decode().splitlines())


def wait_for(manager, name):
    while True:
        found = assignments(manager.recv(4096))
        if name in found:
            return found


def test_the_manager_hears_of_readiness_life_and_end(manager, service):
    process, _ = service
    ready = wait_for(manager, "READY")
    assert ready["MAINPID"] == str(process.pid)
    url = ready["STATUS"].removeprefix("Listening on ")
    with urllib.request.urlopen(f"{url}/readyz", timeout=30) as answer:
        assert answer.status == 200
    for _ in range(2):
        wait_for(manager, "WATCHDOG")
    process.send_signal(signal.SIGTERM)
    stopping = wait_for(manager, "STOPPING")
    assert int(stopping["EXTEND_TIMEOUT_USEC"]) >= 20_000_000
    assert process.wait(60) == 0


def test_a_run_cannot_speak_in_the_name_of_the_service(manager, service):
    _, project = service
    url = wait_for(manager, "READY")["STATUS"].removeprefix("Listening on ")
    body = b'{"suite_filter": "tell.eval.yaml"}'
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/api/eval/run", body, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 202
        job = json.load(answer)["id"]
    with urllib.request.urlopen(f"{url}/api/eval/run/{job}/events", timeout=60) as stream:
        for line in stream:  # the server ends the stream with the job
            if line.startswith(b"event: end"):
                break
    answers = list(project.glob(".agentv/results/runs/**/response.md"))
    told = "".join(path.read_text() for path in answers)
    assert "PATH=" in told
    assert "NOTIFY_SOCKET" not in told and "WATCHDOG" not in told


def unit_settings(root):
    settings = {}
    for line in (root / UNIT).read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            name, value = line.split("=", 1)
            settings[name] = value
    return settings


@needs_systemd
def test_systemd_finds_nothing_wrong_with_the_unit(root, agentv, tmp_path):
    text = (root / UNIT).read_text().replace("/usr/local/bin/agentv", agentv)
    # The unit's own user need not be there where it is tested.
    unit = tmp_path / "agentv-studio.service"
    unit.write_text(re.sub(r"^(User|Group)=.*$", r"\1=daemon", text, flags=re.M))
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, timeout=60
    )
    said = [line for line in checked.stderr.splitlines() if "agentv-studio" in line]
    assert not said and checked.returncode == 0, checked.stderr


@needs_systemd
def test_the_unit_is_locked_up(root, tmp_path):
    checked = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", root / UNIT],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    level = re.search(r"Overall exposure level.*?: ([0-9.]+)", checked.stdout)
    assert level, checked.stdout + checked.stderr
    assert float(level[1]) <= HIGHEST_EXPOSURE, checked.stdout


def test_the_unit_uses_options_that_exist(root, studio_options):
    command = shlex.split(unit_settings(root)["ExecStart"])
    assert command[:2] == ["/usr/local/bin/agentv", "studio"]
    assert {word for word in command if word.startswith("--")} <= studio_options


def test_systemd_waits_longer_than_a_stop_takes(root):
    settings = unit_settings(root)
    grace = int(re.search(r"--stop-grace (\d+)", settings["ExecStart"])[1])
    assert int(settings["TimeoutStopSec"]) >= grace + HOLDER_MARGIN


def test_the_project_of_the_unit_can_be_written_to(root):
    settings = unit_settings(root)
    project = re.search(r"--dir (\S+)", settings["ExecStart"])[1]
    assert project in settings["ReadWritePaths"].split()
