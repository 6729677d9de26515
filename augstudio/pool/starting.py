"""How worker processes are started.

Imported by the command line before anything else is, so that processes start early: heavy imports stand in functions.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import sys
from collections.abc import Iterator
from multiprocessing.context import BaseContext

_FORKED = sys.platform == "linux"
"""Whether workers are forked. Elsewhere, libraries of the system's own do not survive that."""


def context(preload: str = "") -> BaseContext:
    """How worker processes are started: never as a copy of this one, since neither OpenCV nor Qt survives that.

    They are forked from a small process of their own, which imports what they need once for all of them and does
    nothing else; where that cannot be relied on, each is started anew.

    Parameters
    ----------
    preload : str
        The module that imports what they need, by `preloading.import_once`; empty for none.
    """
    return multiprocessing.get_context("forkserver" if prepare(preload) else "spawn")


def prepare(preload: str = "") -> bool:
    """Have what workers need imported from now on, while this process does something else; whether that goes."""
    if not _FORKED:
        return False
    from multiprocessing import forkserver, resource_tracker

    multiprocessing.get_context("forkserver").set_forkserver_preload([preload] if preload else [])
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
