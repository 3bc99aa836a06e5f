"""An independent server of the models' APIs: LiteLLM's proxy with canned answers, in an environment of
its own in the cache folder (AGENTV_CACHE, else ~/.cache/agentv-tests), made when it is first needed."""

import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

HERE = pathlib.Path(__file__).resolve().parent
KEY = "sk-test-sesame"
CONFIG = f"""
model_list:
  - model_name: gpt
    litellm_params: {{model: openai/gpt-4o-mini, api_key: none, mock_response: "the answer is four"}}
  - model_name: claude
    litellm_params: {{model: anthropic/claude-3-5-haiku-latest, api_key: none, mock_response: "the answer is four"}}
  - model_name: busy
    litellm_params: {{model: openai/gpt-4o-mini, api_key: none, mock_response: "litellm.RateLimitError"}}
litellm_settings: {{num_retries: 0, telemetry: false}}
router_settings: {{num_retries: 0, disable_cooldowns: true}}
general_settings: {{master_key: {KEY}}}
"""


def environment() -> pathlib.Path:
    """The environment with LiteLLM; the test is skipped when it cannot be downloaded."""
    cache = os.environ.get("AGENTV_CACHE") or pathlib.Path.home() / ".cache/agentv-tests"
    home = pathlib.Path(cache) / "model-server"
    wanted = (HERE / "requirements.txt").read_text()
    stamp = home / "requirements.txt"
    if stamp.exists() and stamp.read_text() == wanted:
        return home
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    pip = [home / "bin/pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        done = subprocess.run(
            [*pip, "-r", HERE / "requirements.txt"], capture_output=True, text=True, timeout=900
        )
    except subprocess.TimeoutExpired:
        pytest.skip("LiteLLM could not be downloaded within 15 minutes")
    if done.returncode != 0:
        pytest.skip(f"LiteLLM could not be downloaded: {done.stderr.strip().splitlines()[-1]}")
    stamp.write_text(wanted)
    return home


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    home = environment()
    place = tmp_path_factory.mktemp("litellm")
    (place / "config.yaml").write_text(CONFIG)
    # LiteLLM takes no port 0. The socket keeps the port from everybody else until just before.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    variables = {
        "PATH": os.environ["PATH"], "HOME": str(place), "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_TELEMETRY": "False",
    }  # fmt: skip
    with open(place / "log", "w") as log:
        process = subprocess.Popen(
            [home / "bin/litellm", "--config", place / "config.yaml", "--host", "127.0.0.1",
             "--port", str(port)],
            cwd=place, env=variables, stdout=log, stderr=log,
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 300
        while True:
            try:
                urllib.request.urlopen(f"{url}/health/liveliness", timeout=5).read()
                break
            except OSError:
                assert process.poll() is None, (place / "log").read_text()[-3000:]
                assert time.monotonic() < deadline, "LiteLLM does not answer"
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
