"""`manifest.jsonl`: a line of JSON for every exported file, with all that is needed to make it again.

While an export runs, lines are appended in the order in which results come, so that a crash loses none that was
written; at its end they are put in the order of the sources. Where files cannot be appended to (behind a URL), pieces
are put beside it in the meantime.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import tempfile
import time
from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from augstudio.export.job import Output, Result
from augstudio.storage import TEMPORARY, Storage

NAME = "manifest.jsonl"
PIECES = "manifest.pieces"
"""The folder of the pieces."""
FIELDS = {
    "path": str,
    "source": str,
    "source_sha256": str,
    "class": str,
    "split": str,
    "copy": int,
    "seed": int,
    "draws": list,
    "reduction": int,
    "width": int,
    "height": int,
    "bytes": int,
    "sha256": str,
    "notes": list,
    "versions": dict,
}
"""What a line holds, and as what kind of value."""
_EVERY_SECONDS, _EVERY_RESULTS = 10.0, 2000
"""How often a piece is put behind a URL."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

Entry = dict[str, Any]
"""A line of a manifest; has all of `FIELDS`."""


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
            path = storage.root / NAME
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
        """
        lines = b"".join(_line(result, output) for output in result.outputs)
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
                self._storage.upload(temporary, NAME)
                self._storage.remove(pieces(self._storage))
            else:
                self._file.close()  # Windows moves nothing over an open file
                temporary.replace(root / NAME)
        finally:
            temporary.unlink(missing_ok=True)

    def _put_piece(self) -> None:
        self._file.seek(self._put_at)
        self._at_end = False
        data = self._file.read(self._end - self._put_at)
        if data:
            # Named by time: those of a resumed run come after those of the first.
            self._storage.write(f"{PIECES}/{time.time_ns():020d}.jsonl", data)
        self._put_at, self._put_time, self._since = self._end, time.monotonic(), 0

    def _fetch(self) -> None:
        """Bring what lies behind the URL: the manifest, if there is one, and the pieces after it."""
        for name in (NAME, *pieces(self._storage)):
            with contextlib.suppress(FileNotFoundError), self._storage.open(name) as file:
                while block := file.read(2**20):
                    self._file.write(block)

    def _index(self, numbers: Mapping[str, int]) -> int:
        """Find the lines of each source; give the end of the last whole line."""
        self._file.seek(0)
        whole = 0
        last, copy = -1, -1
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            start, whole = whole, whole + len(line)
            entry = parse(line)
            number = -1 if entry is None else numbers.get(entry["source"], -1)
            if entry is not None and number >= 0:
                # A source's lines follow one another; where it was done again, the later ones count.
                if number != last or entry["copy"] <= copy:
                    self._starts[number], self._lengths[number] = start, 0
                self._lengths[number] += len(line)
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
    for name in (NAME, *pieces(storage)):
        try:
            file = storage.open(name)
        except FileNotFoundError:
            continue
        with file:
            for line in file:
                if (entry := parse(line)) is not None:
                    yield entry


def lines_in(storage: Storage) -> int:
    """How many lines a manifest has, pieces of it included; none of them is looked at.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    lines = 0
    for name in (NAME, *pieces(storage)):
        with contextlib.suppress(FileNotFoundError), storage.open(name) as file:
            while block := file.read(2**20):
                lines += block.count(b"\n")
    return lines


def pieces(storage: Storage) -> list[str]:
    """Names of the pieces, in the order in which they were put; none in a local folder."""
    if storage.root is not None:
        return []
    return sorted(path for path, _ in storage.files(PIECES))


def parse(line: bytes) -> Entry | None:
    """A line of a manifest; None if it is broken."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict) or not all(field in entry for field in FIELDS):
        return None
    return entry if all(isinstance(entry[field], kind) for field, kind in FIELDS.items()) else None


def _line(result: Result, output: Output) -> bytes:
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
    )
    return _ENCODER.encode(dict(zip(FIELDS, values, strict=True))).encode() + b"\n"
