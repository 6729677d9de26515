"""Which picture an image record of a COCO file means: by its path from several places, or by its name alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from augstudio.labels.places import Pictures

_WORD = re.compile(r"[a-z]+")
_EXACT = re.compile(r"[a-z0-9]+")
_ROLES = {
    **dict.fromkeys(("train", "training", "trn", "trainval"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "val"),
    **dict.fromkeys(("test", "testing", "eval"), "test"),
}
_FEW = 50  # pictures of one name that are compared one by one


class Pairing:
    """Finds pictures for the names in one file.

    Parameters
    ----------
    pictures : Pictures
        Of the dataset.
    splits : mapping of str to str
        The split of each picture's key; ``""`` for none.
    file : str
        Key of the file.
    """

    def __init__(self, pictures: Pictures, splits: Mapping[str, str], file: str) -> None:
        self._pictures = pictures
        self._keys = frozenset(pictures.keys)
        self._splits = splits
        self._folder = file.rpartition("/")[0]
        self.splits = _named_splits(file, {split for split in splits.values() if split})
        """Splits that the file's name, or that of its folder, speaks of."""
        self._bases = list(dict.fromkeys(self._places()))

    def _places(self) -> Iterable[str]:
        """Where names may begin: the file's folder and those above it, each with the usual folders below it."""
        root = self._folder
        while True:
            prefix = f"{root}/" if root else ""
            yield prefix
            for split in self.splits:
                yield from (f"{prefix}images/{split}/", f"{prefix}{split}/", f"{prefix}{split}/images/")
            yield f"{prefix}images/"
            if not root:
                return
            root = root.rpartition("/")[0]

    def find(self, name: str) -> str | None:
        """The picture that a name means; None if there is none, or several that it may mean."""
        path = _normal(name)
        if not path:
            return None
        last = path.rpartition("/")[2]
        keys = self._pictures.by_name.get(last, ())
        if not keys:
            return None
        for base in self._bases:
            if (key := base + path) in self._keys:
                return key
        if len(keys) <= _FEW:
            keys = [key for key in keys if self._may_be(key)]
            if len(keys) < 2:
                return keys[0] if keys else None
        found = self._pictures.named(path, self._folder)
        return found if found and self._may_be(found) else None

    def several(self, name: str) -> tuple[str, ...]:
        """The pictures that a name may mean for which `find` finds none; empty if there is none of that name."""
        keys = self._pictures.by_name.get(_normal(name).rpartition("/")[2], ())
        return tuple(key for key in keys if self._may_be(key))

    def _may_be(self, key: str) -> bool:
        """Not of another split than the one that the file speaks of."""
        split = self._splits.get(key, "")
        return not self.splits or not split or split in self.splits


def _normal(name: str) -> str:
    parts = [part for part in name.replace("\\", "/").strip().split("/") if part not in ("", ".")]
    while parts and parts[0] == "..":
        parts.pop(0)
    return "/".join(parts)


def _role(word: str) -> str:
    return _ROLES.get(word, word)


def _named_splits(file: str, splits: set[str]) -> tuple[str, ...]:
    """The splits that a path speaks of; what stands last in it counts most."""
    for part in reversed(file.rpartition(".")[0].split("/")):
        whole = part.lower()
        words = set(_EXACT.findall(whole))
        exact = [split for split in splits if split.lower() in words or split.lower() == whole]
        if exact:
            return tuple(sorted(exact))
        for word in reversed(_WORD.findall(whole)):
            if same := [split for split in splits if _role(word) in map(_role, _WORD.findall(split.lower()))]:
                return tuple(sorted(same))
    return ()
