"""Splits that no folders make: as lists of names, COCO's files or `data.yaml` beside the pictures state them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module

from augstudio.dataset.splits import Role, role_of
from augstudio.dataset.stating import Claim, Ground, Statement
from augstudio.labels import LabelFormat, Recognised
from augstudio.labels.places import Pictures
from augstudio.wording import count, listing, printable

_FINDERS: Mapping[LabelFormat, str] = {
    LabelFormat.VOC: "stated_by_voc",
    LabelFormat.COCO: "stated_by_coco",
    LabelFormat.YOLO: "stated_by_yolo",
}
"""Where `find(ground)` looks for what each format states; loaded when there is anything, since some take their time."""
_LEADS = re.compile(r"\.ya?ml$|(^|/)ImageSets/", re.I)
"""What a file's path has that may state splits, or lead to lists that do."""
_SHOWN = 3


def _finder(format_: LabelFormat) -> Callable[[Ground], Statement | None] | None:
    if format_ not in _FINDERS:
        return None
    find: Callable[[Ground], Statement | None] = import_module(f"augstudio.dataset.{_FINDERS[format_]}").find
    return find


@dataclass(frozen=True)
class Stated:
    """Splits that files state.

    Attributes
    ----------
    splits : mapping of str to str
        The split of each picture's key: "train", "val" or "test". Pictures that no file names are missing.
    where : tuple of str
        What states them, for people.
    wholes : mapping of str to str
        Folders that are splits as wholes.
    notes : tuple of str
        What of it could not be read or found, and what was decided; a plain sentence each.
    usable : bool
        Whether they can be followed.
    why_not : str
        Why not, where that is to be said: a plain sentence.
    files : frozenset of str
        Keys of the lists that were looked at.
    """

    splits: Mapping[str, str]
    where: tuple[str, ...]
    wholes: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    usable: bool = False
    why_not: str = ""
    files: frozenset[str] = frozenset()

    @property
    def in_words(self) -> str:
        """What states them: "ImageSets/Main states" or "a.json and b.json state"."""
        return in_words(self.where)

    def contradicted(self, splits: Iterable[tuple[str, str]]) -> str:
        """Where folders make other splits of some pictures, given with these: a plain sentence; empty if nowhere."""
        first, many = "", 0
        for key, split in splits:
            stated = self.splits.get(key)
            if stated is not None and (role := role_of(split)) is not None and role != stated:
                first = first or f"{printable(key)}: {stated}, in {printable(split)}"
                many += 1
        if not many:
            return ""
        return (
            f"{self.in_words} another split than the folder for {count(many, 'picture')}, such as {first}. "
            "The folders' splits are kept."
        )


def in_words(where: Sequence[str]) -> str:
    """Files as what states something: "ImageSets/Main states", "a.json and b.json state"."""
    more = [f"{len(where) - _SHOWN:,} more"] if len(where) > _SHOWN else []
    return f"{listing([*where[:_SHOWN], *more])} {'states' if len(where) == 1 else 'state'}"


def find(
    keys: Sequence[str],
    beside: Iterable[str],
    splits: Mapping[str, str],
    recognised: Recognised,
    head: Callable[[str, int], bytes],
    check: Callable[[], None],
) -> Stated | None:
    """Look for files that state splits; None where nothing does.

    Of formats that state any the first counts, in the order in which labels were recognised.

    Parameters
    ----------
    keys : sequence of str
        Of the pictures, masks not among them.
    beside : iterable of str
        Keys of the files that may hold labels.
    splits : mapping of str to str
        The split of each picture that lies in a split's folder.
    recognised : Recognised
        The labels beside them.
    head : callable
        Gives at most the first so many bytes of a file, for its key; may raise OSError.
    check : callable
        Called now and then; what it raises ends the search.
    """
    files = tuple(sorted(beside))
    if not recognised.named and not any(_LEADS.search(key) for key in files):
        return None
    formats = [found.format for found in recognised.found]
    masks_only = LabelFormat.MASKS in formats and LabelFormat.VOC not in formats
    ground = Ground(Pictures(keys), files, head, check, splits, recognised.named, masks_only)
    rest: Stated | None = None
    for format_ in dict.fromkeys([*formats, *_FINDERS]):
        finder = _finder(format_)
        statement = finder(ground) if finder else None
        if statement is None:
            continue
        stated = _settled(statement, len(keys))
        if stated.usable:
            return stated
        if rest is None or (stated.splits and not rest.splits):
            rest = stated
    return rest


def _settled(statement: Statement, pictures: int) -> Stated:
    """One split for each picture that is named."""
    of: dict[str, Role] = {}
    doubles: dict[tuple[Role, Role], list[str]] = {}
    for role in Role:  # what is tested on comes last, and wins: nothing of it may be learnt from
        for key in sorted({key for claim in statement.claims if claim.role is role for key in claim.keys}):
            if key in of:
                doubles.setdefault((of[key], role), []).append(key)
            of[key] = role
    notes = [*statement.notes, *_lacking(statement.claims)]
    for (one, other), keys in doubles.items():
        what = "pictures are" if len(keys) > 1 else "picture is"
        notes.append(f"{len(keys):,} {what} in {one} and in {other}, such as {printable(keys[0])}: taken for {other}.")
    files = frozenset(statement.files)
    if not of:
        return Stated({}, (), notes=tuple(notes), files=files)
    stated = Stated(
        {key: role.value for key, role in of.items()},
        tuple(dict.fromkeys(statement.where)),
        {folder: role.value for folder, role in statement.wholes.items()},
        tuple(notes),
        files=files,
    )
    numbers = Counter(of.values())
    if Role.TRAIN in numbers and len(numbers) > 1:
        return replace(stated, usable=True)
    return _unusable(stated, numbers, pictures)


def _unusable(stated: Stated, numbers: Mapping[Role, int], pictures: int) -> Stated:
    """Pictures to train on alone, or none at all: no splits, as of a single folder; said where some are left."""
    if len(numbers) == 1 and sum(numbers.values()) == pictures:
        return stated
    named = listing([f"{count(number, 'picture')} for {role}" for role, number in numbers.items()])
    lacks = "no others" if Role.TRAIN in numbers else "none to train on"
    why = (
        f"{stated.in_words} {named}, and {lacks}: that is not followed, and all pictures count as one set. Put them "
        "into folders train and val, or exclude those that are not to be learnt from."
    )
    return replace(stated, why_not=why)


def _lacking(claims: Iterable[Claim]) -> Iterator[str]:
    """Names that no picture has, a sentence for each file."""
    by_file: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.lacking:
            by_file.setdefault(claim.file, []).append(claim)
    for file, lacking in by_file.items():
        many = sum(claim.lacking for claim in lacking)
        first = next(place for claim in lacking for place in claim.unknown)
        # A place in another file, such as a list that data.yaml names, says itself where it is.
        are = "is" if many == 1 else "are"
        yield f"{printable(file)} names {count(many, 'picture')} that {are} not here, such as {first}."
