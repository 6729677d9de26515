"""Reading what a folder holds: its pictures, their classes and splits, and what lies beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import attrgetter
from pathlib import Path

from augstudio.callbacks import ignore, never
from augstudio.dataset.left_out import LABEL_SUFFIXES, LeftOut, Tally, suffix_of
from augstudio.dataset.listing import (
    FOLDERS,
    DatasetError,
    Event,
    Folder,
    ScanStopped,
    Skipped,
    Source,
    Unnamed,
    named_as_picture,
    visit,
)
from augstudio.dataset.parting import part
from augstudio.dataset.splits import Doubt, Folders, order_of
from augstudio.images import SUFFIXES
from augstudio.labels import LabelFormat, Labels, Recognised, RecognitionStopped, recognise
from augstudio.storage import Key, Storage, at, is_url
from augstudio.wording import count, listing, printable

_FOUND_EVERY = 500
_SHOWN = 3
_SHOWN_SUFFIXES = tuple(suffix for suffix in (".jpg", ".png", ".webp", ".bmp", ".tif", ".gif") if suffix in SUFFIXES)


@dataclass(frozen=True)
class Dataset:
    """What a folder holds.

    Attributes
    ----------
    location
        The folder: an absolute local path, or a URL.
    sources
        The pictures, sorted by split (train, val, test), then by label and name without regard to case (ties: by the
        exact spelling).
    skipped
        One plain line for everything that looked like a picture or a folder and could not be taken.
    left_out
        What is no picture of the dataset, by kind and number: files of other kinds, folders of other programs.
    notes
        What else somebody should know of how the folder was read, a plain sentence each.
    labels
        What lies beside the pictures and speaks of them, by format.
    folders
        What folders with names of splits were taken for.
    doubt
        Folders that may be splits or classes, and count as classes until the user has said which; None for none.
    excluded
        Keys of pictures that are there, and that the user wants to have left out.
    beside
        Keys of the files that may hold labels, sorted.
    masks
        For the key of each mask, that of its picture; empty where that is missing.
    unread_labels
        Those of `notes` on files that say that they are labels, and of which nothing can be had.
    stated_by
        What states the splits, for people, where no folders make them: lists and label files; empty else.
    unfollowed
        What files state of splits that is not followed, and why, a plain sentence; empty for nothing.
    in_no_split
        Keys of pictures that are left out, since files state splits, and they are in none; sorted.
    """

    location: str
    sources: tuple[Source, ...]
    skipped: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    labels: tuple[Labels, ...] = ()
    folders: Folders = Folders.AUTO
    doubt: Doubt | None = None
    excluded: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    masks: Mapping[str, str] = field(default_factory=dict)
    unread_labels: tuple[str, ...] = ()
    stated_by: tuple[str, ...] = ()
    unfollowed: str = ""
    in_no_split: tuple[str, ...] = ()

    @property
    def root(self) -> Path:
        """The folder of a local dataset.

        Raises
        ------
        DatasetError
            It is not local.
        """
        if is_url(self.location):
            raise DatasetError(f"{printable(self.location)}: this is no local folder")
        return Path(self.location)

    @property
    def storage(self) -> Storage:
        """The folder, wherever it lies; sources are found in it by their keys."""
        return at(self.location)

    @cached_property
    def classes(self) -> dict[str, int]:
        """Number of pictures of each class, of all splits together, in the order of `sources`."""
        return dict(Counter(source.label for source in self.sources))

    @cached_property
    def splits(self) -> dict[str, int]:
        """Number of pictures in each split, in the order of `sources`; empty in a dataset without splits."""
        return dict(Counter(source.split for source in self.sources if source.split))

    @cached_property
    def _by_key(self) -> dict[str, Source]:
        return {source.key: source for source in self.sources}

    def get(self, key: str) -> Source | None:
        """Return the source of this key, or None."""
        return self._by_key.get(key)

    def without(self, keys: Iterable[str]) -> Dataset:
        """The dataset without some pictures, which `excluded` then names; keys of none are passed over."""
        gone = frozenset(key for key in keys if key in self._by_key)
        if not gone:
            return self
        kept_already: dict[frozenset[str], Dataset] = vars(self).setdefault("_without", {})
        if (known := kept_already.get(gone)) is not None:
            return known
        kept = tuple(source for source in self.sources if source.key not in gone)
        fewer = replace(self, sources=kept, excluded=tuple(sorted({*self.excluded, *gone})))
        vars(fewer)["_whole"] = self
        kept_already.clear()  # the last one is asked for again and again
        kept_already[gone] = fewer
        return fewer


def scan(
    root: Path | str,
    *,
    folders: Folders = Folders.AUTO,
    stop: Callable[[], bool] = never,
    found: Callable[[int], None] = ignore,
) -> Dataset:
    """Read what a folder holds.

    Whether a file is a picture is told by its suffix, and by its first bytes where the suffix tells nothing; no picture
    is decoded but a few that may be masks. Hidden files and folders (a leading dot) and what other programs keep in
    folders of their own are left out. Links to folders are followed after all real folders, and no folder is read
    twice, so links in a circle do no harm.

    Parameters
    ----------
    root
        The dataset's folder, or its URL.
    folders
        What to take folders for whose names look like those of train, val and test.
    stop
        Asked before every entry; True ends the scan.
    found
        Told the number of pictures found so far, now and then and at the end.

    Raises
    ------
    DatasetError
        The root is missing, is not a folder, cannot be read, or holds no pictures.
    ScanStopped
        `stop` answered True.
    """
    seen = _Seen()
    for event in visit(root):
        if stop():
            raise _stopped(root)
        seen.take(event)
        if isinstance(event, Source) and len(seen.sources) % _FOUND_EVERY == 0:
            found(len(seen.sources))
    sources, location = seen.sources, seen.sources[0].root if seen.sources else ""
    if not sources:
        raise DatasetError(_no_pictures(root, seen))
    try:
        recognised = _recognise(sources, seen.beside, location, stop)
    except RecognitionStopped:
        raise _stopped(root) from None
    if folders is Folders.CLASSES:  # the user knows that there are none
        recognised = replace(
            recognised,
            masks=frozenset(),
            pairs={},
            found=tuple(one for one in recognised.found if one.format is not LabelFormat.MASKS),
        )
    if masks := recognised.masks:
        sources = [source for source in sources if source.key not in masks]
    found(len(sources))
    storage = at(location)
    try:
        parted = part(
            sources, seen.beside, folders, recognised, lambda key, most: storage.head(Key(key), most), _checking(stop)
        )
    except RecognitionStopped:
        raise _stopped(root) from None
    _sort(sources)
    return Dataset(
        location,
        tuple(sources),
        tuple(sorted([*seen.lines(), *parted.skipped])),
        seen.left_out.result(),
        (*seen.notes(), *parted.notes, *recognised.notes),
        recognised.found,
        folders,
        parted.doubt,
        beside=tuple(sorted(seen.beside)),
        masks=recognised.pairs,
        unread_labels=recognised.unread,
        stated_by=parted.stated_by,
        unfollowed=parted.unfollowed,
        in_no_split=parted.in_no_split,
    )


class _Seen:
    """What a scan has met until now."""

    def __init__(self) -> None:
        self.sources: list[Source] = []
        self.beside: list[str] = []
        self.left_out = Tally()
        self._skipped: dict[str, str] = {}
        self._like_pictures: list[str] = []
        self._unnamed: Counter[str] = Counter()

    def take(self, event: Event) -> None:
        if isinstance(event, Source):
            self.sources.append(event)
        elif isinstance(event, Unnamed):
            self.sources.append(event.source)
            self._unnamed[suffix_of(event.source.name)] += 1
        elif isinstance(event, Skipped):
            self._skipped[event.key] = str(event)
        elif isinstance(event, Folder):
            if named_as_picture(event.label):
                self._like_pictures.append(event.label)
        else:
            if event.name in LABEL_SUFFIXES:
                self.beside.append(event.key)
            self.left_out.add(event.kind, event.name, event.key)

    def lines(self) -> list[str]:
        """What could not be taken."""
        if self._like_pictures:
            filled = {folder[:end] for folder in {source.label for source in self.sources} for end in _ends(folder)}
            for label in self._like_pictures:
                if label not in filled:
                    line = f"{printable(label)}: a folder, not a picture, and it holds none"
                    self._skipped.setdefault(label, line)
        return list(self._skipped.values())

    def notes(self) -> list[str]:
        """What was taken though its name does not say that it is a picture."""
        total = self._unnamed.total()
        if not total:
            return []
        endings = [ending and printable(ending) for ending, _ in self._unnamed.most_common()]
        named = listing([ending or "none" for ending in endings[:_SHOWN]])
        more = f" and {len(endings) - _SHOWN:,} more" if len(endings) > _SHOWN else ""
        are = "are pictures" if total > 1 else "is a picture"
        return [f"{count(total, 'file')} {are} by the first bytes, not by the suffix ({named}{more})."]


def _checking(stop: Callable[[], bool]) -> Callable[[], None]:
    def check() -> None:
        if stop():
            raise RecognitionStopped

    return check


def _stopped(root: Path | str) -> ScanStopped:
    return ScanStopped(f"{printable(root)}: reading the folder was stopped")


def _recognise(sources: list[Source], beside: list[str], location: str, stop: Callable[[], bool]) -> Recognised:
    storage = at(location)
    return recognise(
        [source.key for source in sources], beside, lambda key, most: storage.head(Key(key), most), stop=stop
    )


def _ends(folder: str) -> Iterator[int]:
    """Where the names of a folder and of those above it end in its path."""
    return (end for end in range(1, len(folder) + 1) if end == len(folder) or folder[end] == "/")


def _sort(sources: list[Source]) -> None:
    """Sort in passes, each of which keeps what the last one did among equals; tuples as keys would take more room."""
    places = {(source.split, source.label) for source in sources}
    orders = {place: (order_of(place[0]), place[1].casefold()) for place in places}
    ranks = {order: rank for rank, order in enumerate(sorted(set(orders.values())))}
    rank_of = {place: ranks[order] for place, order in orders.items()}
    sources.sort(key=attrgetter("key"))
    sources.sort(key=lambda source: source.name.casefold().encode())  # bytes are smaller, and sort as the text does
    sources.sort(key=lambda source: rank_of[source.split, source.label])


def _no_pictures(root: Path | str, seen: _Seen) -> str:
    message = f"{printable(root)}: no pictures found; augstudio reads {', '.join(_SHOWN_SUFFIXES)}, …"
    left_out, skipped = seen.left_out.result(), sorted(seen.lines())
    if files := sum(one.count for one in left_out if FOLDERS not in one.kind):
        message += f" and the folder holds only other files ({files:,})"
    if told := [str(one) for one in left_out if one.told]:
        message += f": {'; '.join(told[:_SHOWN])}"
    if skipped:
        more = f", and {len(skipped) - 1:,} more" if len(skipped) > 1 else ""
        message += f"; skipped {skipped[0]}{more}"
    return message
