"""Being held to the permissions of files, even as root."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator

import pytest

_VERSION = 0x20080522  # of the kernel's structures: two words of 32 capabilities each
_OVERRIDING = 1 << 1 | 1 << 2  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH

held = pytest.mark.skipif(
    sys.platform == "win32" or (sys.platform != "linux" and os.geteuid() == 0),
    reason="here root can be held to no permissions, or permissions work differently",
)
"""For tests that forbid something."""


@contextlib.contextmanager
def permissions_hold() -> Iterator[None]:
    """Lay down what lets Linux's root pass over permissions, in this thread and those that it starts meanwhile."""
    if sys.platform != "linux":
        yield
        return
    system = ctypes.CDLL(None, use_errno=True)
    head = (ctypes.c_uint32 * 2)(_VERSION, 0)
    words = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable: of the lower, then of the upper capabilities

    def call(function: str) -> None:
        if getattr(system, function)(head, words):
            raise OSError(ctypes.get_errno(), function)

    call("capget")
    before = words[0]
    words[0] = before & ~_OVERRIDING
    call("capset")
    try:
        yield
    finally:
        words[0] = before
        call("capset")
