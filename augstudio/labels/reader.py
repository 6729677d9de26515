"""Reading files for recognition: never more than was asked for, never an error, and ended when the caller says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from augstudio.labels.found import RecognitionStopped

HEAD = 2**16
"""Bytes that mostly tell what a file is."""
WHOLE = 2**26
"""Bytes of a file that speaks of many pictures; of a longer one, only so much is looked at."""


@dataclass
class Reader:
    """Reads the beginnings of files.

    Attributes
    ----------
    source : callable
        Gives at most the first so many bytes of a file, for its key; may raise OSError.
    stop : callable
        Asked before every read; True ends the recognition.
    """

    source: Callable[[str, int], bytes]
    stop: Callable[[], bool]
    unreadable: set[str] = field(default_factory=set)
    """Keys of the files that could not be read."""

    def check(self) -> None:
        """End the recognition if the caller wants it.

        Raises
        ------
        RecognitionStopped
            `stop` answered True.
        """
        if self.stop():
            raise RecognitionStopped

    def start(self, key: str, most: int = HEAD) -> bytes | None:
        """At most the first bytes of a file; None if it cannot be read."""
        self.check()
        if key in self.unreadable:
            return None
        try:
            return self.source(key, most)[:most]
        except OSError:
            self.unreadable.add(key)
            return None
