"""Pictures that belong together by name: frames of a film, photos of one patient."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import stat
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from augstudio.dataset.listing import Source
from augstudio.wording import printable, said, shown

if TYPE_CHECKING:
    import regex

FOLDER = "folder"
"""What is written for a grouping by folders."""
MOST_BYTES = 2**28
"""Of a table of groups."""
_LONGEST = 1000
"""Of a pattern, in characters."""
_SECONDS = 5.0
"""That looking for a pattern in all paths may take."""
_HEADS = {
    "key",
    "keys",
    "path",
    "paths",
    "file",
    "files",
    "filename",
    "file_name",
    "picture",
    "image",
    "source",
    "name",
}
"""What the first column of a table may be called, in any case, if its first row is a head."""


class GroupingError(ValueError):
    """A grouping that cannot be used; the message is one plain line."""


class By(StrEnum):
    """What tells which pictures belong together."""

    FOLDER = "folder"
    PATTERN = "pattern"
    TABLE = "table"


@dataclass(frozen=True)
class Grouping:
    """Which pictures belong together.

    Attributes
    ----------
    by : By
        The folder that they lie in, what a pattern finds in their keys, or a table of keys and groups.
    text : str
        The pattern, or the table's name.
    table : tuple of (str, str)
        Keys and their groups, sorted.
    """

    by: By
    text: str = ""
    table: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return FOLDER if self.by is By.FOLDER else self.text

    def groups(self, sources: Sequence[Source]) -> Iterator[str | None]:
        """The group of each picture; None for one that belongs to none."""
        if self.by is By.FOLDER:
            yield from (source.folder for source in sources)
        elif self.by is By.PATTERN:
            pattern, limit = _compiled(self.text), time.monotonic() + _SECONDS
            yield from (_found(pattern, source.key, limit) for source in sources)
        else:
            known = dict(self.table)
            yield from (_listed(known, source, names) for source, names in zip(sources, _names(sources), strict=True))

    def as_json(self) -> dict[str, str]:
        """What tells it apart from others, as plain values."""
        if self.by is By.TABLE:
            return {"by": self.by.value, "table": self.text, "sha256": self._digest}
        return {"by": self.by.value, **({"pattern": self.text} if self.text else {})}

    @cached_property
    def _digest(self) -> str:
        return hashlib.sha256(self.as_csv()).hexdigest()

    def as_csv(self) -> bytes:
        """The table as `from_csv` reads it."""
        lines = []
        for row in (("key", "group"), *self.table):
            text = io.StringIO()
            csv.writer(text, lineterminator="\r\n").writerow(row)  # by these it knows what to put in quotes
            lines.append(text.getvalue().removesuffix("\r\n"))
        return "\n".join([*lines, ""]).encode()


def from_json(value: Mapping[str, Any], table: bytes | None) -> Grouping:
    """The grouping that `as_json` told of, with the table that belongs to it.

    Raises
    ------
    GroupingError, KeyError, TypeError, ValueError
        If it is none.
    """
    by = By(value["by"])
    if by is By.FOLDER:
        return Grouping(by)
    if by is By.PATTERN:
        return by_pattern(_text(value["pattern"]))
    if table is None:
        raise GroupingError("the table of its groups is missing")
    found = from_csv(table, _text(value["table"]))
    if found.as_json() != value:
        raise GroupingError("the table of its groups has been changed")
    return found


def parse_grouping(text: str) -> Grouping:
    """A grouping as it is written: "folder", a pattern, or a table's file (CSV).

    Raises
    ------
    GroupingError
        If it is none of these, or the file cannot be read.
    """
    if text.strip().lower() == FOLDER:
        return Grouping(By.FOLDER)
    path = Path(os.path.expanduser(text))  # noqa: PTH111  (Path raises on "~nobody")
    return from_file(path) if path.suffix.lower() in (".csv", ".tsv") else by_pattern(text)


def from_file(path: Path) -> Grouping:
    """Group by a table's file; one that was read already is not read again, as long as it is the same.

    Raises
    ------
    GroupingError
        If it cannot be read or understood.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise GroupingError(f"{printable(path)}: cannot be read ({said(error)})") from error
    if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
        raise GroupingError(f"{printable(path)}: it is no file")
    if status.st_size > MOST_BYTES:
        raise GroupingError(f"{printable(path)}: {status.st_size:,} bytes; allowed are {MOST_BYTES:,}")
    return _from_file(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=2)
def _from_file(path: Path, _changed: int, _size: int) -> Grouping:
    try:
        return from_csv(path.read_bytes(), path.name)
    except OSError as error:
        raise GroupingError(f"{printable(path)}: cannot be read ({said(error)})") from error


def by_pattern(text: str) -> Grouping:
    """Group by what a regular expression finds in the pictures' keys.

    Raises
    ------
    GroupingError
        If it is no regular expression, or has no group in it.
    """
    if not text or len(text) > _LONGEST:
        raise GroupingError(f"group is a pattern of {len(text):,} characters; allowed are 1 to {_LONGEST:,}")
    _compiled(text)
    return Grouping(By.PATTERN, text)


def from_csv(data: bytes, name: str) -> Grouping:
    """Group by a table with a key and a group in each row; what stands in further columns does not count.

    Parameters
    ----------
    data : bytes
        CSV in UTF-8 (or UTF-16 that says so), with commas, semicolons or tabs; the first row may be a head ("key,
        group"). Instead of keys, names of files will do where they are unique, with or without their suffixes.
    name : str
        What messages call the file.

    Raises
    ------
    GroupingError
        If it cannot be understood.
    """
    named = printable(name)
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise GroupingError(f"{named}: it is no text in UTF-8; save it as CSV UTF-8") from None
    first, _, rest = text.partition("\n")
    if re.fullmatch(r"sep=.\r?", first):  # as Excel has it
        text, first = rest, rest.partition("\n")[0]
    comma = max(",;\t", key=first.count)
    table: dict[str, str] = {}
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=comma), 1):
            if not any(cell.strip() for cell in row) or (number == 1 and row[0].strip().lower() in _HEADS):
                continue
            if len(row) < 2 or not row[0].strip() or not row[1].strip():
                raise GroupingError(f"{named}: row {number:,} is {shown(row)}; needed are a key and a group")
            key, group = _normal(row[0]), row[1].strip()
            if table.setdefault(key, group) != group:
                raise GroupingError(
                    f"{named}: row {number:,} puts {shown(key)} into {shown(group)}, another into {shown(table[key])}"
                )
    except csv.Error as error:
        raise GroupingError(f"{named}: it is no CSV ({error})") from None
    if not table:
        raise GroupingError(
            f"{named}: it holds no key with a group; needed is a row for each picture, such as a/1.png,7"
        )
    return Grouping(By.TABLE, name, tuple(sorted(table.items())))


def together(count: int, *groupings: Iterable[Sequence[int]]) -> list[int]:
    """Join groups that share a member.

    Parameters
    ----------
    count : int
        How many members there are.
    groupings : iterable of sequence of int
        Numbers of members that belong together.

    Returns
    -------
    list of int
        For each member, a number that it shares with all that it belongs to: that of one of them.
    """
    leads = list(range(count))

    def lead(member: int) -> int:
        while leads[member] != member:
            leads[member] = member = leads[leads[member]]
        return member

    for grouping in groupings:
        for group in grouping:
            for member in group[1:]:
                leads[lead(member)] = lead(group[0])
    return [lead(member) for member in range(count)]


def _names(sources: Sequence[Source]) -> Iterator[tuple[str, ...]]:
    """For each picture, what else it may be called in a table: its unique name, with and without its suffix."""
    full = Counter(source.name for source in sources)
    bare = Counter(source.name.rpartition(".")[0] for source in sources)
    for source in sources:
        stem = source.name.rpartition(".")[0]
        yield tuple(
            name for name, count in ((source.name, full[source.name]), (stem, bare[stem])) if count == 1 and name
        )


def _listed(table: Mapping[str, str], source: Source, names: Iterable[str]) -> str | None:
    return next((table[name] for name in (source.key, *names) if name in table), None)


def _normal(key: str) -> str:
    return key.strip().replace("\\", "/").removeprefix("./")


def _found(pattern: regex.Pattern[str], key: str, limit: float) -> str | None:
    try:
        # Other threads go on meanwhile: the window's, above all.
        found = pattern.search(key, timeout=max(limit - time.monotonic(), 0.001), concurrent=True)
    except TimeoutError:
        raise GroupingError(
            f"group is {shown(pattern.pattern)}, which takes more than {_SECONDS:g} s to look for in the paths; a "
            "simpler pattern is needed"
        ) from None
    if found is None:
        return None
    taken = [text for text in found.groups() if text is not None]
    return "\0".join(taken) if taken else None


def _compiled(text: str) -> regex.Pattern[str]:
    import regex  # few exports are grouped so

    try:
        pattern = regex.compile(text)
    except (regex.error, OverflowError, RecursionError) as error:
        raise GroupingError(f"group is {shown(text)}, which is no regular expression: {error}") from None
    if not pattern.groups:
        raise GroupingError(
            f"group is {shown(text)}; it must be {FOLDER}, the file of a table (.csv), or a regular expression with a "
            r"group in brackets, such as (patient\d+)_"
        )
    return pattern


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{shown(value)} is no text")
    return value
