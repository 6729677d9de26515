"""What is measured on whole copies, all steps together: each measure is declared here once, with its limits.

Where a parameter of a transform speaks of the same, the limits are that parameter's own, and so is their source.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from augstudio.advice.cautions import Level, told
from augstudio.advice.measured import Copies
from augstudio.advice.sampling import Floats
from augstudio.transforms import Evidence, Knob, Limits, registry
from augstudio.transforms.colour.hue import RECOLOURED
from augstudio.transforms.parameter import NO_LIMITS, above

ANY, SOME, QUARTER = 0.0, 0.1, 0.25
"""Shares of the copies from which on what lies beyond a limit is told."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """Something that is measured on every copy.

    Attributes
    ----------
    name : str
        As in JSON.
    label : str
        For people, behind the label of the step that does most.
    read : callable
        Gives one value for each copy.
    neutral : float
        The value of a copy that is as the picture was.
    cause : str
        Measures of one cause and one step become one caution.
    words : (str, str)
        What copies are beyond the lower and beyond the upper caution limit, with a place for the limit; said of a
        share of them.
    of : (str, str) or None
        The transform and the parameter that has the limits.
    limits : Limits
        Those of its own, if no parameter has them.
    shares : (float, float)
        The shares of the copies beyond the caution and the excessive limit from which on they are told.
    source, trial : str
        As of a parameter, which says them where it has the limits.
    evidence : Evidence
        What kind of evidence they are.
    unit, decimals
        As of a parameter; "%" shows shares.
    upright : bool
        Whether it matters only for pictures that have an upright.
    together : bool
        Whether it is told only of several steps: what a single one does so is within its own limits.
    rules : bool
        Whether it takes the place of the parameter's own limit: steps may undo what others do.
    reached : bool
        Whether copies that are just at the excessive limit count as well.
    beside : str
        One more sentence.
    """

    name: str
    label: str
    read: Callable[[Copies], Floats]
    neutral: float
    cause: str
    words: tuple[str, str]
    of: tuple[str, str] | None = None
    limits: Limits = NO_LIMITS
    shares: tuple[float, float] = (SOME, QUARTER)
    source: str = ""
    trial: str = ""
    evidence: Evidence = Evidence.HARM
    unit: str = ""
    decimals: int = 2
    upright: bool = False
    together: bool = False
    rules: bool = False
    reached: bool = False
    beside: str = ""

    @property
    def knob(self) -> Knob | None:
        """The parameter that has the limits."""
        return registry()[self.of[0]].knobs()[self.of[1]] if self.of else None

    def limits_at(self, training_size: int) -> Limits:
        """The limits that hold at a training size, in pixels; of a mere scale nothing is excessive."""
        if self.knob is not None:
            return self.knob.judged_at(training_size)
        return self.limits if self.evidence is Evidence.HARM else Limits(self.limits.caution, (None, None))

    @property
    def said(self) -> str:
        """Where the limits come from, and what trainings came to."""
        knob = self.knob
        source, trial = (self.source, self.trial) if knob is None else (knob.source, knob.trial)
        return told(source, self.evidence, trial)

    def show(self, value: float) -> str:
        """A value for people."""
        if self.unit == "%":
            return f"{100 * value:.0f} %"
        if self.knob is not None:
            return self.knob.show(value)
        return f"{value:.{self.decimals}f}".rstrip("0").rstrip(".") + self.unit


class Reading(NamedTuple):
    """What a measure comes to on a sample of copies.

    Attributes
    ----------
    measure : Measure
        What was measured.
    limits : Limits
        Those that hold.
    lowest, median, highest : float
        Of all copies.
    beyond_caution, beyond_excessive : float
        Shares of the copies beyond each limit.
    level : Level or None
        How serious that is by itself; the parameter's own limit may say more.
    """

    measure: Measure
    limits: Limits
    lowest: float
    median: float
    highest: float
    beyond_caution: float
    beyond_excessive: float
    level: Level | None

    def as_json(self) -> dict[str, object]:
        """The reading as plain JSON values."""
        measure, (caution, excessive) = self.measure, self.limits
        return {
            "name": measure.name,
            "label": measure.label,
            "unit": measure.unit,
            "neutral": measure.neutral,
            "lowest": self.lowest,
            "median": self.median,
            "highest": self.highest,
            "caution": {"beyond": list(caution), "share": self.beyond_caution, "told_from": measure.shares[0]},
            "excessive": {"beyond": list(excessive), "share": self.beyond_excessive, "told_from": measure.shares[1]}
            if excessive != NO_LIMITS.excessive
            else None,
            "level": self.level.value if self.level else None,
            "kind": measure.evidence.value,
            "evidence": measure.said,
        }


@cache
def measures() -> tuple[Measure, ...]:
    """All measures, in the order in which they are told."""
    turned = "turned by more than {}, all steps together"
    light = "brightened or darkened by more than {} of full range, all steps together"
    return (
        Measure(
            name="turn",
            label="Turned",
            read=Copies.turn,
            neutral=0,
            cause="turning",
            words=(turned, turned),
            of=("rotate", "angle"),
            shares=(ANY, QUARTER),
            unit="°",
            upright=True,
            rules=True,
            reached=True,
        ),
        Measure(
            name="upside_down",
            label="Upside down",
            read=Copies.upside_down,
            neutral=0,
            cause="turning",
            words=("", "mirrored top to bottom: they stand on their heads"),
            limits=Limits((None, 0.5), NO_LIMITS.excessive),
            shares=(SOME, QUARTER),
            source="no figure of its own: a picture mirrored so is as far from upright as half a turn",
            evidence=Evidence.SCALE,
            upright=True,
        ),
        Measure(
            name="size",
            label="Shrunk",
            read=Copies.size,
            neutral=1,
            cause="framing",
            words=("shrunk below {}, all steps together", ""),
            of=("shrink", "scale"),
            unit="×",
            rules=True,
            together=True,
        ),
        Measure(
            name="shift",
            label="Moved",
            read=Copies.shift,
            neutral=0,
            cause="framing",
            words=("", "moved by more than {} of the side, all steps together"),
            of=("shift", "x"),
            rules=True,
            together=True,
        ),
        Measure(
            name="kept",
            label="Cut off",
            read=Copies.kept,
            neutral=1,
            cause="framing",
            words=("left with less than {} of the picture, all steps together", ""),
            of=("crop", "area"),
            rules=True,
            together=True,
        ),
        Measure(
            name="border",
            label="Border",
            read=Copies.border,
            neutral=0,
            cause="framing",
            words=("", ""),
            limits=above(0.36, 0.75),
            source="the share that shrinking to 0.8 (36 %) or 0.5 (75 %) leaves",
            trial="shrinking by 0.5–1 cost 9 points on clothes with a blank border, and 6 with a mirrored one; "
            "shifting by ±0.3 cost 8",
            unit="%",
        ),
        Measure(
            name="common",
            label="Picture left",
            read=Copies.common,
            neutral=1,
            cause="framing",
            words=("framed so that picture and frame have less than {} in common, all steps together", ""),
            limits=Limits((0.6, None), NO_LIMITS.excessive),
            shares=(SOME, QUARTER),
            source="no published figure: what both show, of what either does",
            trial="a crop of 0.5–1 after a shrink and a shift cost 3 points on clothes",
            unit="%",
            together=True,
        ),
        Measure(
            name="enlarged",
            label="Resolution left",
            read=Copies.enlarged,
            neutral=1,
            cause="framing",
            words=("", "enlarged more than {} even at {{size}} px"),
            limits=above(2.0, 4.0),
            shares=(QUARTER, QUARTER),
            source="no published figure; measured on the size of your pictures",
            evidence=Evidence.SCALE,
            unit=" times",
            decimals=0,
            beside="The model sees blur where it expects detail.",
        ),
        Measure(
            name="noise",
            label="Noise",
            read=Copies.noise,
            neutral=0,
            cause="noise",
            words=("", "given noise above sigma {}, all steps together"),
            of=("gaussian_noise", "sigma"),
            shares=(0.2, QUARTER),
            together=True,
        ),
        Measure(
            name="noise_against",
            label="Noise against your pictures",
            read=Copies.noise_against,
            neutral=0,
            cause="noise",
            words=("", "given noise of more than {} of the pictures' own contrast, all steps together"),
            limits=above(0.5, 1.0),
            shares=(0.2, QUARTER),
            source="measured on your pictures; no published limit",
            trial="noise up to 0.18 cost 2.5 points on clothes at 48 px, up to 0.38 6 points",
            unit="%",
            together=True,
        ),
        Measure(
            name="blur",
            label="Blurred",
            read=Copies.blur,
            neutral=0,
            cause="blur",
            words=("", "blurred by more than {}, all steps together"),
            of=("blur", "sigma"),
            unit="px",
            evidence=Evidence.SCALE,
            together=True,
        ),
        Measure(
            name="brightness",
            label="Brightness",
            read=Copies.brightness,
            neutral=0,
            cause="light",
            words=(light, light),
            of=("brightness", "amount"),
            evidence=Evidence.SCALE,
            together=True,
        ),
        Measure(
            name="contrast",
            label="Contrast",
            read=Copies.contrast,
            neutral=1,
            cause="contrast",
            words=(
                "flattened below {} of their contrast, all steps together",
                "stretched above {} of their contrast, all steps together",
            ),
            of=("contrast", "factor"),
            unit="×",
            evidence=Evidence.SCALE,
            together=True,
        ),
        Measure(
            name="recoloured",
            label="Other colours",
            read=Copies.recoloured,
            neutral=0,
            cause="colour",
            words=("", "in other colours"),
            limits=Limits((None, 0.5), NO_LIMITS.excessive),
            shares=(QUARTER, QUARTER),
            source="no published figure: from 20° of hue on, or by other channels, no colour, or a negative",
            trial="hue of ±180° gained 1.6 points on clothes and 11 on traffic signs and cost 3.4 on rubbish; "
            "negatives of half of the copies: +2, −1.4, −4.6",
            evidence=Evidence.SCALE,
            beside=RECOLOURED,
        ),
    )


def named(name: str) -> Measure:
    """The measure of that name."""
    return next(measure for measure in measures() if measure.name == name)
