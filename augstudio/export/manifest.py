"""`manifest.jsonl`: a line of JSON for every exported file, with all that is needed to make it again.

While an export runs, lines are appended in the order in which results come, so that a crash loses none that was
written; at its end they are put in the order of the sources. Where files cannot be appended to (behind a URL), pieces
are put beside it in the meantime.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import tempfile
import time
from array import array
from collections.abc import Callable, Container, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, BinaryIO, Self

from augstudio.export.job import Result, Written
from augstudio.export.settings import MAX_BALANCE
from augstudio.marks import COPY, IMAGES, LABEL_FOLDERS, MANIFEST, MANIFEST_FIELD, ORIGINAL
from augstudio.pipeline import MAX_SEED, MAX_STEPS
from augstudio.storage import TEMPORARY, Key, Storage, StorageError, fault
from augstudio.wording import shown

PIECES = Key("manifest.pieces")
"""The folder of the pieces."""
MOST_BYTES = 2**24
"""Of a line: many times what the longest names, a hundred steps and a crowd of objects come to. Longer ones are not
read."""
_BLOCK = 2**18
"""Bytes read at a time."""
_EVERY_SECONDS, _EVERY_RESULTS = 10.0, 2000
"""How often a piece is put behind a URL."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

Entry = dict[str, Any]
"""A line of a manifest; has all of `FIELDS`, each with a value that is allowed there."""
_Check = Callable[[object], str]
"""Tells why a value cannot stand in a field, or what is allowed there; nothing if it is fine."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
_COPY = re.compile(rf"(?:{ORIGINAL}|{COPY}([1-9][0-9]*))\.[^./]+\Z")


def _place(value: object) -> str:
    return _key(value) or ("" if str(value).startswith(f"{IMAGES}/") else f"allowed are paths below {IMAGES}")


def _key(value: object) -> str:
    return (why := fault(value)) and f"no path in a folder: {why}"


def _folder(value: object) -> str:
    return "" if value == "" else _key(value)


def _digest(value: object) -> str:
    return "" if isinstance(value, str) and _DIGEST.fullmatch(value) else "allowed are 64 hexadecimal digits"


def _whole(low: int, high: int) -> _Check:
    def check(value: object) -> str:
        return "" if type(value) is int and low <= value <= high else f"allowed is {low:,} to {high:,}"

    return check


def _reduced(value: object) -> str:
    return "" if type(value) is int and value in (1, 2, 4, 8) else "allowed is 1, 2, 4 or 8"


def _steps(value: object) -> str:
    return "" if isinstance(value, list) and len(value) <= MAX_STEPS else f"allowed are at most {MAX_STEPS} draws"


def _texts(value: object) -> str:
    return "" if isinstance(value, list) and all(isinstance(text, str) for text in value) else "allowed are texts"


def _text(value: object) -> str:
    return "" if isinstance(value, str) and len(value) <= 1000 else "allowed is a text"


def _named_texts(value: object) -> str:
    fine = isinstance(value, dict) and all(isinstance(text, str) and len(text) <= 200 for text in value.values())
    return "" if fine else "allowed are texts by name"


def _artefacts(value: object) -> str:
    if not isinstance(value, list) or len(value) > _MOST_ARTEFACTS:
        return f"allowed are at most {_MOST_ARTEFACTS} files"
    checks = {"path": _of_labels, "role": _text, "bytes": _whole(0, 2**33), "sha256": _digest}
    for one in value:
        if not isinstance(one, dict) or one.keys() != checks.keys():
            return f"allowed are files with {', '.join(checks)}"
        for field, check in checks.items():
            if why := check(one[field]):
                return f"{field} of one is {shown(one[field])}; {why}"
    return ""


def _of_labels(value: object) -> str:
    allowed = any(str(value).startswith(f"{folder}/") for folder in LABEL_FOLDERS)
    return _key(value) or ("" if allowed else f"allowed are paths below {', '.join(LABEL_FOLDERS)}")


def _list(value: object) -> str:
    return "" if isinstance(value, list) else "allowed is a list"


def _objects(value: object) -> str:
    named = isinstance(value, dict) and {"kept", "lost"} <= value.keys() <= {"kept", "lost", "unwritten"}
    fine = named and isinstance(value, dict) and not any(map(_counts, value.values()))
    return "" if fine else "allowed are numbers of objects kept and lost, by category"


def _complaints(value: object) -> str:
    fine = isinstance(value, list) and all(
        isinstance(one, list)
        and [type(part) for part in one] == [str, str, int]
        and one[2] >= 0  # of a file that somebody has edited
        for one in value
    )
    return "" if fine else "allowed are kinds, lines and numbers of them"


def _counts(value: object) -> bool:
    """Whether it is no mapping of names to numbers."""
    if not isinstance(value, dict):
        return True
    return not all(isinstance(name, str) and type(number) is int and number >= 0 for name, number in value.items())


_MOST_ARTEFACTS = 1000
_SIDE = _whole(1, 2**31 - 1)
FIELDS: Mapping[str, _Check] = {
    "path": _place,
    "source": _key,
    MANIFEST_FIELD: _digest,
    "class": _folder,
    "split": _folder,
    "copy": _whole(0, MAX_BALANCE),
    "seed": _whole(0, MAX_SEED),
    "draws": _steps,
    "reduction": _reduced,
    "width": _SIDE,
    "height": _SIDE,
    "bytes": _whole(0, 2**33),
    "sha256": _digest,
    "notes": _texts,
    "versions": _named_texts,
    "processor": _text,
}
"""What a line holds, and what is allowed there; draws are held against their steps where they are used."""
_LATER = {"processor"}
"""What the lines of version 0.2 lack."""
WITH_LABELS: Mapping[str, _Check] = {
    "labels_sha256": _digest,
    "artefacts": _artefacts,
    "annotations": _list,
    "objects": _objects,
    "complaints": _complaints,
}
"""What a line holds beside that where labels follow; annotations only where a file speaks of many copies, and what is
wrong with the labels of a source only in the first of its lines."""


class DamagedError(ValueError):
    """A line of a manifest is none; the message says which field of it, what was found, and what is allowed.

    Attributes
    ----------
    path : str
        The file that it speaks of.
    """

    def __init__(self, path: str, why: str) -> None:
        super().__init__(why)
        self.path = path


class TooLongError(ValueError):
    """A line would be longer than what is read of one; nothing is written then."""


class Manifest:
    """Writes a manifest. Of each result only the place of its lines is kept in memory.

    Parameters
    ----------
    storage : Storage
        The export's folder.
    count : int
        How many sources there are; results have smaller numbers.
    numbers : mapping of str to int, optional
        Number of each source by its key: then what an earlier run has written is kept, and can be had from `lines`.
        Without it, an older manifest is overwritten.
    """

    def __init__(self, storage: Storage, count: int, numbers: Mapping[str, int] | None = None) -> None:
        self._storage = storage
        self._starts, self._lengths = array("Q", bytes(8 * count)), array("Q", bytes(8 * count))
        self._at_end = False
        self._put_at, self._put_time, self._since = 0, time.monotonic(), 0
        if storage.root is not None:
            path = storage.root / MANIFEST
            if path.is_symlink() or (path.exists() and not path.is_file()):  # what it leads to is nobody's to write
                raise StorageError(f"{MANIFEST} is no regular file")
            self._file: BinaryIO = path.open("r+b" if numbers is not None and path.exists() else "w+b")
        else:
            self._file = tempfile.TemporaryFile(prefix=TEMPORARY)  # noqa: SIM115  (closed by __exit__)
        try:
            if numbers is not None and storage.root is None:
                self._fetch()
            self._end = self._index(numbers) if numbers is not None else 0
            self._file.truncate(self._end)  # a crash may have left half a line
        except BaseException:
            self._file.close()
            raise
        self._put_at = self._end

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):  # a full disk takes no more of it, which `add` has told
            self._file.close()

    def lines(self, number: int) -> list[Entry]:
        """What has been written for a source; empty if nothing has."""
        if not self._lengths[number]:
            return []
        self._file.seek(self._starts[number])
        self._at_end = False
        found = (parse(line) for line in self._file.read(self._lengths[number]).splitlines())
        return [entry for entry in found if entry is not None]

    def add(self, result: Result) -> None:
        """Append the lines of a result, in place of earlier ones of the same source.

        Raises
        ------
        OSError
            If they cannot be written.
        TooLongError
            If nobody would read one of them again.
        """
        each = [_line(result, output, first=not number) for number, output in enumerate(result.outputs)]
        if any(len(line) > MOST_BYTES for line in each):
            raise TooLongError(f"what labels say of one copy comes to more than {MOST_BYTES >> 20} MiB in {MANIFEST}")
        lines = b"".join(each)
        if lines:
            if not self._at_end:
                self._file.seek(self._end)
            self._at_end = False  # nobody knows, unless it went well
            self._file.write(lines)
            self._file.flush()
            self._at_end = True
        self._starts[result.number], self._lengths[result.number] = self._end, len(lines)
        self._end += len(lines)
        self._since += 1
        if self._storage.root is None and (
            self._since >= _EVERY_RESULTS or time.monotonic() - self._put_time > _EVERY_SECONDS
        ):
            self._put_piece()

    def finish(self) -> None:
        """Put the lines in the order of the sources: the same for any number of workers.

        Raises
        ------
        OSError
            If it cannot be written; the lines then stay in the order in which they came.
        """
        root = self._storage.root
        folder = root if root is not None else Path(tempfile.gettempdir())
        temporary = folder / f"{TEMPORARY}{secrets.token_hex(8)}.tmp"
        try:
            with temporary.open("xb") as file:
                for start, length in zip(self._starts, self._lengths, strict=True):
                    if length:
                        self._file.seek(start)
                        file.write(self._file.read(length))
            if root is None:
                self._storage.upload(temporary, MANIFEST)
                self._storage.remove(pieces(self._storage))
            else:
                self._file.close()  # Windows moves nothing over an open file
                temporary.replace(root / MANIFEST)
        finally:
            temporary.unlink(missing_ok=True)

    def _put_piece(self) -> None:
        self._file.seek(self._put_at)
        self._at_end = False
        data = self._file.read(self._end - self._put_at)
        if data:
            # Named by time: those of a resumed run come after those of the first.
            self._storage.write(Key(f"{PIECES}/{time.time_ns():020d}.jsonl"), data)
        self._put_at, self._put_time, self._since = self._end, time.monotonic(), 0

    def _fetch(self) -> None:
        """Bring what lies behind the URL: the manifest, if there is one, and the pieces after it."""
        for name in (MANIFEST, *pieces(self._storage)):
            with contextlib.suppress(FileNotFoundError), self._storage.open(name) as file:
                while block := file.read(2**20):
                    self._file.write(block)

    def _index(self, numbers: Mapping[str, int]) -> int:
        """Find the lines of each source; give the end of the last whole line."""
        self._file.seek(0)
        whole = 0
        last, copy = -1, -1
        for line, length in bounded_lines(self._file):
            if not line.endswith(b"\n"):
                break
            start, whole = whole, whole + length
            entry = parse(line)
            number = -1 if entry is None else numbers.get(entry["source"], -1)
            if entry is not None and number >= 0:
                # A source's lines follow one another; where it was done again, the later ones count.
                if number != last or entry["copy"] <= copy:
                    self._starts[number], self._lengths[number] = start, 0
                self._lengths[number] += length
                copy = entry["copy"]
            last = number
        return whole


def read(storage: Storage) -> Iterator[Entry]:
    """Give the lines of a manifest, pieces of it included; those that a crash has broken are left out.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    for line in _all(storage):
        if (entry := parse(line)) is not None:
            yield entry


def _all(storage: Storage) -> Iterator[bytes]:
    for name in (MANIFEST, *pieces(storage)):
        try:
            file = storage.open(name)
        except FileNotFoundError:
            continue
        with file:
            for line, _ in bounded_lines(file):
                yield line


def lines_in(storage: Storage) -> int:
    """How many lines a manifest has, pieces of it included; none of them is looked at.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    lines = 0
    for name in (MANIFEST, *pieces(storage)):
        with contextlib.suppress(FileNotFoundError), storage.open(name) as file:
            while block := file.read(2**20):
                lines += block.count(b"\n")
    return lines


def bounded_lines(file: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """Give each line of a file, and its bytes; of one that has more than `MOST_BYTES`, nothing but its end, if any."""
    held, dropped = b"", 0
    while block := file.read(_BLOCK):  # files behind a URL bound no line
        start = 0
        while end := block.find(b"\n", start) + 1:
            line = held + block[start:end]
            length = dropped + len(line)
            yield line if length <= MOST_BYTES else b"\n", length
            held, dropped, start = b"", 0, end
        held += block[start:]
        if dropped or len(held) > MOST_BYTES:
            held, dropped = b"", dropped + len(held)
    if held or dropped:
        yield held, dropped + len(held)


def pieces(storage: Storage) -> list[Key]:
    """Names of the pieces, in the order in which they were put; none in a local folder."""
    if storage.root is not None:
        return []
    return sorted(Key(path) for path, _ in storage.files(PIECES))


def parse(line: bytes) -> Entry | None:
    """A line of a manifest; None if it is broken."""
    entry = _object(line)
    return None if entry is None or _damage(entry) else entry


def find(storage: Storage, paths: Container[str]) -> Entry | None:
    """The line of the first copy of which a file goes by one of some paths; None if none is listed.

    Raises
    ------
    DamagedError
        If the line is damaged.
    OSError
        If the manifest cannot be read.
    """
    for line in _all(storage):
        entry = _object(line)
        if entry is None or not isinstance(path := entry.get("path"), str):
            continue
        if path not in paths and not any(other in paths for other in _other_paths(entry)):
            continue
        if why := _damage(entry):
            raise DamagedError(path, why)
        return entry
    return None


def _other_paths(entry: Entry) -> Iterator[str]:
    """Paths of the other files of a line that may be damaged."""
    artefacts = entry.get("artefacts")
    for one in artefacts if isinstance(artefacts, list) else ():
        if isinstance(one, dict) and isinstance(path := one.get("path"), str):
            yield path


def judged(storage: Storage) -> Iterator[tuple[int, Entry | None, str]]:
    """Give each line: its number, from 1; the line, or None if it is broken; and why it is, if that can be said.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    for number, line in enumerate(_all(storage), 1):
        entry = _object(line)
        why = "" if entry is None else _damage(entry)
        yield number, None if why else entry, why


def _object(line: bytes) -> Entry | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _damage(entry: Entry) -> str:
    for field, check in FIELDS.items():
        if field not in entry:
            if field in _LATER:
                continue
            return f"{field} is missing"
        if why := check(entry[field]):
            return f"{field} is {shown(entry[field])}; {why}"
    for field, check in WITH_LABELS.items():
        if field in entry and (why := check(entry[field])):
            return f"{field} is {shown(entry[field])}; {why}"
    copy = entry["copy"]
    named = _COPY.search(entry["path"])
    if named is None or (named[1] or "0") != str(copy):
        return f"copy is {copy}, which is not that of {shown(entry['path'])}"
    return ""


def _line(result: Result, output: Written, *, first: bool) -> bytes:
    values = (
        output.path,
        result.key,
        result.source_sha256,
        result.label,
        result.split,
        output.copy,
        result.seed,
        output.draws,
        output.reduction,
        output.width,
        output.height,
        output.bytes,
        output.sha256,
        result.notes,
        result.versions,
        result.processor,
    )
    line: dict[str, object] = dict(zip(FIELDS, values, strict=True))
    if output.objects is not None:
        line["labels_sha256"] = result.labels_sha256
        line["artefacts"] = [vars(artefact) for artefact in output.artefacts]
        if output.annotations is not None:
            line["annotations"] = output.annotations
        line["objects"] = output.objects.as_json()
        if first and result.complaints:
            line["complaints"] = result.complaints
    return _ENCODER.encode(line).encode() + b"\n"


def files_of(entry: Entry) -> list[tuple[str, int, str]]:
    """All files of a copy: path, size and SHA-256 of each, its picture first."""
    own = (entry["path"], entry["bytes"], entry["sha256"])
    return [own, *((one["path"], one["bytes"], one["sha256"]) for one in entry.get("artefacts", ()))]
