"""The labels of a dataset that follow its pictures: which formats, which pictures, and what is wrong with them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from augstudio.callbacks import never
from augstudio.dataset.drawn_on import told_by_some
from augstudio.dataset.scanning import Dataset
from augstudio.labels import LabelFormat, Labels, RecognitionStopped
from augstudio.labels.adapter import Ground, LabelSet
from augstudio.labels.formats import FOLLOWED, OF_OBJECTS, adapter_for, adapter_of
from augstudio.labels.model import Labelling, Problem
from augstudio.labels.names import is_of_pictures, word
from augstudio.labels.places import Pictures, split_key, spread
from augstudio.labels.refused import WithRefused, is_refused, refused
from augstudio.storage import Key
from augstudio.wording import count, listing, printable, shown

MOST_BYTES = 2**31
"""Of one label file that speaks of many pictures."""
AUTO, NONE = "auto", "none"
"""Which labels follow: those that are found, or none; else the name of a format."""


class LabelError(ValueError):
    """Labels that cannot be followed as asked; the message is one plain line."""


@dataclass(frozen=True)
class LabelChoice:
    """What the user wants of labels.

    Attributes
    ----------
    read : str
        "auto": those that are found; "none"; or the value of one of `FOLLOWED`, the only one then.
    written : str
        The value of one of `OF_OBJECTS` that objects are written as; empty for the format that they were read in.
    options : mapping of str to str or int
        As of `Labelling.options`, for whichever format knows them; those that are not there are found, or have their
        default.
    """

    read: str = AUTO
    written: str = ""
    options: Mapping[str, str | int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("labels", self.read, (AUTO, NONE, *(one.value for one in FOLLOWED))),
            ("labels_as", self.written, ("", *(one.value for one in OF_OBJECTS))),
        ):
            if value not in allowed:
                raise LabelError(f"{name} is {shown(value)}; allowed are {', '.join(filter(None, allowed))}")
        if self.read == NONE and self.written:
            raise LabelError(f"labels is none, so that none are written; labels_as is {shown(self.written)}")

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return {"read": self.read, "written": self.written, "options": dict(self.options)}

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Take it back.

        Raises
        ------
        LabelError, TypeError
            If it is none.
        """
        if not isinstance(value, dict):
            raise TypeError(f"labels is {shown(value)}; allowed is an object")
        read, written, options = value.get("read", AUTO), value.get("written", ""), value.get("options", {})
        plain = isinstance(options, dict) and all(type(one) in (str, int) for one in options.values())
        if not isinstance(read, str) or not isinstance(written, str) or not plain:
            raise TypeError(f"labels is {shown(value)}; allowed are read, written and options")
        return cls(read, written, options)


@dataclass(frozen=True)
class DatasetLabels:
    """The labels of a dataset, where they are; not yet what they say.

    Attributes
    ----------
    sets : tuple of LabelSet
        At most one with objects, and one of masks; none if nothing follows.
    notes : tuple of str
        How they are taken, a plain sentence each.
    lost : tuple of str
        What is not carried over: labels of other formats, and what the format that is written cannot hold.
    problems : tuple of Problem
        What is wrong with labels that speak of many pictures, or of none.
    """

    sets: tuple[LabelSet, ...] = ()
    notes: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def labellings(self) -> tuple[Labelling, ...]:
        """One for each set."""
        return tuple(one.labelling for one in self.sets)

    @property
    def formats(self) -> tuple[LabelFormat, ...]:
        """What they are read in."""
        return tuple(one.labelling.format for one in self.sets)

    def records(self, key: str) -> tuple[str, ...]:
        """What each set has for a picture, for `PictureLabels.read`; empty where it has nothing."""
        return tuple(one.records.get(key, "") for one in self.sets)

    def count(self, dataset: Dataset) -> int:
        """How many pictures have any."""
        return sum(any(source.key in one.records for one in self.sets) for source in dataset.sources)


NO_LABELS = DatasetLabels()


def collect(dataset: Dataset, choice: LabelChoice | None = None, *, stop: Callable[[], bool] = never) -> DatasetLabels:
    """Find the labels that follow the pictures of a dataset.

    Parameters
    ----------
    dataset : Dataset
        As it was scanned.
    choice : LabelChoice, optional
        What the user wants; by default what is found.
    stop : callable
        Asked now and then; True ends it.

    Raises
    ------
    LabelError
        If there are no labels of the format asked for, or they cannot be written as asked.
    RecognitionStopped
        If `stop` answered True.
    OSError
        If they cannot be read.
    """
    choice = choice or LabelChoice()
    if choice.read == NONE:
        return NO_LABELS
    known: list[tuple[LabelChoice, DatasetLabels]] = vars(_whole(dataset)).setdefault("_labels", [])
    for asked, labels in known:
        if asked == choice:
            return labels
    labels = _collect(dataset, choice, stop)
    known[:] = [*known[-_KEPT + 1 :], (choice, labels)]
    return labels


def taken(dataset: Dataset, format_: LabelFormat) -> list[Labels]:
    """What was found of a format that is followed: not what only lies in files of the same kind."""
    found = [labels for labels in dataset.labels if labels.format is format_]
    read = [labels for labels in found if labels.content not in _NOT_READ]
    return read or [labels for labels in found if labels.content in _READ_ALONE] or found


_READ_ALONE = ("key points",)
"""What COCO holds beside instances, again: it is read where there are no others."""
_NOT_READ = ("captions", "panoptic segments", *_READ_ALONE)


def forget(dataset: Dataset) -> None:
    """Look for labels anew when they are asked for again: files may have changed."""
    vars(_whole(dataset)).pop("_labels", None)


_KEPT = 3


def _whole(dataset: Dataset) -> Dataset:
    """The dataset with all of its pictures, those that are excluded included: their labels are no strays."""
    whole: Dataset = vars(dataset).get("_whole", dataset)
    return whole


def _collect(dataset: Dataset, choice: LabelChoice, stop: Callable[[], bool]) -> DatasetLabels:
    if not dataset.labels and choice.read == AUTO and not choice.written:
        return DatasetLabels(lost=tuple(_beside_the_folder(dataset)))
    ground = _ground(dataset, choice, stop)
    found = _sets(dataset, choice, ground)
    if dataset.storage.root is not None:
        found = [told_by_some(one, dataset.sources, ground.read, stop) for one in found]
    if choice.read != AUTO and not found:
        called = LabelFormat(choice.read).called
        there = listing([one.in_words() for one in dataset.labels]) or "no labels at all"
        raise LabelError(f"{printable(dataset.location)}: found no labels in {called}; found {there}")
    if choice.written and choice.read == AUTO and not any(one.labelling.format in OF_OBJECTS for one in found):
        raise LabelError(
            f"{printable(dataset.location)}: found no objects to write as {LabelFormat(choice.written).called}"
        )
    for one in found:
        for problem in one.problems:
            if problem.forbids:
                raise LabelError(f"{printable(dataset.location)}: {problem}")
    notes = tuple(note for one in found for note in one.notes)
    sets = []
    lost: list[str] = []
    for one in found:
        contents = [labels.content for labels in dataset.labels if labels.format is one.labelling.format]
        written, not_held = _written(one, choice, outlined=any(kind in text for text in contents for kind in _OUTLINES))
        sets.append(written)
        lost += not_held
    problems = tuple(problem for one in sets for problem in one.problems)
    refusals = _refusals(dataset, choice, sets, ground)
    lost += _left_behind(dataset, choice, sets, refusals)
    lost += _of_no_use(choice, sets)
    sets = [
        replace(one, records=WithRefused(one.records, refusals))
        if refusals and one.labelling.format in OF_OBJECTS
        else one
        for one in sets
    ]
    return DatasetLabels(tuple(sets), notes, tuple(lost), problems)


def _refusals(dataset: Dataset, choice: LabelChoice, sets: list[LabelSet], ground: Ground) -> dict[str, str]:
    """Pictures that have labels in another format alone than the one that is taken for all.

    To export them as pictures without objects would teach that they show nothing. Whoever names the format has decided.
    """
    taken = next((one for one in sets if one.labelling.format in OF_OBJECTS), None)
    if choice.read != AUTO or taken is None:
        return {}
    keys = {source.key for source in _whole(dataset).sources if source.key not in taken.records}
    found: dict[str, str] = {}
    for format_ in dict.fromkeys(labels.format for labels in dataset.labels):
        if format_ is taken.labelling.format or not keys:
            continue
        for key, file in _speaking(format_, ground, keys).items():
            allowed = f"{taken.labelling.format.called}, in which the labels of other pictures are"
            found[key] = refused(Problem("labels in another format", file, format_.called, allowed))
        keys -= found.keys()
    return found


_ONE_EACH = {
    LabelFormat.LABELME: ".json",
    LabelFormat.SUPERVISELY: ".json",
    LabelFormat.CITYSCAPES: ".json",
    LabelFormat.KITTI: ".txt",
    LabelFormat.DOTA: ".txt",
}
"""Formats that are not followed, with a file for each picture."""


def _speaking(format_: LabelFormat, ground: Ground, keys: set[str]) -> dict[str, str]:
    """Of which of some pictures labels of a format say that they show something, and in which file."""
    found: dict[str, str] = {}
    if format_ in OF_OBJECTS:
        other = adapter_of(format_).collect(ground)
        records: Mapping[str, str] = {} if other is None else other.records
        for key in sorted(keys & records.keys()):
            record = records[key]
            files = adapter_for(format_, record).files(record)
            says = any(_says_something(file, ground) for file in files) if files else not record.endswith(_NOTHING)
            if says and not is_refused(record):
                found[key] = next(iter(files), key)
        return found
    for file in ground.others:
        folder, stem, suffix = split_key(file)
        if suffix == _ONE_EACH.get(format_):
            partner, _ = ground.pictures.partner(folder, stem) or ("", False)
            if partner in keys and _says_something(file, ground):
                found.setdefault(partner, file)
    return found


_NOTHING = '"annotations": []}'
"""What COCO's record of a picture without objects ends with."""
_EMPTY = re.compile(rb'"(shapes|objects)"\s*:\s*\[\s*\]')


def _says_something(file: str, ground: Ground) -> bool:
    """Whether a label file of one picture holds an object, as far as that is seen at a glance."""
    try:
        content = ground.read(file)
    except OSError:
        return True
    if file.lower().endswith(".xml"):
        return b"<object" in content
    return bool(content.strip()) and not _EMPTY.search(content)


def _ground(dataset: Dataset, choice: LabelChoice, stop: Callable[[], bool]) -> Ground:
    storage = dataset.storage
    splits = {source.key: source.split for source in _whole(dataset).sources}
    # Labels of pictures that no list names have their pictures.
    splits |= dict.fromkeys(dataset.in_no_split, "")
    return Ground(
        Pictures(splits),
        splits,
        dataset.beside,
        dataset.masks,
        lambda key: storage.read(Key(key), MOST_BYTES),
        stop,
        dict(choice.options),
    )


def _sets(dataset: Dataset, choice: LabelChoice, ground: Ground) -> list[LabelSet]:
    """Those of the format asked for; else the first with objects that is found, and masks."""
    if choice.read != AUTO:
        found = adapter_of(LabelFormat(choice.read)).collect(ground)
        return [found] if found is not None and found.records else []
    sets: list[LabelSet] = []
    for format_ in dict.fromkeys(labels.format for labels in dataset.labels):
        if format_ not in FOLLOWED or (format_ in OF_OBJECTS and any(s.labelling.format in OF_OBJECTS for s in sets)):
            continue
        found = adapter_of(format_).collect(ground)
        if found is not None and found.records:
            sets.append(found)
    return sorted(sets, key=lambda one: FOLLOWED.index(one.labelling.format))


_OUTLINES = ("polygons", "run-length masks")
"""What a format may hold that tells more of an object than a box."""


def _written(found: LabelSet, choice: LabelChoice, *, outlined: bool) -> tuple[LabelSet, tuple[str, ...]]:
    own = found.labelling.format
    if not choice.written or choice.written == own or own not in OF_OBJECTS:
        return found, ()
    target = LabelFormat(choice.written)
    shapes = {"shapes": "polygons"} if outlined else {}
    labelling = replace(found.labelling, options={**found.labelling.options, **shapes, **choice.options})
    try:
        labelling, lost = adapter_of(target).written_as(labelling)
    except NotImplementedError as error:
        raise LabelError(str(error)) from error
    return replace(found, labelling=labelling), lost


_OPTIONS_OF = {
    "voc_base": ("--voc-base", LabelFormat.VOC),
    "task": ("--yolo-task", LabelFormat.YOLO),
    "layout": ("--coco-layout", LabelFormat.COCO),
    "ignore": ("--mask-ignore", LabelFormat.MASKS),
}
"""What an option is on the command line, and of which format it is."""


def _of_no_use(choice: LabelChoice, sets: list[LabelSet]) -> list[str]:
    """Options of formats that no labels are read in or written in."""
    here = {format_ for one in sets for format_ in (one.labelling.format, one.labelling.written)}
    return [
        f"{option} {printable(str(choice.options[name]))} is of no use: no labels here are of {format_.called}, nor "
        "written as it."
        for name, (option, format_) in _OPTIONS_OF.items()
        if name in choice.options and format_ not in here
    ]


_LOOKED_AT = 20
_OF_ONE = (".txt", ".xml", ".json", ".png")


def _beside_the_folder(dataset: Dataset) -> list[str]:
    """Where labels lie beside the folder itself, as in Pascal VOC, they would be left out without a word."""
    root = dataset.storage.root
    if root is None:
        return []
    for images, below in ((root, ""), (root.parent, root.name)):
        if not is_of_pictures(images.name):
            continue
        with contextlib.suppress(OSError):
            others = sorted(path for path in images.parent.iterdir() if path != images and word(path.name).labels)
            for folder in others:
                if _has_their_names(folder / below, dataset) or _has_their_names(folder, dataset):
                    return [
                        f"{printable(folder)} holds files of these pictures' names, which may be their labels: they "
                        f"follow where {printable(images.parent)} is taken instead."
                    ]
    return []


def _has_their_names(folder: Path, dataset: Dataset) -> bool:
    some = (dataset.sources[at].key for at in spread(len(dataset.sources), _LOOKED_AT))
    return any((folder / f"{key.rpartition('.')[0]}{suffix}").is_file() for key in some for suffix in _OF_ONE)


def _left_behind(dataset: Dataset, choice: LabelChoice, sets: list[LabelSet], refusals: Mapping[str, str]) -> list[str]:
    taken = {one.labelling.format for one in sets}
    notes = []
    for labels in dataset.labels:
        if labels.format in taken:
            continue
        if labels.format in FOLLOWED and choice.read == AUTO and not any(f in OF_OBJECTS for f in taken):
            why = "they could not be read as such"
        elif labels.format in FOLLOWED:
            why = f"only those in {listing([f.called for f in sorted(taken)])} are (--labels {labels.format.value})"
        else:
            why = "labels of this format are not"
        notes.append(f"{labels.in_words()}: not carried over; {why}.")
    if refusals:
        pictures = count(len(refusals), "picture")
        notes.append(f"{pictures} with labels of that kind alone: not exported, as they would seem to show no object.")
    return notes


__all__ = [
    "AUTO",
    "NONE",
    "NO_LABELS",
    "DatasetLabels",
    "LabelChoice",
    "LabelError",
    "RecognitionStopped",
    "collect",
    "taken",
]
