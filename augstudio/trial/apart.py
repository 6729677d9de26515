"""A trial in a process of its own, which a window starts: what is asked comes in as a line, what is told goes out.

Trainings take all that a machine has for minutes. In a process of their own they give way to the window, and end with
it: where nobody reads on, or the input ends, so does the trial. Lines are JSON: `Request` in; then any line means to
stop. Out come {"standing": …}, at times with {"result": …} of what is known so far; at the end {"done": result}, or
{"refused": words}, with {"again": true} where the folder looks augmented already and a choice of that name goes on.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NoReturn, TextIO

_TICK = 0.1
"""Seconds between two lines of how it stands."""


@dataclass(frozen=True)
class Request:
    """What is asked, as plain values.

    Attributes
    ----------
    location, folders : str
        Of the dataset, and what its folders are taken for.
    presets : tuple of str
        The pipelines, as presets' texts.
    excluded : tuple of str
        Keys of pictures that are left out.
    choices : dict
        Other fields of `TrialSettings`, by their names.
    """

    location: str
    folders: str
    presets: tuple[str, ...]
    excluded: tuple[str, ...]
    choices: Mapping[str, Any]

    def dump(self) -> str:
        """As a line."""
        return json.dumps(asdict(self))

    @classmethod
    def parse(cls, line: str) -> Request:
        """What `dump` wrote."""
        found = json.loads(line)
        return cls(
            found["location"],
            found["folders"],
            tuple(found["presets"]),
            tuple(found["excluded"]),
            dict(found["choices"]),
        )


def command() -> list[str]:
    """The program that `main` is, with its arguments."""
    return [sys.executable, "-m", "augstudio.trial.apart"]


def serve(given: TextIO, told: TextIO) -> int:
    """Do what the first line asks, and tell how it goes; the exit code is 0 whatever comes of it."""
    request = Request.parse(given.readline())
    stopped = threading.Event()

    def listen() -> None:
        given.readline()
        stopped.set()

    threading.Thread(target=listen, daemon=True).start()

    def tell(value: Mapping[str, object]) -> None:
        try:
            told.write(json.dumps(value) + "\n")
            told.flush()
        except (OSError, ValueError):  # nobody listens any more
            stopped.set()

    tell(_outcome(request, tell, stopped))
    return 0


def _outcome(request: Request, tell: Any, stopped: threading.Event) -> dict[str, object]:
    from augstudio import presets
    from augstudio.dataset import DatasetError, Folders, ScanStopped, scan
    from augstudio.export import ExportError, LooksAugmentedError
    from augstudio.images import quiet_libraries
    from augstudio.pool.retrying import PoolError
    from augstudio.trial.network import chosen_device
    from augstudio.trial.running import TrialStanding, run_trial
    from augstudio.trial.settings import TrialError, TrialSettings
    from augstudio.wording import said

    quiet_libraries()
    last, known, stage = 0.0, 0, ""

    def progress(standing: TrialStanding) -> None:
        nonlocal last, known, stage
        trained = standing.result.trained if standing.result is not None else 0
        now = time.monotonic()
        if (trained, standing.stage) == (known, stage) and now - last < _TICK:
            return
        last, stage = now, standing.stage
        value: dict[str, object] = {
            "standing": {
                "stage": standing.stage.value,
                "done": standing.done,
                "total": standing.total,
                "share": standing.share,
                "seconds": standing.seconds,
            }
        }
        if trained != known and standing.result is not None:
            known = trained
            value["result"] = standing.result.as_json()
        tell(value)

    try:
        settings = TrialSettings(
            pipelines=tuple(presets.parse(text, "the pipeline") for text in request.presets),
            excluded=request.excluded,
            **request.choices,
        )
        chosen_device(settings.device)
        dataset = scan(request.location, folders=Folders(request.folders), stop=stopped.is_set)
        result = run_trial(settings, dataset, progress=progress, stop=stopped.is_set)
    except ScanStopped:
        return {"done": None}
    except LooksAugmentedError as error:
        return {"refused": str(error), "again": True}
    except (TrialError, ExportError, DatasetError, PoolError) as error:
        return {"refused": str(error)}
    except Exception as error:  # the window says it, whatever it is
        return {"refused": f"the trial broke off: {type(error).__name__}: {said(error)}"}
    return {"done": None if result is None else result.as_json()}


def main() -> NoReturn:
    """Serve on standard input and output, giving way to all other programs."""
    with contextlib.suppress(AttributeError, OSError):  # Windows has no such thing
        os.nice(10)
    code = serve(sys.stdin, sys.stdout)
    os._exit(code)  # the thread that listens holds standard input, for which Python would wait in vain


if __name__ == "__main__":
    main()
