"""Collecting COCO: which files there are, which pictures they speak of, and what is the same for all of them."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augstudio.labels.adapter import Ground, LabelSet
from augstudio.labels.coco_categories import Categories
from augstudio.labels.coco_index import Index, Kind, index
from augstudio.labels.coco_pairing import Pairing
from augstudio.labels.found import LabelFormat, RecognitionStopped
from augstudio.labels.model import Labelling, Problem
from augstudio.labels.names import word
from augstudio.labels.places import split_key
from augstudio.labels.problem_list import ProblemList
from augstudio.labels.refused import WithRefused, refused
from augstudio.labels.text import decoded
from augstudio.wording import count, listing, shown

LAYOUTS = ("instances", "roboflow")
"""`annotations/instances_[split].json` beside `images/`; `_annotations.coco.json` beside the pictures of each split."""
HEADER = "coco"
"""What `Labelling.header` has for this format: the layout, the categories' records, and what else files hold."""
_ROBOFLOW = "_annotations.coco.json"
_MOST_FILES = 200  # JSON files that may speak of many pictures
_LONGEST = 2**31  # bytes of one of them
_SHOWN = 3


def collect(ground: Ground) -> LabelSet | None:
    """Find COCO's files and index them; see `Adapter.collect`.

    Raises
    ------
    OSError
        If a JSON file cannot be read.
    RecognitionStopped
        If the ground's `stop` says so.
    ValueError
        If the option "layout" is none of `LAYOUTS`.
    """
    problems = ProblemList()
    notes: list[str] = []
    indexes = _kept(list(_indexed(ground, problems, notes)), notes)
    told = problems.all()
    if not indexes and not told:
        return None
    categories, records = Categories(problems), Records()
    files: dict[str, dict[str, Any]] = {}
    for one in indexes:
        problems.take(one.problems)
        split = records.add(one, categories.take(one), ground, problems)
        files[split] = _merged(files[split], one.extra) if split in files else one.extra
    unclear = {key: refused(problem) for key, problem in records.unclear.items() if key not in records}
    options = dict(ground.options)
    beside = bool(indexes) and all(one.file.rpartition("/")[2] == _ROBOFLOW for one in indexes)
    layout = layout_of(options, LAYOUTS[1] if beside else LAYOUTS[0])
    header = {"layout": layout, "categories": categories.records, "files": files}
    labelling = Labelling(LabelFormat.COCO, LabelFormat.COCO, categories.found, options, {HEADER: header})
    return LabelSet(labelling, WithRefused(records, unclear), problems.all(), tuple(notes))


def layout_of(options: Mapping[str, str | int], found: str) -> str:
    """The layout that the options ask for, else the one that was found.

    Raises
    ------
    ValueError
        If it is none of `LAYOUTS`.
    """
    layout = options.get("layout", found)
    if layout not in LAYOUTS:
        raise ValueError(f"layout is {shown(layout)}; allowed are {listing(list(LAYOUTS))}")
    return str(layout)


def _indexed(ground: Ground, problems: ProblemList, notes: list[str]) -> Iterator[Index]:
    def check() -> None:
        if ground.stop():
            raise RecognitionStopped

    keys = sorted((key for key in ground.others if split_key(key)[2] == ".json"), key=_promise(ground))
    if len(keys) > _MOST_FILES:
        notes.append(f"COCO: only {_MOST_FILES} of {count(len(keys), 'JSON file')} were looked at.")
    for key in sorted(keys[:_MOST_FILES]):
        check()
        data = ground.read(key)
        if len(data) > _LONGEST:
            problems.add("file too long", key, "", count(len(data), "byte"), f"up to {count(_LONGEST, 'byte')}")
            continue
        text = decoded(data)
        del data
        if (found := index(key, text, problems, check)) is not None:
            yield found


def _promise(ground: Ground) -> Callable[[str], tuple[bool, bool, int, str]]:
    """Sorts files by how much they promise to speak of many pictures."""

    def of(key: str) -> tuple[bool, bool, int, str]:
        folder, stem, _ = split_key(key)
        named = any(word(part).labels for part in (*folder.split("/"), stem)) or "coco" in stem or "instances" in stem
        return ground.pictures.partner(folder, stem) is not None, not named, key.count("/"), key

    return of


_LEFT = {
    Kind.CAPTIONS: "captions are not read",
    Kind.PANOPTIC: "panoptic segments are not read",
    Kind.KEY_POINTS: "not read, as there are instances beside it",
}


def _kept(indexes: list[Index], notes: list[str]) -> list[Index]:
    """Files of instances; of people's key points only where there are no others, since they hold the same again."""
    kinds = {one.kind for one in indexes if len(one.annotations)}
    left = set(_LEFT) - ({Kind.KEY_POINTS} if Kind.INSTANCES not in kinds else set())
    notes.extend(f"{one.file}: {_LEFT[one.kind]}." for one in indexes if one.kind in left)
    return [one for one in indexes if one.kind not in left]


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """What two files of one split hold beside records: the first's, with the licences of both."""
    merged = {**other, **one}
    licences = one.get("licenses"), other.get("licenses")
    if all(isinstance(listed, list) for listed in licences):
        merged["licenses"] = joined(*licences)
    return merged


def joined(*lists: Any) -> list[Any]:
    """Lists of licences as one, each record once."""
    seen = {json.dumps(item, sort_keys=True): item for items in lists for item in items}
    return list(seen.values())


class Records(Mapping[str, str]):
    """What files say of each picture, cut out of their text when it is asked for.

    A record is a JSON text: `file`, the image record `image`, the annotations `annotations`, their places in the
    file's list `at`, and `categories`, pairs of ids to be replaced.
    """

    def __init__(self) -> None:
        self._files: list[tuple[Index, NDArray[np.int64], NDArray[np.int64], dict[int, int]]] = []
        self._pictures: dict[str, tuple[int, int]] = {}
        self.unclear: dict[str, Problem] = {}
        """Pictures that some name may mean, or another one: none of them can be said to show nothing."""

    __eq__ = object.__eq__  # to compare what all files say would take seconds
    __hash__ = object.__hash__

    def __len__(self) -> int:
        return len(self._pictures)

    def __iter__(self) -> Iterator[str]:
        return iter(self._pictures)

    def __contains__(self, key: object) -> bool:
        return key in self._pictures

    def __getitem__(self, key: str) -> str:
        file, number = self._pictures[key]
        found, order, starts, categories = self._files[file]
        own = order[starts[number] : starts[number + 1]].tolist()
        texts = ",".join(map(found.annotation, own))
        about = json.dumps({"file": found.file, "at": own, "categories": list(categories.items())})
        return f'{about[:-1]}, "image": {found.image(number)}, "annotations": [{texts}]}}'

    def add(self, found: Index, categories: dict[int, int], ground: Ground, problems: ProblemList) -> str:
        """Add a file; returns the split of most of its pictures."""
        pairing = Pairing(ground.pictures, ground.splits, found.file)
        splits: dict[str, int] = {}
        own: dict[str, int] = {}
        first = array("q", range(len(found.names)))  # for each image record the one that stands for it
        for number, name in enumerate(found.names):
            if not name:
                continue
            key = pairing.find(name)
            place = f"images[{number}]"
            if key is None:
                self._not_found(found, number, name, pairing.several(name), problems)
            elif key in own:
                first[number] = own[key]
                text, allowed = f"{shown(name)} again", "each once; the annotations of both count"
                problems.add("two images of one picture", found.file, place, text, allowed, left_out=False)
            elif key in self._pictures:
                other = self._files[self._pictures[key][0]][0].file
                text, allowed = f"{shown(name)}, as in {other}", f"one of the two; {other} counts"
                problems.add("two label files for one picture", found.file, place, text, allowed)
            else:
                own[key] = number
                split = ground.splits.get(key, "")
                splits[split] = splits.get(split, 0) + 1
        self._take(found, own, first, categories)
        named = pairing.splits[0] if pairing.splits else ""
        return max(sorted(splits), key=lambda split: splits[split], default=named)

    def _not_found(self, found: Index, number: int, name: str, several: tuple[str, ...], problems: ProblemList) -> None:
        place = f"images[{number}]"
        if not several:
            problems.add("missing picture", found.file, place, shown(name), "a picture of the dataset")
            return
        which = " or ".join(shown(key) for key in several[:_SHOWN])
        more = f" or {count(len(several) - _SHOWN, 'other')}" if len(several) > _SHOWN else ""
        kind, allowed = "name of several pictures", f"a path that tells which: {which}{more}"
        problems.add(kind, found.file, place, shown(name), allowed)
        if (np.asarray(found.owners) == number).any():  # of one without objects, none can be exported falsely
            problem = Problem(kind, f"{found.file}, {place}", shown(name), allowed)
            self.unclear.update(dict.fromkeys(several, problem))

    def _take(self, found: Index, own: dict[str, int], first: array[int], categories: dict[int, int]) -> None:
        owners = np.append(np.array(first, np.int64), -1)[found.owners]
        order = np.argsort(owners, kind="stable")
        starts = np.searchsorted(owners[order], np.arange(len(found.names) + 1))
        self._files.append((found, order, starts, categories))
        file = len(self._files) - 1
        self._pictures.update((key, (file, number)) for key, number in own.items())
