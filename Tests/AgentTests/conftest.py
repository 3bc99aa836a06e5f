from __future__ import annotations

import os
from pathlib import Path

import pytest

import table
from common import ROOT
from harness import Mock, Project
from install import NotInstalled, cache, install


def pytest_addoption(parser):
    parser.addoption(
        "--full",
        action="store_true",
        default=bool(os.environ.get("AGENTV_AGENT_TESTS_FULL")),
        help="every state by every way, each with a resume (AGENTV_AGENT_TESTS_FULL)",
    )
    parser.addoption(
        "--write-table",
        action="store_true",
        help="write what was measured into docs/agents.md",
    )


def pytest_configure(config):
    config.addinivalue_line("markers", "full: only with --full")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--full"):
        return
    skip = pytest.mark.skip(reason="part of the full matrix: --full or AGENTV_AGENT_TESTS_FULL=1")
    for item in items:
        if "full" in item.keywords:
            item.add_marker(skip)


def pytest_sessionfinish(session, exitstatus):
    # Skipped tests measure nothing, and a table of nothing would replace one of something.
    if session.config.getoption("--write-table") and exitstatus == 0 and table.measured:
        table.write(ROOT / "docs/agents.md")


@pytest.fixture(scope="session")
def programs():
    try:
        return install()
    except NotInstalled as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def home(programs):
    """One home for all tests: the agents unpack themselves into a new one, which takes seconds."""
    path = cache() / "home"
    path.mkdir(exist_ok=True)
    return path


@pytest.fixture
def mock():
    tools = os.environ.get("AGENTV_TEST_TOOLS")
    script = Path(tools or "/nowhere") / "mock_llm/mock_llm.py"
    if not script.is_file():
        pytest.skip("AGENTV_TEST_TOOLS names no directory with mock_llm")
    mock = Mock(script)
    yield mock
    mock.end()


@pytest.fixture
def project(tmp_path, programs, mock, home):
    project = Project(tmp_path / "project", programs, mock, home)
    yield project
    project.end_all()
