import os
import subprocess

import pytest

from experiments import Context
from faults import Faults
from project import ROOT


@pytest.fixture(scope="session")
def agentv() -> str:
    """The binary under test: AGENTV_BINARY, else the debug build."""
    given = os.environ.get("AGENTV_BINARY")
    if given:
        return given
    shown = subprocess.run(
        ["swift", "build", "--show-bin-path"], cwd=ROOT, capture_output=True, text=True, check=True)
    path = os.path.join(shown.stdout.strip(), "agentv")
    assert os.path.exists(path), f"{path} is missing; build it: swift build"
    return path


@pytest.fixture(scope="session")
def context(agentv):
    missing = Faults.missing()
    if missing:
        pytest.skip(missing)
    context = Context(agentv, os.environ.get("AGENTV_TEST_TOOLS"))
    yield context
    context.close()
