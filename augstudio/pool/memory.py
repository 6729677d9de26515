"""Memory that was freed is kept for the next picture, rather than given back and fetched anew, page by page."""

from __future__ import annotations

import contextlib
import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of glibc's <malloc.h>


def keep_memory(single: int, together: int) -> None:
    """Keep freed memory, where the C library is one that would give it back and can be told not to: glibc.

    Fetching it anew took up to a third of an export's time, and in the window 700 page faults for each preview.

    Parameters
    ----------
    single : int
        Bytes from which a block is still given back on its own.
    together : int
        Bytes at the end of the heap from which they are still given back.
    """
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):  # a C library other than glibc
            mallopt = ctypes.CDLL(None).mallopt
            mallopt(_M_MMAP_THRESHOLD, single)
            mallopt(_M_TRIM_THRESHOLD, together)
