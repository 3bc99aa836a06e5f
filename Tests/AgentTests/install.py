"""Installs the real agents into a cache folder: `python install.py` prints where they are.

They are programs inside of Python wheels, about 1 GB together, so they are installed once for a
machine and not into the project.  Versions are pinned: what a stop does to them is measured.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PACKAGES = [
    "claude-agent-sdk==0.2.187",
    "openai-codex-cli-bin==0.163.0",
    # The last one that carries the program; later ones download it.
    "github-copilot-sdk==1.0.2",
]
PROGRAMS = {
    "claude": "claude_agent_sdk/_bundled/claude",
    "codex": "codex_cli_bin/bin/codex",
    "copilot": "copilot/bin/copilot",
}


class NotInstalled(Exception):
    """Why the agents cannot be had here."""


def cache() -> Path:
    root = os.environ.get("AGENTV_CACHE")
    return (Path(root) if root else Path.home() / ".cache/agentv-tests") / "agents"


def installed() -> dict[str, Path] | None:
    for packages in cache().glob("venv/lib/python3*/site-packages"):
        programs = {name: packages / path for name, path in PROGRAMS.items()}
        if all(os.access(path, os.X_OK) for path in programs.values()):
            return programs
    return None


def install() -> dict[str, Path]:
    """The programs by name; downloads them when they are not there yet."""
    if programs := installed():
        return programs
    venv = cache() / "venv"
    venv.parent.mkdir(parents=True, exist_ok=True)
    commands = [
        [sys.executable, "-m", "venv", str(venv)],
        [str(venv / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", *PACKAGES],
    ]
    for command in commands:
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=900, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired:
            raise NotInstalled(f"{command[-1]}: the download took more than 15 minutes") from None
        if done.returncode != 0:
            last = (done.stderr.strip() or "no message").splitlines()[-1]
            raise NotInstalled(f"the agents cannot be downloaded: {last}")
    programs = installed()
    if programs is None:
        raise NotInstalled("the packages hold no such programs for this machine")
    return programs


if __name__ == "__main__":
    try:
        for name, path in install().items():
            print(name, path)
    except NotInstalled as reason:
        sys.exit(str(reason))
