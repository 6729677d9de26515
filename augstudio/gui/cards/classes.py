"""Classes that a picture or its objects may be of, and which of them somebody is to be asked about. No Qt here."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from augstudio.dataset import Dataset
from augstudio.label_rules import LabelRules, mirror_sensitive
from augstudio.labels.formats import OF_OBJECTS
from augstudio.labels.model import Labelling
from augstudio.pipeline import Pipeline
from augstudio.wording import listing, printable

_SHOWN = 4
"""Names in a question."""


def has_objects(dataset: Dataset | None) -> bool:
    """Whether labels lie beside its pictures that speak of objects, and follow them."""
    return dataset is not None and any(found.format in OF_OBJECTS for found in dataset.labels)


def classes_of(dataset: Dataset | None, labellings: tuple[Labelling, ...]) -> tuple[str, ...]:
    """Names that a rule about classes may mean: of objects first, then of class folders, each once."""
    objects = [
        category.name for labelling in labellings if labelling.format in OF_OBJECTS for category in labelling.categories
    ]
    folders = [label.rpartition("/")[2] for label in (dataset.classes if dataset else ())]
    return tuple(name for name in dict.fromkeys((*objects, *folders)) if name)


@lru_cache(maxsize=8)
def suspects(classes: tuple[str, ...]) -> tuple[str, ...]:
    """Those of which a mirror image might be something else."""
    return tuple(mirror_sensitive(classes))


def asked_about(pipeline: Pipeline, classes: tuple[str, ...], allowed: Collection[str]) -> tuple[str, ...]:
    """Classes about which to ask whether they may be mirrored.

    Parameters
    ----------
    pipeline : Pipeline
        What is not flipped by it is not asked about, nor what its rules name already.
    classes : tuple of str
        All there are.
    allowed : collection of str
        Those of which somebody said that they may.
    """
    if not any(step.mirrors and step.enabled and step.probability > 0 for step in pipeline.transforms):
        return ()
    known = {*pipeline.labels.not_mirrored, *allowed}
    return tuple(name for name in suspects(classes) if name not in known)


def in_short(names: Collection[str]) -> str:
    """Some names in a row: "left, right", "a, b, c, d and 22 more"."""
    shown = [_short(name) for name in list(names)[:_SHOWN]]
    more = len(names) - len(shown)
    return listing([", ".join(shown), f"{more:,} more"]) if more else ", ".join(shown)


def _short(name: str) -> str:
    plain = printable(name)
    return plain if len(plain) <= 30 else f"{plain[:29]}…"


def rules_in_short(rules: LabelRules, *, objects: bool) -> str:
    """The rules in one line, for a folded card: "25 % · 2 px · ellipse · keep · never mirrored: left, right".

    Parameters
    ----------
    rules : LabelRules
        The rules.
    objects : bool
        Whether there are objects, so that all of them matter.
    """
    parts = []
    if objects:
        share, side = (f"{value:.4g}" for value in (100 * rules.smallest_share, rules.smallest_side))
        parts = [f"{share} %", f"{side} px", rules.box_fit.value, rules.without_objects.value]
    if rules.not_mirrored:
        parts.append(f"never mirrored: {in_short(rules.not_mirrored)}")
    return " · ".join(parts) or "any class may be mirrored"
