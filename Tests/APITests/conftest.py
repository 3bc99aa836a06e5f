import os
import subprocess

import pytest

from studio import ROOT, Project, Studio


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


@pytest.fixture
def project():
    project = Project()
    yield project
    project.close()


@pytest.fixture
def serve(agentv):
    """Starts servers that end with the test."""
    servers = []

    def start(project, *arguments):
        server = Studio(agentv, project, *arguments)
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.close()
