"""Parting pictures into splits and classes: by their folders, else as files beside them state it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from augstudio.dataset import stated_splits
from augstudio.dataset.listing import Source
from augstudio.dataset.splits import Arranged, Doubt, Folders, arrange, classes_of, order_of
from augstudio.dataset.stated_splits import Stated
from augstudio.labels import Recognised
from augstudio.wording import count, listing, printable

_SHOWN = 3
_LISTS = frozenset(
    f"{name}{suffix}" for name in ("val", "valid", "validation", "test", "testing") for suffix in (".txt", ".csv")
)


@dataclass(frozen=True)
class Parted:
    """How pictures were parted.

    Attributes
    ----------
    doubt : Doubt or None
        Folders of which only the user knows what they are.
    skipped : tuple of str
        A plain line for each group of pictures that belong to no split, and are left out.
    notes : tuple of str
        What else is to be said of it, a plain sentence each.
    stated_by : tuple of str
        What states the splits, where no folders make them.
    unfollowed : str
        What is stated and not followed, and why, a plain sentence; ``""`` for nothing.
    in_no_split : tuple of str
        Keys of the pictures that are left out because nothing that states splits names them; sorted.
    """

    doubt: Doubt | None = None
    skipped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    stated_by: tuple[str, ...] = ()
    unfollowed: str = ""
    in_no_split: tuple[str, ...] = ()


def part(
    sources: list[Source],
    beside: Collection[str],
    folders: Folders,
    recognised: Recognised,
    head: Callable[[str, int], bytes],
    check: Callable[[], None],
) -> Parted:
    """Put split and class into sources, and take out those that belong to no split.

    Splits' own folders come first. Where there are none, files that state splits are followed, unless the user has said
    that folders alone count, or that all folders are classes.

    Parameters
    ----------
    sources : list of Source
        Each with its folder as its label; changed in place.
    beside : collection of str
        Keys of the files that may hold labels.
    folders : Folders
        What the user has said.
    recognised : Recognised
        The labels beside the pictures.
    head : callable
        Gives at most the first so many bytes of a file, for its key; may raise OSError.
    check : callable
        Called now and then; what it raises ends the search.
    """
    arranged = arrange({source.label for source in sources}, folders)
    own = {source.key: place.split for source in sources if (place := arranged.places.get(source.label))}
    keys = [source.key for source in sources]
    stated = stated_splits.find(keys, beside, own, recognised, head, check)
    lists = tuple(_lists(beside, stated.files if stated else frozenset()))
    if stated is not None and _are_followed(stated, arranged, folders):
        return _as_stated(sources, stated, lists)
    skipped = tuple(_put_in_place(sources, arranged))
    if stated is None:
        return Parted(arranged.doubt, skipped, lists)
    # What a list names in vain is of no interest where folders make the splits.
    notes = () if arranged.splits else stated.notes
    unfollowed = _unfollowed(stated, arranged, folders, own)
    return Parted(arranged.doubt, skipped, (*lists, *notes), unfollowed=unfollowed)


def _are_followed(stated: Stated, arranged: Arranged, folders: Folders) -> bool:
    return stated.usable and not arranged.splits and folders not in (Folders.CLASSES, Folders.ALONE)


def _unfollowed(stated: Stated, arranged: Arranged, folders: Folders, own: Mapping[str, str]) -> str:
    """What is to be said of splits that are stated and not followed."""
    if arranged.splits:
        return stated.contradicted(own.items())
    if not stated.usable:
        return stated.why_not
    numbers = Counter(stated.splits.values())
    told = ", ".join(f"{split} {numbers[split]:,}" for split in sorted(numbers, key=order_of))
    why = "as asked" if folders is Folders.ALONE else "as all folders are classes"
    return f"{stated.in_words} splits ({told}), which are not followed, {why}: all pictures count as one set."


def _as_stated(sources: list[Source], stated: Stated, lists: tuple[str, ...]) -> Parted:
    classes = classes_of({source.label for source in sources}, stated.wholes)
    left = []
    kept = 0
    for source in sources:
        if split := stated.splits.get(source.key):
            sources[kept] = Source(source.key, source.root, classes[source.label], split)
            kept += 1
        else:
            left.append(source.key)
    del sources[kept:]
    left.sort()
    skipped = []
    if left:
        more = [f"{len(left) - _SHOWN:,} more"] if len(left) > _SHOWN else []
        are, they = ("are", "they are") if len(left) > 1 else ("is", "it is")
        skipped.append(
            f"{count(len(left), 'picture')} {are} in no split that {stated.in_words}, so {they} left out: "
            f"{listing([*map(printable, left[:_SHOWN]), *more])}"
        )
    notes = (*lists, *stated.notes)
    return Parted(None, tuple(skipped), notes, stated.where, in_no_split=tuple(left))


def _lists(beside: Collection[str], read: Collection[str]) -> Iterator[str]:
    """Lists that may name the pictures of splits, and that nothing leads to."""
    found = sorted(key for key in beside if key.rpartition("/")[2].lower() in _LISTS and key not in read)
    if found:
        more = f" and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else ""
        yield (
            f"{listing(list(map(printable, found[:_SHOWN])))}{more} may say which pictures are for validation and "
            "test: such lists are not read. Exclude those pictures, or put them into folders of their own."
        )


def _put_in_place(sources: list[Source], arranged: Arranged) -> list[str]:
    """Put split and class into sources by their folders; tell of those that belong to no split."""
    left: dict[str, list[str]] = {}
    above = arranged.above
    kept = 0
    for source in sources:
        place = arranged.places.get(source.label)
        if place is None:
            name, slash, _ = source.key[len(above) + bool(above) :].partition("/")
            beside = f"{above}/{name}" if above else name
            left.setdefault(beside if slash else "", []).append(source.key)
        else:
            sources[kept] = Source(
                source.key, source.root, place.label, place.split
            )  # in place: a second list takes room
            kept += 1
    del sources[kept:]
    lines = []
    for folder, keys in left.items():
        if folder:
            many = f"its {len(keys):,} pictures are" if len(keys) > 1 else "its picture is"
            line = f"{printable(folder)}: no split, so {many} left out"
        elif len(keys) > 1:
            line = f"{printable(min(keys))} and {len(keys) - 1:,} more: in no split, so they are left out"
        else:
            line = f"{printable(keys[0])}: in no split, so it is left out"
        lines.append(f"{line} (the splits are {', '.join(map(printable, arranged.splits))})")
    return lines
