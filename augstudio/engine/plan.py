"""The fused steps, ready to be applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import cv2
import numpy as np

from augstudio.engine.frame import Frame
from augstudio.engine.fusion import fuse
from augstudio.engine.geometry import Geometry, Role
from augstudio.engine.moved import Moved
from augstudio.engine.pixels import Pixels, check_pixels, full_range, join_alpha, split_alpha
from augstudio.engine.point_map import PointMap
from augstudio.engine.sample import Sample
from augstudio.engine.shapes import Coordinates, Mask, Shape, check_shapes
from augstudio.engine.step import Step
from augstudio.engine.warp import Warp


@dataclass(frozen=True)
class Plan:
    """What one copy of a picture goes through.

    Attributes
    ----------
    frame : Frame
        Of the picture before the first step.
    asked : tuple of Step
        The steps as the transforms gave them.
    steps : tuple of Step
        The same after fusion: what is applied.
    """

    frame: Frame
    asked: tuple[Step, ...]
    steps: tuple[Step, ...]

    @classmethod
    def of(cls, frame: Frame, asked: tuple[Step, ...]) -> Plan:
        """Fuse `asked`."""
        return cls(frame, asked, fuse(asked))

    @overload
    def apply(self, sample: Pixels) -> Pixels: ...

    @overload
    def apply(self, sample: Sample) -> Sample: ...

    def apply(self, sample: Pixels | Sample) -> Pixels | Sample:
        """Make the copy.

        Parameters
        ----------
        sample : ndarray or Sample
            A picture of the frame's size (see `Pixels`), alone or with what travels with it; left as it is.

        Returns
        -------
        ndarray or Sample
            As it was given. Pixels are a new, C-contiguous array of the same type and channels. Shapes are cut at the
            copy's frame, and those that it does not show are missing; no rules for objects are applied.

        Raises
        ------
        ValueError
            If the picture has another size than the plan was made for, or a shape is none (see `check_shapes`).
        """
        if isinstance(sample, Sample):
            check_shapes(sample.shapes)
            seen = tuple(moved.seen for moved in self.moved(sample.shapes) if moved.seen is not None)
            return Sample(self.apply(sample.pixels), seen, self.masks(sample.masks), sample.names)
        checked = check_pixels(sample)
        if checked.shape[1::-1] != self.frame.size:
            raise ValueError(
                f"the plan is for {self.frame.width}×{self.frame.height} pixels, "
                f"the picture has {checked.shape[1]}×{checked.shape[0]}"
            )
        return apply_steps(self.steps, checked)

    def moved(
        self,
        shapes: Sequence[Shape],
        *,
        read: Geometry | None = None,
        loose: bool = False,
        points: PointMap | None = None,
    ) -> list[Moved]:
        """Tell what becomes of shapes.

        Parameters
        ----------
        shapes : sequence of Shape
            In pixels of the picture before the first step, or of the one that `read` begins with.
        read : Geometry, optional
            How the picture that the shapes lie in became the one of the plan's frame, as when a large JPEG is read at
            an eighth of its size: points go once through that and the plan.
        loose : bool
            What a turned box becomes: the box of its four corners, or else that of the ellipse inside it.
        points : PointMap, optional
            As of `points`, where it is there already.
        """
        if not shapes:
            return []
        from augstudio.engine.following import follow  # and with it shapely, which pictures alone need not wait for

        return follow(shapes, self.points(read=read) if points is None else points, loose=loose)

    def masks(self, masks: Sequence[Mask], *, read: Geometry | None = None) -> tuple[Mask, ...]:
        """Resample masks as the picture is resampled, by the nearest pixel; see `moved` for `read`.

        A mirrored or tiled border shows the mask again, any other shows its fill.
        """
        geometries = [step for step in self._with(read) if isinstance(step, Geometry)] if masks else []
        found = []
        for mask in masks:
            pixels = mask.pixels
            for geometry in geometries:
                pixels = geometry.resample(pixels, Role.MASK, mask.fill)
            found.append(Mask(np.ascontiguousarray(pixels), mask.fill))
        return tuple(found)

    def points(self, *, read: Geometry | None = None) -> PointMap:
        """Where points go, and what is seen; see `moved` for `read`."""
        return PointMap(self._with(read), self.frame.size if read is None else read.source)

    def _with(self, read: Geometry | None) -> tuple[Step, ...]:
        return self.steps if read is None else fuse((read, *self.steps))

    @property
    def hidden(self) -> tuple[Coordinates, ...]:
        """What cut-outs hide of the copy: convex outlines, `(N, 2)`, in its pixels."""
        return self.points().hidden

    @property
    def warp(self) -> Warp | None:
        """All geometry in one matrix, whatever lies between (for judging, not for pixels); None without any.

        Borders are ignored.
        """
        total: Warp | None = None
        for step in self.steps:
            if type(step) is Warp:
                bare = Warp(step.matrix, step.source, step.target)
                total = bare if total is None else total.then(bare)
        return total

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the copy, in pixels."""
        warps = [step for step in self.steps if type(step) is Warp]
        return warps[-1].target if warps else self.frame.size

    def explain(self) -> str:
        """Say, line by line, what is applied and how many asked steps each line stands for."""
        if not self.steps:
            return "nothing: the picture is copied as it is"
        saved = len(self.asked) - len(self.steps)
        lines = [f"{i}. {step.describe()}" for i, step in enumerate(self.steps, 1)]
        if saved:
            lines.append(f"({len(self.asked)} steps asked for, {len(self.steps)} applied after fusion)")
        return "\n".join(lines)


def apply_steps(steps: tuple[Step, ...], pixels: Pixels) -> Pixels:
    """Apply steps that were fused for a picture of this size, which has been checked, and is left as it is."""
    colour, alpha = split_alpha(pixels)
    if alpha is None:
        result = _run(steps, colour)
    elif cv2.minMaxLoc(alpha)[0] == full_range(alpha):  # nothing is transparent, and no step makes it so
        colour = _run(steps, colour)
        result = join_alpha(colour, np.full(colour.shape[:2], full_range(alpha), alpha.dtype))
    else:
        for step in steps:
            colour, alpha = step.with_alpha(colour, alpha)
        result = join_alpha(colour, alpha)
    result = np.ascontiguousarray(result)
    if result is pixels or (result.base is not None and np.may_share_memory(result, pixels)):
        return result.copy()
    return result


def _run(steps: tuple[Step, ...], colour: Pixels) -> Pixels:
    own = False  # whether the picture in hand is nobody else's
    for step in steps:
        before = colour
        colour = step.overwrite(before) if own and before.flags.c_contiguous else step.apply(before)
        own = own or (colour is not before and colour.base is None)
    return colour
