"""Masks beside pictures as labels: read as they are stored, written as PNG of the same kind."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from augstudio.engine import Mask
from augstudio.images import DEFAULT_MAX_PIXELS, PictureError
from augstudio.labels.adapter import Adapter, Ground, LabelSet, Read
from augstudio.labels.found import LabelFormat, RecognitionStopped, plain
from augstudio.labels.mask_files import MaskFile, open_mask, turned
from augstudio.labels.mask_levels import Outside, Seen, survey
from augstudio.labels.mask_names import Named, named
from augstudio.labels.mask_png import Form, encode
from augstudio.labels.masks import NO_PICTURE
from augstudio.labels.model import (
    OTHER_SIZE,
    Category,
    Copy,
    Facts,
    LabelFile,
    Labelled,
    Labelling,
    Problem,
    Written,
)
from augstudio.labels.places import split_key
from augstudio.labels.text import decoded

FOLDER = "masks"
IGNORE = "ignore"
DRAWN_ON = "drawn_on"
_DRAWN_ON = ("auto", "upright", "stored")
_HEADER = "masks"
_MOST_KINDS = 24  # that are looked at one by one
_MOST_PIXELS = 2**27  # looked at, of all kinds together
_MOST_NAMES = 2**16  # bytes of a list of classes
_LISTS = ("classes", "class_names", "labels", "label_names", "categories", "names")
_OF_OBJECTS = ("object", "instance")


@dataclass(frozen=True)
class Kept:
    """What is needed to write a mask again.

    Attributes
    ----------
    role : str
        ``"mask"``, ``"mask 2"``, …
    folder, tail : str
        See `mask_names.Named`.
    form : Form
        Depth, palette and transparency.
    data : bytes or None
        The file, if it is what would be written where nothing moves: a PNG of pixels alone, upright as it is.
    """

    role: str
    folder: str
    tail: str
    form: Form
    data: bytes | None


class MaskLabels(Adapter):
    """Masks beside pictures.

    Options: ``"ignore"``, the level that stands for what is not labelled, 0 to 65,535, or -1 if there is none; and
    ``"drawn_on"``, as of all formats.
    """

    format: ClassVar[LabelFormat] = LabelFormat.MASKS

    def collect(self, ground: Ground) -> LabelSet | None:
        """Give each picture its masks; a few of each kind are looked at, to tell what stands outside them."""
        if not ground.masks:
            return None
        options = _options(ground.options)
        of = named(ground.masks)
        kinds, numbers = _kinds([mask for masks in of.values() for mask in masks])
        outside, notes, seen = [], [], []
        declared = options.get(IGNORE)
        budget = _MOST_PIXELS
        for (series, mark), keys in kinds.items():
            looked = survey(keys, ground.read, lambda: _check(ground), budget)
            budget = max(0, budget - looked.pixels)
            stands, why = looked.outside(declared if isinstance(declared, int) else None)
            outside.append(stands)
            notes.append(f"Masks {_where(series, mark)}: {looked.in_words()}; what lies outside is filled with {why}.")
            seen.append((series + mark, looked, stands))
        if isinstance(declared, int) and declared > 255:
            notes.append(f"The level {declared:,} is of 16 bit: masks of 8 bit have none that is not labelled.")
        records = {
            picture: json.dumps(
                [[mask.key, numbers[mask.series, mask.mark], mask.folder, mask.tail] for mask in masks],
                ensure_ascii=False,
            )
            for picture, masks in of.items()
        }
        labelling = Labelling(
            LabelFormat.MASKS,
            LabelFormat.MASKS,
            _categories(seen, ground),
            options,
            {_HEADER: [one.dump() for one in outside]},
        )
        return LabelSet(labelling, records, tuple(_alone(ground.masks)), tuple(dict.fromkeys(notes)))

    def written_as(self, labelling: Labelling) -> tuple[Labelling, tuple[str, ...]]:
        """Refuse: masks are written from masks only."""
        raise NotImplementedError(
            f"{labelling.format.called} is not written as masks: nothing is drawn here, masks are moved where there are"
            " some"
        )

    def files(self, record: str) -> tuple[str, ...]:
        """Keys of the masks."""
        return tuple(entry[0] for entry in json.loads(record))

    def parse(self, record: str, labelling: Labelling, read: Read, facts: Facts) -> Labelled:
        """Read a picture's masks; those that are broken or of another size are left out."""
        outside = [Outside.parse(values) for values in labelling.header[_HEADER]]
        drawn_on = str(labelling.options.get(DRAWN_ON, _DRAWN_ON[0]))
        masks: list[Mask] = []
        kept: list[Kept] = []
        problems: list[Problem] = []
        notes: list[str] = []
        upright = True
        for number, (key, kind, folder, tail) in enumerate(json.loads(record), 1):
            data = read(key)
            try:
                file = open_mask(key, data, max_pixels=max(DEFAULT_MAX_PIXELS, facts.width * facts.height))
                turn = _turn(file, facts, drawn_on)
                if turn is None:
                    problems.append(_of_another_size(key, file, facts))
                    continue
                pixels = turned(file.levels(), turn)
            except PictureError as error:
                problems.append(
                    Problem("mask that cannot be read", key, error.reason, "a picture whose levels are names")
                )
                continue
            problems += _without_colour(key, file, int(pixels.max()) if pixels.ndim == 2 else 0)
            notes += _notes(file, turn, facts, drawn_on)
            upright = upright and turn == 1
            masks.append(Mask(pixels, outside[kind].of(pixels, file.form)))
            role = "mask" if number == 1 else f"mask {number}"
            kept.append(Kept(role, folder, tail, file.form, data if file.plain and turn == 1 else None))
        return Labelled(
            masks=tuple(masks),
            record=tuple(kept),
            problems=tuple(problems),
            notes=tuple(dict.fromkeys(notes)),
            upright=upright,
        )

    def render(self, labelled: Labelled, labelling: Labelling, copy: Copy) -> Written:  # noqa: ARG002
        """Write a copy's masks; the source's own file where nothing moved and it holds nothing else."""
        files = []
        for mask, before, kept in zip(copy.masks, labelled.masks, labelled.record or (), strict=True):
            path = _path(copy.path, kept.folder, kept.tail)
            same = kept.data is not None and copy.unmoved and _same(mask, before)
            files.append(LabelFile(kept.role, path, kept.data if same else encode(mask.pixels, kept.form)))
        return Written(tuple(files))

    def paths(self, record: str, labelling: Labelling, path: str) -> tuple[str, ...]:  # noqa: ARG002
        """Those of all masks of the source."""
        return tuple(_path(path, folder, tail) for _, _, folder, tail in (json.loads(record) if record else ()))


def _path(picture: str, folder: str, tail: str) -> str:
    place, _, name = picture.partition("/")[2].rpartition("/")
    return "/".join(filter(None, (FOLDER, folder, place, f"{name.rpartition('.')[0]}{tail}.png")))


def _same(one: Mask, other: Mask) -> bool:
    return one.pixels is other.pixels or (
        one.pixels.shape == other.pixels.shape and bool((one.pixels == other.pixels).all())
    )


# --- collecting -------------------------------------------------------------------------------------------------------


def _check(ground: Ground) -> None:
    if ground.stop():
        raise RecognitionStopped


def _options(given: Mapping[str, str | int]) -> dict[str, str | int]:
    """Those of masks, checked."""
    options: dict[str, str | int] = {DRAWN_ON: given.get(DRAWN_ON, _DRAWN_ON[0])}
    if options[DRAWN_ON] not in _DRAWN_ON:
        raise ValueError(f"{DRAWN_ON} is {options[DRAWN_ON]!r}; it must be one of {', '.join(_DRAWN_ON)}")
    if IGNORE in given:
        level = given[IGNORE]
        if isinstance(level, bool) or not isinstance(level, int) or not -1 <= level <= 65535:
            raise ValueError(f"{IGNORE} is {level!r}; it must be a level, 0 to 65,535, or -1 for none")
        options[IGNORE] = level
    return options


def _kinds(masks: Sequence[Named]) -> tuple[dict[tuple[str, str], list[str]], dict[tuple[str, str], int]]:
    """Keys by kind, and the number of each kind; beyond `_MOST_KINDS`, the smallest ones count as one."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for mask in masks:
        found[mask.series, mask.mark].append(mask.key)
    largest = sorted(found, key=lambda kind: (-len(found[kind]), kind))
    kinds = {kind: found[kind] for kind in sorted(largest[:_MOST_KINDS])}
    numbers = {kind: number for number, kind in enumerate(kinds)}
    if rest := sorted(largest[_MOST_KINDS:]):
        first = rest[0]
        kinds[first] = sorted(key for kind in rest for key in found[kind])
        numbers |= dict.fromkeys(rest, len(numbers))
    return kinds, numbers


def _where(series: str, mark: str) -> str:
    place = f"in {plain(series)}/" if series else "beside the pictures"
    return f"{place} ({plain(mark)})" if mark else place


def _alone(masks: Mapping[str, str]) -> Iterator[Problem]:
    for key in sorted(masks):
        if masks[key] == NO_PICTURE:
            yield Problem("mask without a picture", key, "no picture that it is of", "a picture for each mask")


def _categories(seen: Sequence[tuple[str, Seen, Outside]], ground: Ground) -> tuple[Category, ...]:
    """Levels of the first kind that has classes, else its colours; names by the list that lies with the masks."""
    ordered = sorted(seen, key=lambda one: any(word in one[0].lower() for word in _OF_OBJECTS))
    for _, looked, stands in ordered:
        void = {level for level in (stands.level, stands.deep) if level}  # background is a class, too
        levels = [level for level in looked.numbers if level not in void]
        if looked.lossy or not levels or len(levels) > 256:
            continue
        names = _names(ground)
        if len(names) <= levels[-1]:
            names = []
        return tuple(Category(level, names[level] if names else str(level)) for level in levels)
    for _, looked, _ in ordered:
        colours = sorted({colour[:3] for colour in looked.colours if len(colour) > 2 and max(colour) < 256})
        if not looked.lossy and 0 < len(colours) <= 256:
            return tuple(
                Category(red << 16 | green << 8 | blue, f"#{red:02x}{green:02x}{blue:02x}")
                for red, green, blue in colours
            )
    return ()


def _names(ground: Ground) -> list[str]:
    """Names of classes, one a line, in a list that lies in a folder of masks or above it; the first line is of 0."""
    folders: set[str] = {""}
    for key in ground.masks:
        folder = split_key(key)[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    for key in sorted(ground.others, key=lambda key: (-key.count("/"), key)):
        folder, stem, suffix = split_key(key)
        if suffix != ".txt" or stem.lower() not in _LISTS or folder not in folders:
            continue
        try:
            lines = decoded(ground.read(key)[:_MOST_NAMES]).splitlines()
        except OSError:
            continue
        names = [plain(line.strip()) for line in lines if line.strip() and not line.startswith("#")]
        if names and len(set(names)) == len(names):
            return names
    return []


# --- reading ----------------------------------------------------------------------------------------------------------


def _turn(file: MaskFile, facts: Facts, drawn_on: str) -> int | None:
    """The EXIF orientation by which a mask is turned to lie on the upright picture; None if its size is another."""
    own, picture = file.orientation, facts.orientation
    ways: tuple[int, ...]
    if own != 1:
        ways = (own, 1)
    elif drawn_on == "auto":
        ways = (1, picture)
    else:
        ways = (picture,) if drawn_on == "stored" else (1,)
    for way in ways:
        if (file.size[::-1] if way >= 5 else file.size) == facts.size:
            return way
    return None


def _notes(file: MaskFile, turn: int, facts: Facts, drawn_on: str) -> Iterator[str]:
    if file.orientation != 1:
        if turn == 1:
            yield "EXIF orientation of masks not applied: it contradicts the pictures' sizes"
        else:
            yield "EXIF orientation of masks applied"
    elif turn != 1:
        yield "masks drawn on the stored picture"
    elif facts.orientation != 1 and drawn_on == "auto" and facts.stored == facts.size:
        yield "masks taken for drawn on the upright picture, which their sizes do not tell"
    if file.lossy:
        yield "masks in a format that keeps levels only nearly: some are of no class"
    if file.frames > 1:
        yield "first of several pictures in a mask's file used"


def _of_another_size(key: str, file: MaskFile, facts: Facts) -> Problem:
    return Problem(
        OTHER_SIZE,
        key,
        f"{file.width:,} × {file.height:,} pixels",
        f"{facts.width:,} × {facts.height:,}, as the picture",
    )


def _without_colour(key: str, file: MaskFile, largest: int) -> Iterator[Problem]:
    if file.form.palette is not None and largest >= (count := len(file.form.palette) // 3):
        allowed = f"0 to {count - 1}, the colours of its palette"
        yield Problem("number without a colour", key, f"number {largest}", allowed, left_out=False)
