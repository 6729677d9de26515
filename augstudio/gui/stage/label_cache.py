"""What labels say of the pictures in view: read once, and again where their files are others than before."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from augstudio.dataset.labelling import DatasetLabels
from augstudio.engine import Shape
from augstudio.gui.intent.views import View
from augstudio.gui.parts.stamps import Stamp, stamp_of
from augstudio.gui.stage.marks import Marks
from augstudio.gui.stage.overlay import Item, item_of
from augstudio.images import PictureInfo
from augstudio.label_rules import Objects
from augstudio.labels.formats import adapter_for
from augstudio.labels.model import Facts
from augstudio.labels.picture import PictureLabels
from augstudio.storage import Key, at
from augstudio.wording import printable, said

_HELD = 4
"""Pictures whose labels are held, where nobody says how many."""
_MOST_HELD_BYTES = 2**27
"""Of masks that are held, beyond the first few pictures."""
_MOST_BYTES = 2**28
"""Of one label file."""
_NO_CLASS = ("0", "background", "_background_", "bg", "void", "unlabeled", "unlabelled", "ignore", "none")
"""Names of level 0 of a mask that say that nothing is there."""


@dataclass(eq=False)
class Known:
    """What labels say of a picture.

    Attributes
    ----------
    labels : PictureLabels or None
        None where there are none, or they cannot be read.
    items : tuple of Item
        The objects, in pixels of the full picture.
    levels : tuple of mapping of int to int
        For each mask the number of the category of each level that has one; 0 is missing where it is the background.
    problems : tuple of str
        A plain line each.
    files : tuple of (str, Stamp)
        The files that were read, as they were then.
    source : (object, Marks) or None
        What the copy of last time had lost, and what was drawn over the original for it.
    seconds : float
        Of a thread's own time that it took last to make the labels of a large copy.
    """

    labels: PictureLabels | None = None
    items: tuple[Item, ...] = ()
    levels: tuple[dict[int, int], ...] = ()
    problems: tuple[str, ...] = ()
    files: tuple[tuple[str, Stamp], ...] = ()
    source: tuple[object, Marks] | None = None
    seconds: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether what is said of the picture can be used; as of `PictureLabels.unusable`."""
        return not self.labels.unusable if self.labels is not None else not self.problems

    def objects(self, view: View) -> Objects:
        """What a pipeline asks of them, in pixels of the full picture."""
        label = view.source.label
        return self.labels.objects(label, None) if self.labels is not None else Objects(label=label)


NOTHING_KNOWN = Known()
_Key = tuple[int, str, str, tuple[int, int, int], tuple[tuple[str, Stamp], ...]]


class LabelCache:
    """The labels of the pictures that were looked at last. Safe from any thread.

    Parameters
    ----------
    most : int
        Of how many pictures; fewer where their masks are many bytes.
    """

    def __init__(self, most: int = _HELD) -> None:
        self._most = most
        self._bytes = 0
        self._held: OrderedDict[_Key, tuple[DatasetLabels, Known]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, view: View, info: PictureInfo) -> Known:
        """What is said of the picture of a view, whose header says `info`."""
        if not view.labels.sets:
            return NOTHING_KNOWN
        with self._lock:  # whoever waits wants the same
            return self._get(view, info)

    def forget(self) -> None:
        """Drop everything."""
        with self._lock:
            self._held.clear()
            self._bytes = 0

    def _get(self, view: View, info: PictureInfo) -> Known:
        try:
            records = view.labels.records(view.source.key)
        except OSError as error:
            return Known(problems=(f"the labels cannot be read: {said(error)}",))
        files = _stamped(view, records)
        size = info.width, info.height, info.orientation
        key = id(view.labels), view.source.root, view.source.key, size, files
        if key not in self._held:
            # The labels are held too: their id is theirs as long as they are there.
            self._held[key] = view.labels, _read(view, records, info, files)
            self._bytes += _mask_bytes(self._held[key][1])
            while len(self._held) > self._most or (len(self._held) > _HELD and self._bytes > _MOST_HELD_BYTES):
                self._bytes -= _mask_bytes(self._held.popitem(last=False)[1][1])
        self._held.move_to_end(key)
        return self._held[key][1]


def _mask_bytes(known: Known) -> int:
    return sum(mask.pixels.nbytes for mask in known.labels.masks) if known.labels is not None else 0


def _stamped(view: View, records: Sequence[str]) -> tuple[tuple[str, Stamp], ...]:
    keys = [
        key
        for labelling, record in zip(view.labels.labellings, records, strict=True)
        if record
        for key in adapter_for(labelling.format, record).files(record)
    ]
    paths = (str(Path(view.source.root, key)) for key in dict.fromkeys(keys))
    return tuple((path, stamp_of(path)) for path in paths)


def _read(view: View, records: Sequence[str], info: PictureInfo, files: tuple[tuple[str, Stamp], ...]) -> Known:
    if not any(records):
        return Known(files=files)
    storage, asked = at(view.source.root), ""

    def read(key: str) -> bytes:
        nonlocal asked
        asked = key
        return storage.read(Key(key), _MOST_BYTES)

    facts = Facts(view.source.key, info.width, info.height, info.orientation)
    try:
        labels = PictureLabels.read(view.labels.labellings, records, read, facts)
    except OSError as error:
        return Known(problems=(f"{printable(asked)}: the labels cannot be read: {said(error)}",), files=files)
    numbers = _numbers(view.labels)
    levels = [
        {one.id: numbers[one.name] for one in part.labelling.categories if one.id or one.name.lower() not in _NO_CLASS}
        for part in labels.parts
        for _ in part.labelled.masks
    ]
    return Known(labels, _items(labels, numbers), tuple(levels), tuple(map(str, labels.problems)), files)


def _items(labels: PictureLabels, numbers: dict[str, int]) -> tuple[Item, ...]:
    shapes: dict[int, list[Shape]] = {}
    for shape in labels.objects("", None).shapes:
        shapes.setdefault(shape.number, []).append(shape)
    return tuple(
        item_of(number, name, numbers.setdefault(name, len(numbers)), tuple(shapes.get(number, ())))
        for number, name in enumerate(labels.names)
    )


def _numbers(labels: DatasetLabels) -> dict[str, int]:
    """A number for each name of a category, in their order; one that boxes and masks share is one."""
    numbers: dict[str, int] = {}
    for labelling in labels.labellings:
        for category in labelling.categories:
            numbers.setdefault(category.name, len(numbers))
    return numbers
