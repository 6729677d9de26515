"""What labels say of a dataset's pictures, told from a few of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from augstudio.advice import LabelFacts, LabelledPicture, label_facts_of
from augstudio.callbacks import never
from augstudio.dataset.facts import SAMPLED, file_of, spread
from augstudio.dataset.labelling import MOST_BYTES, DatasetLabels
from augstudio.dataset.listing import Source
from augstudio.dataset.scanning import Dataset
from augstudio.engine import Polygon, Region, Shape
from augstudio.images import PictureError, probe
from augstudio.label_rules import Objects
from augstudio.labels.formats import OF_OBJECTS
from augstudio.labels.model import Facts
from augstudio.labels.picture import PictureLabels
from augstudio.storage import Key


def look_at_labels(
    dataset: Dataset, labels: DatasetLabels, *, count: int = SAMPLED, stop: Callable[[], bool] = never
) -> LabelFacts | None:
    """Look at the objects of a sample of the labelled pictures, spread evenly over them and always the same one.

    Parameters
    ----------
    dataset : Dataset
        Its pictures that cannot be read are left out.
    labels : DatasetLabels
        Of the dataset, as `collect` finds them.
    count : int
        How many pictures to look at, at most.
    stop : callable
        Asked before every picture; True ends it.

    Returns
    -------
    LabelFacts or None
        None if none of them has objects, or if it was stopped. Masks beside pictures hold no objects: they show again
        whatever a border shows again.
    """
    kept = replace(labels, sets=tuple(one for one in labels.sets if one.labelling.format in OF_OBJECTS))
    if not kept.sets:
        return None
    labelled = [source for source in dataset.sources if any(kept.records(source.key))]
    found = []
    for number in spread(len(labelled), count):
        if stop():
            return None
        found.append(_picture(dataset, kept, labelled[number]))
    return label_facts_of(found)


def _picture(dataset: Dataset, labels: DatasetLabels, source: Source) -> LabelledPicture | None:
    storage = dataset.storage
    try:
        info = probe(file_of(dataset, source))
        read = PictureLabels.read(
            labels.labellings,
            labels.records(source.key),
            lambda key: storage.read(Key(key), MOST_BYTES),
            Facts(source.key, info.width, info.height, info.orientation),
        )
    except (PictureError, OSError):
        return None
    objects = read.objects(source.label, None)
    plain = Objects(_without_pixels(objects.shapes), objects.names, objects.label)
    return LabelledPicture.of(source.key, (info.width, info.height), plain)


def _without_pixels(shapes: Sequence[Shape]) -> tuple[Shape, ...]:
    """The same shapes, with outlines in place of pixels."""
    from augstudio.labels.outlines import traced  # and with it shapely, which pictures alone need not wait for

    found: list[Shape] = []
    for shape in shapes:
        if not isinstance(shape, Region):
            found.append(shape)
        elif rings := traced(shape.pixels):
            found.append(Polygon.of(shape.number, *(np.add(ring, (shape.left, shape.top)) for ring in rings)))
    return tuple(found)
