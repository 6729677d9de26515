"""What the user asks of a trial."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from augstudio.dataset.groups import Grouping
from augstudio.export import Settings
from augstudio.export.settings import MAX_WORKERS, available_workers
from augstudio.images import DEFAULT_MAX_PIXELS
from augstudio.pipeline import MAX_SEED, Pipeline
from augstudio.transforms import Transform
from augstudio.wording import shown

ORIGINALS = "originals"
"""The arm without: what networks learn from that others are held against."""
MAX_PRESETS = 8
MAX_COPIES = 64
MAX_ROUNDS = 100
FOLDS = (2, 20)
SIZES = (16, 512)
UPDATES = (1, 1_000_000)
DEVICES = ("auto", "cpu", "cuda", "mps")
_EPOCHS = 30
_UPDATES = (300, 3000)
BATCH = 32
"""Pictures of an update."""


class TrialError(Exception):
    """A trial that cannot be begun; the message is one plain line."""


@dataclass(frozen=True)
class Arm:
    """What networks of one kind are trained on.

    Attributes
    ----------
    name : str
        What it is called, unlike any other.
    pipeline : Pipeline or None
        What makes the copies; None: originals alone.
    without : str
        The title of the step that it lacks, where each step is looked at by itself; else empty.
    """

    name: str
    pipeline: Pipeline | None = None
    without: str = ""


@dataclass(frozen=True)
class TrialSettings:
    """What the user asks of a trial; the dataset comes beside it.

    Attributes
    ----------
    pipelines : tuple of Pipeline
        1 to `MAX_PRESETS`, all with the same output.
    each_step : bool
        Whether to train without each step, too; with one pipeline of two steps or more.
    copies : int
        Of every picture that is learnt from, 1 to `MAX_COPIES`: those of an export with this seed.
    originals : bool
        Whether the original is learnt from beside its copies, as with an export that has them.
    seed : int
        0 to `MAX_SEED`: of the copies, of who is judged when, and of the networks.
    rounds : int
        1 to `MAX_ROUNDS`: how often all is done with other networks and other folds.
    folds : int
        2 to 20: into so many parts the pictures are dealt, each judged by networks that have learnt from the others.
        Of no use where the dataset has splits.
    size : int
        Width and height that the network sees, in pixels, 16 to 512.
    updates : int or None
        Of each training, of `BATCH` pictures; None: 30 times through the originals, at least 300 and at most 3,000.
    most : int
        Pictures that are taken at most, of every class in proportion; at least 10.
    group : Grouping or None
        Which pictures stay together, besides those whose files are identical.
    excluded : tuple of str
        Keys of pictures that are left out.
    again : bool
        Whether to go on though the source looks like an augmented export already.
    max_pixels : int
        Larger pictures are left out.
    workers : int
        Processes that make the copies; with 0 the calling thread does.
    device : str
        Where networks are trained: "auto", "cpu", "cuda" or "mps".

    Raises
    ------
    TrialError
        If a value is out of bounds, or two contradict each other.
    """

    pipelines: tuple[Pipeline, ...]
    each_step: bool = False
    copies: int = 4
    originals: bool = False
    seed: int = 0
    rounds: int = 3
    folds: int = 4
    size: int = 48
    updates: int | None = None
    most: int = 2000
    group: Grouping | None = None
    excluded: tuple[str, ...] = ()
    again: bool = False
    max_pixels: int = DEFAULT_MAX_PIXELS
    workers: int = field(default_factory=available_workers)
    device: str = "auto"

    def __post_init__(self) -> None:
        for name, value, (low, high) in (
            ("copies", self.copies, (1, MAX_COPIES)),
            ("seed", self.seed, (0, MAX_SEED)),
            ("rounds", self.rounds, (1, MAX_ROUNDS)),
            ("folds", self.folds, FOLDS),
            ("size", self.size, SIZES),
            ("updates", UPDATES[0] if self.updates is None else self.updates, UPDATES),
            ("most", self.most, (10, 10_000_000)),
            ("max_pixels", self.max_pixels, (1, 10**12)),
            ("workers", self.workers, (0, MAX_WORKERS)),
        ):
            if not low <= value <= high:
                raise TrialError(f"{name} is {value:,}; allowed is {low:,} to {high:,}")
        if self.device not in DEVICES:
            raise TrialError(f"device is {shown(self.device)}; allowed are {', '.join(DEVICES)}")
        if not 1 <= len(self.pipelines) <= MAX_PRESETS:
            raise TrialError(f"{len(self.pipelines)} presets are given; allowed are 1 to {MAX_PRESETS}")
        for other in self.pipelines[1:]:
            if other.output != self.pipelines[0].output:
                raise TrialError(
                    f"{_called(self.pipelines[0])} and {_called(other)} have different outputs "
                    f"({_output(self.pipelines[0])}; {_output(other)}), so networks would be judged on different "
                    "pictures; give them the same one"
                )
        for pipeline in self.pipelines:
            if not acting(pipeline):
                raise TrialError(f"{_called(pipeline)} has no step that does anything, so there is nothing to try")
        if self.each_step and len(self.pipelines) > 1:
            raise TrialError("each_step is for one preset; give one, or leave it out")
        if self.each_step and len(acting(self.pipelines[0])) < 2:
            raise TrialError(f"{_called(self.pipelines[0])} has one step; each_step needs two or more")

    def arms(self) -> tuple[Arm, ...]:
        """What is trained on: originals first, then what each pipeline makes of them, then pipelines without a step."""
        named = Counter([ORIGINALS, *map(_called, self.pipelines)])
        found = [Arm(ORIGINALS)]
        for number, pipeline in enumerate(self.pipelines, 1):
            name = _called(pipeline)
            while name in {arm.name for arm in found} or named[name] > 1:
                name = f"{name} ({number})"
            found.append(Arm(name, pipeline))
        if not self.each_step:
            return tuple(found)
        whole = found[-1]
        assert whole.pipeline is not None
        steps = acting(whole.pipeline)
        titles = Counter(step.label for step in steps)
        for step in steps:
            title = f"{step.label} ({step.id})" if titles[step.label] > 1 else step.label
            # The other steps keep their ids, and with them what chance draws for them.
            rest = tuple(other for other in whole.pipeline.transforms if other is not step)
            found.append(Arm(f"{whole.name} without {title}", whole.pipeline.edited(transforms=rest), title))
        return tuple(found)

    def updates_for(self, learnt: int) -> int:
        """Updates of a training on so many originals."""
        if self.updates is not None:
            return self.updates
        return min(max(-(-_EPOCHS * learnt // BATCH), _UPDATES[0]), _UPDATES[1])

    def exported(self, pipeline: Pipeline) -> Settings:
        """The export whose copies are learnt from."""
        return Settings(
            out="trial",  # nothing is written
            pipeline=pipeline,
            copies=self.copies,
            seed=self.seed,
            originals=self.originals,
            max_pixels=self.max_pixels,
            workers=self.workers,
            again=self.again,
            excluded=self.excluded,
        )


def acting(pipeline: Pipeline) -> tuple[Transform, ...]:
    """The steps that do anything."""
    return tuple(step for step in pipeline.transforms if step.enabled and step.probability > 0)


def _output(pipeline: Pipeline) -> str:
    output = pipeline.output
    return f"{output.fit.value}, {output.width} × {output.height}" if output.size else "each size kept"


def _called(pipeline: Pipeline) -> str:
    return pipeline.name or "the preset"
