"""Worker processes: how they are started, what each does first, and how long a call in one may take.

Imported by the command line before anything else is, so that processes start early: heavy imports stand in functions.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from multiprocessing.context import BaseContext
from typing import Any

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of glibc's <malloc.h>
_NICENESS = 15
"""Of workers that give way: one at 0 that wants time, too, gets 28 times as much on Linux."""
_BELOW_NORMAL = 0x4000  # of Windows's <winbase.h>
_FORKED = sys.platform == "linux"
"""Whether workers are forked. Elsewhere, libraries of the system's own do not survive that."""


def context() -> BaseContext:
    """How worker processes are started: never as a copy of this one, since neither OpenCV nor Qt survives that.

    They are forked from a small process of their own, which imports what they need once for all of them and does
    nothing else; where that cannot be relied on, each is started anew.
    """
    return multiprocessing.get_context("forkserver" if prepare() else "spawn")


def prepare() -> bool:
    """Have what workers need imported from now on, while this process does something else; whether that goes."""
    if not _FORKED:
        return False
    from multiprocessing import forkserver, resource_tracker

    multiprocessing.get_context("forkserver").set_forkserver_preload(["augstudio.export.preload"])
    try:
        resource_tracker.ensure_running()  # which the other does too, and then lets interrupts through
        with interrupts_held():
            forkserver.ensure_running()
    except OSError:  # such as no room for a socket, or a name too long for one
        return False
    return True


@contextlib.contextmanager
def interrupts_held() -> Iterator[None]:
    """Keep Ctrl-C from processes that start in here, which else would die of it before they can ignore it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# -- in the worker -------------------------------------------------------------------------------------------------


def begin(environment: Mapping[str, str], gently: bool = False) -> None:
    """What a worker does first; it gets the parent's environment, which may have changed since it was forked from.

    Gently, it gives way to all other programs from then on.
    """
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which lets running jobs finish
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)  # the end of a job that never ends, see `within`
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
    if gently:
        _give_way()
    import cv2

    from augstudio.images import quiet_libraries

    cv2.setNumThreads(1)
    quiet_libraries()  # what matters about a picture is in its result
    _keep_memory()
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


def _keep_memory() -> None:
    """Keep freed memory for the next picture; fetching it anew, page by page, took up to a third of the time."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):  # a C library other than glibc
            mallopt = ctypes.CDLL(None).mallopt
            mallopt(_M_MMAP_THRESHOLD, 2**30)
            mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)


def _end_with_parent() -> None:
    """Without this, workers of a killed parent would wait for jobs for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
