"""Fixtures of every suite."""

from pathlib import Path

import pytest

from common import ROOT, binary


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def agentv() -> str:
    """The binary under test: AGENTV_BINARY, else the debug build."""
    return str(binary())
