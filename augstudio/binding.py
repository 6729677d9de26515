"""What a lower room asks of a higher one, so that it need not import it: bound by the package, found when called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_PROVIDERS: dict[str, Callable[[], Any]] = {}


def bind(name: str, provider: Callable[[], Any]) -> None:
    """Say who provides something; the provider is called each time that it is asked for, and not before."""
    _PROVIDERS[name] = provider


def bound(name: str) -> Any:
    """What is provided under a name; whoever asks says of which type that is."""
    return _PROVIDERS[name]()
