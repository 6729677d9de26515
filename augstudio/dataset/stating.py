"""What a file beside the pictures states of splits: which pictures are for what, and what of it cannot be taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from augstudio.dataset.splits import Role
from augstudio.labels.found import Named
from augstudio.labels.places import Pictures
from augstudio.labels.text import decoded
from augstudio.wording import printable, shown

MOST_BYTES = 2**26
"""Of a list of pictures: a million lines have half of it."""
_CHECK_EVERY = 4096


@dataclass(frozen=True)
class Ground:
    """What statements are looked for in.

    Attributes
    ----------
    pictures : Pictures
        The dataset's, masks not among them.
    beside : tuple of str
        Keys of the files that may hold labels, sorted.
    head : callable
        Gives at most the first so many bytes of a file, for its key; may raise OSError.
    check : callable
        Called now and then; what it raises ends the search.
    splits : mapping of str to str
        The split of each picture that lies in a split's folder.
    named : mapping of str to Named
        The pictures that each file of COCO names.
    masks_only : bool
        Whether masks are the only labels that were recognised.
    """

    pictures: Pictures
    beside: tuple[str, ...]
    head: Callable[[str, int], bytes]
    check: Callable[[], None]
    splits: Mapping[str, str] = field(default_factory=dict)
    named: Mapping[str, Named] = field(default_factory=dict)
    masks_only: bool = False


@dataclass
class Claim:
    """The pictures that one file, or one line of it, has for one split.

    Attributes
    ----------
    role : Role
        What they are for.
    file : str
        Key of the file.
    union : bool
        Whether it is of train and val together.
    keys : set of str
        The pictures' keys.
    unknown : list of str
        Each name that no picture has: where it stands, and the name; only the first few.
    lacking : int
        How many such names there are.
    """

    role: Role
    file: str
    union: bool = False
    keys: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)
    lacking: int = 0

    def miss(self, place: str, name: str) -> None:
        """Count a name that no picture has."""
        self.lacking += 1
        if len(self.unknown) < _FEW:
            self.unknown.append(f"{place}: {shown(name)}" if place else shown(name))


_FEW = 3


@dataclass
class Statement:
    """What files of one kind state.

    Attributes
    ----------
    where : list of str
        What states it, for people: folders of lists, or files.
    claims : list of Claim
        In the order of the files.
    wholes : dict of str to Role
        Folders that are for one purpose as wholes.
    notes : list of str
        What of it cannot be read or found, a plain sentence each.
    files : set of str
        Keys of the lists that were looked at.
    """

    where: list[str] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    wholes: dict[str, Role] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    files: set[str] = field(default_factory=set)


def is_union(name: str) -> bool:
    """Whether the name of a list speaks of train and val together."""
    return "trainval" in name.casefold()


def without_unions(claims: list[Claim]) -> list[Claim]:
    """Without those of train and val together, where each of the two has one of its own."""
    own = {claim.role for claim in claims if not claim.union}
    return [claim for claim in claims if not claim.union] if {Role.TRAIN, Role.VAL} <= own else claims


def lines_of(key: str, ground: Ground, notes: list[str]) -> Iterator[tuple[int, str]]:
    """The lines of a list that say something, each with its number; a note is added where the file cannot be read."""
    ground.check()
    try:
        data = ground.head(key, MOST_BYTES + 1)
    except OSError:
        notes.append(f"{printable(key)}: the list cannot be read.")
        return
    if len(data) > MOST_BYTES:
        notes.append(f"{printable(key)}: longer than {MOST_BYTES >> 20} MiB, so the list is not read.")
        return
    text = decoded(data)
    if "\0" in text:
        notes.append(f"{printable(key)}: no text (character {text.index(chr(0)) + 1:,} is a zero byte), so not read.")
        return
    # Not `splitlines`, which breaks lines at signs that names may have in them.
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if number % _CHECK_EVERY == 0:
            ground.check()
        if filled := line.strip():
            yield number, filled


def take(names: Iterable[tuple[str, str]], find: Callable[[str], Sequence[str]], claim: Claim) -> None:
    """Add the pictures of some names to a claim; each name comes with the place where it stands."""
    for place, name in names:
        if found := find(name):
            claim.keys.update(found)
        else:
            claim.miss(place, name)
