"""The command line. Whatever is slow to import is imported by the command that needs it.

A worker process imports whatever started the program, and with it this: no command stands here.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence

USUAL = gc.get_threshold()
"""How many new objects there may be before Python looks for garbage among them, if nobody says otherwise."""
_MANY = 200_000
_CANCELLED = 130
"""The exit code of Ctrl-C, as of `console`, which is not imported yet when it is needed here."""
_interrupted = False
_NO_WORK = {"--help", "-h", "--dry-run", "--cluster"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, by default with what the program was given; give the exit code."""
    if arguments is not None:
        return _run(arguments)
    # A quarter of the time of a short command went into looking for garbage where there is none: among all that is
    # imported, as it comes and once more at the end; and into threads for algebra, of which hardly any is done.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # else it looks through all that is installed
    gc.set_threshold(_MANY)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else somebody else has decided about Ctrl-C
        signal.signal(signal.SIGINT, _interrupt)
    given = sys.argv[1:]
    try:
        if given[:1] == ["export"] and not _NO_WORK & set(given):
            from augstudio.export import worker

            worker.prepare()  # before all else, since this process takes about as long until there is something to do
        return _run(given)
    except KeyboardInterrupt:  # as all is still being imported; later on, commands say what came of it
        return _CANCELLED
    finally:
        gc.freeze()


def interrupted() -> bool:
    """Whether Ctrl-C was pressed since the program began, up to where a command answers it itself."""
    return _interrupted


def _interrupt(_number: int, _frame: object) -> None:
    """End the program, and remember: what is raised where Python may raise nothing, as in `__del__`, is lost there."""
    global _interrupted
    _interrupted = True
    raise KeyboardInterrupt


def _run(given: Sequence[str]) -> int:
    from augstudio.cli.program import run_command

    return run_command(given)
