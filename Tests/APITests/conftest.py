import pytest

from studio import Project, Studio


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
