"""Telling train, val and test folders from folders that are classes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

_Path = tuple[str, ...]


class Role(StrEnum):
    """What a split is for."""

    TRAIN = "train"
    VAL = "val"
    TEST = "test"


class Folders(StrEnum):
    """What folders are taken for whose names look like those of splits."""

    AUTO = "auto"
    """What is surely a split is one; of what may be, `Doubt` tells."""
    SPLITS = "splits"
    """What may be a split is one."""
    CLASSES = "classes"
    """All folders are classes, and there are no splits."""
    ALONE = "alone"
    """As `AUTO`; what files beside the pictures state of splits is not followed."""


# Evaluation counts as a test, as Hugging Face's loader has it: whoever reads the export gets what was meant.
_WORDS = {
    **dict.fromkeys(("train", "training", "trainval", "trn", "entrenamiento"), Role.TRAIN),
    **dict.fromkeys(("val", "valid", "validation", "dev", "validierung", "validacion"), Role.VAL),
    **dict.fromkeys(("test", "testing", "eval", "evaluation", "holdout", "inference", "tst", "prueba"), Role.TEST),
}
_ENDING = r"([-_ ]?(set|data|images))?"
_NAME = re.compile(rf"({'|'.join(_WORDS)}){_ENDING}([-_ ]?(19|20)\d\d)?")
_WORD = re.compile(rf"({'|'.join(sorted(_WORDS, key=len, reverse=True))})(set|data|images)?")
_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")
"""A word of a folder's name, ended by a change of case, a digit or anything that is no letter."""

_MEDICAL = re.compile(r"(images|labels)(Tr|Ts|Val)")
"""As medical challenges call them: imagesTr and imagesTs."""
_MEDICAL_ROLES = {"Tr": Role.TRAIN, "Ts": Role.TEST, "Val": Role.VAL}

IMAGE_FOLDERS = frozenset(
    (
        *("image", "images", "img", "imgs", "jpeg", "jpegs", "jpegimages", "jpg", "jpgs", "leftimg8bit"),
        *("input", "inputs", "photos", "pics", "picture", "pictures", "pngimages", "rgb"),
    )
)
"""Folders that only say that pictures lie in them, in any case, where nothing else lies beside them."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a folder's pictures belong.

    Attributes
    ----------
    split : str
        The name of the split's folder, as it is spelled; ``""`` in a dataset without splits.
    label : str
        The class; ``""`` for none.
    """

    split: str
    label: str


@dataclass(frozen=True)
class Doubt:
    """Folders that may be train, val and test, or classes: only the user knows.

    Attributes
    ----------
    names : tuple of str
        Of the folders, as they are spelled, in the order of `Role`.
    others : tuple of str
        Folders that lie beside them.
    """

    names: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True)
class Arranged:
    """What the folders of a dataset mean.

    Attributes
    ----------
    splits : tuple of str
        Names of the splits' folders, in the order of `Role`; empty for a dataset without splits.
    above : str
        The folder that all splits' folders lie in; ``""`` for the root, or where they lie in several.
    places : dict of str to Place
        For each folder that holds pictures; those that belong to no split are missing.
    doubt : Doubt or None
        What the user has to be asked about; until then, all folders count as classes.
    """

    splits: tuple[str, ...]
    above: str
    places: dict[str, Place]
    doubt: Doubt | None = None


def role_of(name: str) -> Role | None:
    """Tell what a split's folder is for by its name; None if nothing in it says so.

    Known are train, training and trainval; val, valid, validation and dev; test, testing, eval, evaluation and holdout;
    each also with "set", "data" or "images" and with a year behind it, as in `training_set` and `val2017`; and names in
    which such words stand among others, as in `seg_train`, `testA` and `asl_alphabet_test`, unless they contradict.
    """
    return near[0] if (near := _near(name)) else None


def exact_role_of(name: str) -> Role | None:
    """The same of a name that says nothing else: of `train` and `val2007`, not of `aeroplane_train`."""
    return _strict(name)


def order_of(split: str) -> tuple[int, str, str]:
    """A sort key for the names of splits: in the order of `Role`, then by name."""
    role = role_of(split)
    return list(Role).index(role) if role else len(Role), split.casefold(), split


def arrange(folders: Iterable[str], answer: Folders = Folders.AUTO) -> Arranged:
    """Tell what folders mean: splits, classes, or merely that pictures lie in them.

    Splits are looked for side by side, on any level. They surely are some where a folder for train has companions for
    val or test: one of them of the very name (`train` and `test1`), or all of names that differ in nothing else
    (`seg_train` and `seg_test`); or where each class has such folders of its own. What else lies beside them then
    belongs to no split.
    A folder for train without such a companion makes a split only if nothing but train folders lie there, since a train
    may be a class of vehicles. Names of val and test that lie beside anything else may be either.

    Parameters
    ----------
    folders : iterable of str
        The folders that hold pictures: POSIX paths relative to the root, ``""`` for the root itself.
    answer : Folders
        What the user has said, who may know better.
    """
    paths = {folder: tuple(filter(None, folder.split("/"))) for folder in folders}
    if answer is Folders.CLASSES:
        return Arranged((), "", _labelled({folder: ("", path) for folder, path in paths.items()}))
    siblings = _siblings(paths.values())
    found = _sure(paths, siblings)
    doubt = None
    if found is None and (names := _doubtful(siblings)):
        if answer is Folders.SPLITS:
            found = _as_told(paths)
        else:
            others = {name for names_there in siblings.values() if names & names_there for name in names_there - names}
            doubt = Doubt(tuple(sorted(names, key=order_of)), tuple(sorted(filter(None, others))))
    if found is None:
        return Arranged((), "", _labelled({folder: ("", path) for folder, path in paths.items()}), doubt)
    above = {path[: path.index(split)] for folder, (split, _) in found.items() if split in (path := paths[folder])}
    names = {split for split, _ in found.values()}
    return Arranged(
        tuple(sorted(names, key=order_of)), "/".join(above.pop()) if len(above) == 1 else "", _labelled(found)
    )


def classes_of(folders: Iterable[str], wholes: Mapping[str, str]) -> dict[str, str]:
    """The class of each folder where something else than folders states the splits.

    Parameters
    ----------
    folders : iterable of str
        As of `arrange`.
    wholes : mapping of str to str
        Folders that are splits as wholes, and the splits' names: they are no part of a class.
    """
    found: dict[str, tuple[str, _Path]] = {}
    for folder in folders:
        path = tuple(filter(None, folder.split("/")))
        ends = (end for end in range(len(path), -1, -1) if "/".join(path[:end]) in wholes)
        end = next(ends, 0)
        found[folder] = wholes.get("/".join(path[:end]), ""), path[end:]
    return {folder: place.label for folder, place in _labelled(found).items()}


# -- names -------------------------------------------------------------------------------------------------------------


def _strict(name: str) -> Role | None:
    found = _NAME.fullmatch(name.casefold())
    return _WORDS[found[1]] if found else None


def _near(name: str) -> tuple[Role, str] | None:
    """The role that a name tells, and the name with its word taken out; None if it tells none, or several."""
    if role := _strict(name):
        return role, ""
    if found := _MEDICAL.fullmatch(name):
        return _MEDICAL_ROLES[found[2]], found[1]
    tokens = [(match, _WORD.fullmatch(match[0].casefold())) for match in _TOKEN.finditer(name)]
    roles = [(match, word) for match, word in tokens if word]
    if len({_WORDS[word[1]] for _, word in roles}) != 1:
        return None
    rest, end = "", 0
    for match, _ in roles:
        rest, end = f"{rest}{name[end : match.start()]}*", match.end()
    return _WORDS[roles[0][1][1]], f"{rest}{name[end:]}".casefold()


# -- what is a split ---------------------------------------------------------------------------------------------------


def _siblings(paths: Iterable[_Path]) -> dict[_Path, set[str | None]]:
    """For each folder that has something in it: names of the folders there, None for pictures."""
    found: dict[_Path, set[str | None]] = defaultdict(set)
    for path in set(paths):
        found[path].add(None)
        for level, name in enumerate(path):
            found[path[:level]].add(name)
    return found


def _sure(paths: Mapping[str, _Path], siblings: Mapping[_Path, set[str | None]]) -> dict[str, tuple[str, _Path]] | None:
    """Split and class of each folder that surely belongs to a split; None where nothing surely is one."""
    top: _Path = ()
    while True:
        names = siblings.get(top, set())
        if splits := _surely(names):
            inside = {folder: path for folder, path in paths.items() if path[: len(top)] == top}
            return {
                folder: (path[len(top)], path[len(top) + 1 :])
                for folder, path in inside.items()
                if len(path) > len(top) and path[len(top)] in splits
            }
        if len(names) != 1 or None in names:
            break
        top = (*top, *filter(None, names))
    return _below_classes(paths)


def _surely(names: set[str | None]) -> set[str]:
    """Those of some names side by side that surely are splits."""
    strict = {name: role for name in names if name and (role := _strict(name))}
    near = {name: found for name in names if name and (found := _near(name))}
    if Role.TRAIN in strict.values():
        if len(strict) == len(names):
            return set(strict)
        tests = {name for name, (role, _) in near.items() if role is not Role.TRAIN}
        # "ticket validation" beside "train" and "bus" may be a class; beside "train" and nothing else it is none.
        plain = all(name in strict or _adds_nothing(near[name][1]) for name in tests)
        if tests and (plain or set(near) == names - {None}):
            return tests | set(strict)
    roles = {role for role, _ in near.values()}
    if strict and len(near) == len(names) and Role.TRAIN in roles and len(roles) > 1:
        return set(near)
    patterns: dict[str, set[Role]] = defaultdict(set)
    for role, pattern in near.values():
        patterns[pattern].add(role)
    sure = {pattern for pattern, roles in patterns.items() if Role.TRAIN in roles and len(roles) > 1}
    # "cats_train" and "dogs_train" have a class in their names; which it is, is not for us to say.
    if sure and (len(sure) == 1 or all(map(_adds_nothing, sure))):
        return set(near)
    return set()


def _adds_nothing(pattern: str) -> bool:
    """Whether what a name says besides its word is a number or a letter at most, as in `test1` and `trainA`."""
    return len(re.sub(r"[\W\d_]", "", pattern)) <= 1


def _below_classes(paths: Mapping[str, _Path]) -> dict[str, tuple[str, _Path]] | None:
    """Splits that lie in each class, as in `cat/train` and `cat/test`; None unless all pictures lie in one."""
    for level in range(1, max(map(len, paths.values()), default=0)):
        if any(len(path) <= level or _near(path[level]) is None for path in paths.values()):
            continue
        names = {path[level] for path in paths.values()}
        if _surely({*names}) == names and len({role_of(name) for name in names}) > 1:
            return {folder: (path[level], (*path[:level], *path[level + 1 :])) for folder, path in paths.items()}
    return None


def _doubtful(siblings: Mapping[_Path, set[str | None]]) -> set[str]:
    """Names that may be those of splits: of val or test beside anything else, and of their companions for train."""
    found: set[str] = set()
    for above, names in siblings.items():
        near = {name: role for name in names if name and (role := role_of(name))}
        # A test folder alone is somebody's pictures; one with classes in it is a test.
        split = len(names) > 1 or any(name and siblings[(*above, name)] - {None} for name in near)
        if split and {*near.values()} - {Role.TRAIN}:
            found |= set(near)
    return found


def _as_told(paths: Mapping[str, _Path]) -> dict[str, tuple[str, _Path]]:
    """Take every folder that is called after a split for one; where none is for train, the others are."""
    found: dict[str, tuple[str, _Path]] = {}
    rest: list[str] = []
    for folder, path in paths.items():
        level = next((level for level, name in enumerate(path) if role_of(name)), None)
        if level is None:
            rest.append(folder)
        else:
            found[folder] = path[level], path[level + 1 :] or path[:level]
    if not any(role_of(split) is Role.TRAIN for split, _ in found.values()):
        # `rps` beside `rps-test-set`, each with the classes: what all of it lies in is no class.
        classes = {name for _, path in found.values() for name in path[:1]}
        tops = {paths[folder][:1] for folder in rest}
        inner = {name for folder in rest for name in paths[folder][1:2]}
        shared = len(tops) == 1 and bool(classes & inner)
        found |= {folder: (Role.TRAIN.value, paths[folder][shared:]) for folder in rest}
    return found


# -- what is a class ---------------------------------------------------------------------------------------------------


def _labelled(found: Mapping[str, tuple[str, _Path]]) -> dict[str, Place]:
    """Leave out of the classes' names what says nothing about a picture."""
    found = _unpacked(found)
    of_split: dict[str, set[_Path]] = defaultdict(set)
    for split, path in found.values():
        of_split[split].add(path)
    beside = [_siblings(paths) for paths in of_split.values()]
    told = {folder: (split, tuple(_telling(path, beside))) for folder, (split, path) in found.items()}
    outer = _outer([path for _, path in told.values()])
    return {folder: Place(split, "/".join(path[outer:])) for folder, (split, path) in told.items()}


def _telling(path: _Path, beside: Iterable[Mapping[_Path, set[str | None]]]) -> Iterable[str]:
    """The names of a path without those of folders that only hold pictures, and lie beside a class in no split."""
    for level, name in enumerate(path):
        around = {other for names in beside for other in names.get(path[:level], ()) if name in names[path[:level]]}
        if not all(other is None or other.casefold() in IMAGE_FOLDERS for other in around):
            yield name


def _outer(paths: list[_Path]) -> int:
    """How many folders hold all pictures, classes and all, as an archive's own does: they are no part of a class."""
    level = 0
    while len({path[level : level + 1] for path in paths}) == 1 and all(len(path) > level + 1 for path in paths):
        level += 1
    return level


def _unpacked(found: Mapping[str, tuple[str, _Path]]) -> Mapping[str, tuple[str, _Path]]:
    """Without a folder that repeats its split's name and holds all of it, as some archives unpack (`train/train`)."""
    inside: dict[str, set[str]] = defaultdict(set)
    for split, path in found.values():
        inside[split].add(path[0] if path else "")
    repeated = {split for split, names in inside.items() if {name.casefold() for name in names} == {split.casefold()}}
    if not repeated or any(split not in repeated and names != {""} for split, names in inside.items()):
        return found
    return {folder: (split, path[split in repeated :]) for folder, (split, path) in found.items()}
