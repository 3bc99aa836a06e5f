import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> pathlib.Path:
    return ROOT


@pytest.fixture(scope="session")
def agentv() -> str:
    """The binary under test: AGENTV_BINARY, else the debug build."""
    given = os.environ.get("AGENTV_BINARY")
    if given:
        return given
    shown = subprocess.run(
        ["swift", "build", "--show-bin-path"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    path = pathlib.Path(shown.stdout.strip()) / "agentv"
    assert path.exists(), f"{path} is missing; build it: swift build"
    return str(path)


@pytest.fixture(scope="session")
def studio_options(agentv) -> set[str]:
    """The options of `agentv studio`, by its own help."""
    shown = subprocess.run(
        [agentv, "studio", "--help"], capture_output=True, text=True, check=True, timeout=60
    )
    return set(re.findall(r"--[a-z][a-z-]+", shown.stdout))
