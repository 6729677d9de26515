"""`manifest.jsonl`: a line of JSON for every exported file, with all that is needed to make it again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from augstudio.export.job import Output, Result

NAME = "manifest.jsonl"
FIELDS = (
    "path",
    "source",
    "source_sha256",
    "class",
    "copy",
    "seed",
    "draws",
    "width",
    "height",
    "bytes",
    "sha256",
)


class Manifest:
    """Writes a manifest: lines are appended as results come, so that a crash loses none; closing it sorts them.

    Of each result only the place of its lines is kept in memory.
    """

    def __init__(self, out: Path) -> None:
        self._path = out / NAME
        self._file: BinaryIO = self._path.open("wb")
        self._places: list[tuple[str, int, int]] = []
        self._end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, result: Result) -> None:
        """Append the lines of a result.

        Raises
        ------
        OSError
            If they cannot be written.
        """
        lines = b"".join(_line(result, output) for output in result.outputs)
        if lines:
            self._file.write(lines)
            self._file.flush()
            self._places.append((result.key, self._end, len(lines)))
            self._end += len(lines)

    def finish(self) -> None:
        """Close it, sorted by source key and copy: the same for any number of workers.

        Raises
        ------
        OSError
            If it cannot be written; the lines then stay in the order in which they came.
        """
        self._file.close()
        temporary = self._path.with_name(f".augstudio-{NAME}.tmp")
        try:
            with self._path.open("rb") as unsorted, temporary.open("wb") as file:
                for _, start, length in sorted(self._places):
                    unsorted.seek(start)
                    file.write(unsorted.read(length))
            os.replace(temporary, self._path)  # noqa: PTH105  (reads as what it does)
        finally:
            temporary.unlink(missing_ok=True)


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Give the lines of a manifest; those that a crash has broken are left out.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        for line in file:
            try:
                entry = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(entry, dict) and all(field in entry for field in FIELDS):
                yield entry


def _line(result: Result, output: Output) -> bytes:
    values = (
        output.path,
        result.key,
        result.source_sha256,
        result.label,
        output.copy,
        result.seed,
        output.draws,
        output.width,
        output.height,
        output.bytes,
        output.sha256,
    )
    text = json.dumps(dict(zip(FIELDS, values, strict=True)), ensure_ascii=False, separators=(",", ":"))
    return text.encode() + b"\n"
