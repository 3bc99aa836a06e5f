import re
import subprocess

import pytest


@pytest.fixture(scope="session")
def studio_options(agentv) -> set[str]:
    """The options of `agentv studio`, by its own help."""
    shown = subprocess.run(
        [agentv, "studio", "--help"], capture_output=True, text=True, check=True, timeout=60
    )
    return set(re.findall(r"--[a-z][a-z-]+", shown.stdout))
