"""Tests that run what is written for other libraries in those libraries: `make test-interop`, in an environment of its
own. Any other run of pytest passes them by, with those libraries and without them."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

collect_ignore_glob = [] if os.environ.get("AUGSTUDIO_INTEROP") else ["*.py"]

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow says much about the processor

_NUMBERS = itertools.count()


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new, empty folder for what belongs to the user: no test sees or touches the real one."""
    folder = tmp_path_factory.getbasetemp() / "homes" / str(next(_NUMBERS))
    folder.mkdir(parents=True)
    monkeypatch.setenv("AUGSTUDIO_HOME", str(folder))
    return folder
