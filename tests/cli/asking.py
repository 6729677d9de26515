"""What the tests of the command line share: asking in this process or in one of its own, and what is said."""

from __future__ import annotations

import os
import subprocess
import sys
import types


class Said(types.SimpleNamespace):
    """The exit code of a command, and what it said."""

    code: int
    out: str
    err: str


def refused(said: Said) -> str:
    """The one line of a command that did nothing."""
    assert said.code == 2
    assert said.err.startswith("augstudio: ")
    assert said.err.count("\n") == 1
    return said.err


def program(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a program of its own."""
    command = [sys.executable, "-m", "augstudio", *map(str, arguments)]
    environment = {**os.environ, **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
