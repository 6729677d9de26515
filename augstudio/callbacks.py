"""What is called where a caller gave nothing to call."""

from __future__ import annotations


def never() -> bool:
    """In place of `stop`: nobody asks to stop."""
    return False


def ignore(*_told: object) -> None:
    """In place of `progress` and the like: nobody listens."""
