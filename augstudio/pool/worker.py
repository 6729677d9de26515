"""In a worker process: what it does first, and how long a call in it may take."""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

from augstudio.pool.memory import keep_memory

_NICENESS = 15
"""Of workers that give way: one at 0 that wants time, too, gets 28 times as much on Linux."""
_BELOW_NORMAL = 0x4000  # of Windows's <winbase.h>


def begin(environment: Mapping[str, str], gently: bool, first: Callable[[], object] | None) -> None:
    """What a worker does first; it gets the parent's environment, which may have changed since it was forked from.

    Parameters
    ----------
    environment : mapping of str to str
        The parent's.
    gently : bool
        Whether it gives way to all other programs from then on.
    first : callable or None
        What its jobs need to have been done before them.
    """
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which lets running jobs finish
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)  # the end of a job that never ends, see `within`
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
    if gently:
        _give_way()
    if first is not None:
        first()
    keep_memory(2**25, 2**31 - 1)  # of whole large pictures, what is freed fits the next one badly
    threading.Thread(target=_end_with_parent, daemon=True).start()


def ready() -> None:
    """Nothing: whoever can do that has begun."""


def within(seconds: float, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Call a function; if it takes longer, that is the end of this process."""
    # Both timers end the process even while a decoder holds the interpreter's lock; the first costs next to nothing.
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            return fn(*args, **kwargs)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
        try:
            return fn(*args, **kwargs)
        finally:
            faulthandler.cancel_dump_traceback_later()


def _give_way() -> None:
    """Take only the time that others leave; while nobody else wants any, this costs nothing."""
    with contextlib.suppress(AttributeError, OSError):
        if sys.platform == "win32":
            kernel = ctypes.windll.kernel32
            kernel.GetCurrentProcess.restype = ctypes.c_void_p  # a handle, of which an int would lose half
            kernel.SetPriorityClass.argtypes = ctypes.c_void_p, ctypes.c_uint32
            kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL)
        else:
            os.nice(_NICENESS)


def _end_with_parent() -> None:
    """Without this, workers of a killed parent would wait for jobs for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
