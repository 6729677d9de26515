"""Which label file belongs to which picture, where each picture has a file of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from augstudio.labels.found import RecognitionStopped, plain
from augstudio.labels.model import Problem
from augstudio.labels.names import is_list, is_paper, place, word
from augstudio.labels.places import Pictures, split_key

_CHECK_EVERY = 4096


@dataclass
class Paired:
    """Files and their pictures.

    Attributes
    ----------
    files : dict of str to str
        The picture's key for that of each file, in the order of the files.
    alone : list of str
        Keys of the files that have no picture, and whose names do not speak of anything else.
    """

    files: dict[str, str] = field(default_factory=dict)
    alone: list[str] = field(default_factory=list)


def pair(pictures: Pictures, others: Iterable[str], suffixes: frozenset[str], stop: Callable[[], bool]) -> Paired:
    """Pair all files of some suffixes with pictures by folder and stem, as recognition does.

    Raises
    ------
    RecognitionStopped
        `stop` answered True.
    """
    paired = Paired()
    for number, key in enumerate(sorted(set(others))):
        if number % _CHECK_EVERY == 0 and stop():
            raise RecognitionStopped
        folder, stem, suffix = split_key(key)
        if suffix not in suffixes or is_paper(stem):
            continue
        partner = pictures.partner(folder, stem)
        if partner is not None:
            paired.files[key] = partner[0]
        elif not is_list(stem):
            paired.alone.append(key)
    return paired


def in_matching_place(file: str, picture: str) -> bool:
    """Whether a file lies in a folder for labels that matches the folder of its picture."""
    folder, home = split_key(file)[0], split_key(picture)[0]
    return place(folder) == place(home) and any(word(part).labels for part in folder.split("/"))


def nearest(
    files: dict[str, str], distance: Callable[[str, str], int], title: str
) -> tuple[dict[str, str], list[Problem]]:
    """Choose one file for each picture.

    Parameters
    ----------
    files : dict of str to str
        The picture's key for each file's.
    distance : callable
        Tells for a file and its picture how far from the format's own place the file lies; the nearest is taken, of
        equal ones the first by its path.
    title : str
        The format, in words.

    Returns
    -------
    (dict of str to str, list of Problem)
        The file's key for each picture's; and a problem for each file that another one is taken instead of.
    """
    chosen: dict[str, tuple[int, str]] = {}
    for file, picture in files.items():
        candidate = (distance(file, picture), file)
        chosen[picture] = min(chosen.get(picture, candidate), candidate)
    problems = [
        Problem(
            "two label files for one picture",
            file,
            f"a second {title} file for {plain(picture)}",
            f"one; {plain(chosen[picture][1])} is read",
        )
        for file, picture in files.items()
        if chosen[picture][1] != file
    ]
    return {picture: file for picture, (_, file) in sorted(chosen.items())}, problems


def missing(files: Iterable[str]) -> list[Problem]:
    """Tell label files whose picture is not there."""
    return [
        Problem("picture missing", file, f"no picture called {plain(split_key(file)[1])}", "a picture of the same name")
        for file in files
    ]


def others_of_the_stem(pictures: Pictures) -> dict[str, list[str]]:
    """For the first of pictures that differ in their suffix alone, the others."""
    twins: dict[str, list[str]] = {}
    for key in pictures.keys:
        folder, stem, _ = split_key(key)
        first = pictures.folders[folder][stem]
        if first != key:
            twins.setdefault(first, []).append(key)
    return twins
