"""What every label format can do: collect a dataset's labels, read those of one picture, write those of one copy."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from augstudio.callbacks import never
from augstudio.labels.found import LabelFormat
from augstudio.labels.model import Copy, Facts, Labelled, Labelling, Problem, Written
from augstudio.labels.places import Pictures

MOST_LABEL_BYTES = 2**28
"""Of a label file of one picture."""
Read = Callable[[str], bytes]
"""Gives all bytes of a file of the dataset, for its key; may raise OSError."""


@dataclass(frozen=True)
class Ground:
    """What labels are collected from.

    Attributes
    ----------
    pictures : Pictures
        The dataset's pictures, masks not among them.
    splits : mapping of str to str
        The split of each picture's key; ``""`` for none.
    others : tuple of str
        Keys of the files that are no pictures, sorted.
    masks : mapping of str to str
        For the key of each picture file that is a mask, the key of its picture; ``""`` where that is missing.
    read : Read
        Gives the content of any of them.
    stop : callable
        Asked now and then; True ends it (`Adapter.collect` then raises `RecognitionStopped`).
    options : mapping of str to str or int
        What the user has set, by the names of `Labelling.options`; what is missing is found, or has its default.
    """

    pictures: Pictures
    splits: Mapping[str, str]
    others: tuple[str, ...]
    masks: Mapping[str, str]
    read: Read
    stop: Callable[[], bool] = never
    options: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class LabelSet:
    """The labels of a dataset, collected: where those of each picture are, not yet what they say.

    Attributes
    ----------
    labelling : Labelling
        What is the same for all pictures; written in the format that it was read in.
    records : mapping of str to str
        For the key of each picture that labels speak of a text, which `Adapter.parse` understands. It may be made when
        it is asked for, so that a long file is not held as objects.
    problems : tuple of Problem
        What is wrong with files that speak of many pictures, and with what belongs to no picture: labels whose picture
        is missing, two label files for one picture, files that are broken.
    notes : tuple of str
        What was taken for granted, a plain sentence each: "Pascal VOC: pixels counted from 1, as no box begins at 0."
    """

    labelling: Labelling
    records: Mapping[str, str]
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


class Adapter(ABC):
    """A label format. It has no state: all methods are functions of their arguments."""

    format: ClassVar[LabelFormat]

    # -- once for a dataset ---------------------------------------------------------------------------------------

    @abstractmethod
    def collect(self, ground: Ground) -> LabelSet | None:
        """Find the labels of this format; None if there are none.

        Nothing but what is the same for all pictures is read here where each picture has a file of its own (a bounded
        number of files may be looked at, to tell options and names); files that speak of many pictures are read once,
        and held as text.
        """

    def written_as(self, labelling: Labelling) -> tuple[Labelling, tuple[str, ...]]:
        """How labels of another format are written in this one, and what it cannot hold of what that format may have.

        Parameters
        ----------
        labelling : Labelling
            Of the source, in another format.

        Returns
        -------
        (Labelling, tuple of str)
            With `written` and the options and header that this format needs; and a plain sentence for each thing that
            is lost ("crowd regions are left out: YOLO has none").
        """
        raise NotImplementedError(f"{labelling.format.called} is not written as {self.format.called}")

    # -- once for a picture ---------------------------------------------------------------------------------------

    def files(self, record: str) -> tuple[str, ...]:  # noqa: ARG002
        """Keys of the files that a record leads to; none where the record says it all."""
        return ()

    @abstractmethod
    def parse(self, record: str, labelling: Labelling, read: Read, facts: Facts) -> Labelled:
        """Read what is said of one picture; problems are values, and the rest goes on.

        Raises
        ------
        OSError
            If a file that it leads to cannot be read.
        """

    # -- once for a copy ------------------------------------------------------------------------------------------

    @abstractmethod
    def render(self, labelled: Labelled, labelling: Labelling, copy: Copy) -> Written:
        """Write what is said of one copy.

        Where `labelling.format` is this one, the source's own records are patched, and stay untouched where nothing
        moved (`copy.unmoved` and `labelled.upright`); else they are made anew from the model. The same bytes for the
        same arguments, on any machine.
        """

    def paths(self, record: str, labelling: Labelling, path: str) -> tuple[str, ...]:  # noqa: ARG002
        """Paths of all files that `render` may write for a copy, by that of its picture: to remove what is left over.

        Parameters
        ----------
        record : str
            Of its source, in the format that labels were read in.
        labelling : Labelling
            Of the export.
        path : str
            As of `Copy.path`.
        """
        return ()

    # -- at the end of an export ----------------------------------------------------------------------------------

    def gathered(
        self,
        labelling: Labelling,  # noqa: ARG002
        entries: Callable[[], Iterable[Mapping[str, Any]]],  # noqa: ARG002
        splits: tuple[str, ...],  # noqa: ARG002
    ) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Make the files that speak of many copies.

        Parameters
        ----------
        labelling : Labelling
            Of the export.
        entries : callable
            Gives the lines of the manifest, in the order of the sources; each call begins anew. A line has ``path``,
            ``source``, ``class``, ``split``, ``copy``, ``width``, ``height`` and, from `Written.annotations`,
            ``annotations``.
        splits : tuple of str
            Names of the export's splits in order; empty if it has none.

        Yields
        ------
        (str, iterator of bytes)
            Path relative to the export's root, and the content in pieces. Nothing of it depends on anything but the
            arguments; memory does not grow with the number of lines.
        """
        yield from ()
