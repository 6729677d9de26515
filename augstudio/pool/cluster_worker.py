"""In a worker of a Dask cluster: a look at whether it is fit for the jobs, and the calls themselves."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Fit = Callable[[], str]
"""Called in a worker: why that cannot do the jobs, or nothing. A value that can be pickled, and be looked up by."""

_halted: set[str] = set()
"""Tokens of executors whose calls are not to be begun any more in this process."""


class UnfitWorker(Exception):  # noqa: N818  (a statement about a worker)
    """A worker was given a call and cannot do any; the message says why."""


async def answer(function: Callable[..., Any], *args: Any) -> Any:
    """Call a function beside the worker's event loop, which has to go on."""
    return await asyncio.to_thread(function, *args)


async def halt(token: str) -> None:
    """Begin no more calls of an executor."""
    _halted.add(token)


@lru_cache(maxsize=16)
def _unfit(fit: Fit) -> str:
    return fit()


@dataclass(frozen=True)
class Done:
    """What came of a call; nothing ran if there is no such value."""

    value: Any


@dataclass(frozen=True)
class Work:
    """A call that is made where its pickle is loaded.

    So Dask is given a function that every Python has: its scheduler unpickles what it is given, and needs no augstudio.

    Attributes
    ----------
    token : str
        Of the executor.
    fit : callable
        Asked once in every process.
    seconds : float
        How long the call may take; one that takes longer ends its worker.
    function, args
        The call.
    """

    token: str
    fit: Fit
    seconds: float
    function: Callable[..., Any]
    args: tuple[Any, ...]

    def __reduce__(self) -> tuple[Callable[..., Done | None], tuple[Any, ...]]:
        return do, (self.token, self.fit, self.seconds, self.function, *self.args)


def do(token: str, fit: Fit, seconds: float, function: Callable[..., Any], *args: Any) -> Done | None:
    """Make a call, or tell by None that it was not begun.

    Raises
    ------
    UnfitWorker
        If this process cannot do it.
    """
    if token in _halted:
        return None
    if reason := _unfit(fit):
        raise UnfitWorker(reason)
    # A thread cannot be ended, so a call that goes on for ever takes its worker with it; Dask does the rest.
    end = threading.Timer(seconds, os._exit, [1])
    end.daemon = True
    end.start()
    try:
        return Done(function(*args))
    finally:
        end.cancel()
