"""Values from JSON that anybody wrote, made such that they can be written again as JSON that everybody reads."""

from __future__ import annotations

import math
from typing import Any, TypeGuard

_DEEPEST = 40


class TooDeepError(ValueError):
    """Brackets within brackets, more than anything sensible has."""


def writable(value: Any, depth: int = 0) -> Any:
    """A value from JSON, with null for numbers that JSON has none for, and "�" for halves of signs.

    Python reads NaN and infinities, which JSON does not know, and halves of signs, which no encoding can write. A
    value without such is returned as it is, so that ``writable(value) is value`` tells that there were none.

    Raises
    ------
    TooDeepError
        If there are more than 40 brackets within brackets.
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return value if value.isascii() else _whole(value)
    if isinstance(value, dict | list) and depth >= _DEEPEST:
        raise TooDeepError
    if isinstance(value, dict):
        pairs = {writable(key): writable(item, depth + 1) for key, item in value.items()}
        same = all(key is other for key, other in zip(pairs, value, strict=False)) and len(pairs) == len(value)
        return value if same and all(pairs[key] is value[key] for key in pairs) else pairs
    if isinstance(value, list):
        if set(map(type, value)) <= {int, float} and not any(item - item for item in value):
            return value  # most lists by far; infinities and NaN less themselves are NaN
        items = [writable(item, depth + 1) for item in value]
        return value if all(one is other for one, other in zip(items, value, strict=True)) else items
    return value


def _whole(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


FARTHEST = 2.0**24
"""Of a coordinate, in pixels either way: beyond all pictures."""


def is_number(value: object) -> TypeGuard[int | float]:
    """Tell a finite number, which true and false are not."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def whole_number(value: object) -> int | None:
    """A whole number, also one that is written as 3.0; None for anything else."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
