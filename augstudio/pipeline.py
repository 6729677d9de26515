"""The ordered list of transforms, and the copies that it makes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, Protocol, Self, Union, overload

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from augstudio.binding import bound
from augstudio.engine import (
    Border,
    BorderMode,
    Fit,
    Frame,
    Geometry,
    Pixels,
    Plan,
    Sample,
    Step,
    Warp,
    apply_steps,
    check_pixels,
    check_shapes,
    fitted,
    fuse,
)
from augstudio.engine.fusion import traced
from augstudio.engine.point_map import PointMap
from augstudio.label_rules import MAX_REDRAWS, NO_OBJECTS, BoxFit, Empty, Fate, LabelRules, Objects, judge
from augstudio.transforms import Chance, Draw, DrawError, Drawing, Transform, registry
from augstudio.transforms.base import Rgb

if TYPE_CHECKING:
    AnyTransform = Transform
else:
    AnyTransform = Annotated[Union[tuple(registry().values())], Field(discriminator="op")]  # noqa: UP007

MAX_SEED = 2**63 - 1
MAX_STEPS = 100
_MAX_OUTPUT = 16_384


class Output(BaseModel):
    """The size of the copies.

    Attributes
    ----------
    fit : Fit
        `keep` leaves each picture its size; `crop` fills the output and loses what juts out; `pad` shows all of the
        picture and fills the rest with the border; `stretch` distorts.
    width, height : int or None
        In pixels, 1 to 16,384; None with `keep`.
    border, border_colour
        What `pad` shows beside the picture.
    exact : bool
        Read every picture in full. Without it, a JPEG much larger than the output is decoded at 1/2, 1/4 or 1/8 of its
        size, which leaves at least twice the output's resolution.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    fit: Fit = Fit.KEEP
    width: Annotated[int, Field(ge=1, le=_MAX_OUTPUT)] | None = None
    height: Annotated[int, Field(ge=1, le=_MAX_OUTPUT)] | None = None
    border: BorderMode = BorderMode.BLANK
    border_colour: Rgb = (0, 0, 0)
    exact: bool = False

    @model_validator(mode="after")
    def _size_where_needed(self) -> Self:
        if self.fit is Fit.KEEP and (self.width is not None or self.height is not None):
            raise PydanticCustomError("output", "fit is keep, so width and height must be left out")
        if self.fit is not Fit.KEEP and (self.width is None or self.height is None):
            raise PydanticCustomError(
                "output", "fit is {fit}, so width and height must be given", {"fit": self.fit.value}
            )
        return self

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height, or None where each picture keeps its own."""
        return None if self.width is None or self.height is None else (self.width, self.height)

    def enough(self, width: int, height: int) -> tuple[int, int] | None:
        """As how large a picture one of that size may be read; None where nothing less than all of it will do."""
        if self.size is None or self.exact:
            return None
        x, y = self.size[0] / width, self.size[1] / height
        if self.fit is not Fit.STRETCH:
            x = y = max(x, y) if self.fit is Fit.CROP else min(x, y)
        return math.ceil(2 * width * x), math.ceil(2 * height * y)

    def warp(self, frame: Frame) -> Warp | None:
        """The resize as geometry; None if there is nothing to do."""
        if self.size is None:
            return None
        width, height = (max(1, round(side * min(1.0, frame.zoom))) for side in self.size)
        return fitted(frame, (width, height), self.fit, self.outside)

    @property
    def outside(self) -> Border:
        """Mode and colour of the border together."""
        return Border(self.border, self.border_colour)


class Pipeline(BaseModel):
    """Transforms in order, and the output size. Frozen: an edit makes a new, validated value.

    Examples
    --------
    >>> from augstudio import Pipeline
    >>> pipeline = Pipeline.load("gentle")
    >>> out = pipeline(image, seed=7)  # doctest: +SKIP

    Attributes
    ----------
    name, description : str
        For people.
    training_size : int
        The shorter side, in pixels, that the model will see; the unit of lengths. Once an output size is set, its
        shorter side counts instead: see `trained_at`.
    any_orientation : bool
        The pictures have no upright (from above, through a microscope): cautions about turning are not raised.
    output : Output
        The size of the copies.
    labels : LabelRules
        What copies keep of labelled objects; of no effect on pictures without any.
    transforms : tuple of Transform
        Each with an id of its own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: Annotated[str, Field(max_length=200)] = ""
    description: Annotated[str, Field(max_length=2000)] = ""
    training_size: Annotated[
        int,
        Field(
            ge=8,
            le=8192,
            title="Size your model sees",
            description="The training size: the shorter side, in pixels, that the model will see; lengths and cautions "
            "go by it.",
        ),
    ] = 224
    any_orientation: Annotated[
        bool,
        Field(
            title="The pictures have no upright",
            description="Any orientation is right, as from above or through a microscope: no cautions about turning.",
        ),
    ] = False
    output: Output = Output()
    labels: LabelRules = LabelRules()
    transforms: Annotated[tuple[AnyTransform, ...], Field(max_length=MAX_STEPS)] = ()

    @field_validator("transforms")
    @classmethod
    def _ids_of_their_own(cls, steps: tuple[Transform, ...]) -> tuple[Transform, ...]:
        taken: set[str] = set()
        for step in steps:
            if step.id and step.id in taken:
                raise PydanticCustomError(
                    "step_id", "the id {id} stands twice; each step needs its own", {"id": step.id}
                )
            taken.add(step.id)
        named = []
        for step in steps:
            own = step if step.id else step.edited(id=free_id(step.op, taken))
            taken.add(own.id)
            named.append(own)
        return tuple(named)

    # -- files ---------------------------------------------------------------------------------------------------

    @classmethod
    def load(cls, source: str | Path) -> Pipeline:
        """Read a preset: a file, or the name of one that ships or that the user saved.

        Raises
        ------
        augstudio.presets.PresetError
            If there is none, or if it is not valid; the message says where and what is allowed.
        """
        return _preset_files().find(str(source))

    def save(self, path: str | Path) -> None:
        """Write a preset file; the folder must exist.

        Raises
        ------
        OSError
            If it cannot be written; an existing file is then left as it was.
        """
        _preset_files().save(self, Path(path))

    def code(self, target: str) -> str:
        """Write the pipeline as code that runs without this program: a file that defines `augment`.

        Parameters
        ----------
        target : str
            "numpy", "keras", "torchvision" or "albumentations".

        Returns
        -------
        str
            It begins with a table that says of each step how near it comes to what this pipeline does.

        Raises
        ------
        ValueError
            If there is no such target.
        """
        writers: CodeWriters = bound("code")
        return writers.generate(self, target).text

    # -- edits ---------------------------------------------------------------------------------------------------

    def edited(self, **changes: object) -> Pipeline:
        """A validated copy with other values.

        Raises
        ------
        pydantic.ValidationError
            If a value is not allowed.
        """
        return Pipeline.model_validate({**dict(self), **changes})

    def step(self, step_id: str) -> Transform:
        """The step with that id.

        Raises
        ------
        KeyError
            If there is none.
        """
        for step in self.transforms:
            if step.id == step_id:
                return step
        raise KeyError(step_id)

    def with_step(self, step_id: str, **changes: object) -> Pipeline:
        """Change parameters of one step."""
        self.step(step_id)
        return self.edited(transforms=tuple(s.edited(**changes) if s.id == step_id else s for s in self.transforms))

    def adding(self, step: Transform, position: int | None = None) -> Pipeline:
        """Insert a step, at the end if no position is given; it gets an id of its own."""
        taken = {s.id for s in self.transforms}
        if not step.id or step.id in taken:
            step = step.edited(id=free_id(step.op, taken))
        at = len(self.transforms) if position is None else position
        return self.edited(transforms=(*self.transforms[:at], step, *self.transforms[at:]))

    def without(self, step_id: str) -> Pipeline:
        """Remove a step."""
        self.step(step_id)
        return self.edited(transforms=tuple(s for s in self.transforms if s.id != step_id))

    def moving(self, step_id: str, position: int) -> Pipeline:
        """Move a step to a position in the list without it."""
        step = self.step(step_id)
        return self.without(step_id).adding(step, position)

    # -- copies --------------------------------------------------------------------------------------------------

    @property
    def trained_at(self) -> int:
        """The training size in force, in pixels."""
        size = self.output.size
        return min(size) if size else self.training_size

    def draw(
        self, seed: int, key: str, copy: int, *, objects: Objects = NO_OBJECTS, again: int = 0
    ) -> tuple[Draw, ...]:
        """What chance gives one copy of one picture: one draw per step.

        Parameters
        ----------
        seed : int
            0 or more.
        key : str
            Which picture: its POSIX path relative to the dataset's root.
        copy : int
            Which copy; the first is 1.
        objects : Objects
            What the picture shows: it is not mirrored if the rules for labels say so of anything in it.
        again : int
            0, or how often the copy is drawn anew.
        """
        chance = Chance(seed, key, copy, again)
        draws = tuple([drawing.draw(chance) for drawing in self._drawings()])
        if self.labels.not_mirrored and not objects.classes.isdisjoint(self.labels.not_mirrored):
            return tuple(
                draw.withholding() if step.mirrors else draw for step, draw in zip(self.transforms, draws, strict=True)
            )
        return draws

    def _drawings(self) -> tuple[Drawing, ...]:
        steps, drawings = self._known_drawings
        # pydantic's own `model_copy` takes along what is known of the pipeline that was copied.
        return drawings if steps is self.transforms else tuple(map(Drawing, self.transforms))

    @cached_property
    def _known_drawings(self) -> tuple[tuple[Transform, ...], tuple[Drawing, ...]]:
        return self.transforms, tuple(map(Drawing, self.transforms))

    def outcome(
        self,
        seed: int,
        key: str,
        copy: int,
        size: tuple[int, int],
        *,
        objects: Objects = NO_OBJECTS,
        zoom: float = 1.0,
        draws: tuple[Draw, ...] | None = None,
        fits: bool = False,
    ) -> Outcome:
        """Decide all about a copy, before any pixel changes.

        Parameters
        ----------
        seed, key, copy
            As of `draw`.
        size : (int, int)
            Width and height of the picture in hand, in pixels.
        objects : Objects
            What the picture shows.
        zoom : float
            As of `plan`.
        draws : tuple of Draw, optional
            Those of the copy, where they are known; then it is not drawn anew.
        fits : bool
            As of `judge`.
        """
        known = self.draw(seed, key, copy, objects=objects) if draws is None else draws
        first = self._outcome(known, size, objects, zoom, fits=fits)
        if draws is not None or self.labels.without_objects is not Empty.REDRAW or not first.fates:
            return first
        found, again = first, 0
        while not any(fate.kept for fate in found.fates):
            again += 1
            if again > MAX_REDRAWS:
                return first
            draws = self.draw(seed, key, copy, objects=objects, again=again)
            found = self._outcome(draws, size, objects, zoom, fits=fits)
        return found

    def _outcome(
        self, draws: tuple[Draw, ...], size: tuple[int, int], objects: Objects, zoom: float, *, fits: bool
    ) -> Outcome:
        plan = self.plan(draws, *size, zoom)
        if not objects.count:
            return Outcome(draws, plan, (), objects.read)
        points = plan.points(read=objects.read)
        moved = plan.moved(objects.shapes, points=points, loose=self.labels.box_fit is BoxFit.CORNERS)
        frame = plan.frame.resized(plan.size)
        fates = judge(self.labels, moved, frame, objects.count, unmoved=points.is_identity, fits=fits)
        found = Outcome(draws, plan, tuple(fates), objects.read)
        vars(found)["points"] = points  # what it would find itself, found already
        return found

    def draw_ends(self, *, high: bool, seed: int = 0) -> tuple[Draw, ...]:
        """The lowest, or highest, end of every range."""
        chance = Chance(seed, "", 0)
        return tuple(
            drawing.end(high=high, field_seed=chance.numbers(step.id, 0)[1])
            for drawing, step in zip(self._drawings(), self.transforms, strict=True)
        )

    def redraw(self, records: Sequence[object]) -> tuple[Draw, ...]:
        """Take the draws of a copy back from their records, one per step and in their order.

        Parameters
        ----------
        records : sequence of mapping
            As of `Draw.as_json`.

        Raises
        ------
        DrawError
            If they are not what these steps could have drawn; the message names step and field.
        """
        if len(records) != len(self.transforms):
            raise DrawError(f"found {len(records)} draws; allowed is one for each of the {len(self.transforms)} steps")
        draws = []
        for number, (step, record) in enumerate(zip(self.transforms, records, strict=True)):
            try:
                draws.append(step.redraw(record))
            except DrawError as error:
                raise DrawError(f"draws[{number}] ({step.id}): {error}") from None
            if draws[-1].withheld and not self.labels.not_mirrored:
                raise DrawError(
                    f"draws[{number}] ({step.id}): withheld is true, but the preset keeps nothing unmirrored"
                )
        return tuple(draws)

    def frame(self, width: int, height: int, zoom: float = 1.0) -> Frame:
        """The frame of a picture before the first step."""
        return Frame(width, height, self.trained_at, zoom)

    def plan(self, draws: Iterable[Draw], width: int, height: int, zoom: float = 1.0) -> Plan:
        """Turn draws into fused steps for a picture of that size.

        Parameters
        ----------
        draws : iterable of Draw
            One per step, from `draw` or `draw_ends` of this pipeline.
        width, height : int
            Of the picture in hand, in pixels.
        zoom : float
            Pixels in hand per pixel of the real picture, for a preview on a reduced one; 1 for the export.
        """
        frame = self.frame(width, height, zoom)
        return Plan.of(frame, tuple(self._lowered(draws, frame)[1]))

    def plain(self, width: int, height: int, zoom: float = 1.0) -> Plan:
        """What the output's size alone does to a picture, without any transform; as of `plan`."""
        frame = self.frame(width, height, zoom)
        resize = self.output.warp(frame)
        return Plan.of(frame, () if resize is None else (resize,))

    def after(self, step_id: str) -> Pipeline:
        """The pipeline that ends after a step, of the same output size; all other numbers are drawn as before.

        Raises
        ------
        KeyError
            If there is no such step.
        """
        at = self.transforms.index(self.step(step_id)) + 1
        return self if at == len(self.transforms) else self.edited(transforms=self.transforms[:at])

    def fused(self, draws: Iterable[Draw], width: int, height: int, zoom: float = 1.0) -> tuple[Fused, ...]:
        """Tell what is applied at once; arguments as of `plan`."""
        frame = self.frame(width, height, zoom)
        numbers, steps = self._lowered(draws, frame)
        applied, places = traced(tuple(steps))
        found: list[list[str]] = [[] for _ in applied]
        for number, place in zip(numbers, places, strict=True):
            if place is not None and number is not None and self.transforms[number].id not in found[place]:
                found[place].append(self.transforms[number].id)
        return tuple(
            Fused(tuple(ids), isinstance(step, Geometry)) for ids, step in zip(found, applied, strict=True) if ids
        )

    def _lowered(self, draws: Iterable[Draw], frame: Frame) -> tuple[list[int | None], list[Step]]:
        """All steps, and of each the number of the transform that asks for it, or None for the output's size."""
        numbers: list[int | None] = []
        steps: list[Step] = []
        resize = self.output.warp(frame)
        if resize is not None:
            numbers.append(None)
            steps.append(resize)
            frame = frame.resized(resize.target)
        wanted = frame.size
        for number, (transform, draw) in enumerate(zip(self.transforms, draws, strict=True)):
            if not draw.applied:
                continue
            for step in transform.lower(draw, frame):
                numbers.append(number)
                steps.append(step.seen_at(frame.zoom) if frame.zoom < 1 else step)
                if step.resizes:
                    frame = frame.resized(step.after(frame.size))
        if resize is not None and frame.size != wanted:  # a quarter turn in an output that is not square
            again = self.output.warp(frame)
            assert again is not None
            numbers.append(None)
            steps.append(again)
        return numbers, steps

    @overload
    def __call__(self, image: Pixels, *, seed: int, key: str = "", copy: int = 1, label: str = "") -> Pixels: ...

    @overload
    def __call__(self, image: Sample, *, seed: int, key: str = "", copy: int = 1, label: str = "") -> Sample: ...

    def __call__(
        self, image: Pixels | Sample, *, seed: int, key: str = "", copy: int = 1, label: str = ""
    ) -> Pixels | Sample:
        """Augment a picture: the same arguments always give the same result.

        Parameters
        ----------
        image : ndarray or Sample
            `(H, W)` grey, `(H, W, 2)` grey and alpha, `(H, W, 3)` RGB or `(H, W, 4)` RGBA; uint8 or uint16, full range;
            or a sample of it with shapes and masks. It is left as it is.
        seed : int
            0 or more; 7.0 counts as 7. In a training loop, take another one for every sample and epoch.
        key : str
            Names the picture, if one seed serves many.
        copy : int
            Number of the copy, if one seed serves many.
        label : str
            The picture's class. It matters where there are classes that are never mirrored: there, it must be said of
            an array, and all objects of a sample must have names.

        Returns
        -------
        ndarray or Sample
            As it was given: a new array of the same type and channels, of the output size. A sample has the shapes of
            those objects that the rules for labels keep, cut at the copy's frame.

        Raises
        ------
        TypeError, ValueError
            If `image` is no such array, seed or copy no whole number of 0 or more, or the key no text, or nothing tells
            whether the picture may be mirrored; the message says what to do.
        """
        if isinstance(image, Sample):
            return self._of_sample(image, seed, key, copy, label)
        image = check_pixels(image)
        height, width = image.shape[:2]
        if self.labels.not_mirrored and not label:
            raise self.labels.untold("this picture's", "say label=…, its class")
        draws = self.draw(seed, key, copy, objects=Objects(label=label) if label else NO_OBJECTS)
        _, steps = self._lowered(draws, self.frame(width, height))
        return apply_steps(fuse(steps), image)

    def _of_sample(self, sample: Sample, seed: int, key: str, copy: int, label: str) -> Sample:
        height, width = check_pixels(sample.pixels).shape[:2]
        check_shapes(sample.shapes)
        objects = Objects(sample.shapes, sample.names, label)
        if self.labels.not_mirrored and (unnamed := objects.unnamed) is not None:
            raise self.labels.untold(f"that of object {unnamed}", "say names=… of the sample, one for each object")
        found = self.outcome(seed, key, copy, (width, height), objects=objects)
        shapes = tuple(shape for fate in found.fates if fate.kept for shape in fate.shapes)
        return Sample(found.plan.apply(sample.pixels), shapes, found.plan.masks(sample.masks), sample.names)


@dataclass(frozen=True)
class Outcome:
    """All that is decided about a copy before any pixel changes.

    Attributes
    ----------
    draws : tuple of Draw
        One per step.
    plan : Plan
        What is done to pixels.
    fates : tuple of Fate
        What becomes of each object.
    read : Geometry or None
        As of `Objects`.
    """

    draws: tuple[Draw, ...]
    plan: Plan
    fates: tuple[Fate, ...]
    read: Geometry | None = None

    @cached_property
    def points(self) -> PointMap:
        """Where the points of the picture go, in which labels lie."""
        return self.plan.points(read=self.read)

    @property
    def unmoved(self) -> bool:
        """Whether every point of the picture is where it was."""
        return self.points.is_identity


class Fused(NamedTuple):
    """What is applied at once.

    Attributes
    ----------
    steps : tuple of str
        Ids of the transforms that it comes from.
    geometry : bool
        Whether it is a resampling.
    """

    steps: tuple[str, ...]
    geometry: bool


class PresetFiles(Protocol):
    """Pipelines in files: what `augstudio.presets` does, which stands above and is bound to the name "presets"."""

    def find(self, name_or_file: str) -> Pipeline:
        """Load one."""

    def save(self, pipeline: Pipeline, path: Path) -> None:
        """Write one."""


class Written(Protocol):
    """A pipeline as code."""

    @property
    def text(self) -> str:
        """The file."""


class CodeWriters(Protocol):
    """Pipelines as code: what `augstudio.code` does, which stands above and is bound to the name "code"."""

    def generate(self, pipeline: Pipeline, target: str) -> Written:
        """Write one."""


def _preset_files() -> PresetFiles:
    files: PresetFiles = bound("presets")
    return files


def free_id(op: str, taken: set[str]) -> str:
    """Give an id to a new step: its op, or op-2, op-3 and so on."""
    number = 1
    while (step_id := op if number == 1 else f"{op}-{number}") in taken:
        number += 1
    return step_id
