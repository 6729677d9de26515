"""The label formats that can be followed: read, moved and written."""

from __future__ import annotations

from functools import cache

from augstudio.labels.adapter import Adapter
from augstudio.labels.found import LabelFormat
from augstudio.labels.refused import Refused, is_refused

FOLLOWED = (LabelFormat.YOLO, LabelFormat.COCO, LabelFormat.VOC, LabelFormat.MASKS)
"""Those that are; other formats are recognised and named."""
OF_OBJECTS = (LabelFormat.YOLO, LabelFormat.COCO, LabelFormat.VOC)
"""Those of them that hold objects, into each of which the others can be written."""


@cache
def adapter_of(format_: LabelFormat) -> Adapter:
    """The adapter of a format; imported when it is asked for.

    Raises
    ------
    ValueError
        If the format is not one of `FOLLOWED`.
    """
    if format_ is LabelFormat.YOLO:
        from augstudio.labels.yolo import Yolo

        return Yolo()
    if format_ is LabelFormat.COCO:
        from augstudio.labels.coco import Coco

        return Coco()
    if format_ is LabelFormat.VOC:
        from augstudio.labels.voc import Voc

        return Voc()
    if format_ is LabelFormat.MASKS:
        from augstudio.labels.mask_labels import MaskLabels

        return MaskLabels()
    raise ValueError(f"{format_.called} cannot be followed")


def adapter_for(format_: LabelFormat, record: str) -> Adapter:
    """The adapter of a format; for the record of a picture whose labels cannot be taken, the one that says why."""
    return Refused() if is_refused(record) else adapter_of(format_)
