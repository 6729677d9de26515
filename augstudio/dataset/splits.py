"""Telling train, val and test folders from folders that are classes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_IMAGES = "images"


class Role(StrEnum):
    """What a split is for."""

    TRAIN = "train"
    VAL = "val"
    TEST = "test"


# Evaluation counts as a test, as Hugging Face's loader has it: whoever reads the export gets what was meant.
_WORDS = {
    **dict.fromkeys(("train", "training"), Role.TRAIN),
    **dict.fromkeys(("val", "valid", "validation", "dev"), Role.VAL),
    **dict.fromkeys(("test", "testing", "eval", "evaluation"), Role.TEST),
}
_NAME = re.compile(rf"({'|'.join(_WORDS)})([-_ ]?(set|data|images))?([-_ ]?(19|20)\d\d)?")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a folder's pictures belong.

    Attributes
    ----------
    split : str
        The name of the split's folder, as it is spelled.
    label : str
        The class; ``""`` for none.
    """

    split: str
    label: str


@dataclass(frozen=True)
class Splits:
    """The splits of a dataset.

    Attributes
    ----------
    above : str
        The folder that holds the splits' folders; ``""`` for the root.
    names : tuple of str
        Of the splits' folders, in the order of `Role`.
    places : dict of str to Place
        For each folder that holds pictures; those that belong to no split are missing.
    """

    above: str
    names: tuple[str, ...]
    places: dict[str, Place]


def role_of(name: str) -> Role | None:
    """Tell what a split's folder is for by its name, in any case; None if it is not the name of a split.

    Known are train and training; val, valid, validation and dev; test, testing, eval and evaluation; each also with
    "set", "data" or "images" and with a year behind it, as in `training_set` and `val2017`.
    """
    found = _NAME.fullmatch(name.casefold())
    return _WORDS[found[1]] if found else None


def order_of(split: str) -> tuple[int, str, str]:
    """A sort key for the names of splits: in the order of `Role`, then by name."""
    role = role_of(split)
    return list(Role).index(role) if role else len(Role), split.casefold(), split


def find_splits(folders: Iterable[str]) -> Splits | None:
    """Find the folders of train, val and test.

    They are looked for side by side, below whatever folders all pictures share. A train folder beside one for val or
    test makes a split dataset, whatever else lies there (which then belongs to no split); without such a companion
    it does so only if nothing but train folders lies there, since a train may be a class of vehicles.

    Parameters
    ----------
    folders : iterable of str
        The folders that hold pictures: POSIX paths relative to the root, ``""`` for the root itself.

    Returns
    -------
    Splits or None
        None for a dataset without splits.
    """
    paths = {folder: tuple(filter(None, folder.split("/"))) for folder in folders}
    for level in range(max(map(len, paths.values()), default=0)):
        # None stands for pictures that lie directly at this level.
        found = {path[level] if len(path) > level else None for path in paths.values()}
        roles = {name: role for name in found if name and (role := role_of(name))}
        if Role.TRAIN in roles.values() and (len(roles) == len(found) or len({*roles.values()}) > 1):
            inside = {folder: path for folder, path in paths.items() if len(path) > level and path[level] in roles}
            above = "/".join(next(iter(inside.values()))[:level])
            return Splits(above, tuple(sorted(roles, key=order_of)), _places(inside, level))
        if len(found) > 1:
            break
    return None


def _places(paths: dict[str, tuple[str, ...]], level: int) -> dict[str, Place]:
    """Split and class of folders, the splits' folders being at a level."""
    wrappers: dict[str, set[str]] = {}
    for path in paths.values():
        wrappers.setdefault(path[level], set()).add(path[level + 1] if len(path) > level + 1 else "")
    # `train/images/x.jpg` beside `train/labels/x.txt`, or `train/train/cat/x.jpg` as some archives unpack: a folder
    # that all pictures of every split lie in tells nothing about them.
    wrapped = all(
        len(names) == 1 and {name.casefold() for name in names} <= {_IMAGES, split.casefold()}
        for split, names in wrappers.items()
    )
    return {folder: Place(path[level], "/".join(path[level + 1 + wrapped :])) for folder, path in paths.items()}
