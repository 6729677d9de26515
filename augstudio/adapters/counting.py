"""Which picture and which epoch, in the words that a pipeline draws by."""

from __future__ import annotations

import operator
from typing import SupportsIndex, TypeAlias

Key: TypeAlias = str | bytes | SupportsIndex
"""Names a picture: text, such as its path (bytes are UTF-8), or a whole number; of any library's scalars, too."""


def counted(name: str, value: object) -> int:
    """A whole number of 0 or more.

    Raises
    ------
    TypeError, ValueError
        If it is none; the message has the name.
    """
    try:
        number = operator.index(value)  # type: ignore[arg-type]  # which it tells
    except TypeError:
        raise TypeError(f"{name} must be a whole number, not {value!r}") from None
    if number < 0:
        raise ValueError(f"{name} must be 0 or more, not {number}")
    return number


def key_of(key: Key) -> str:
    """A key as `Pipeline.draw` takes it: text as it is, and the number 12 as "12".

    Raises
    ------
    TypeError, ValueError
        If it is neither text nor a whole number of 0 or more.
    """
    if isinstance(key, str):
        return key
    if isinstance(key, bytes):
        return key.decode("utf-8", "surrogateescape")
    if not hasattr(key, "__index__"):
        raise TypeError(f"a picture's key must be text or a whole number, not {key!r}")
    return str(counted("a picture's key", key))


def copy_of(epoch: SupportsIndex) -> int:
    """The number of the copy that an epoch shows: epoch 0 shows copy 1, the first that an export writes.

    Raises
    ------
    TypeError, ValueError
        If the epoch is no whole number of 0 or more.
    """
    return counted("epoch", epoch) + 1
