"""What all layers of Albumentations share."""

from __future__ import annotations

from collections.abc import Callable

from augstudio.code.importing.imported import Builder
from augstudio.code.importing.values import Pair, Values

Reader = Callable[[Builder, Values, float], None]
"""Adds what a layer is, by its arguments and the chance that it is applied at all."""


def plain(title: str, op: str, share: float = 1.0, words: str = "", **changes: object) -> Reader:
    """A layer without arguments.

    Parameters
    ----------
    title : str
        The layer.
    op : str
        The transform.
    share : float
        Of the pictures that the layer is applied to, those that it changes.
    words : str
        In what it is only close.
    **changes
        Parameters of the transform.
    """

    def read(builder: Builder, _values: Values, p: float) -> None:
        builder.add(title, op, words, probability=round(p * share, 12), **changes)

    return read


def is_point(pair: Pair) -> bool:
    """Whether a range is one value."""
    return pair[0] == pair[1]


def joined(words: list[str]) -> str:
    """What there is to say, in a row."""
    return "; ".join(filter(None, words))
