"""agentv as PID 1 of a container: installed by the image's own steps into an empty Debian root, run
as an ordinary user in a PID namespace, stopped as `docker stop` does it."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SUITE = "bookworm"
USER = 1000


def missing():
    if os.geteuid() != 0:
        return "needs root for chroot and a PID namespace"
    for tool in ("debootstrap", "unshare", "chroot"):
        if shutil.which(tool) is None:
            return f"{tool} is missing; apt-get install debootstrap util-linux"
    probe = subprocess.run(["unshare", "--pid", "--fork", "--mount-proc", "true"], capture_output=True)
    return None if probe.returncode == 0 else "this kernel gives us no PID namespace"


pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))


def dockerfile_packages():
    """The packages of the runtime stage, read from the Dockerfile so that the two cannot differ."""
    text = (ROOT / "Dockerfile").read_text().split("FROM debian:12-slim")[1]
    line = text.split("--no-install-recommends")[1].split("&&")[0]
    return [word for word in line.replace("\\", " ").split() if word]


def dockerfile_arguments():
    text = (ROOT / "Dockerfile").read_text()
    return json.loads(text.split("\nCMD ")[-1].strip())


@pytest.fixture(scope="session")
def rootfs(tmp_path_factory):
    base = tmp_path_factory.mktemp("container")
    root = base / "root"
    packages = ",".join(dockerfile_packages())
    subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={packages}", SUITE, str(root)],
        check=True, stdout=subprocess.DEVNULL, timeout=600,
    )  # fmt: skip
    build = ["swift", "build", "-c", "release", "--product", "agentv", "--static-swift-stdlib"]
    subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, timeout=2400)
    subprocess.run([ROOT / "scripts/install", root / "usr/local"], cwd=ROOT, check=True)
    subprocess.run(
        ["chroot", root, "useradd", "--create-home", "--uid", str(USER), "agentv"], check=True
    )
    shutil.copytree(ROOT / "examples/quickstart", root / "project")
    subprocess.run(["chown", "-R", f"{USER}:{USER}", root / "project"], check=True)
    yield root
    shutil.rmtree(base, ignore_errors=True)


class Container:
    """One start of the image: `unshare --pid --fork`, chroot, the CMD of the Dockerfile."""

    def __init__(self, root):
        arguments = dockerfile_arguments() + ["--port", "0", "--insecure-no-auth"]
        script = 'mount -t proc proc "$1/proc" && exec chroot --userspec=1000:1000 "$@"'
        command = ["unshare", "--pid", "--mount", "--fork", "sh", "-c", script, "sh", str(root)]
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/home/agentv"}
        self.process = subprocess.Popen(
            command + ["/usr/local/bin/agentv", *arguments],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.url = None
        said = []
        for line in self.process.stdout:
            said.append(line)
            if line.startswith("Dashboard: "):
                self.url = line.split()[1].replace("localhost", "127.0.0.1")
                break
        assert self.url, "the Studio did not print its address:\n" + "".join(said)
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        self.first = int(children.read_text().split()[0])

    def namespace_pids(self):
        """Host pids of all processes of the container."""
        wanted = os.readlink(f"/proc/{self.first}/ns/pid")
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if os.readlink(entry / "ns/pid") == wanted:
                        found.append(int(entry.name))
                except OSError:
                    continue
        return found

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.load(answer)

    def post(self, path, body):
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def wait_for_event(self, path, name, limit=60):
        """Reads the event stream until an event of this name has come; returns its data."""
        deadline = time.monotonic() + limit
        with urllib.request.urlopen(self.url + path, timeout=limit) as stream:
            event = None
            for raw in stream:
                assert time.monotonic() < deadline, f"no {name} within {limit} s"
                line = raw.decode().rstrip("\n")
                if line.startswith("event: "):
                    event = line[7:]
                elif line.startswith("data: ") and event == name:
                    return json.loads(line[6:])
        raise AssertionError(f"the stream ended without {name}")

    def stop(self):
        """As `docker stop` does it: SIGTERM to PID 1."""
        os.kill(self.first, signal.SIGTERM)
        return self.process.wait(timeout=10)

    def abort(self):
        if self.process.poll() is None:
            os.kill(self.first, signal.SIGKILL)
            self.process.wait(timeout=10)


@pytest.fixture
def container(rootfs):
    started = Container(rootfs)
    yield started
    started.abort()


def test_stop_of_the_container_stops_its_run_resumably_and_exits_0(rootfs, container):
    assert pathlib.Path(f"/proc/{container.first}/status").read_text().split("NSpid:")[1].split()[1] == "1"
    with urllib.request.urlopen(container.url + "/healthz", timeout=10) as answer:
        assert answer.status == 200
    job = container.post("/api/eval/run", {"suite_filter": "evals/quickstart.eval.yaml"})
    container.wait_for_event(f"/api/eval/run/{job['id']}/events", "row")
    pids = container.namespace_pids()
    assert len(pids) >= 3, "the Studio, the holder and the run were expected"

    assert container.stop() == 0
    assert [pid for pid in pids if os.path.exists(f"/proc/{pid}")] == []

    again = Container(rootfs)
    try:
        runs = again.get("/api/runs")["runs"]
        assert len(runs) == 1
        assert 0 < runs[0]["completed_test_count"] < runs[0]["planned_test_count"]
        detail = again.get(f"/api/runs/{runs[0]['filename']}")
        job = again.post(
            "/api/eval/run",
            {"suite_filter": detail["suite_filter"], "output": detail["run_dir"], "resume": True},
        )
        end = again.wait_for_event(f"/api/eval/run/{job['id']}/events", "end", limit=240)
        assert end["job"]["outcome"] == "completed"
        run = again.get("/api/runs")["runs"][0]
        assert run["completed_test_count"] == run["planned_test_count"]
        assert again.stop() == 0
    finally:
        again.abort()


def test_processes_orphaned_in_the_container_are_reaped_by_pid_1(container, rootfs):
    # A daemonising child of a run is re-parented to PID 1; no zombie may stay behind.
    job = container.post("/api/eval/run", {"suite_filter": "evals/quickstart.eval.yaml"})
    container.wait_for_event(f"/api/eval/run/{job['id']}/events", "row")
    enter = ["nsenter", "--target", str(container.first), "--pid", "--mount"]
    subprocess.run([*enter, "sh", "-c", "(true & ) ; exit 0"], check=True, timeout=10)
    container.post(f"/api/eval/run/{job['id']}/stop", {})
    try:
        container.wait_for_event(f"/api/eval/run/{job['id']}/events", "end")
    except urllib.error.HTTPError as error:  # ended before we listened
        assert error.code == 204
    zombies = []
    for pid in container.namespace_pids():
        try:
            if "\nState:\tZ" in pathlib.Path(f"/proc/{pid}/status").read_text():
                zombies.append(pid)
        except OSError:
            continue
    assert zombies == []
