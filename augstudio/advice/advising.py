"""Putting judgements together."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from augstudio.advice.cautions import Caution, Level
from augstudio.advice.facts import Facts
from augstudio.advice.labelled import LabelFacts
from augstudio.advice.steps import judge_step
from augstudio.advice.whole import judge_whole
from augstudio.callbacks import ignore
from augstudio.pipeline import Pipeline


def advise(
    pipeline: Pipeline, facts: Facts | None = None, *, originals: bool = False, labels: LabelFacts | None = None
) -> tuple[Caution, ...]:
    """Judge a pipeline.

    Parameters
    ----------
    pipeline : Pipeline
        What would be applied.
    facts : Facts or None
        Of the pictures at hand; without them, a square picture of twice the training size stands in, and noise is not
        held against contrast.
    originals : bool
        Whether the originals are exported as well: then the dataset keeps pictures as the model will meet them.
    labels : LabelFacts or None
        Of the pictures at hand, if they have labelled objects.

    Returns
    -------
    tuple of Caution
        Excessive ones first, then in the order of the steps, then of the whole and of objects.
    """
    on_settings = advise_on_settings(pipeline, facts, originals=originals, labelled=labels is not None)
    return on_settings if labels is None else together(on_settings, advise_on_objects(pipeline, labels))


def advise_on_settings(
    pipeline: Pipeline, facts: Facts | None = None, *, originals: bool = False, labelled: bool = False
) -> tuple[Caution, ...]:
    """Judge what can be told without looking at any object: the quick part of `advise`, a few milliseconds.

    Parameters
    ----------
    pipeline, facts, originals
        As of `advise`.
    labelled : bool
        Whether the pictures have labelled objects: no remedy then is a border that shows them again.
    """
    cautions: list[Caution] = []
    for step in pipeline.transforms:
        if step.enabled and step.probability > 0:
            cautions += judge_step(pipeline, step, facts, originals=originals)
    cautions += judge_whole(pipeline, facts, cautions, labelled=labelled)
    return together(cautions)


def advise_on_objects(
    pipeline: Pipeline, labels: LabelFacts, *, pause: Callable[[], object] = ignore
) -> tuple[Caution, ...]:
    """Judge what becomes of labelled objects: the other part of `advise`, which takes tenths of a second.

    Parameters
    ----------
    pipeline, labels
        As of `advise`.
    pause : callable
        Called now and then; it may take its time, or raise an exception to end it.
    """
    from augstudio.advice.objects import judge_objects  # and with it shapely, which others need not wait for

    return together(judge_objects(pipeline, labels, pause=pause))


def together(*parts: Iterable[Caution]) -> tuple[Caution, ...]:
    """All cautions in the order in which people see them: excessive ones first."""
    found = [caution for part in parts for caution in part]
    return tuple(sorted(found, key=lambda caution: caution.level is Level.CAUTION))
