"""The labels of an export: `labels.json`, and the files that speak of many copies, made at the end of the manifest."""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from augstudio.export import manifest
from augstudio.labels.formats import adapter_for, adapter_of
from augstudio.labels.model import Labelling
from augstudio.marks import IMAGES, LABEL_FOLDERS, LABEL_TABLES, LABELS
from augstudio.storage import TEMPORARY, Key, Storage, fault

VERSION = 1
"""Of `labels.json`."""
MOST_BYTES = 2**28
"""Of it: many times what the headers of COCO files come to."""
ROOTS = (IMAGES, *LABEL_FOLDERS)
"""Folders that an export's files lie in, beside those at its root."""
_FIELD = "augstudio_labels_export"
_BLOCK = 2**18
"""Bytes that are written at a time."""


@dataclass(frozen=True)
class LabelsFile:
    """What `labels.json` says: all that it takes, beside the manifest, to make files again that speak of many copies.

    Attributes
    ----------
    labellings : tuple of Labelling
        The label sets that follow.
    splits : tuple of str
        Of the export, in order; none if it has none.
    """

    labellings: tuple[Labelling, ...]
    splits: tuple[str, ...]

    def dump(self) -> bytes:
        """As it is written; the same bytes for the same values."""
        content = {
            _FIELD: VERSION,
            "splits": list(self.splits),
            "sets": [json.loads(labelling.dump()) for labelling in self.labellings],
        }
        return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "surrogatepass")

    @classmethod
    def parse(cls, data: bytes) -> LabelsFile:
        """Take it back.

        Raises
        ------
        ValueError
            If it is none of this version.
        """
        try:
            content = json.loads(data)
            if content[_FIELD] != VERSION:
                raise ValueError(f"{_FIELD} is {content[_FIELD]!r}; allowed is {VERSION}")
            sets = tuple(Labelling.parse(json.dumps(one)) for one in content["sets"])
            return cls(sets, tuple(map(str, content["splits"])))
        except (KeyError, TypeError, RecursionError) as error:
            raise ValueError(f"it does not say how labels are written ({error})") from error

    @classmethod
    def read(cls, storage: Storage) -> LabelsFile:
        """Read that of an export.

        Raises
        ------
        OSError
            If it cannot be read.
        ValueError
            If it is damaged.
        """
        return cls.parse(storage.read(LABELS, MOST_BYTES))


@dataclass(frozen=True)
class Gathered:
    """A file that speaks of many copies: its path, size, and SHA-256."""

    path: str
    bytes: int
    sha256: str


def gather(storage: Storage, labels: LabelsFile) -> list[Gathered]:
    """Write the files that speak of many copies, from the manifest, which is finished.

    Raises
    ------
    OSError
        If one cannot be written.
    """
    found = []
    folder = storage.root if storage.root is not None else Path(tempfile.gettempdir())
    for path, pieces in contents(storage, labels):
        digest, length = hashlib.sha256(), 0
        temporary = folder / f"{TEMPORARY}{secrets.token_hex(8)}.tmp"
        try:
            with temporary.open("xb") as file:
                for block in _blocks(pieces):
                    file.write(block)
                    digest.update(block)
                    length += len(block)
            storage.upload(temporary, Key(path))
        finally:
            temporary.unlink(missing_ok=True)
        found.append(Gathered(path, length, digest.hexdigest()))
    return found


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, in pieces that are worth writing."""
    held: list[bytes] = []
    length = 0
    for piece in pieces:
        held.append(piece)
        length += len(piece)
        if length >= _BLOCK:
            yield b"".join(held)
            held, length = [], 0
    if held:
        yield b"".join(held)


def tables_of(storage: Storage) -> Iterator[Key]:
    """Files that speak of many copies, as far as they are what the export's manifest and `labels.json` come to.

    An export that was killed may have written them, and its report does not list them.
    """
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        for path, pieces in contents(storage, LabelsFile.read(storage)):
            digest = hashlib.sha256()
            there = "" if fault(path) else _sha256(storage, Key(path))
            for block in _blocks(pieces) if there else ():
                digest.update(block)
            if there == digest.hexdigest():
                yield Key(path)


def _sha256(storage: Storage, path: Key) -> str:
    """Of a file; empty if it is not there."""
    try:
        return storage.sha256(path)
    except OSError:
        return ""


def roots_in(storage: Storage) -> tuple[Key, ...]:
    """Those of `ROOTS` that are there, as they are spelt there: some systems take `Annotations` for `annotations`."""
    if storage.root is None:
        return ROOTS
    with contextlib.suppress(OSError):
        there = {path.name for path in storage.root.iterdir()}
        return tuple(root for root in ROOTS if root in there)
    return ()


def contents(storage: Storage, labels: LabelsFile) -> Iterator[tuple[str, Iterator[bytes]]]:
    """What those files hold, piece by piece, by their paths."""

    def entries() -> Iterable[Mapping[str, Any]]:
        return manifest.read(storage)

    for labelling in labels.labellings:
        yield from adapter_of(labelling.written).gathered(labelling, entries, labels.splits)


def is_table(path: str) -> bool:
    """Whether a file that a report lists may be one that speaks of many copies, or `labels.json`."""
    return path == LABELS or path in LABEL_TABLES or any(path.startswith(f"{folder}/") for folder in ROOTS)


def label_files(labellings: Sequence[str], records: Sequence[str], path: str) -> tuple[str, ...]:
    """Paths of the label files that a copy may have, by the path of its picture and what its job carries of labels."""
    found: list[str] = []
    for text, record in zip(labellings, records, strict=True):
        labelling = Labelling.parse(text)
        found += adapter_for(labelling.written, record).paths(record, labelling, path)
    return tuple(found)
