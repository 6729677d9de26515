"""Cautions: judgements that a strength runs, but may do harm. A common ruler, not proof.

Copies are judged as they are, all steps together, by *measures* of a sample of them: how far they are turned, shrunk,
moved, cut, blurred and so on (`measures`). Beside that each parameter has limits of its own, and is judged twice. *How
strong*: which share of the copies lands beyond a limit, the transform's probability counted in. *How shifted*: does any
copy stay near the original? A transform that changes every copy moves the whole dataset away from what the model will
meet; in trials that cost most (see `SHIFT_EVIDENCE`). Noise is held against the contrast of the pictures at hand.

Of one cause there is one caution: that which says more. Every limit says what kind of evidence stands behind it, and
only harm that trainings came to is ever excessive. What would clear a caution is tried before it is offered.

Last, where pictures are labelled, their own objects are followed through copies: what becomes of them, and where
borders show some again that have no label.
"""

from augstudio.advice.advising import advise, advise_on_objects, advise_on_settings, readings, together
from augstudio.advice.cautions import Caution, Level, Remedy
from augstudio.advice.facts import Facts, contrast_of, facts_of
from augstudio.advice.labelled import LabelFacts, LabelledPicture, label_facts_of
from augstudio.advice.measures import Reading, measures
from augstudio.advice.steps import SHIFT_EVIDENCE, limits_of, zone
from augstudio.transforms import Evidence

__all__ = [
    "SHIFT_EVIDENCE",
    "Caution",
    "Evidence",
    "Facts",
    "LabelFacts",
    "LabelledPicture",
    "Level",
    "Reading",
    "Remedy",
    "advise",
    "advise_on_objects",
    "advise_on_settings",
    "contrast_of",
    "facts_of",
    "label_facts_of",
    "limits_of",
    "measures",
    "readings",
    "together",
    "zone",
]
