"""The labels of an export: `labels.json`, and the files that speak of many copies, made at the end of the manifest."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from augstudio.export import manifest
from augstudio.labels.formats import adapter_of
from augstudio.labels.model import Labelling
from augstudio.marks import IMAGES, LABEL_FOLDERS, LABEL_TABLES, LABELS
from augstudio.storage import TEMPORARY, Key, Storage

VERSION = 1
"""Of `labels.json`."""
MOST_BYTES = 2**28
"""Of it: many times what the headers of COCO files come to."""
ROOTS = (IMAGES, *LABEL_FOLDERS)
"""Folders that an export's files lie in, beside those at its root."""
_FIELD = "augstudio_labels_export"


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
    for path, pieces in contents(storage, labels):
        digest, length = hashlib.sha256(), 0
        folder = storage.root if storage.root is not None else None
        with tempfile.NamedTemporaryFile(prefix=TEMPORARY, suffix=".tmp", dir=folder, delete=False) as file:
            temporary = Path(file.name)
            try:
                for piece in pieces:
                    file.write(piece)
                    digest.update(piece)
                    length += len(piece)
                file.close()  # Windows opens no file twice
                storage.upload(temporary, Key(path))
            finally:
                file.close()
                temporary.unlink(missing_ok=True)
        found.append(Gathered(path, length, digest.hexdigest()))
    return found


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
        found += adapter_of(labelling.written).paths(record, labelling, path)
    return tuple(found)
