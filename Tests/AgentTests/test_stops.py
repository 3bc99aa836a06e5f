"""Stops of the real agents in every state by every way: nothing is left, finished rows are intact.

One run holds all three agents, so that one stop has to reach them all.
"""

from __future__ import annotations

import os
import signal
import time

import pytest

import table
from common import wait_until
from harness import AGENTS, Studio

TARGETS = [word for agent in AGENTS for word in ("--target", agent)]
QUICK = "hello [[mock:answer=done]]"

# Codex goes on after 10 s with a command that still runs, so there is always a further one.
MORE = "[[mock:shell=sleep 147; true]]" * 20 + "[[mock:answer=done]]"
STATES = {
    "waiting for the model": "go [[mock:delay=140]][[mock:answer=done]]",
    "tool running": "go [[mock:shell=touch {flags}/f.$$; sleep 141; true]]" + MORE,
    "setsid tool": "go [[mock:shell=setsid sh -c \"trap '' TERM INT HUP; sleep 142; sleep 143\" "
    ">/dev/null 2>&1 & (setsid setsid -f sleep 144 >/dev/null 2>&1); touch {flags}/f.$$; "
    "sleep 145; true]]" + MORE,
}
TERMINAL = {
    "Ctrl+C": (signal.SIGINT, 130),
    "SIGTERM": (signal.SIGTERM, 143),
    "SIGKILL of agentv eval": (signal.SIGKILL, -9),
}
RESUMED = "tool running"


def reach(project, state: str, run: str, agents=AGENTS) -> None:
    """Returns when each agent has a finished test and its other one is in the state."""
    count = len(agents)
    wait_until(
        lambda: sum(row["test_id"] == "quick" for row in project.rows(run)) >= count,
        f"{count} finished tests",
    )
    if state == "waiting for the model":
        wait_until(lambda: project.mock.stats()["in_flight"] >= count, "requests in flight")
    else:
        wait_until(lambda: len(list(project.flags.iterdir())) >= count, "tools at work")


def prepare(project, state: str) -> None:
    project.write_eval({"quick": QUICK, "held": STATES[state].format(flags=project.flags)})


def check_the_end(project, state: str, way: str, began: float, allowed=(), seconds=10.0) -> None:
    """Nothing lives but what is allowed, no request waits; notes how long that took."""

    def survivors():
        left = {p: c for p, c in project.processes().items() if p not in allowed}
        return left

    left = survivors()
    # An orderly end is told when nothing is left; a killed process cannot tell, so it has a bound.
    deadline = time.monotonic() + (seconds if "SIGKILL" in way else 0)
    while left and time.monotonic() < deadline:
        time.sleep(0.005)
        left = survivors()
    elapsed = time.monotonic() - began
    by_agent: dict[str, int] = {agent: 0 for agent in AGENTS}
    for pid in left:
        agent = project.agent_of(pid)
        by_agent[agent] = by_agent.get(agent, 0) + 1
    assert left == {}, f"{state}, {way}"
    wait_until(lambda: project.mock.stats()["in_flight"] == 0, "no request in flight", 5)
    table.note(state, way, by_agent, elapsed)


def check_resume(project, run: str, before: bytes) -> None:
    """The same run goes on to its end: nothing lost, nothing twice."""
    project.write_eval({"quick": QUICK, "held": QUICK})
    assert project.run("eval", "--output", run, "--resume") == 0, project.output()
    assert project.index(run).startswith(before)
    rows = project.rows(run)
    assert sorted((r["test_id"], r["target"]) for r in rows) == sorted(
        (test, agent) for test in ("held", "quick") for agent in AGENTS
    )
    assert {r["execution_status"] for r in rows} == {"ok"}


def is_complete(request, state: str) -> bool:
    return state == RESUMED or request.config.getoption("--full")


@pytest.mark.parametrize("way", TERMINAL)
@pytest.mark.parametrize("state", STATES)
def test_a_stop_in_a_terminal_leaves_nothing(project, request, state, way):
    prepare(project, state)
    process = project.start("eval", "evals", *TARGETS, "--output", "out", "--workers", "2")
    reach(project, state, "out")
    before, files = project.index("out"), project.files("out")
    number, code = TERMINAL[way]
    began = time.monotonic()
    if way == "Ctrl+C":
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    assert process.wait(30) == code, project.output()
    check_the_end(project, state, way, began)
    # A stopped test leaves no row, and what had finished is as it was.
    assert project.index("out") == before
    after = project.files("out")
    finished = [name for name in files if "/quick/" in name]
    assert len(finished) >= 3 * 5
    assert all(after[name] == files[name] for name in finished)
    assert not [name for name in after if "/held/" in name]
    if is_complete(request, state):
        check_resume(project, "out", before)


@pytest.mark.parametrize("state", STATES)
def test_a_stop_by_the_api_leaves_nothing(project, request, state):
    """What the page's button does: the same request."""
    prepare(project, state)
    studio = Studio(project)
    job = studio.launch(targets=list(AGENTS), workers=2)
    run = studio.status(job["id"])["run_dir"]
    reach(project, state, run)
    before = project.index(run)
    began = time.monotonic()
    assert studio.request(f"/api/eval/run/{job['id']}/stop", {})["stopped"] is True
    end = studio.ended(job["id"])
    check_the_end(project, state, "Stop button, API", began, allowed={studio.process.pid})
    assert end["outcome"] == "stopped" and end["exit_code"] == 143
    assert end["census"]["remaining"] == []
    assert project.index(run) == before
    studio.end()
    assert project.processes() == {}
    if is_complete(request, state):
        check_resume(project, run, before)


def children(pid: int) -> list[int]:
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat") as file:
                parent = int(file.read().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        if parent == pid:
            found.append(int(entry))
    return found


def command(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def family(studio, job) -> dict[str, int]:
    """The processes of ours that run a job."""
    holder = studio.status(job)["pid"]
    (run,) = [p for p in children(holder) if " eval " in command(p)]
    (guard,) = [p for p in children(run) if " guard " in command(p)]
    return {"studio": studio.process.pid, "holder": holder, "eval": run, "guard": guard}


KILLS = {
    "SIGKILL of the run below the Studio": ["eval"],
    "SIGKILL of the holder": ["holder"],
    "SIGKILL of Studio and holder": ["studio", "holder"],
    "SIGKILL of Studio, holder, run and guard": ["guard", "studio", "holder", "eval"],
}


@pytest.mark.parametrize("way", KILLS)
@pytest.mark.parametrize(
    "state", [s if s == RESUMED else pytest.param(s, marks=pytest.mark.full) for s in STATES]
)
def test_a_kill_of_our_own_processes_leaves_nothing(project, state, way):
    prepare(project, state)
    studio = Studio(project)
    job = studio.launch(targets=list(AGENTS), workers=2)
    run = studio.status(job["id"])["run_dir"]
    reach(project, state, run)
    before = project.index(run)
    pids = family(studio, job["id"])
    began = time.monotonic()
    for name in ("eval", "holder", "studio"):
        # All at the same moment: nobody may see another's end first.
        if len(KILLS[way]) > 3:
            os.kill(pids[name], signal.SIGSTOP)
    for name in KILLS[way]:
        os.kill(pids[name], signal.SIGKILL)
    if "studio" in KILLS[way]:
        studio.process.wait(10)
    if "guard" in KILLS[way]:
        # Nobody is left to end anything: the command that resumes the run does.
        check_resume(project, run, before)
    allowed = set() if "studio" in KILLS[way] else {pids["studio"]}
    check_the_end(project, state, way, began, allowed=allowed, seconds=20)
    if "studio" not in KILLS[way]:
        end = studio.ended(job["id"])
        assert end["outcome"] in ("failed", "lost"), end
    studio.end()
    if "guard" not in KILLS[way]:
        assert project.index(run).startswith(before)
        check_resume(project, run, before)
    assert project.processes() == {}


def test_a_studio_that_is_killed_leaves_its_run_which_can_be_stopped(project):
    """The run survives its server on purpose; the records on disk say whom to ask."""
    state, way = RESUMED, "SIGKILL of the Studio, then agentv stop"
    prepare(project, state)
    studio = Studio(project)
    job = studio.launch(targets=list(AGENTS), workers=2)
    run = studio.status(job["id"])["run_dir"]
    reach(project, state, run)
    before = project.index(run)
    pids = family(studio, job["id"])
    studio.process.kill()
    studio.process.wait(10)
    assert pids["eval"] in project.processes()
    began = time.monotonic()
    assert project.run("stop", run) == 0, project.output()
    check_the_end(project, state, way, began)
    assert project.index(run) == before
    check_resume(project, run, before)


BETWEEN = ["SIGTERM", "Ctrl+C", "SIGKILL of agentv eval"]


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize(
    "way", [w if w == "SIGTERM" else pytest.param(w, marks=pytest.mark.full) for w in BETWEEN]
)
def test_a_stop_between_tests_leaves_nothing(project, agent, way):
    """The stop comes with the row of a test whose tool has left something in the background."""
    leaving = "go [[mock:shell=(setsid sleep 146 >/dev/null 2>&1 &); true]][[mock:answer=done]]"
    project.write_eval({f"t{number}": leaving for number in range(6)})
    process = project.start(
        "eval", "evals", "--target", agent, "--output", "out", "--workers", "1"
    )
    wait_until(lambda: b"\n" in project.index("out"), "the first row")
    began = time.monotonic()
    number, code = TERMINAL[way]
    os.killpg(process.pid, number) if way == "Ctrl+C" else process.send_signal(number)
    assert process.wait(30) == code, project.output()
    elapsed_from = began
    left = project.processes()
    deadline = time.monotonic() + (10 if "SIGKILL" in way else 0)
    while left and time.monotonic() < deadline:
        time.sleep(0.005)
        left = project.processes()
    table.note(
        "between tests", way, {agent: len(left)}, time.monotonic() - elapsed_from, (agent,)
    )
    assert left == {}
    wait_until(lambda: project.mock.stats()["in_flight"] == 0, "no request in flight", 5)
    rows = project.rows("out")
    assert 1 <= len(rows) < 6
    assert {row["execution_status"] for row in rows} == {"ok"}


def test_a_second_press_kills_at_once(project):
    state, way = "setsid tool", "Ctrl+C twice"
    prepare(project, state)
    process = project.start("eval", "evals", *TARGETS, "--output", "out", "--workers", "2")
    reach(project, state, "out")
    before = project.index("out")
    began = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    wait_until(lambda: "Stopping (SIGINT)" in project.output(), "the first press is told", 10)
    # Presses within 200 ms are one press, and a run that has ended by then needs no second one.
    while process.poll() is None and time.monotonic() - began < 30:
        os.killpg(process.pid, signal.SIGINT) if process.poll() is None else None
        time.sleep(0.25)
    assert process.wait(30) in (1, 130)
    check_the_end(project, state, way + " (SIGKILL by agentv)", began)
    assert project.index("out") == before


