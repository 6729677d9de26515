"""All labels of one picture, whatever formats they come in: read once, written for each of its copies."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from augstudio.engine import Geometry, Mask
from augstudio.label_rules import Fate, Objects
from augstudio.labels.adapter import Read
from augstudio.labels.formats import adapter_for, adapter_of
from augstudio.labels.found import LabelFormat
from augstudio.labels.model import OTHER_SIZE, Copy, Facts, LabelFile, Labelled, Labelling, Problem, Written


@dataclass(frozen=True)
class Part:
    """What one label set says of a picture."""

    labelling: Labelling
    labelled: Labelled
    first: int
    """Number of its first object among those of all parts."""

    @property
    def numbers(self) -> slice:
        """Its objects among those of all parts."""
        return slice(self.first, self.first + len(self.labelled.objects))


@dataclass(frozen=True)
class PictureLabels:
    """The labels of one picture.

    Attributes
    ----------
    parts : tuple of Part
        One for each label set of the dataset, in their order; of a set that says nothing of this picture, an empty one.
    facts : Facts
        Of the picture.
    sha256 : str
        Of all that they were read from, in hexadecimal digits.
    """

    parts: tuple[Part, ...]
    facts: Facts
    sha256: str

    @classmethod
    def read(cls, labellings: Sequence[Labelling], records: Sequence[str], read: Read, facts: Facts) -> PictureLabels:
        """Read what is said of a picture.

        Parameters
        ----------
        labellings : sequence of Labelling
            Of the dataset's label sets.
        records : sequence of str
            For each of them what `LabelSet.records` has for the picture; empty if nothing.
        read : callable
            Gives the content of a file of the dataset.
        facts : Facts
            Of the picture.

        Raises
        ------
        OSError
            If a label file cannot be read.
        """
        parts: list[Part] = []
        digest = _digest(records)
        first = 0

        def noted(key: str) -> bytes:
            data = read(key)
            digest.update(hashlib.sha256(data).digest())
            return data

        for labelling, record in zip(labellings, records, strict=True):
            labelled = Labelled()
            if record:
                labelled = adapter_for(labelling.format, record).parse(record, labelling, noted, facts)
            parts.append(Part(labelling, _numbered(labelled, first), first))
            first += len(labelled.objects)
        return cls(tuple(parts), facts, digest.hexdigest())

    @property
    def names(self) -> tuple[str, ...]:
        """The class of each object."""
        return tuple(one.category.name for part in self.parts for one in part.labelled.objects)

    @property
    def masks(self) -> tuple[Mask, ...]:
        """Of all parts."""
        return tuple(mask for part in self.parts for mask in part.labelled.masks)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Of all parts."""
        return tuple(problem for part in self.parts for problem in part.labelled.problems)

    @property
    def unusable(self) -> str:
        """Why a copy of the picture would teach something false; empty if nothing does.

        Labels of which nothing can be read say nothing, which is not to say that the picture shows nothing; a picture
        without one of its masks pairs with none; and where labels state another size and some do not fit, they are of
        another picture, or of this one at another size.
        """
        for part in self.parts:
            own = part.labelled
            wrong = next((problem for problem in own.problems if problem.left_out), None)
            size = next((problem for problem in own.problems if problem.kind == OTHER_SIZE), None)
            if wrong is not None and (part.labelling.format is LabelFormat.MASKS or not own.objects or size):
                return f"its labels cannot be used: {size or wrong}"
        return ""

    @property
    def notes(self) -> tuple[str, ...]:
        """Of all parts."""
        return tuple(note for part in self.parts for note in part.labelled.notes)

    def objects(self, label: str, read: Geometry | None) -> Objects:
        """What a pipeline asks of them, for a picture of this class, in hand as `read` says."""
        shapes = tuple(shape for part in self.parts for shape in part.labelled.shapes)
        return Objects(shapes, self.names, label, read)

    def written(
        self,
        path: str,
        split: str,
        size: tuple[int, int],
        channels: int,
        fates: Sequence[Fate],
        masks: Sequence[Mask],
        *,
        unmoved: bool,
    ) -> Written:
        """Write the labels of a copy.

        Parameters
        ----------
        path, split, size, channels
            As of `Copy`.
        fates : sequence of Fate
            Of the objects of all parts.
        masks : sequence of Mask
            Of all parts, moved.
        unmoved : bool
            As of `Copy`.
        """
        files: list[LabelFile] = []
        left_out: list[int] = []
        annotations = None
        taken = 0
        for part in self.parts:
            own = part.labelled
            copy = Copy(
                path,
                split,
                *size,
                channels,
                tuple(_renumbered(fate, part.first) for fate in fates[part.numbers]),
                tuple(masks[taken : taken + len(own.masks)]),
                unmoved=unmoved,
            )
            taken += len(own.masks)
            made = adapter_of(part.labelling.written).render(_numbered(own, -part.first), part.labelling, copy)
            files += made.files
            left_out += (number + part.first for number in made.left_out)
            annotations = made.annotations if made.annotations is not None else annotations
        return Written(tuple(files), annotations, tuple(left_out))


def fingerprint(labellings: Sequence[Labelling], records: Sequence[str], read: Read) -> str:
    """The SHA-256 that `PictureLabels.read` would find, without reading what the files say.

    Raises
    ------
    OSError
        If a label file cannot be read.
    """
    digest = _digest(records)
    for labelling, record in zip(labellings, records, strict=True):
        if record:
            for key in adapter_for(labelling.format, record).files(record):
                digest.update(hashlib.sha256(read(key)).digest())
    return digest.hexdigest()


def _digest(records: Sequence[str]) -> hashlib._Hash:
    return hashlib.sha256("\0".join(records).encode("utf-8", "surrogatepass"))


def _numbered(labelled: Labelled, first: int) -> Labelled:
    """The same with numbers of objects that begin elsewhere."""
    if not first:
        return labelled
    return replace(labelled, shapes=tuple(replace(shape, number=shape.number + first) for shape in labelled.shapes))


def _renumbered(fate: Fate, first: int) -> Fate:
    if not first:
        return fate
    shapes = tuple(replace(shape, number=shape.number - first) for shape in fate.shapes)
    return replace(fate, number=fate.number - first, shapes=shapes)
