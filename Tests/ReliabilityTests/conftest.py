import os

import pytest

from experiments import Context
from faults import Faults


@pytest.fixture(scope="session")
def context(agentv):
    missing = Faults.missing()
    if missing:
        pytest.skip(missing)
    context = Context(agentv, os.environ.get("AGENTV_TEST_TOOLS"))
    yield context
    context.close()
