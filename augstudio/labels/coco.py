"""COCO instances: one JSON file for each split, with boxes, polygons, run-length masks, and key points that move along.

Options (`Labelling.options`): ``"layout"`` says where the files are written, "instances" or "roboflow"; where it is not
given, as the source has it. ``"drawn_on"`` is as of all formats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from augstudio.labels import coco_collect, coco_read, coco_write
from augstudio.labels.adapter import Adapter, Ground, LabelSet, Read
from augstudio.labels.coco_collect import HEADER, LAYOUTS
from augstudio.labels.found import LabelFormat
from augstudio.labels.model import Copy, Facts, Labelled, Labelling, Written

_LOST = {
    LabelFormat.VOC: (
        "Pascal VOC's difficult and truncated become attributes of annotations; pose, parts and elements of one's own "
        "are left out.",
    ),
    LabelFormat.MASKS: ("Masks of classes are left out: COCO instances are single objects.",),
}
"""What this format has no place for, for each other one."""


class Coco(Adapter):
    """COCO's instances."""

    format: ClassVar[LabelFormat] = LabelFormat.COCO

    def collect(self, ground: Ground) -> LabelSet | None:
        """Find and index COCO's files; see `Adapter.collect`.

        Raises
        ------
        OSError
            If a JSON file cannot be read.
        RecognitionStopped
            If the ground's `stop` says so.
        ValueError
            If the option "layout" is neither "instances" nor "roboflow".
        """
        return coco_collect.collect(ground)

    def written_as(self, labelling: Labelling) -> tuple[Labelling, tuple[str, ...]]:
        """Write labels of another format as COCO; see `Adapter.written_as`.

        Numbers of classes are kept, but begin at 1: where a source counts from 0, each goes up by one, since many
        loaders take 0 for the background.
        """
        shift = int(any(category.id == 0 for category in labelling.categories))
        header = {
            "layout": coco_collect.layout_of(labelling.options, LAYOUTS[0]),
            "shift": shift,
            "categories": [{"id": one.id + shift, "name": one.name} for one in labelling.categories],
            "files": {},
        }
        sentences = _LOST.get(labelling.format, ())
        if shift:
            sentences = (
                *sentences,
                "COCO's category ids begin at 1: each is the source's number of the class plus one.",
            )
        header_of_all = {**labelling.header, HEADER: header}
        return replace(labelling, written=LabelFormat.COCO, header=header_of_all), sentences

    def parse(self, record: str, labelling: Labelling, read: Read, facts: Facts) -> Labelled:  # noqa: ARG002
        """Read what is said of one picture; see `Adapter.parse`. No file is read."""
        return coco_read.parse(record, labelling, facts)

    def render(self, labelled: Labelled, labelling: Labelling, copy: Copy) -> Written:
        """Write what is said of one copy, see `Adapter.render`, as `coco_write.render` says it."""
        return coco_write.render(labelled, labelling, copy)

    def gathered(
        self,
        labelling: Labelling,
        entries: Callable[[], Iterable[Mapping[str, Any]]],
        splits: tuple[str, ...],
    ) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Make the file of each split; see `Adapter.gathered`."""
        return coco_write.gathered(labelling, entries, splits)
