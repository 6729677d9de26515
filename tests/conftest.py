"""What all tests share: a home of their own, pictures, and how much Hypothesis tries."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "augstudio",
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("augstudio")


_NUMBERS = itertools.count()


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new, empty folder for what belongs to the user: no test sees or touches the real one."""
    folder = tmp_path_factory.getbasetemp() / "homes" / str(next(_NUMBERS))  # mktemp looks at all there are, each time
    folder.mkdir(parents=True)
    monkeypatch.setenv("AUGSTUDIO_HOME", str(folder))
    return folder
