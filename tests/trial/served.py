"""Runs a trial as the window's process does, with a teacher that needs no library."""

from __future__ import annotations

import dataclasses
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from schooling import nearest

from augstudio.pool.processes import Inline
from augstudio.pool.retrying import Engine
from augstudio.trial import apart, network, pictures, running


class Teacher:
    """The nearest picture; slow where it is to be stopped."""

    parallel = 2

    def __init__(self, device: str) -> None:
        self._pause = 0.05 if "slow" in sys.argv else 0.0

    def __call__(self, lesson: Any, *, tell: Any, stop: Any) -> Any:
        def told(done: int) -> None:
            time.sleep(self._pause)
            tell(done)

        short = dataclasses.replace(lesson, updates=min(lesson.updates, 20))
        return nearest(short, tell=told, stop=stop)


if __name__ == "__main__":
    if "broken" in sys.argv:
        raise SystemExit("no such thing as a teacher")
    os.nice = lambda _: 0  # tests do not wait for whatever else goes on
    pictures._engine = lambda settings, total: Engine(Inline, 1)  # which starts no processes
    running.Teacher = Teacher  # type: ignore[misc, assignment]
    running.weights_of = lambda names: 1000
    network.chosen_device = running.chosen_device = lambda name: "cpu"
    sys.stdout.write("a library has something to say\n")
    apart.main()
