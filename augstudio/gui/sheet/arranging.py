"""Where each picture of the sheet lies: sections of rows of tiles. No Qt here.

Lengths are device independent pixels. Pictures have numbers, from 0 on in the order in which they are shown; whatever
is asked of an arrangement takes no longer for 20,000 of them, but for what the answer itself holds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from augstudio.advice.change import Change
from augstudio.dataset import Source
from augstudio.dataset.splits import Role, role_of


class Section(NamedTuple):
    """Pictures below one heading.

    Attributes
    ----------
    title : str
        Such as "mug", or "train / mug".
    sources : tuple of Source
        Those that are shown.
    total : int
        How many there are in all.
    judges : bool
        Whether models are judged by them (val, test): an export makes no copies of these unless it is told to.
    """

    title: str
    sources: tuple[Source, ...]
    total: int
    judges: bool = False


class Rect(NamedTuple):
    """A place: left and top, width and height."""

    left: int
    top: int
    width: int
    height: int

    @property
    def bottom(self) -> int:
        """Where it ends."""
        return self.top + self.height


class Measures(NamedTuple):
    """How large things are.

    Attributes
    ----------
    tile : (int, int)
        Width and height of a tile.
    gap : int
        Least room between two tiles, and to the edges.
    heading : int
        Height of a heading.
    """

    tile: tuple[int, int]
    gap: int = 8
    heading: int = 30


Shape = tuple[float, float]
"""Width and height of the box that pictures are fitted into, of which the longer one is 1."""
SQUARE: Shape = (1.0, 1.0)


def shape_of(sizes: Sequence[tuple[int, int]]) -> Shape:
    """A shape that most pictures of these widths and heights fill; a square where some are high and some wide."""
    if not sizes:
        return SQUARE
    heights = sorted(height / width for width, height in sizes)
    low, high = heights[len(heights) // 5], heights[-1 - len(heights) // 5]
    if high < 1:
        return 1.0, max(high, 0.4)
    return (max(1 / low, 0.4), 1.0) if low > 1 else SQUARE


class Way(Enum):
    """Where to go from a picture."""

    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"


def spread(sources: Sequence[Source], most: int) -> tuple[Source, ...]:
    """At most so many pictures, evenly over all of them; 0 for all."""
    many = len(sources)
    if not most or most >= many:
        return tuple(sources)
    return tuple(sources[index * many // most] for index in range(most))


def sections_of(sources: Iterable[Source], each: int) -> tuple[Section, ...]:
    """The classes of each split, in the order of their first pictures.

    Parameters
    ----------
    sources : iterable of Source
        All pictures.
    each : int
        How many of a class are shown, spread evenly over it in its order; 0 for all.
    """
    groups: dict[tuple[str, str], list[Source]] = {}
    for source in sources:
        groups.setdefault((source.split, source.label), []).append(source)
    named = any(label for _, label in groups)
    return tuple(
        Section(_title(split, label, named=named), spread(group, each), len(group), role_of(split) in _JUDGE)
        for (split, label), group in groups.items()
    )


_JUDGE = (Role.VAL, Role.TEST)


def _title(split: str, label: str, *, named: bool) -> str:
    own = label or ("no class" if named else "")
    return " / ".join(filter(None, (split, own)))


def by_change(sources: Iterable[Source], changes: Mapping[Source, Change | None]) -> tuple[Source, ...]:
    """Pictures with what changed most first; then those that cannot be read, and those not looked at yet, as they come.

    Parameters
    ----------
    sources : iterable of Source
        In their usual order, in which those come that are changed alike.
    changes : mapping of Source to Change or None
        Of the pictures that were looked at; None for one that cannot be read.
    """

    def place(source: Source) -> tuple[int, float]:
        if source not in changes:
            return 2, 0.0
        change = changes[source]
        return (1, 0.0) if change is None else (0, -change.total)

    return tuple(sorted(sources, key=place))


class Arrangement:
    """Sections below one another, in a given width.

    Parameters
    ----------
    sections : sequence of Section
        From top to bottom; one without a title has no heading.
    measures : Measures
        How large things are.
    width : int
        Of all; a tile is shown even where it is wider.
    """

    def __init__(self, sections: Sequence[Section], measures: Measures, width: int) -> None:
        self.sections = tuple(section for section in sections if section.sources)
        self.measures = measures
        self.width = width
        across, gap = measures.tile[0], measures.gap
        self.columns = max(1, width // (across + gap))
        # What is left over goes between the tiles, as long as they do not fall apart.
        room = (width - gap - across) / max(1, self.columns - 1)
        self._room = min(room, across + 3 * gap)
        self._down = measures.tile[1] + gap
        self._rows = [-(-len(section.sources) // self.columns) for section in self.sections]
        self._first = [0, *accumulate(len(section.sources) for section in self.sections)]
        heights = (
            self._heading(section) + rows * self._down for section, rows in zip(self.sections, self._rows, strict=True)
        )
        self._tops = [0, *accumulate(heights)]

    def _heading(self, section: Section) -> int:
        return self.measures.heading if section.title else self.measures.gap

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return self._first[-1]

    @property
    def height(self) -> int:
        """Of all."""
        return self._tops[-1] + (self.measures.gap if self.count else 0)

    @cached_property
    def _numbers(self) -> dict[Source, int]:
        sources = (source for section in self.sections for source in section.sources)
        return {source: number for number, source in enumerate(sources)}

    @cached_property
    def _by_key(self) -> dict[str, int]:
        return {source.key: number for source, number in self._numbers.items()}

    def source(self, number: int) -> Source:
        """The picture of a number."""
        section = self.section_of(number)
        return self.sections[section].sources[number - self._first[section]]

    def number(self, key: str) -> int | None:
        """The number of the picture with a key, if it is shown."""
        return self._by_key.get(key)

    def section_of(self, number: int) -> int:
        """In which section a picture is."""
        return bisect_right(self._first, number) - 1

    def place_in_section(self, number: int) -> tuple[int, int]:
        """The how manieth picture of its section it is, from 1 on, and of how many."""
        section = self.section_of(number)
        return number - self._first[section] + 1, len(self.sections[section].sources)

    # -- places ----------------------------------------------------------------------------------------------------

    def rect(self, number: int) -> Rect:
        """Where a picture's tile lies."""
        section = self.section_of(number)
        row, column = divmod(number - self._first[section], self.columns)
        return Rect(self._left(column), self._row_top(section, row), *self.measures.tile)

    def heading(self, section: int) -> Rect:
        """Where a section's heading lies; it has no height without a title."""
        title = self.sections[section].title
        return Rect(0, self._tops[section], self.width, self.measures.heading if title else 0)

    def bottom(self, section: int) -> int:
        """Where a section ends."""
        return self._tops[section + 1]

    def _left(self, column: int) -> int:
        return self.measures.gap // 2 + round(column * self._room)

    def _row_top(self, section: int, row: int) -> int:
        return self._tops[section] + self._heading(self.sections[section]) + row * self._down

    def sections_in(self, top: int, bottom: int) -> range:
        """The sections of which anything lies between two heights."""
        if not self.sections or bottom <= top:
            return range(0)
        first = max(0, bisect_right(self._tops, max(0, top)) - 1)
        last = bisect_right(self._tops, max(0, bottom - 1)) - 1
        return range(min(first, len(self.sections)), min(last + 1, len(self.sections)))

    def tiles_in(self, top: int, bottom: int) -> range:
        """The pictures of which anything lies between two heights: from the first such row to the last."""
        sections = self.sections_in(top, bottom)
        if not sections:
            return range(0)
        first = self._tile_from(sections[0], top)
        last = self._tile_from(sections[-1], bottom, before=True)
        return range(first, max(first, last))

    def _tile_from(self, section: int, height: int, *, before: bool = False) -> int:
        """The first picture of a section that ends below a height; or, `before`, that begins below it."""
        inner = height - self._row_top(section, 0)
        row = -(-inner // self._down) if before else (inner + self.measures.gap) // self._down
        own = self._first[section + 1] - self._first[section]
        return self._first[section] + min(max(0, row) * self.columns, own)

    def at(self, x: int, y: int) -> int | None:
        """The picture whose tile lies there, if one does."""
        for number in self.tiles_in(y, y + 1):
            left, top, width, height = self.rect(number)
            if left <= x < left + width and top <= y < top + height:
                return number
        return None

    # -- by keys ---------------------------------------------------------------------------------------------------

    def next_to(self, number: int, way: Way) -> int:
        """The picture next to one; itself where there is none. Up and down, the nearest column of a shorter row."""
        if way is Way.LEFT:
            return max(0, number - 1)
        if way is Way.RIGHT:
            return min(self.count - 1, number + 1)
        section = self.section_of(number)
        row, column = divmod(number - self._first[section], self.columns)
        row += 1 if way is Way.DOWN else -1
        if not 0 <= row < self._rows[section]:
            section += 1 if way is Way.DOWN else -1
            if not 0 <= section < len(self.sections):
                return number
            row = 0 if way is Way.DOWN else self._rows[section] - 1
        return min(self._first[section] + row * self.columns + column, self._first[section + 1] - 1)

    def page(self, number: int, height: int, way: Way) -> int:
        """The picture about so far up or down from one, in the same column where it can be."""
        top = self.rect(number).top
        rows = max(1, height // self._down)
        goal = top + (rows if way is Way.DOWN else -rows) * self._down
        goal = min(max(goal, 0), self.height)
        found = number
        while True:  # at most a row for each that fits, and one for each heading
            following = self.next_to(found, way)
            if following == found:
                return found
            there = self.rect(following).top
            if (there > goal) if way is Way.DOWN else (there < goal):
                return found if found != number else following
            found = following
