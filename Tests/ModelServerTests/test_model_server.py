"""Models behind a server that somebody else wrote."""

import json
import os
import subprocess

import pytest

from conftest import KEY

CASES = [
    # target, provider, model, further settings, expected status, expected error
    ("chat", "openai", "gpt", {}, "ok", None),
    ("messages", "anthropic", "claude", {}, "ok", None),
    ("router", "openrouter", "gpt", {"base_url": "{url}/v1"}, "ok", None),
    ("shorthand", "agentv", "openai:gpt", {}, "ok", None),
    ("busy", "openai", "busy", {}, "execution_error", "HTTP 429: litellm.RateLimitError"),
    ("unknown", "openai", "nothing", {}, "execution_error", "HTTP 400"),
]


@pytest.fixture(scope="module")
def rows(server, agentv, tmp_path_factory):
    """One run over all targets."""
    project = tmp_path_factory.mktemp("project")
    targets = []
    for name, provider, model, more, _, _ in CASES:
        target = {
            "name": name, "provider": provider, "base_url": server, "model": "${{ MODEL_%s }}" % name,
            "max_retries": 1, "retry_initial_delay_ms": 1,
        }  # fmt: skip
        if provider != "agentv":
            target["api_key"] = "${{ SERVER_KEY }}"
        target |= {key: value.replace("{url}", server) for key, value in more.items()}
        targets.append(target)
    (project / ".agentv").mkdir()
    (project / ".agentv/targets.yaml").write_text(json.dumps({"targets": targets}))
    test = {
        "id": "sum", "criteria": "says four", "input": "2 + 2?",
        "assertions": [{"type": "contains", "value": "four"}],
    }  # fmt: skip
    (project / "sum.eval.yaml").write_text(json.dumps({"tests": [test]}))
    variables = {
        "PATH": os.environ["PATH"], "HOME": str(project), "SERVER_KEY": KEY, "OPENAI_API_KEY": KEY,
        **{f"MODEL_{name}": model for name, _, model, _, _, _ in CASES},
    }  # fmt: skip
    command = [agentv, "eval", "sum.eval.yaml", "--output", "out", "--max-retries", "0"]
    for name, *_ in CASES:
        command += ["--target", name]
    done = subprocess.run(
        command, cwd=project, env=variables, capture_output=True, text=True, timeout=300
    )
    assert (project / "out/index.jsonl").exists(), done.stdout + done.stderr
    assert KEY not in done.stdout + done.stderr
    lines = (project / "out/index.jsonl").read_text().splitlines()
    return {row["target"]: row for row in map(json.loads, lines)}


@pytest.mark.parametrize("name,status,error", [(c[0], c[4], c[5]) for c in CASES])
def test_a_target_behind_an_independent_server(rows, name, status, error):
    row = rows[name]
    assert row["execution_status"] == status, row
    if error is None:
        assert row["token_usage"]["output"] > 0 and row["token_usage"]["input"] > 0
    else:
        assert error in row["error"]
