"""What a request names stays inside: no path out of the project, no option, no shell word."""

from __future__ import annotations

import json
import os
from urllib.parse import quote

import pytest

from common import wait_until
from serving import PATIENCE_S

SECRET = "the-secret-of-another-directory"
RUN = "default/2026-05-07T10-00-00-000Z"


@pytest.fixture(scope="module")
def trap(studio, tmp_path_factory):
    """Files beside the project that must never be seen, and links that lead to them."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.txt").write_text(SECRET)
    (outside / "index.jsonl").write_text(json.dumps({"test_id": SECRET, "score": 1}) + "\n")
    run = studio.project.run(RUN)
    for name, target in [
        ("link.txt", outside / "secret.txt"), ("folder", outside), ("passwd", "/etc/passwd"),
        ("up", ".."), ("environ", "/proc/self/environ"), ("loop", "loop"),
    ]:  # fmt: skip
        if not (run / name).is_symlink():
            (run / name).symlink_to(target)
    linked = studio.project.path / ".agentv/results/runs/default/2026-05-07T11-00-00-000Z"
    if not linked.is_symlink():
        linked.symlink_to(outside)
    return outside


def test_no_file_outside_of_a_run_is_read(studio, trap):
    names = [
        "link.txt", "folder/secret.txt", "passwd", "up/../../../../targets.yaml", "environ", "loop",
        "../../../../.agentv/targets.yaml", "..", ".", "../", "....//....//", "/etc/passwd",
        "%2fetc%2fpasswd", "..%2f..%2f..%2f..%2ftargets.yaml", "..%252f..%252f", "..\\..\\targets.yaml",
        "a" * 5000, "a/" * 2000, "INDEX.JSONL/../../x", "\u202e.txt", "index.jsonl/", "index.jsonl/x",
        "file:///etc/passwd", "~/.ssh/id_rsa", "$HOME", "`id`", "con", "nul",
    ]  # fmt: skip
    for identifier in (quote(RUN, safe=""), quote(RUN.split("/")[1]), "..", "%2e%2e%2f%2e%2e"):
        for name in names:
            for escaped in (quote(name), quote(name, safe=""), name if name.isascii() and " " not in name else "x"):
                for route in ("evals/one/files", "evals/one", "tags"):
                    answer = studio.get(f"/api/runs/{identifier}/{route}/{escaped}")
                    found = answer.body.decode(errors="replace")
                    assert SECRET not in found and "root:x:" not in found and "HOME=" not in found, name
                    assert "provider: cli" not in found, name
                    assert answer.status in (200, 400, 403, 404, 405, 414), (answer.status, name)


def test_a_run_that_is_a_link_leads_nowhere(studio, trap):
    for path in ("/api/runs", "/api/index"):
        assert SECRET not in studio.get(path).body.decode(errors="replace")
    identifier = quote("default/2026-05-07T11-00-00-000Z", safe="")
    for path in (f"/api/runs/{identifier}", f"/api/runs/2026-05-07T11-00-00-000Z"):
        assert SECRET not in studio.get(path).body.decode(errors="replace")
    answer = studio.send("DELETE", f"/api/runs/{identifier}")
    assert (trap / "index.jsonl").exists(), answer.body


@pytest.mark.parametrize("output", [
    "/tmp/elsewhere", "../outside", "../../../../tmp/x", ".agentv/results/../../../x",
    "runs/default/2026-05-07T11-00-00-000Z", ".agentv", ".", "", "~/x", "--output=/tmp/x", "-x",
    "runs/default/x\ny", "runs/default/\u0000x", "file:///tmp/x", "runs", "a" * 5000,
])  # fmt: skip
def test_no_output_lands_outside_of_the_results(studio, trap, output):
    body = {"suite_filter": "evals/quick.eval.yaml", "output": output}
    results = os.path.realpath(studio.project.path / ".agentv/results")
    for more in ({"resume": True}, {"rerun_failed": True}, {}):
        # The preview says what would be run; a value without a directory is a name in the results.
        answer = studio.send("POST", "/api/eval/run", {**body, **more})
        assert answer.status in (202, 400, 404, 409), (output, more, answer.body)
        if answer.status == 202:
            words = answer.json["command"].split() + answer.json.get("argv", [])
            places = [w.partition("=")[2] or w for w in words if studio.project.path.name in w]
            assert all(os.path.realpath(place).startswith(results) for place in places), (output, words)
        else:
            assert answer.code
    assert sorted(os.listdir(trap)) == ["index.jsonl", "secret.txt"]
    assert not os.path.exists("/tmp/elsewhere")


HOSTILE = [
    "--help", "-h", "--token=x", "--output=/tmp/x", "-", "--", "; touch {mark}", "$(touch {mark})",
    "`touch {mark}`", "| touch {mark}", "& touch {mark} &", "a\ntouch {mark}", "AGENTV_JOB_ID=x",
    "LD_PRELOAD=/tmp/x.so", "'; touch {mark}; '", '"; touch {mark}; "', "%s%n", "\x1b]0;x\x07",
]  # fmt: skip


def test_values_never_become_options_or_shell_words(make_studio, project):
    studio = make_studio("--max-jobs", "2")
    mark = project.path.parent / "mark"
    for value in HOSTILE:
        value = value.format(mark=mark)
        for field in ("target", "suite_filter", "experiment", "test_ids", "threshold", "workers"):
            body = {"suite_filter": "evals/quick.eval.yaml", field: [value] if field == "test_ids" else value}
            for path in ("/api/eval/preview", "/api/eval/run"):
                answer = studio.send("POST", path, body)
                assert answer.status in (200, 202, 400, 404, 409), (field, value, answer.body)
                if answer.status in (400, 404, 409):
                    assert answer.code
    wait_until(
        lambda: all(run["status"] in ("finished", "failed") for run in studio.get("/api/eval/runs").json["runs"]),
        "the end of all runs", seconds=4 * PATIENCE_S)
    assert not mark.exists()
    assert studio.get("/api/runs").status == 200
    assert studio.process.poll() is None


def test_a_value_that_looks_like_an_option_arrives_as_a_value(make_studio, project):
    studio = make_studio()
    shown = studio.send(
        "POST", "/api/eval/preview",
        {"suite_filter": "evals/quick.eval.yaml", "target": "--dry-run", "experiment": "--force"})
    command = shown.json["command"] if shown.status == 200 else ""
    words = command.split()
    assert "--dry-run" not in words and "--force" not in words, command


def test_keys_of_the_environment_are_in_no_answer_and_no_file(make_studio, project):
    key = "sk-test-0123456789abcdef0123456789"
    studio = make_studio(environment={"OPENAI_API_KEY": key, "ANTHROPIC_API_KEY": key + "a"})
    job = studio.launch("quick")
    with studio.wire() as wire:
        wire.send(f"GET /api/eval/run/{job['id']}/events HTTP/1.1\r\nHost: {studio.host}\r\n\r\n")
        stream = wire.rest().decode(errors="replace")
    assert "event: end" in stream and key not in stream
    for path in ("/", "/metrics", "/api/openapi.json", "/api/config", "/api/runs", "/api/eval/runs", "/api/targets",
                 f"/api/eval/status/{job['id']}", f"/api/eval/run/{job['id']}/log", "/api/nope"):  # fmt: skip
        assert key not in studio.get(path).body.decode(errors="replace"), path
    for file in (project.path / ".agentv").rglob("*"):
        if file.is_file():
            assert key.encode() not in file.read_bytes(), file
    assert key.encode() not in studio.said + studio.complained


def test_no_command_line_of_a_child_holds_a_secret(make_studio, project):
    key = "sk-test-fedcba9876543210fedcba"
    studio = make_studio(environment={"OPENAI_API_KEY": key, "AGENTV_STUDIO_TOKEN": "a-long-token-of-this-test"})
    bearer = {"Authorization": "Bearer a-long-token-of-this-test"}
    job = studio.launch("slow", **bearer)
    children = wait_until(lambda: len(found := descendants(studio.process.pid)) >= 2 and found, "the run")
    for pid in children:
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                line = file.read()
            with open(f"/proc/{pid}/environ", "rb") as file:
                environment = file.read()
        except OSError:
            continue
        assert key.encode() not in line and b"a-long-token" not in line + environment
    studio.send("POST", f"/api/eval/run/{job['id']}/stop", {}, bearer)


def test_children_get_the_open_files_that_the_studio_was_started_with(make_studio, project):
    project.write("agent.sh", 'ulimit -Sn > limit.txt\necho fine > "$2"\n')
    studio = make_studio(wrapper=("prlimit", "--nofile=777:20000"))
    studio.launch("quick")
    limit = wait_until(
        lambda: (file := project.path / "limit.txt").exists() and file.read_text().strip(), "the agent")
    assert limit == "777"
    own = open(f"/proc/{studio.process.pid}/limits").read()
    assert int(own.split("Max open files")[1].split()[0]) > 10_000


def descendants(root: int) -> list[int]:
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as file:
                    parents[int(entry)] = int(file.read().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found[1:]


def test_pipes_in_the_places_of_files_hold_no_reader(make_studio, project):
    """A run that came from elsewhere, or an agent, can put anything into a run directory."""
    good, bad, worse = (f"default/2026-05-07T10-00-0{n}-000Z" for n in range(3))
    project.run(good)
    run = project.run(bad)
    row = json.loads((run / "index.jsonl").read_text())
    for field in ("grading_path", "timing_path", "input_path", "output_path", "response_path", "messages_path"):
        row[field] = "pipe"
    (run / "index.jsonl").write_text(json.dumps(row) + "\n")
    os.mkfifo(run / "pipe")
    for name in ("run.json", "tags.json", ".lock", "benchmark.json", "timing.json", "console.log", "transcript.jsonl"):
        os.mkfifo(run / name)
    os.mkfifo(project.run(worse) / "feedback.json")
    (project.path / ".agentv/results/runs" / worse / "index.jsonl").unlink()
    os.mkfifo(project.path / ".agentv/results/runs" / worse / "index.jsonl")
    studio = make_studio()
    for place in (bad, worse):
        run_id = quote(place.removeprefix("default/"), safe="")
        for path in ("", "/evals/one", "/evals/one/files", "/evals/one/files/pipe", "/evals/one/attempts",
                     "/suites", "/categories"):  # fmt: skip
            assert studio.get(f"/api/runs/{run_id}{path}").status in (200, 404, 500), path
    for path in ("/api/runs", "/api/compare", "/api/experiments", "/api/index", "/api/feedback"):
        assert studio.get(path).status == 200, path
    assert studio.get(f"/api/runs/{quote(good.removeprefix('default/'))}").json["results"]


@pytest.mark.parametrize("pattern", [
    "**/" * 1000 + "x", "**/a/" * 500 + "x", "{" * 1000 + "a,b" + "}" * 1000, "{a,b}" * 30,
    "[a-" * 1000, "*" * 3000, "{1..999999999}", "a" * 100_000,
], ids=["stars", "pairs", "nested", "product", "sets", "run", "range", "long"])  # fmt: skip
def test_patterns_that_are_hard_to_match_hold_up_no_launch(studio, pattern):
    answer = studio.send("POST", "/api/eval/run", {"suite_filter": pattern, "dry_run": True})
    assert answer.status == 400 and answer.code == "eval-not-found"
