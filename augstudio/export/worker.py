"""Worker processes of an export: what is imported for all of them, and what each does first.

Imported by the command line before anything else is, so that processes start early: heavy imports stand in functions.
"""

from __future__ import annotations

from augstudio.pool import starting

PRELOAD = "augstudio.export.preload"
"""The module that imports what they need."""


def prepare() -> bool:
    """Have what workers need imported from now on, while this process does something else; whether that goes."""
    return starting.prepare(PRELOAD)


def begin() -> None:
    """What a worker does before its first job."""
    import cv2

    from augstudio.images import quiet_libraries

    cv2.setNumThreads(1)
    quiet_libraries()  # what matters about a picture is in its result
