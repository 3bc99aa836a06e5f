"""Answer, tool call, failing model and stall, of each real agent."""

from __future__ import annotations

import json

import pytest

from common import wait_until
from harness import AGENTS

TARGETS = [word for agent in AGENTS for word in ("--target", agent)]
VERSIONS = {"claude": "2.1.330", "codex": "0.163.0", "copilot": "1.0.64-0"}


def by_test(rows):
    return {(row["test_id"], row["target"]): row for row in rows}


def test_every_agent_answers_and_runs_a_tool(project):
    project.write_eval(
        {
            "answer": "hello [[mock:answer=done]]",
            "tool": "run it [[mock:shell=echo out-of-the-tool; (setsid sleep 130 >/dev/null 2>&1 &)]]"
            "[[mock:answer=done]]",
        }
    )
    assert project.run("eval", "evals", *TARGETS, "--output", "out") == 0, project.output()
    # What a finished tool had left in the background went with its test.
    assert project.processes() == {}
    rows = by_test(project.rows("out"))
    assert len(rows) == 6
    for agent in AGENTS:
        answer, tool = rows["answer", agent], rows["tool", agent]
        for row in (answer, tool):
            assert row["execution_status"] == "ok", row
            assert row["agent_version"] == VERSIONS[agent]
            assert row["duration_ms"] > 0
            events = (project.path / "out" / row["agent_events_path"]).read_text().splitlines()
            assert all(isinstance(json.loads(line), dict) for line in events)
            assert "# target: " + agent in open(row["stream_log_path"]).read()
        if agent != "copilot":
            # The mock reports 11 and 7 for each call.
            assert answer["token_usage"]["input"] == 11 and answer["token_usage"]["output"] == 7
            assert tool["token_usage"]["input"] == 22 and tool["token_usage"]["output"] == 14
        if agent == "claude":
            assert answer["cost_usd"] > 0
    lines = [json.loads(line) for line in (project.path / "out/transcript.jsonl").open()]
    for agent in AGENTS:
        calls = [
            call
            for line in lines
            if (line["target"], line["test_id"]) == (agent, "tool")
            for call in line.get("tool_calls", [])
        ]
        assert [call["tool"] for call in calls] == ["Bash"], calls
        assert "echo out-of-the-tool" in json.dumps(calls[0]["input"])
        assert "out-of-the-tool" in json.dumps(calls[0]["output"])
        assert calls[0]["duration_ms"] >= 0
    for path, content in {**project.files("out"), **project.files(".agentv/logs")}.items():
        assert b"0123456789" not in content, f"a key is in {path}"


@pytest.mark.parametrize("agent", AGENTS)
def test_a_failing_model_is_an_error_that_tells_whether_it_can_pass(project, agent):
    project.write_eval({"fail": "no [[mock:fail=400]]"})
    code = project.run(
        "eval", "evals", "--target", agent, "--output", "out", "--max-retries", "2"
    )
    assert code == 2, project.output()
    (row,) = project.rows("out")
    assert row["execution_status"] == "execution_error"
    assert row["failure_stage"] == "agent"
    # A request that the model refuses is not tried again.
    assert "attempts" not in row, row
    assert row["error"] and "without a final event" not in row["error"]


def test_a_stall_in_the_middle_of_an_answer_ends_at_the_time_limit(project):
    project.write_targets(timeout_seconds=12)
    project.write_eval({"stall": "slowly [[mock:stall=100]][[mock:answer=done done done done]]"})
    code = project.run("eval", "evals", *TARGETS, "--output", "out", "--max-retries", "0")
    assert code == 2, project.output()
    assert project.processes() == {}
    for row in project.rows("out"):
        assert row["execution_status"] == "execution_error"
        assert "timed out after 12s" in row["error"], row
    wait_until(lambda: project.mock.stats()["in_flight"] == 0, "no request in flight", 5)
    assert project.mock.stats()["aborted"] >= 3


def test_a_refused_tool_is_told(project):
    """Claude's safe default refuses the shell; the run would otherwise look fine."""
    project.targets[0].pop("allowed_tools")
    project.write_targets()
    project.write_eval({"refused": "run it [[mock:shell=python3 -c 'open(\"refused-tool\", \"w\")']][[mock:answer=done]]"})
    assert project.run("eval", "evals", "--target", "claude", "--output", "out") == 0
    (row,) = project.rows("out")
    assert row["execution_status"] == "ok"
    assert "Bash were refused" in " ".join(row.get("warnings", [])), row
    assert not (project.path / "work/claude/refused-tool").exists()
