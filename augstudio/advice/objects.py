"""Judging what a pipeline does to the labelled objects of the pictures at hand."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from augstudio.advice.cautions import Caution, Level, Remedy, percent
from augstudio.advice.culprits import Culprit, Harm, Inquiry
from augstudio.advice.labelled import LabelFacts
from augstudio.advice.outcomes import Flags, Outcomes
from augstudio.callbacks import ignore
from augstudio.engine import BorderMode, Fit
from augstudio.label_rules import BoxFit
from augstudio.pipeline import Pipeline
from augstudio.transforms import Transform
from augstudio.transforms.base import Bordered
from augstudio.wording import count, listing, printable

PIECES, MANY_PIECES = 0.05, 0.3
"""Caution from this share of copies with an unlabelled piece; excessive if of all objects seen so many are pieces."""
LOOSE = 0.8
"""Intersection over union below which a box fits its object badly."""
SMALL = 8.0
"""Pixels at training size below which an object's shorter side is small."""
HALF = 0.5
"""Visible share below which an object is more away than there."""
_FEWEST = 5
"""Objects of a class in copies from which on a share of them tells something."""
_NAMED, _MORE = 3, 0.01
"""How many classes are named at most, and by how much theirs must be above the share of all."""


def judge_objects(pipeline: Pipeline, labels: LabelFacts, *, pause: Callable[[], object] = ignore) -> Iterator[Caution]:
    """Follow labelled objects through a sample of copies, and judge what becomes of them.

    Parameters
    ----------
    pipeline : Pipeline
        What would be applied.
    labels : LabelFacts
        Of the pictures at hand.
    pause : callable
        Called now and then; it may take its time.
    """
    inquiry = Inquiry(pipeline, labels, pause)
    yield from _pieces(pipeline, inquiry.outcomes)
    for kind in _KINDS:
        yield from _harm(inquiry, kind)


def _counted(outcomes: Outcomes) -> str:
    """Say on what it was counted."""
    pictures = len({drawn.picture for drawn in outcomes.copies})
    each = count(len(outcomes.copies) // pictures, "copy", "copies")
    return f"counted on {count(len(outcomes.copy), 'object')} in {each} of each of {pictures} of your pictures"


# -- what borders show again -----------------------------------------------------------------------------------------


def _pieces(pipeline: Pipeline, outcomes: Outcomes) -> Iterator[Caution]:
    copies = len(outcomes.copies)
    share, pieces = float((outcomes.again > 0).mean()), int(outcomes.again.sum())
    if share < PIECES:
        return
    of_all = pieces / (pieces + int(outcomes.kept.sum()))
    again = _showing_again(pipeline)
    modes = {mode: word for mode, word in _AGAIN.items() if mode in again.values()}
    borders = f"{listing(list(modes.values()))} borders"
    show = "show objects again" if len(again) == 1 else f"show objects again ({_who(pipeline, again)})"
    yield Caution(
        Level.EXCESSIVE if of_all >= MANY_PIECES else Level.CAUTION,
        "",
        "",
        "Objects without labels",
        f"In {percent(share).lower()} of the copies ({int((outcomes.again > 0).sum())} of {copies}), "
        f"{count(pieces, 'unlabelled piece')} of objects{_in_all(of_all)}: {borders} {show}, and a model learns that "
        "they are background.",
        f"{_counted(outcomes)}; told from {100 * PIECES:.0f} % of the copies on, no published figure; excessive: "
        f"{100 * MANY_PIECES:.0f} % of the objects (with as many unlabelled, Faster R-CNN scored 5 % lower on PASCAL "
        "VOC: Wu et al. 2019)",
        Remedy("Blank the borders", _with_borders(pipeline, BorderMode.BLANK)),
    )


_AGAIN = {BorderMode.MIRROR: "mirrored", BorderMode.TILE: "tiled"}


def _in_all(of_all: float) -> str:
    return f", {percent(of_all).lower()} of all objects that are seen" if of_all >= 0.01 else ""


def _showing_again(pipeline: Pipeline) -> dict[str, BorderMode]:
    """The borders that may show objects again, by the ids of their steps; the output's under an empty one."""
    found = {
        step.id: step.border
        for step in pipeline.transforms
        if isinstance(step, Bordered) and step.enabled and step.probability > 0 and step.border in _AGAIN
    }
    if pipeline.output.fit is Fit.PAD and pipeline.output.border in _AGAIN:
        found[""] = pipeline.output.border
    return found


def _who(pipeline: Pipeline, again: dict[str, BorderMode]) -> str:
    names = dict.fromkeys(pipeline.step(step).label.lower() if step else "the output" for step in again)
    return listing(list(names))


def _with_borders(pipeline: Pipeline, mode: BorderMode) -> Pipeline:
    """The same pipeline with another border wherever one may show objects again."""
    again = _showing_again(pipeline)
    steps = tuple(step.edited(border=mode) if step.id in again else step for step in pipeline.transforms)
    output = pipeline.output
    if "" in again:
        output = output.model_copy(update={"border": mode})
    return pipeline.edited(transforms=steps, output=output)


# -- what becomes of objects -----------------------------------------------------------------------------------------


class _Kind(NamedTuple):
    """A harm that objects may suffer, and the shares of them from which on it is told."""

    title: str
    harm: Harm
    among: Harm
    """The objects that it is a share of."""
    what: str
    """Completes "12 % of the objects in the copies are …"; with a place for the training size."""
    in_pictures: str
    """Said where it is there without any step."""
    caution: float
    excessive: float = math.inf
    beside: str = ""
    """Said with the evidence."""


def _all(outcomes: Outcomes) -> Flags:
    return np.ones(len(outcomes.copy), bool)


def _kept(outcomes: Outcomes) -> Flags:
    return outcomes.kept


def _lost(outcomes: Outcomes) -> Flags:
    return ~outcomes.kept


def _cut(outcomes: Outcomes) -> Flags:
    return outcomes.kept & (outcomes.share < HALF)


def _small(outcomes: Outcomes) -> Flags:
    return outcomes.kept & (outcomes.side < SMALL)


def _loose(outcomes: Outcomes) -> Flags:
    return outcomes.kept & (outcomes.fit < LOOSE)


_OUTPUT = "The output's size and fit do most of it."
_AS_THEY_ARE = (
    "Most of them are so without any step: a larger size for training would help, or an output that cuts less."
)
_ROUND = "; of these objects nothing but a box is known, and round ones fit theirs better than that"
_KINDS = (
    _Kind(
        "Objects lost",
        _lost,
        _all,
        "lost: too little is seen of them to be labelled",
        _AS_THEY_ARE,
        caution=0.05,
        excessive=0.25,
        beside="; excessive from 25 % on",
    ),
    _Kind("Objects cut", _cut, _kept, "labelled though less than half of them is seen", _OUTPUT, caution=0.1),
    _Kind("Small objects", _small, _kept, f"smaller than {SMALL:g} px at {{size}} px", _AS_THEY_ARE, caution=0.1),
    _Kind(
        "Loose boxes",
        _loose,
        _kept,
        f"in boxes that fit their turned ones worse than {LOOSE:g} (IoU)",
        _OUTPUT,
        caution=0.1,
        beside=_ROUND,
    ),
)


def _share(kind: _Kind, outcomes: Outcomes) -> float:
    among = int(kind.among(outcomes).sum())
    return int(kind.harm(outcomes).sum()) / among if among else 0.0


def _harm(inquiry: Inquiry, kind: _Kind) -> Iterator[Caution]:
    outcomes, pipeline = inquiry.outcomes, inquiry.pipeline
    share = _share(kind, outcomes)
    if share < kind.caution:
        return
    doing = inquiry.culprit(kind.harm)
    step = doing.step if doing is not None else None
    knobs = list(step.knobs()) if step is not None else []
    yield Caution(
        Level.EXCESSIVE if share >= kind.excessive and (doing is None or step is not None) else Level.CAUTION,
        step.id if step is not None else "",
        knobs[0] if len(knobs) == 1 else "",
        kind.title if step is None else f"{step.label} · {kind.title.lower()}",
        f"{percent(share)} of the objects in the copies are {kind.what.format(size=pipeline.trained_at)}"
        f"{_worst(inquiry, kind, share)}. {_said(kind, doing, share)}",
        f"{_counted(outcomes)}; no published figure, told from {100 * kind.caution:.0f} % on{kind.beside}",
        _remedy(inquiry, kind, step),
    )


def _worst(inquiry: Inquiry, kind: _Kind, share: float) -> str:
    """Name the classes that suffer most, where classes differ."""
    names = [name for picture in inquiry.labels.pictures for name in picture.categories]
    classes = np.array(names, object)[inquiry.outcomes.object]
    of_all = Counter(classes[kind.among(inquiry.outcomes)].tolist())
    bad = Counter(classes[kind.harm(inquiry.outcomes)].tolist())
    shares = {name: bad[name] / number for name, number in of_all.items() if number >= _FEWEST and name}
    worst = sorted(shares, key=lambda name: (-shares[name], name))[:_NAMED]
    told = [name for name in worst if shares[name] > share + _MORE]
    if not told:
        return ""
    return f" ({listing([f'{printable(name)}: {percent(shares[name]).lower()}' for name in told])})"


def _said(kind: _Kind, doing: Culprit | None, share: float) -> str:
    """Say which setting does most of it."""
    if doing is None:
        return "No single setting does most of it."
    if doing.step is None:
        return kind.in_pictures
    would = f"{percent(share * doing.left).lower()} would be" if doing.left > 0 else "none would be"
    return f"{doing.step.label} does most of it: without it, {would}."


def _remedy(inquiry: Inquiry, kind: _Kind, step: Transform | None) -> Remedy | None:
    def clears(outcomes: Outcomes) -> bool:
        return _share(kind, outcomes) < kind.caution

    pipeline = inquiry.pipeline
    if kind.harm is _loose and pipeline.labels.box_fit is BoxFit.CORNERS:
        tighter = pipeline.labels.edited(box_fit=BoxFit.ELLIPSE)
        remedy = Remedy("Boxes about the ellipse", pipeline.edited(labels=tighter))
        if inquiry.clears(remedy, clears):
            return remedy
    return None if step is None else inquiry.weaker(step, clears)
