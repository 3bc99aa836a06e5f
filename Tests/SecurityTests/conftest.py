from __future__ import annotations

import pytest

from serving import Certificate, Project, Studio


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path / "project")


@pytest.fixture
def make_studio(project):
    """Starts servers that are ended with the test."""
    studios: list[Studio] = []

    def make(*arguments, of=None, **more) -> Studio:
        studios.append(Studio(of or project, *arguments, **more))
        return studios[-1]

    yield make
    for studio in studios:
        studio.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    return Certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    """A Studio that the tests of one file share; what they do to it must not be seen by the others."""
    project = Project(tmp_path_factory.mktemp("shared") / "project")
    project.run("default/2026-05-07T10-00-00-000Z")
    studio = Studio(project)
    yield studio
    studio.close()
