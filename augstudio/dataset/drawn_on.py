"""Which picture labels were drawn on, where a camera has turned some: as files store them, or upright."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace

from augstudio.dataset.listing import Source
from augstudio.images import PictureError, probe
from augstudio.labels.adapter import LabelSet, Read
from augstudio.labels.formats import adapter_for
from augstudio.labels.model import Facts
from augstudio.labels.places import spread

_LOOKED_AT = 200
"""Pictures whose orientation is looked at: to open a header takes a millisecond."""
_MAY_BE_TURNED = (".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".png", ".webp", ".mpo")


def told_by_some(found: LabelSet, sources: tuple[Source, ...], read: Read, stop: Callable[[], bool]) -> LabelSet:
    """Let pictures whose labels tell which picture they were drawn on speak for those of the same set that do not.

    A picture that stands on its side has other sizes when it is upright, so the sizes that labels state tell it; one
    that was upside down or mirrored has the same. Only local pictures are looked at.

    Returns
    -------
    LabelSet
        With the option "drawn_on" set to "stored" where most of those that tell it say so; else as it was.
    """
    labelling = found.labelling
    if str(labelling.options.get("drawn_on", "auto")) != "auto":
        return found
    turned = [s for s in sources if s.key in found.records and s.key.lower().endswith(_MAY_BE_TURNED)]
    stored = upright = silent = 0
    for at in spread(len(turned), _LOOKED_AT):
        if stop():
            break
        source = turned[at]
        with contextlib.suppress(PictureError, OSError):
            info = probe(source.path)
            if info.orientation == 1:
                continue
            if info.orientation < 5 or info.width == info.height:
                silent += 1
                continue
            facts = Facts(source.key, info.width, info.height, info.orientation)
            record = found.records[source.key]
            labelled = adapter_for(labelling.format, record).parse(record, labelling, read, facts)
            said = bool(labelled.objects or labelled.masks)
            stored += said and not labelled.upright
            upright += said and labelled.upright
    if not silent or stored <= upright:
        return found
    note = (
        f"{labelling.format.called}: labels drawn on the pictures as their files store them, as {stored:,} of "
        f"{stored + upright:,} that a camera has turned on their side state; the others are taken alike."
    )
    options = {**labelling.options, "drawn_on": "stored"}
    return replace(found, labelling=replace(labelling, options=options), notes=(*found.notes, note))
