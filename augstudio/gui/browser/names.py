"""Names that are too long for their room: what tells a name from those beside it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable

_GAP = "…"


def shortened(name: str, beside: Iterable[str], fits: Callable[[str], bool]) -> str:
    """A name that fits: its begin, its end, and the place where it differs from its neighbours.

    Parameters
    ----------
    name : str
        The whole name; where it fits it is left as it is.
    beside : iterable of str
        The names before and after it.
    fits : callable
        Whether there is room for a text.
    """
    if fits(name):
        return name
    differs = [_first_difference(name, other) for other in beside if other and other != name]
    differs = [min(place, len(name) - 1) for place in differs]
    first, last = (min(differs), max(differs) + 1) if differs else (len(name), len(name))
    kept = _Kept(name, 0, first, last, 0)
    if not fits(kept.text()):  # the places lie too far apart: the last one tells most
        kept = _Kept(name, 0, last - 1, last, 0)
    kept = _grown(kept, fits, (_Kept.to_the_word_end, _Kept.to_the_word_begin))
    return _grown(kept, fits, (_Kept.more_of_the_begin, _Kept.more_of_the_end)).text()


def _first_difference(name: str, other: str) -> int:
    pairs = enumerate(zip(name, other, strict=False))
    return next((index for index, (one, two) in pairs if one != two), min(len(name), len(other)))


class _Kept:
    """What is kept of a name: so many characters at its begin and its end, and those from `first` to `last`."""

    def __init__(self, name: str, head: int, first: int, last: int, tail: int) -> None:
        self.name, self.head, self.first, self.last, self.tail = name, head, first, last, tail

    def text(self) -> str:
        """With a sign where something is left out."""
        size = len(self.name)
        shown = [
            index < self.head or self.first <= index < self.last or index >= size - self.tail for index in range(size)
        ]
        parts: list[str] = []
        for index, letter in enumerate(self.name):
            if shown[index]:
                parts.append(letter)
            elif not parts or parts[-1] != _GAP:
                parts.append(_GAP)
        return "".join(parts)

    def to_the_word_end(self) -> _Kept | None:
        if self.last < len(self.name) and self.first < self.last and self.name[self.last].isalnum():
            return _Kept(self.name, self.head, self.first, self.last + 1, self.tail)
        return None

    def to_the_word_begin(self) -> _Kept | None:
        if 0 < self.first < self.last and self.name[self.first - 1].isalnum():
            return _Kept(self.name, self.head, self.first - 1, self.last, self.tail)
        return None

    def more_of_the_begin(self) -> _Kept | None:
        return _Kept(self.name, self.head + 1, self.first, self.last, self.tail) if self.head < len(self.name) else None

    def more_of_the_end(self) -> _Kept | None:
        return _Kept(self.name, self.head, self.first, self.last, self.tail + 1) if self.tail < len(self.name) else None


def _grown(kept: _Kept, fits: Callable[[str], bool], ways: tuple[Callable[[_Kept], _Kept | None], ...]) -> _Kept:
    """Keep more in each of the ways by turns, as long as there is room."""
    open_ways = list(ways)
    while open_ways:
        for way in tuple(open_ways):
            more = way(kept)
            if more is None or not fits(more.text()):
                open_ways.remove(way)
            else:
                kept = more
    return kept
