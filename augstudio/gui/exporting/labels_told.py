"""What the export dialog offers and says of labels. No Qt here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from augstudio.dataset import Dataset
from augstudio.dataset.labelling import (
    AUTO,
    NONE,
    DatasetLabels,
    LabelChoice,
    LabelError,
    RecognitionStopped,
    collect,
    taken,
)
from augstudio.labels import LabelFormat
from augstudio.labels.formats import FOLLOWED, OF_OBJECTS
from augstudio.wording import count, listing

AS_FOUND = "auto"
_AS, _ONLY = "as:", "only:"


@dataclass(frozen=True)
class LabelsTold:
    """What becomes of labels, in words.

    Attributes
    ----------
    follows : str
        What follows the pictures: "YOLO boxes, 25 of 28 pictures".
    notes : tuple of str
        How they are taken, a plain sentence each.
    lost : tuple of str
        What the format that is written cannot hold, and what is left behind, a plain sentence each.
    """

    follows: str = ""
    notes: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def choices(dataset: Dataset) -> dict[str, str]:
    """What may be chosen, by a word for each that `choice_of` understands; empty where no labels can follow."""
    formats = [one for one in FOLLOWED if any(found.format is one for found in dataset.labels)]
    of_objects = [one for one in formats if one in OF_OBJECTS]
    if not formats:
        return {}
    offered = {AS_FOUND: "As in the source", NONE: "None"}
    if of_objects:
        offered |= {f"{_AS}{one.value}": f"Written as {one.called}" for one in OF_OBJECTS if [one] != of_objects}
    if len(formats) > 1:
        offered |= {f"{_ONLY}{one.value}": f"Only the {one.called}{_kind(one)}" for one in formats}
    return offered


def _kind(one: LabelFormat) -> str:
    return "" if one is LabelFormat.MASKS else " labels"


def choice_of(word: str) -> LabelChoice:
    """The choice that a word of `choices` stands for."""
    if word.startswith(_AS):
        return LabelChoice(written=word.removeprefix(_AS))
    return LabelChoice(word.removeprefix(_ONLY) if word.startswith(_ONLY) else NONE if word == NONE else AUTO)


def worth_keeping(word: str) -> bool:
    """Whether the next export may begin with it: in which format, but never that labels are left out."""
    return word.startswith(_AS)


def tell(dataset: Dataset, choice: LabelChoice, stop: Callable[[], bool]) -> LabelsTold:
    """Work out what becomes of a dataset's labels; of what cannot be read nothing is told, as the plan says it.

    Raises
    ------
    RecognitionStopped
        If `stop` answered True.
    """
    try:
        labels = collect(dataset, choice, stop=stop)
    except (LabelError, OSError):
        return NOTHING_TOLD
    return LabelsTold(_follows(dataset, labels), labels.notes, labels.lost)


def _follows(dataset: Dataset, labels: DatasetLabels) -> str:
    if not labels.sets:
        return "No labels follow the pictures."
    parts = []
    total = len(dataset.sources)
    for one in labels.sets:
        format_ = one.labelling.format
        content = listing(list(dict.fromkeys(found.content for found in taken(dataset, format_) if found.content)))
        number = sum(source.key in one.records for source in dataset.sources)
        share = f"{number:,} of {count(total, 'picture')}" if number < total else f"all {count(total, 'picture')}"
        parts.append(f"{format_.called[:1].upper()}{format_.called[1:]} {content}".strip() + f", {share}")
    return listing(parts)


NOTHING_TOLD = LabelsTold()

__all__ = [
    "AS_FOUND",
    "NOTHING_TOLD",
    "LabelsTold",
    "RecognitionStopped",
    "choice_of",
    "choices",
    "tell",
    "worth_keeping",
]
