"""Rules for labelled objects: which of them a copy keeps, and what their boxes become."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from augstudio.engine import BoundingBox, Frame, Geometry, KeyPoints, Moved, Polygon, Region, Shape

MAX_REDRAWS = 5
"""How often a copy without any object is drawn anew, at most."""


class BoxFit(StrEnum):
    """What becomes of a box that is turned, where nothing else tells the object's shape."""

    ELLIPSE = "ellipse"
    CORNERS = "corners"


class Empty(StrEnum):
    """What becomes of a copy that has lost all objects."""

    KEEP = "keep"
    REDRAW = "redraw"


class LabelRules(BaseModel):
    """What copies keep of the objects in a picture. Frozen.

    Attributes
    ----------
    smallest_share : float
        0 to 1: an object of which a copy shows less than this share of its area is left out; what lies outside the
        frame and what a cut-out hides is not shown.
    smallest_side : float
        0 to 64 pixels at training size: an object whose box is narrower or lower is left out.
    box_fit : BoxFit
        The box of a turned object of which only a box is known: about the ellipse in it, or about its four corners,
        which grows loose. Where a polygon or mask is known, the box is that of what is seen of it.
    without_objects : Empty
        A copy that has lost all objects is kept, or drawn anew up to `MAX_REDRAWS` times.
    not_mirrored : tuple of str
        Names of classes, of objects or of pictures in class folders, that a mirror image would make something else
        (arrows, letters, left and right): pictures that hold one are not flipped.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    smallest_share: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            title="Smallest visible share",
            description="An object of which a copy shows less than this share of its area is left out.",
        ),
    ] = 0.25
    smallest_side: Annotated[
        float,
        Field(
            ge=0,
            le=64,
            title="Smallest side",
            description="In pixels at training size: an object whose box is narrower or lower is left out.",
        ),
    ] = 2.0
    box_fit: Annotated[
        BoxFit,
        Field(
            title="Boxes that are turned",
            description="About the ellipse inside the box, or about its four corners, which grows loose. Where a "
            "polygon or mask is known, the box is that of what is seen of it.",
        ),
    ] = BoxFit.ELLIPSE
    without_objects: Annotated[
        Empty,
        Field(
            title="Copies without objects",
            description="A copy that has lost all objects of its picture is kept, or drawn anew up to 5 times.",
        ),
    ] = Empty.KEEP
    not_mirrored: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=200)], ...],
        Field(
            max_length=1000,
            title="Never mirrored",
            description="Classes that a mirror image would make something else: pictures that hold one are not "
            "flipped.",
        ),
    ] = ()

    def edited(self, **changes: object) -> LabelRules:
        """A validated copy with other values.

        Raises
        ------
        pydantic.ValidationError
            If a value is not allowed.
        """
        return LabelRules.model_validate({**dict(self), **changes})

    def untold(self, of: str, how: str) -> ValueError:
        """Make the error that says that nobody tells a class where it matters: `of` what, and `how` to tell it."""
        some = ", ".join(self.not_mirrored[:3])
        return ValueError(f"the preset never mirrors some classes ({some}), and nothing tells {of}: {how}")


@dataclass(frozen=True)
class Fate:
    """What became of one object in a copy.

    Attributes
    ----------
    number : int
        The object's.
    kept : bool
        Whether the copy has it.
    shapes : tuple of Shape
        What the copy shows of it, in the copy's pixels, one for each of its shapes that is seen; also if it is not
        kept.
    share : float
        Visible area ÷ area of the whole moved shape, 0 to 1: of its polygon or mask, else of its box, else of its
        points.
    cut : bool
        Whether a frame cut something of it off.
    fit : float
        Intersection over union of its box and its moved shape, 0 to 1; 1 where the box is exact, and NaN where nobody
        asked.
    side : float
        The shorter side of what is seen, in pixels at training size.
    reason : str
        Why it is not kept, in a few words: "cut to 12 %", "hidden to 12 %", "outside", "1.4 px at 224"; else empty.
    """

    number: int
    kept: bool
    shapes: tuple[Shape, ...]
    share: float
    cut: bool
    fit: float
    side: float
    reason: str


@dataclass(frozen=True)
class Objects:
    """The objects of one picture, as far as it matters for drawing, moving and judging.

    Attributes
    ----------
    shapes : tuple of Shape
        In pixels of the picture that `read` begins with, or else of the picture in hand.
    names : tuple of str
        The class of each object.
    label : str
        The class of the picture itself: POSIX path of its class folders, or empty.
    read : Geometry or None
        How the picture that the shapes lie in became the one in hand; None if they are the same.
    """

    shapes: tuple[Shape, ...] = ()
    names: tuple[str, ...] = ()
    label: str = ""
    read: Geometry | None = None

    @cached_property
    def count(self) -> int:
        """How many objects there are."""
        return max(len(self.names), max((shape.number + 1 for shape in self.shapes), default=0))

    @cached_property
    def classes(self) -> frozenset[str]:
        """Names that a rule about classes may mean: of the objects, and of the picture's own class folder."""
        return frozenset((*self.names, self.label, self.label.rpartition("/")[2]))

    @property
    def unnamed(self) -> int | None:
        """The first object whose class nobody tells; None if there is none such."""
        named = {number for number, name in enumerate(self.names) if name}
        return min({shape.number for shape in self.shapes} - named, default=None)


NO_OBJECTS = Objects()


def judge(
    rules: LabelRules,
    moved: Iterable[Moved],
    frame: Frame,
    count: int,
    *,
    unmoved: bool = False,
    fits: bool = False,
) -> list[Fate]:
    """Tell what becomes of each object.

    Parameters
    ----------
    rules : LabelRules
        What is kept.
    moved : iterable of Moved
        The objects' shapes after a plan.
    frame : Frame
        Of the copy.
    count : int
        How many objects there are; one without shapes is kept as it is.
    unmoved : bool
        Whether nothing moved: boxes then stay as they were given, whatever else is known, and all that is not hidden is
        kept.
    fits : bool
        Whether somebody wants to know how well boxes fit: it takes as long as all else.
    """
    by_object: dict[int, list[Moved]] = defaultdict(list)
    for one in moved:
        by_object[one.before.number].append(one)
    return [
        _judged(rules, number, by_object.get(number, ()), frame, unmoved=unmoved, fits=fits) for number in range(count)
    ]


_PRECISION = (Polygon, Region, BoundingBox, KeyPoints)
"""What tells best how much is seen of an object."""


def _judged(
    rules: LabelRules, number: int, shapes: Sequence[Moved], frame: Frame, *, unmoved: bool, fits: bool
) -> Fate:
    if not shapes:
        return Fate(number, True, (), 1.0, False, 1.0, 0.0, "")
    best = shapes[0] if len(shapes) == 1 else min(shapes, key=lambda one: _PRECISION.index(type(one.before)))
    seen = [one.seen for one in shapes if one.seen is not None]
    fit = min(one.fit for one in shapes) if fits else math.nan
    if not unmoved and isinstance(best.seen, Polygon | Region):
        box = best.seen.bounds
        seen = [BoundingBox(number, *box) if isinstance(shape, BoundingBox) else shape for shape in seen]
        if not any(isinstance(shape, BoundingBox) for shape in seen) and any(
            isinstance(one.before, BoundingBox) for one in shapes
        ):
            seen.insert(0, BoundingBox(number, *box))
        fit = 1.0 if fits else math.nan
    side = 0.0
    if best.seen is not None and not isinstance(best.seen, KeyPoints):
        left, top, right, bottom = best.seen.bounds
        side = min(right - left, bottom - top) / frame.scale
    if unmoved:  # what the labels say beyond the picture is theirs to say
        hidden = 1 - best.share / best.cut if best.cut else 0.0
        reason = f"hidden to {100 * (1 - hidden):.0f} %" if 1 - hidden < rules.smallest_share else ""
    else:
        reason = _reason(rules, best, side, frame)
    return Fate(number, not reason, tuple(seen), best.share, best.cut < 1 - 1e-6, fit, side, reason)


def _reason(rules: LabelRules, best: Moved, side: float, frame: Frame) -> str:
    if best.seen is None or best.cut <= 0:
        return "outside"
    if best.share <= 0 or best.share < rules.smallest_share:
        how = "cut" if best.cut < rules.smallest_share or best.cut <= best.share + 1e-9 else "hidden"
        return f"{how} to {100 * best.share:.0f} %"
    if not isinstance(best.before, KeyPoints) and side < rules.smallest_side:
        return f"{side:.1f} px at {frame.training_size}"
    return ""


_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+|[0-9]+")
"""Of names such as "turn-left_2" or "turnLeft2": runs of letters, or of digits."""
_TELLING = re.compile(
    r"(left|right)(hand|wards?)?|arrow(s|head)?|chevrons?|(anti|counter)?clockwise|u?turn|letters?|digits?|numerals?"
)
"""Words that speak of a side, a sense of turning, or of writing."""
_TOGETHER = (("one", "way"),)
"""Words that do so where they stand side by side."""
_OTHER_WORD = {
    "cw": "ccw",
    "east": "west",
    "eastbound": "westbound",
    "port": "starboard",
    "l": "r",
    "lh": "rh",
    "links": "rechts",
    "gauche": "droite",
    "izquierda": "derecha",
    "sinistra": "destra",
    "esquerda": "direita",
}
"""Words that do so where another class has the other one in the same place."""
_OTHER_LETTER = {"b": "d", "p": "q"}
"""Letters that are each other's mirror image."""
_FEW_LETTERS, _FEW_DIGITS = 3, 8
"""So many classes called by one letter, or digit, are writing; fewer are grades, or numbers of classes."""
_LONGEST_NAME = 200


def mirror_sensitive(names: Iterable[str]) -> list[str]:
    """Those names of classes that suggest that a mirror image would be something else.

    They speak of left and right, of arrows, of a sense of turning, or are letters or digits. It is a guess to ask
    about: nothing follows from it alone.

    Parameters
    ----------
    names : iterable of str
        All classes there are: "l" tells something only beside "r", and "3" only among other digits.

    Returns
    -------
    list of str
        In their order, each once.
    """
    known = [name for name in dict.fromkeys(names) if 0 < len(name) <= _LONGEST_NAME]
    words = {name: tuple(word.lower() for word in _WORD.findall(name)) for name in known}
    telling = _opposites(words) | _characters(known)
    return [name for name in known if name in telling or _tells(words[name])]


def _tells(words: tuple[str, ...]) -> bool:
    return any(map(_TELLING.fullmatch, words)) or any(pair in _TOGETHER for pair in pairwise(words))


def _opposites(words: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Names that differ from another one only in a word that is the opposite."""
    by_words: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, parts in words.items():
        by_words[parts].append(name)
    found: set[str] = set()
    for parts, same in by_words.items():
        for place, word in enumerate(parts):
            if word in _OTHER_WORD:
                other = by_words.get((*parts[:place], _OTHER_WORD[word], *parts[place + 1 :]))
                found.update((*same, *other) if other else ())
    return found


def _characters(names: Sequence[str]) -> set[str]:
    """Names that are letters or digits, where they are meant as such."""
    letters = {name for name in names if len(name) == 1 and name.isalpha()}
    digits = {name for name in names if name in "0123456789" and len(name) == 1}
    numbers = {name for name in names if name.isdecimal() and len(name) > 1 and name != "10"}
    found: set[str] = set(letters) if len(letters) >= _FEW_LETTERS else set()
    for one, other in _OTHER_LETTER.items():
        if {one, other} <= letters:
            found |= {one, other}
    if len(digits) >= _FEW_DIGITS and not numbers:
        found |= {*digits, *({"10"} & {*names})}  # which some sets have in place of 0
    return found
