"""Putting judgements together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from augstudio.advice.alike import judged
from augstudio.advice.cautions import Caution, Level
from augstudio.advice.facts import Facts
from augstudio.advice.labelled import LabelFacts
from augstudio.advice.measures import Reading, measures
from augstudio.advice.whole import GROUPS_OF, Judge
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
    on_settings = advise_on_settings(pipeline, facts, originals=originals)
    return on_settings if labels is None else together(on_settings, advise_on_objects(pipeline, labels))


def advise_on_settings(
    pipeline: Pipeline, facts: Facts | None = None, *, originals: bool = False
) -> tuple[Caution, ...]:
    """Judge what can be told without looking at any object: the quick part of `advise`, a few milliseconds.

    Parameters
    ----------
    pipeline, facts, originals
        As of `advise`.
    """
    at = {step.id: number for number, step in enumerate(pipeline.transforms)}
    found = [one for alike in _alike(pipeline) for one in judged(alike, facts, originals=originals)]
    found.sort(key=lambda one: at[one.caution.step])
    return together(one.of(pipeline) for one in found)


def readings(pipeline: Pipeline, facts: Facts | None = None) -> tuple[Reading, ...]:
    """Tell what is measured on whole copies, whether or not anything is beyond a limit; arguments as of `advise`."""
    judges = {alike.transforms[0].group(): Judge(alike, facts) for alike in _alike(pipeline)}
    nothing = Judge(pipeline.edited(transforms=()), facts)
    return tuple(
        next((judges[group] for group in GROUPS_OF[one.cause] if group in judges), nothing).reading(one)
        for one in measures()
        if not (one.upright and pipeline.any_orientation)
    )


def _alike(pipeline: Pipeline) -> Iterator[Pipeline]:
    """The steps that may add up or undo each other, by themselves: geometry, colour and so on."""
    for group in dict.fromkeys(step.group() for step in pipeline.transforms):
        steps = tuple(step for step in pipeline.transforms if step.group() == group)
        if any(step.enabled and step.probability > 0 for step in steps):
            # Their names and rules for labels have no part in it: without them more is known from before.
            yield Pipeline(
                training_size=pipeline.training_size,
                any_orientation=pipeline.any_orientation,
                output=pipeline.output,
                transforms=steps,
            )


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
