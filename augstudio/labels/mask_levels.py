"""What a set's masks hold, told from a few of them: class numbers, two levels or colours, and what is outside them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augstudio.images import PictureError, Pixels
from augstudio.labels.mask_files import MaskFile, open_mask
from augstudio.labels.mask_png import Form
from augstudio.labels.places import spread
from augstudio.wording import count

_LOOKS = 20  # at masks of one kind
_SAMPLED = 2**18  # pixels of one mask whose colours are counted
_MOST_COLOURS = 1024  # of one mask
_MOST_LEVELS = 256  # that are classes; more are numbers of objects
VOID = 255
NONE = -1
"""Declared: no level stands for what is not labelled."""
# 255 is what nobody labelled, unless levels are shades: some in the upper quarter, or all far apart, as 0, 128, 255.
_SHADES = range(192, 255)
_FAR_APART = 16
_REACH = 64
_NEARLY_BLACK = 16  # in files that keep levels only nearly


@dataclass(frozen=True)
class Outside:
    """What masks of one kind show where nothing is known.

    Attributes
    ----------
    level : int or None
        Of 8 bit; None where each file has a palette of its own: the number that is black there, else the commonest.
    deep : int
        Of 16 bit.
    colour : tuple of int
        Of masks whose colours are the names; empty: black.
    """

    level: int | None = 0
    deep: int = 0
    colour: tuple[int, ...] = ()

    def dump(self) -> list[Any]:
        """As JSON values."""
        return [self.level, self.deep, list(self.colour)]

    @classmethod
    def parse(cls, values: Sequence[Any]) -> Outside:
        """Take it back."""
        level, deep, colour = values
        return cls(level, deep, tuple(colour))

    def of(self, pixels: Pixels, form: Form) -> tuple[int, ...]:
        """One level for each channel of a mask."""
        if pixels.ndim == 2:
            if pixels.dtype == np.uint16:
                return (self.deep,)
            return (_background(pixels, form) if self.level is None else self.level,)
        channels, full = pixels.shape[2], int(np.iinfo(pixels.dtype).max)
        colours = channels - (channels in (2, 4))
        given = self.colour if max(self.colour, default=0) <= full else ()
        if len(given) == channels:
            return given
        colour = (*given[:colours], *(0,) * colours)[:colours]
        return colour if colours == channels else (*colour, full)


def _background(pixels: Pixels, form: Form) -> int:
    colours = np.frombuffer(form.palette or b"", np.uint8).reshape(-1, 3)
    black = np.flatnonzero(~colours.any(axis=1))
    return int(black[0]) if len(black) else int(np.bincount(pixels.ravel(), minlength=256).argmax())


@dataclass
class Seen:
    """What was seen of masks of one kind."""

    looked: int = 0
    among: int = 0
    pixels: int = 0
    lossy: bool = False
    levels: NDArray[np.int64] = field(default_factory=lambda: np.zeros(256, np.int64))
    """How many pixels have each level of 8 bit."""
    deep: set[int] = field(default_factory=set)
    """Levels of 16 bit; at most some more than are classes."""
    colours: Counter[tuple[int, ...]] = field(default_factory=Counter)
    palette: dict[int, bytes] = field(default_factory=dict)
    """The colour of each number that was seen."""
    own_palettes: bool = False
    """Whether files give one number different colours."""
    shallow: bool = True
    """Whether all colours are of 8 bit."""

    def add(self, mask: MaskFile) -> None:
        """Look at one.

        Raises
        ------
        PictureError
            If it cannot be decoded.
        """
        pixels = mask.levels()
        self.looked += 1
        self.pixels += mask.width * mask.height
        self.lossy = self.lossy or mask.lossy
        if pixels.ndim == 3:
            self.colours.update(_counted(pixels))
            self.shallow = self.shallow and pixels.dtype == np.uint8
        elif pixels.dtype == np.uint16:
            if len(self.deep) <= _MOST_LEVELS:
                self.deep.update(np.flatnonzero(np.bincount(pixels.ravel(), minlength=1))[: _MOST_LEVELS + 1].tolist())
        else:
            counts = np.bincount(pixels.ravel(), minlength=256)
            self.levels += counts
            if mask.form.palette is not None:
                self._compare(mask.form.palette, np.flatnonzero(counts))

    def _compare(self, palette: bytes, used: NDArray[np.int64]) -> None:
        for number in used.tolist():
            colour = palette[3 * number : 3 * number + 3]
            if self.palette.setdefault(number, colour) != colour:
                self.own_palettes = True

    @property
    def numbers(self) -> list[int]:
        """Levels of masks of one channel, or of three that are equal."""
        return sorted({*np.flatnonzero(self.levels).tolist(), *self.deep}) or self._in_three_channels

    @property
    def _in_three_channels(self) -> list[int]:
        """Levels of masks whose three channels are equal: class numbers, saved as a colour picture."""
        grey = self.shallow and all(len(colour) == 3 and len(set(colour)) == 1 for colour in self.colours)
        return sorted({colour[0] for colour in self.colours}) if grey else []

    def outside(self, declared: int | None) -> tuple[Outside, str]:
        """What stands outside, and why, in words.

        Parameters
        ----------
        declared : int or None
            The level that was said to stand for what is not labelled; `NONE`: there is none; None: nothing was said.
        """
        colour, colour_words = self._colour(declared)
        level, words = self._level(declared)
        deep = declared if declared is not None and declared >= 0 else 0
        if self.colours and not self.levels.any() and not self.deep:
            words = colour_words
        elif self.deep and not self.levels.any():
            words = f"{deep}, {'as declared' if deep == declared else 'background'}"
        return Outside(level, deep, colour), words

    def _level(self, declared: int | None) -> tuple[int | None, str]:
        found = np.flatnonzero(self.levels).tolist()
        if self.own_palettes and not _fits(declared):
            return None, "black, or the commonest colour of each file, as background"
        return self._number(found, declared)

    def _number(self, found: Sequence[int], declared: int | None) -> tuple[int, str]:
        """The level outside masks of these levels."""
        if declared is not None and _fits(declared):
            return declared, f"{declared}, as declared"
        classes = len(found) > 2 or (len(found) > 0 and 0 not in found and VOID not in found)
        if not self.lossy and declared != NONE and classes and stands_for_nothing(found):
            return VOID, f"{VOID}, which {'is not labelled' if VOID in found else 'is no class'} in them"
        ground = 0
        if found and 0 not in found and found != [VOID]:  # a level that no mask has would be a class of its own
            ground = int(np.argmax(self.levels)) if self.levels.any() else found[0]
        elif len(found) == 2 and self.palette:  # the darker of two colours is the ground
            ground = min(found, key=lambda number: (sum(self.palette.get(number, b"")), number))
        return ground, f"{ground}, background"

    def _colour(self, declared: int | None) -> tuple[tuple[int, ...], str]:
        if (found := self._in_three_channels) and not self.lossy:
            level, words = self._number(found, declared)
            return (level,) * 3, words
        limit = _NEARLY_BLACK if self.lossy else 0
        black = [colour for colour in self.colours if max(_without_alpha(colour)) <= limit]
        if black:
            first = max(black, key=lambda colour: (self.colours[colour], colour))
            ground = (*(0,) * len(_without_alpha(first)), *first[len(_without_alpha(first)) :])
            return ground, "black, background"
        if not self.colours:
            return (), "background"
        commonest = max(self.colours, key=lambda colour: (self.colours[colour], colour))
        return commonest, f"{commonest}, the commonest colour, as background"

    def in_words(self) -> str:
        """What they hold, and how many were looked at, if those were not all."""
        some = f", in {self.looked:,} of {count(self.among, 'mask')} that were looked at"
        return self._held() + (some if 0 < self.looked < self.among else "")

    def _held(self) -> str:
        numbers = self.numbers
        if not self.looked:
            return "none of those looked at can be read"
        if self.lossy:
            return "saved in a format that keeps levels only nearly, so that some are of no class"
        if self.own_palettes:
            return "palettes that give a number one colour here and another there"
        if not numbers:
            return "colours"
        listed = ", ".join(map(str, numbers)) if len(numbers) <= 6 else f"{numbers[0]} to {numbers[-1]}"
        if len(numbers) <= 2:
            return f"{'two levels' if len(numbers) == 2 else 'one level'} ({listed})"
        depth = " of 16 bit" if self.deep else ""
        return f"{len(numbers)} levels{depth} ({listed}){' with a palette' if self.palette else ''}"


def _fits(declared: int | None) -> bool:
    return declared is not None and 0 <= declared <= VOID


def stands_for_nothing(levels: Sequence[int]) -> bool:
    """Whether 255 is no class in masks of these levels, in ascending order: it is not there, or it is void."""
    if levels[-1] != VOID:
        return True
    rest = levels[:-1]
    if any(level in _SHADES for level in rest):
        return False
    gaps = min((after - before for before, after in zip(rest, levels[1:], strict=True)), default=VOID)
    return not (rest and rest[-1] >= _REACH and gaps >= _FAR_APART)


def survey(keys: Sequence[str], read: Callable[[str], bytes], check: Callable[[], None], budget: int) -> Seen:
    """Look at a few masks of one kind, evenly spread.

    Parameters
    ----------
    keys : sequence of str
        Of the masks.
    read : callable
        Gives a file's bytes; those that cannot be read are passed over.
    check : callable
        Called before each look; may raise.
    budget : int
        Pixels after which no further one is looked at.
    """
    seen = Seen(among=len(keys))
    for at in spread(len(keys), _LOOKS):
        check()
        if seen.looked and seen.pixels >= budget:
            break
        try:
            seen.add(open_mask(keys[at], read(keys[at])))
        except (OSError, PictureError):
            continue
    return seen


def _counted(pixels: Pixels) -> Counter[tuple[int, ...]]:
    height, width = pixels.shape[:2]
    step = max(1, math.ceil(math.sqrt(height * width / _SAMPLED)))
    some = np.ascontiguousarray(pixels[::step, ::step])
    colours, counts = np.unique(some.reshape(-1, some.shape[2]), axis=0, return_counts=True)
    commonest = np.argsort(-counts, kind="stable")[:_MOST_COLOURS]
    return Counter({tuple(colours[at].tolist()): int(counts[at]) for at in commonest.tolist()})


def _without_alpha(colour: tuple[int, ...]) -> tuple[int, ...]:
    return colour[:-1] if len(colour) in (2, 4) else colour
