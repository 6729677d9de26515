"""What the user asks of an export."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

from augstudio.dataset import groups
from augstudio.dataset.groups import Grouping
from augstudio.dataset.labelling import NONE, LabelChoice
from augstudio.dataset.splits import Folders, Role
from augstudio.images import DEFAULT_MAX_PIXELS, Encoding, Format
from augstudio.pipeline import MAX_SEED, Pipeline
from augstudio.wording import shown

MAX_COPIES = 10_000
MAX_BALANCE = 10_000_000
MAX_WORKERS = 61
"""As many processes as Windows can wait for."""
_LONGEST = 60
"""Of a split or a number of files in text, in characters."""
_SHARE = re.compile(r"[-+]?(?:[0-9]{1,20}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})(?:[eE][-+]?[0-9]{1,2})?")
"""A number of per cent. A `Fraction` would be made of any text, and never be done with that of 1e99999999."""
LARGEST: Literal["largest"] = "largest"
Balance: TypeAlias = Literal["largest"] | int | None
Split: TypeAlias = tuple[Fraction, ...] | None


class ExportError(Exception):
    """An export that cannot be begun; the message is one plain line."""


def available_workers() -> int:
    """How many processes can work at once on this machine, as far as this process may use it."""
    try:
        count = len(os.sched_getaffinity(0))
    except AttributeError:  # not on Windows and macOS
        count = os.cpu_count() or 1
    return min(count, MAX_WORKERS)


@dataclass(frozen=True)
class Settings:
    """What the user asks of an export; the dataset comes beside it.

    Attributes
    ----------
    out : str
        The folder to fill, or its URL; it need not exist. A `Path` is taken too.
    pipeline : Pipeline
        What makes the copies.
    copies : int
        Of every picture, 1 to `MAX_COPIES`; with `balance`, of every picture of the largest class.
    seed : int
        0 to `MAX_SEED`.
    originals : bool
        Whether each picture that is augmented is exported itself as well.
    encoding : Encoding
        How the files are written.
    max_pixels : int
        Larger pictures are refused; at least 1.
    workers : int
        Processes, 1 to `MAX_WORKERS`; with 0 the calling thread does the work.
    cluster : str
        Address of a Dask scheduler, whose workers then do the work; empty for this machine.
    split : tuple of Fraction or None
        Shares of train, val and (if there are three) test that a source without splits is dealt into; they add up
        to 1. None leaves it whole.
    balance : "largest", int or None
        How many files every class gets: as many as the largest, or so many (1 to `MAX_BALANCE`).
    at_most : int or None
        With `balance`: copies of one original, 1 to `MAX_COPIES`; classes that would need more get fewer files.
    augment : tuple of Role
        Splits whose pictures get copies; pictures of the others are exported as they are. At least one.
    again : bool
        Whether to go on though the source looks like an augmented export already.
    folders : Folders
        What folders of the source were taken for whose names look like those of splits, and whether what files state of
        splits is followed.
    group : Grouping or None
        With `split`: which pictures stay together, besides those whose files are identical.
    excluded : tuple of str
        Keys of pictures that are left out, sorted.
    labels : LabelChoice
        Which labels follow the pictures, and what they are written as.

    Raises
    ------
    ExportError
        If a number is out of bounds.
    """

    out: str
    pipeline: Pipeline
    copies: int = 4
    seed: int = 0
    originals: bool = False
    encoding: Encoding = field(default_factory=Encoding)
    max_pixels: int = DEFAULT_MAX_PIXELS
    workers: int = field(default_factory=available_workers)
    cluster: str = ""
    split: Split = None
    balance: Balance = None
    at_most: int | None = None
    augment: tuple[Role, ...] = (Role.TRAIN,)
    again: bool = False
    folders: Folders = Folders.AUTO
    group: Grouping | None = None
    excluded: tuple[str, ...] = ()
    labels: LabelChoice = field(default_factory=LabelChoice)

    def __post_init__(self) -> None:
        object.__setattr__(self, "out", os.fspath(self.out))
        for name, value, low, high in (
            ("copies", self.copies, 1, MAX_COPIES),
            ("seed", self.seed, 0, MAX_SEED),
            ("max_pixels", self.max_pixels, 1, None),
            ("workers", self.workers, 0, MAX_WORKERS),
            ("balance", self.balance if isinstance(self.balance, int) else 1, 1, MAX_BALANCE),
            ("at_most", 1 if self.at_most is None else self.at_most, 1, MAX_COPIES),
        ):
            if value < low or (high is not None and value > high):
                allowed = f"{low:,} or more" if high is None else f"{low:,} to {high:,}"
                raise ExportError(f"{name} is {value:,}; allowed is {allowed}")
        if self.at_most is not None and self.balance is None:
            raise ExportError(f"at_most is {self.at_most:,}, which is for balanced classes; give balance too")
        if self.split is not None:
            _check_split(self.split, show_split(self.split))
        elif self.group is not None:
            raise ExportError(f"group is {shown(str(self.group))}, which is for dealing pictures out; give a split too")
        object.__setattr__(self, "excluded", tuple(sorted(set(self.excluded))))
        if not self.augment:
            raise ExportError("augment is empty; allowed are train, val and test")

    @property
    def table(self) -> bytes | None:
        """The table of groups that belongs to an export that is dealt out by one."""
        return self.group.as_csv() if self.group is not None and self.group.by is groups.By.TABLE else None

    @property
    def indexes(self) -> tuple[int, ...]:
        """Indexes of the copies of each picture, where classes are not balanced; 0 is the original."""
        return (*((0,) if self.originals else ()), *range(1, self.copies + 1))

    def as_json(self) -> dict[str, object]:
        """All that decides about the files as plain JSON values; the pipeline by its name (it has its own file)."""
        return {
            "preset": self.pipeline.name,
            "copies": self.copies,
            "seed": self.seed,
            "originals": self.originals,
            "format": self.encoding.format.value,
            "quality": self.encoding.quality,
            "max_pixels": self.max_pixels,
            "split": None if self.split is None else show_split(self.split),
            "balance": self.balance,
            "at_most": self.at_most,
            "augment": [role.value for role in self.augment],
            "folders": self.folders.value,
            "group": None if self.group is None else self.group.as_json(),
            "excluded": list(self.excluded),
            "labels": self.labels.as_json(),
        }

    @classmethod
    def from_json(
        cls, values: Mapping[str, Any], *, out: str | Path, pipeline: Pipeline, table: bytes | None = None
    ) -> Settings:
        """The settings that `as_json` gave, with the table of groups if one belongs to them.

        Raises
        ------
        ExportError, KeyError, TypeError, ValueError
            If they are none.
        """
        # Reports of version 0.3 do not have all of them.
        split, at_most, group = values["split"], values.get("at_most"), values.get("group")
        return cls(
            out=str(out),
            pipeline=pipeline,
            copies=_of(int, values["copies"]),
            seed=_of(int, values["seed"]),
            originals=_of(bool, values["originals"]),
            encoding=Encoding(Format(values["format"]), _of(int, values["quality"])),
            max_pixels=_of(int, values["max_pixels"]),
            split=None if split is None else parse_split(_of(str, split)),
            balance=values["balance"] if values["balance"] in (None, LARGEST) else _of(int, values["balance"]),
            at_most=None if at_most is None else _of(int, at_most),
            augment=tuple(Role(role) for role in values["augment"]),
            again=True,  # whoever began it has been asked
            folders=Folders(values.get("folders", Folders.AUTO)),
            group=None if group is None else groups.from_json(_of(dict, group), table),
            excluded=tuple(_of(str, key) for key in _of(list, values.get("excluded", []))),
            labels=LabelChoice.from_json(values.get("labels", {"read": NONE})),  # then, none followed
        )


def parse_split(text: str) -> tuple[Fraction, ...]:
    """Shares from "80/10/10" or "80/20": train, val and test, in per cent.

    Raises
    ------
    ExportError
        If it is none, or does not add up to 100.
    """
    parts = [part.strip() for part in text[:_LONGEST].split("/")]
    if len(text) > _LONGEST or not all(_SHARE.fullmatch(part) for part in parts):
        raise ExportError(f"split is {_quoted(text)}; it must be per cent of train, val and test, such as 80/10/10")
    shares = tuple(Fraction(part) / 100 for part in parts)
    _check_split(shares, text)
    return shares


def show_split(shares: tuple[Fraction, ...]) -> str:
    """Shares as `parse_split` reads them."""
    return "/".join(_per_cent(share) for share in shares)


def _per_cent(share: Fraction) -> str:
    places = 20
    scaled = 100 * share * 10**places
    if scaled.denominator > 1:  # a third, say, which only a program can ask for
        return str(float(100 * share))
    digits = f"{abs(int(scaled)):0{places + 1}d}"
    return f"{'-' * (share < 0)}{digits[:-places]}.{digits[-places:]}".rstrip("0").rstrip(".")


def parse_balance(text: str) -> Literal["largest"] | int:
    """What classes are balanced to: "largest" or a number.

    Raises
    ------
    ExportError
        If it is neither.
    """
    if text == LARGEST:
        return LARGEST
    try:
        return int(text if len(text) <= _LONGEST else "")
    except ValueError:
        raise ExportError(f"balance is {_quoted(text)}; it must be a number of files per class, or {LARGEST}") from None


def parse_augment(text: str) -> tuple[Role, ...]:
    """Roles from "train" or "train,val".

    Raises
    ------
    ExportError
        If a role is not known.
    """
    named = {part.strip().lower() for part in text.split(",") if part.strip()}
    unknown = sorted(named - {role.value for role in Role})
    if unknown:
        raise ExportError(f"augment has {unknown[0]!r}; allowed are train, val and test, with commas between")
    return tuple(role for role in Role if role.value in named)


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def _check_split(shares: tuple[Fraction, ...], text: str) -> None:
    if len(shares) not in (2, 3):
        raise ExportError(f"split is {text}; it must have two shares (train, val) or three (train, val, test)")
    if any(share < 0 for share in shares) or shares[0] == 0:
        raise ExportError(f"split is {text}; no share may be below 0, and train must be above it")
    if sum(shares) != 1:
        raise ExportError(f"split is {text}, which adds up to {float(100 * sum(shares)):g}; it must add up to 100")


_T = TypeVar("_T")


def _of(kind: type[_T], value: object) -> _T:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{shown(value)} is no {kind.__name__}")
    if isinstance(value, int) and abs(value) >= 2**64:
        raise ValueError(f"a number is {'below' if value < 0 else 'above'} all that are allowed")
    return value
