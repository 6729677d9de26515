"""A look at what text files beside pictures are: YOLO's rows, and of which kind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from augstudio.labels.adapter import Ground, Read
from augstudio.labels.found import LabelFormat
from augstudio.labels.model import Category
from augstudio.labels.names import word
from augstudio.labels.places import split_key, spread
from augstudio.labels.text import tell_text
from augstudio.labels.yolo_names import MOST_NAMES

_MOST_FOLDERS = 100  # that are looked at
_MOST_FILES = 200  # that are looked at, in all folders together
_ROW_CLASS = re.compile(rb"^[^\S\n]*(\d{1,6})(?:\.0*)?[^\S\n]", re.MULTILINE)


class Look:
    """A look at a bounded number of files, always the same ones."""

    def __init__(self, ground: Ground, check: Callable[[], None]) -> None:
        self._ground = ground
        self._check = check
        self._taken: set[str] = set()
        self.contents: Counter[str] = Counter()
        """In how many of the files each kind of row was seen."""

    @property
    def pose(self) -> bool:
        """Whether rows are key points."""
        return self.contents["key points"] * 2 > sum(self.contents.values())

    def chosen(self, files: Mapping[str, str], *, named: bool) -> dict[str, str]:
        """Those that are YOLO's, judged by folder."""
        folders: dict[str, list[str]] = {}
        for file in files:
            folders.setdefault(split_key(file)[0], []).append(file)
        names = sorted(folders)
        looked_at = [names[at] for at in spread(len(names), _MOST_FOLDERS)]
        votes = {folder: self._votes(folders[folder], _MOST_FILES // len(looked_at)) for folder in looked_at}
        together: Counter[LabelFormat | None] = sum(votes.values(), Counter())
        if not together:  # nothing but empty files: pictures without objects, all of them
            labels = named or any(word(split_key(name)[0].rpartition("/")[2]).labels for name in files)
            together[LabelFormat.YOLO if labels else None] = 1
        for folder in names:
            if (votes.get(folder) or together).most_common(1)[0][0] is LabelFormat.YOLO:
                self._taken.add(folder)
        return {file: picture for file, picture in files.items() if split_key(file)[0] in self._taken}

    def orphans(self, files: Iterable[str]) -> list[str]:
        """Files without a picture that are surely labels: in folders of labels; beside pictures by their content."""
        return [file for file in files if self._is_label(file)]

    def _is_label(self, file: str) -> bool:
        folder = split_key(file)[0]
        if folder not in self._taken:
            return False
        if folder not in self._ground.pictures.folders:
            return True
        told = self._tell(file)
        return told is not None and told[0] is LabelFormat.YOLO

    def _votes(self, files: list[str], most: int) -> Counter[LabelFormat | None]:
        votes: Counter[LabelFormat | None] = Counter()
        for at in spread(len(files), max(1, most)):
            told = self._tell(files[at])
            if told is None:
                votes[None] += 1
            elif told[0] is not None:
                votes[told[0]] += 1
                if told[0] is LabelFormat.YOLO:
                    self.contents.update(told[1])
        return votes

    def _tell(self, file: str) -> tuple[LabelFormat | None, frozenset[str]] | None:
        self._check()
        try:
            return tell_text(self._ground.read(file), cut=False)
        except OSError:
            return None


def numbered(files: Iterable[str], read: Read, check: Callable[[], None]) -> tuple[Category, ...]:
    """Classes that are called by their numbers, up to the largest that is used."""
    largest = -1
    for file in sorted(set(files)):
        check()
        try:
            data = read(file)
        except OSError:
            continue
        numbers = (int(found[1]) for found in _ROW_CLASS.finditer(data))
        largest = max((largest, *(number for number in numbers if number < MOST_NAMES)))
    return tuple(Category(number, str(number)) for number in range(largest + 1))
