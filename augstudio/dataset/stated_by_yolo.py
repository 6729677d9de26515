"""Splits as YOLO's `data.yaml` states them: lists of pictures, or folders of any name."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import partial

from augstudio.dataset.splits import Role
from augstudio.dataset.stating import Claim, Ground, Statement, lines_of, take
from augstudio.labels.places import split_key
from augstudio.labels.yolo_names import UnusableError, members, texts_of
from augstudio.wording import printable, shown

_FIRST = ("data.yaml", "data.yml", "dataset.yaml", "dataset.yml")
_MOST_FILES = 50
_MOST_BYTES = 2**20
_MOST_PLACES = 1000
"""Folders and lists that one member may name."""
_ROLES = {
    "train": Role.TRAIN,
    "val": Role.VAL,
    "valid": Role.VAL,
    "validation": Role.VAL,
    "test": Role.TEST,
}
_FEW = 20
"""Pictures of one name that are compared one by one."""


def find(ground: Ground) -> Statement | None:
    """Look for `data.yaml`, and for YAML files of other names that have train and val; one in each folder counts."""
    statement = Statement()
    taken: set[str] = set()
    resolver: _Resolver | None = None
    for key in _candidates(ground.beside):
        folder = split_key(key)[0]
        if folder in taken:
            continue
        places = _places(key, ground, statement.notes)
        if not places:
            continue
        taken.add(folder)
        resolver = resolver or _Resolver(ground)
        claims = _without_same([_claim(role, key, named, resolver, statement) for role, named in places.items()])
        statement.claims += claims
        if any(claim.keys for claim in claims):
            statement.where.append(printable(key))
    return statement if statement.claims or statement.notes else None


def _candidates(beside: Iterable[str]) -> list[str]:
    ranked = []
    for key in beside:
        name = key.rpartition("/")[2].lower()
        if name.endswith((".yaml", ".yml")):
            ranked.append((_FIRST.index(name) if name in _FIRST else len(_FIRST), key.count("/"), key))
    return [key for _, _, key in sorted(ranked)[:_MOST_FILES]]


def _places(key: str, ground: Ground, notes: list[str]) -> dict[Role, list[tuple[str, ...]]]:
    """The paths that a file has for each purpose, as their parts; none where it says nothing of splits."""
    ground.check()
    try:
        data = ground.head(key, _MOST_BYTES + 1)
        content = members(data)
    except (OSError, UnusableError):
        return {}  # told by whoever looks for names in it
    if not {"train", "val"} <= content.keys() and key.rpartition("/")[2].lower() not in _FIRST:
        return {}
    places: dict[Role, list[tuple[str, ...]]] = {}
    top = ""
    for name, node in content.items():
        try:
            if name == "path":
                top = "".join(texts_of(node)[:1])
            elif role := _ROLES.get(name):
                texts = [text for text in texts_of(node) if text.strip()]
                if len(texts) > _MOST_PLACES:
                    raise UnusableError(f"more than {_MOST_PLACES:,} values")
                if texts and texts != ["null"]:
                    places.setdefault(role, []).extend(map(_parts, texts))
        except UnusableError as error:
            notes.append(f"{printable(key)}, {name}: {error}; allowed are a path, or a list of paths.")
    above = _parts(top)
    return {role: [(*above, *path) if path else () for path in paths] for role, paths in places.items()}


def _parts(path: str) -> tuple[str, ...]:
    """The names in a path, without steps up at its beginning."""
    parts: list[str] = []
    for part in path.replace("\\", "/").strip().split("/"):
        if part == "..":
            parts[-1:] = []
        elif part not in ("", "."):
            parts.append(part)
    return tuple(parts)


def _claim(role: Role, key: str, places: Sequence[tuple[str, ...]], resolver: _Resolver, statement: Statement) -> Claim:
    claim = Claim(role, key)
    home = split_key(key)[0]
    for path in places:
        resolver.ground.check()
        if path and path[-1].lower().endswith(".txt"):
            file = resolver.file(path, home)
            if file is None:
                statement.notes.append(f"{printable(key)}, {role}: {_path(path)}: no such list is here.")
                continue
            statement.files.add(file)
            lines = lines_of(file, resolver.ground, statement.notes)
            where = ((f"{printable(file)}, line {number}", line) for number, line in lines)
            take(where, partial(resolver.picture, near=split_key(file)[0]), claim)
            continue
        folder = resolver.folder(path, home)
        if folder is None:
            statement.notes.append(f"{printable(key)}, {role}: {_path(path)}: no such folder of pictures is here.")
            continue
        claim.keys.update(resolver.inside(folder))
        if folder:
            statement.wholes[folder] = role
    return claim


def _path(path: Sequence[str]) -> str:
    return shown("/".join(path))


def _without_same(claims: list[Claim]) -> list[Claim]:
    """Without those of the very pictures that are trained on: where all are one, nothing is stated."""
    train = next((claim.keys for claim in claims if claim.role is Role.TRAIN), set[str]())
    return [claim for claim in claims if claim.role is Role.TRAIN or not train or claim.keys != train]


class _Resolver:
    """Finds files and folders by paths that may be another machine's: by what their ends have in common."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._keys = ground.pictures.keys
        self._known = frozenset(self._keys)
        folders: set[str] = set()
        for folder in ground.pictures.folders:
            while folder and folder not in folders:
                folders.add(folder)
                folder = folder.rpartition("/")[0]  # noqa: PLW2901
        self._folders = _by_name(folders)
        self._files = _by_name(key for key in ground.beside if key.lower().endswith(".txt"))

    def folder(self, path: Sequence[str], home: str) -> str | None:
        """The folder of pictures that a path means, read from the folder `home`; None if there is none, or several."""
        return _nearest(path, home, self._folders) if path else home

    def file(self, path: Sequence[str], home: str) -> str | None:
        """The list that a path means."""
        return _nearest(path, home, self._files)

    def inside(self, folder: str) -> list[str]:
        """All pictures in a folder and below it."""
        if not folder:
            return self._keys
        start, end = (bisect_left(self._keys, f"{folder}{sign}") for sign in "/0")  # 0 is next to /
        return self._keys[start:end]

    def picture(self, line: str, near: str) -> tuple[str, ...]:
        """The picture that a line of a list in the folder `near` means."""
        path = _parts(line)
        if not path:
            return ()
        bases = ["", near and f"{near}/"]
        named = self.ground.pictures.by_name.get(path[-1], [])
        for start in range(min(len(path), _FEW) if len(named) > _FEW else 1):
            tail = "/".join(path[start:])
            for base in reversed(bases):
                if (key := f"{base}{tail}") in self._known:
                    return (key,)
        best = _best(path, named, near) if len(named) <= _FEW else None
        return (best,) if best is not None else ()


def _by_name(keys: Iterable[str]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for key in sorted(keys):
        names.setdefault(key.rpartition("/")[2], []).append(key)
    return names


def _nearest(path: Sequence[str], home: str, known: dict[str, list[str]]) -> str | None:
    return _best(path, known.get(path[-1], []), home)


def _best(path: Sequence[str], keys: Sequence[str], home: str) -> str | None:
    """The key that shares the longest end with a path; of several in `home` or nearest to it, or None."""
    inside = f"{home}/" if home else ""
    scores = sorted(
        ((_agreement(key, path), key.startswith(inside), -key.count("/"), key) for key in keys), reverse=True
    )
    if not scores:
        return None
    return None if len(scores) > 1 and scores[0][:3] == scores[1][:3] else scores[0][3]


def _agreement(key: str, path: Sequence[str]) -> int:
    shared = 0
    for one, other in zip(reversed(key.split("/")), reversed(path), strict=False):
        if one != other:
            break
        shared += 1
    return shared
