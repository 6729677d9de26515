"""What the copies of the sample are, all steps together: turned, shrunk, moved, cut, noisy, blurred, recoloured."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from augstudio.advice.areas import common_with_rings
from augstudio.advice.facts import Facts
from augstudio.advice.sampling import EVERY, Floats, Looked, Traits, between_centres, traits_at
from augstudio.engine import Frame, Warp
from augstudio.engine.pixels import LUMA
from augstudio.pipeline import Pipeline

MUCH_SMALLER = 1.5
"""How many times smaller pictures must become at the training size for noise on them to count for less."""
HUE = 20.0
"""Degrees from which on a colour is another one."""
_PALE = 0.1
"""Share of the chroma below which there is no colour left."""


class Copies:
    """A sample of copies; one row for each, as of `augstudio.advice.sampling`.

    Parameters
    ----------
    pipeline : Pipeline
        Its output and training size count.
    facts : Facts or None
        Of the pictures at hand; without them, a square one of twice the training size stands in.
    looked : Looked
        Which rows of the sample to look at.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        facts: Facts | None = None,
        looked: Looked = EVERY,
    ) -> None:
        self._looked, self._count = looked, len(looked.rows)
        side = 2 * pipeline.training_size
        self._pipeline, self._facts = pipeline, facts
        self._source = pipeline.frame(*((facts.width, facts.height) if facts else (side, side)))
        self._steps = [step for step in pipeline.transforms if step.enabled and step.probability > 0]

    # -- what steps do -----------------------------------------------------------------------------------------------

    @cached_property
    def _resize(self) -> Warp | None:
        return self._pipeline.output.warp(self._source)

    @cached_property
    def _frame(self) -> Frame:
        """What the first step works in."""
        return self._source if self._resize is None else self._source.resized(self._resize.target)

    @cached_property
    def _all(self) -> tuple[list[Traits], NDArray[np.int64]]:
        """What each step does, and the size of each copy after the last one."""
        found: list[Traits] = []
        sizes = np.full((self._count, 2), self._frame.size, np.int64)
        for number, step in enumerate(self._steps):
            first = traits_at(self._looked, number, step, self._frame)
            turned = (sizes != self._frame.size).any(axis=1)
            traits = first
            if turned.any():  # by quarter turns, whose frames lie the other way
                other = traits_at(self._looked, number, step, self._frame.resized(self._frame.size[::-1]))
                traits = _mixed(first, other, turned)
            if first.sizes is not None:
                sizes = np.where((first.sizes != self._frame.size).any(axis=1)[:, None], sizes[:, ::-1], sizes)
            found.append(traits)
        return found, sizes

    # -- geometry ----------------------------------------------------------------------------------------------------

    @cached_property
    def _moved(self) -> tuple[Floats, NDArray[np.int64]] | None:
        """From the centre of the picture as the output alone shows it, to that of the copy, `(ROWS, 3, 3)`; and sizes.

        None where nothing moves.
        """
        steps, sizes = self._all
        matrices = [traits.matrices for traits in steps if traits.matrices is not None]
        if not matrices:
            return None
        total = matrices[0]
        for later in matrices[1:]:
            total = later @ total
        turned = (sizes != self._frame.size).any(axis=1)
        if self._resize is not None and turned.any():
            again = self._pipeline.output.warp(self._frame.resized(self._frame.size[::-1]))
            assert again is not None
            total = total.copy()
            total[turned] = _centred(again) @ total[turned]
            sizes = np.full((self._count, 2), self._frame.size, np.int64)
        return total, sizes

    @cached_property
    def _at_centre(self) -> Floats:
        """What geometry does next to the picture's centre, `(ROWS, 2, 2)`."""
        assert self._moved is not None
        m = self._moved[0]
        w = _not_zero(m[:, 2, 2])
        found: Floats = m[:, :2, :2] / w[:, None, None]
        found -= m[:, :2, 2, None] * m[:, None, 2, :2] / (w**2)[:, None, None]
        return found

    @cached_property
    def _lean(self) -> Floats:
        """Degrees between the picture's upright and the copy's, 0 to 180; a mirror image stands as upright as any."""
        near = self._at_centre.copy()
        mirrored = near[:, 0, 0] * near[:, 1, 1] < near[:, 0, 1] * near[:, 1, 0]
        near[mirrored, :, 0] *= -1
        angle = np.arctan2(near[:, 0, 1] - near[:, 1, 0], near[:, 0, 0] + near[:, 1, 1])
        found: Floats = np.abs(np.degrees(angle))
        return found

    @cached_property
    def _flipped(self) -> NDArray[np.bool_]:
        """Whether an odd number of steps mirrors a copy top to bottom."""
        odd = np.zeros(self._count, bool)
        for traits in self._all[0]:
            if traits.upside_down is not None:
                odd = odd ^ traits.upside_down
        return odd

    def turn(self) -> Floats:
        """Degrees that copies are turned by, 0 to 180; of those mirrored top to bottom, what comes on top of that."""
        if self._moved is None:
            return np.zeros(self._count)
        return np.where(self._flipped, np.minimum(self._lean, 180 - self._lean), self._lean)

    def upside_down(self) -> Floats:
        """1 for copies that stand on their heads by a mirror, else 0."""
        if self._moved is None:
            return np.zeros(self._count)
        return (self._flipped & (self._lean > 90)).astype(np.float64)

    def size(self) -> Floats:
        """Side of what is seen, relative to the picture as the output alone shows it; below 1 it was shrunk."""
        return self._size

    @cached_property
    def _size(self) -> Floats:
        return np.ones(self._count) if self._moved is None else np.sqrt(np.abs(_determinant(self._at_centre)))

    def shift(self) -> Floats:
        """How far the centre lies from that of the frame, as a share of its side; enlarged, of the picture's."""
        if self._moved is None:
            return np.zeros(self._count)
        total, sizes = self._moved
        away = np.abs(total[:, :2, 2] / _not_zero(total[:, 2, 2])[:, None]) / sizes
        found: Floats = away.max(axis=1) / np.maximum(1.0, self.size())
        return found

    def kept(self) -> Floats:
        """Share of the picture, as the output alone shows it, that is still seen."""
        return self._shares[0]

    def common(self) -> Floats:
        """What frame and picture have in common: the area that both show, as a share of what either does."""
        kept = self.kept()
        frame = kept / np.maximum(1 - self.border(), 1e-6)
        found: Floats = kept / np.maximum(1 + frame - kept, 1e-6)
        return found

    def border(self) -> Floats:
        """Share of the frame that shows what no camera saw, beyond what the output's padding does."""
        return self._shares[1]

    @cached_property
    def _shares(self) -> tuple[Floats, Floats]:
        """What is kept, and how much is border."""
        if self._moved is None:
            return np.ones(self._count), np.zeros(self._count)
        (total, sizes), count = self._moved, self._count
        frame, source = (np.broadcast_to(one.size, (count, 2)) for one in (self._frame, self._source))
        resized = np.eye(3) if self._resize is None else _centred(self._resize)
        # At once, with what the output's padding does: most of the time that judging takes is that of calls.
        found = _share_within(
            np.concatenate((_adjugate(total), total @ resized, resized[None])),
            np.concatenate((frame, sizes, frame[:1])),
            np.concatenate((sizes, source, source[:1])),
        )
        return found[:count], found[-1] - found[count:-1]

    def enlarged(self) -> Floats:
        """How many times larger a pixel of the picture is at the training size; 1 where steps do nothing of it."""
        if self._moved is None or self._facts is None:
            return np.ones(self._count)
        scale = 1.0
        if self._resize is not None:
            a, b, _, d, e, *_ = self._resize.matrix
            scale = math.sqrt(abs(a * e - b * d))
        sizes = self._moved[1]
        to_training = np.minimum(1.0, self._pipeline.trained_at / sizes.min(axis=1))
        by_steps = self.size()
        return np.where(by_steps > _MUCH_LARGER, by_steps * scale * to_training, 1.0)

    # -- noise and blur ----------------------------------------------------------------------------------------------

    @property
    def reduced(self) -> float:
        """How many times the pictures are reduced before training; 1 where that is not known, or not much."""
        smaller = smaller_at_training(self._pipeline, self._facts)
        return smaller if smaller >= MUCH_SMALLER else 1.0

    def noise(self) -> Floats:
        """Standard deviation of noise in a channel at the training size, as a share of full range."""
        return np.sqrt(self._noise[:, 0]) / self.reduced

    def noise_against(self) -> Floats:
        """The same in luma, as a share of the pictures' own contrast; 0 where that is not known."""
        if self._facts is None or self._facts.blank:
            return np.zeros(self._count)
        found: Floats = np.sqrt(self._noise[:, 1])
        return found / smaller_at_training(self._pipeline, self._facts) / self._facts.contrast

    @cached_property
    def _noise(self) -> Floats:
        found = np.zeros((self._count, 2))
        for traits in self._all[0]:
            if traits.noise is not None:
                found += traits.noise
        return found

    def blur(self) -> Floats:
        """Standard deviation of blur, in pixels at the training size."""
        found = np.zeros(self._count)
        for traits in self._all[0]:
            if traits.blur is not None:
                found += traits.blur
        return np.sqrt(found)

    # -- light and colour --------------------------------------------------------------------------------------------

    @cached_property
    def _greys(self) -> Floats:
        """What becomes of a dark, a middle and a light grey, `(ROWS, 3)`, in luma."""
        shape = (self._count, 3, 3)  # row, grey, channel
        greys = np.broadcast_to(_GREYS[None, :, None], shape)
        for traits in self._all[0]:
            for stage in traits.curves:
                gain, exponent, offset = (stage[:, which, None] for which in range(3))
                greys = np.minimum(np.maximum(gain * greys**exponent + offset, 0.0), 1.0)
        found: Floats = np.einsum("ngc,c->ng", greys, np.array(LUMA))
        return found

    def brightness(self) -> Floats:
        """How much brighter mid-grey becomes, as a share of full range; negative where it becomes darker."""
        found: Floats = self._greys[:, 1] - _GREYS[1]
        return found

    def contrast(self) -> Floats:
        """How far apart a quarter and three quarters of full range come to lie, relative to before."""
        found: Floats = (self._greys[:, 2] - self._greys[:, 0]) / (_GREYS[2] - _GREYS[0])
        return found

    def recoloured(self) -> Floats:
        """1 for copies in other colours, else 0: hue turned beyond `HUE`, channels swapped, no colour, negative."""
        chroma, negative = np.broadcast_to(np.eye(2), (self._count, 2, 2)), np.zeros(self._count, bool)
        for traits in self._all[0]:
            if traits.chroma is not None:
                chroma = traits.chroma @ chroma
            if traits.negative is not None:
                negative = negative ^ traits.negative
        (a, b), (c, d) = (chroma[:, 0, 0], chroma[:, 0, 1]), (chroma[:, 1, 0], chroma[:, 1, 1])
        determinant = a * d - b * c
        turned = np.abs(np.degrees(np.arctan2(b - c, a + d))) > HUE + 1e-6
        found: NDArray[np.bool_] = negative | (determinant < _PALE**2) | turned
        return found.astype(np.float64)


def smaller_at_training(pipeline: Pipeline, facts: Facts | None) -> float:
    """How many times the pictures are reduced before training; 1 where that is not known, or not so."""
    if facts is None:
        return 1.0
    return max(1.0, min(pipeline.output.size or (facts.width, facts.height)) / pipeline.trained_at)


def _mixed(one: Traits, other: Traits, of_other: NDArray[np.bool_]) -> Traits:
    """Rows of two frames in one."""

    def chosen(first: Floats | None, second: Floats | None) -> Floats | None:
        if first is None or second is None:
            return first
        found: Floats = np.where(of_other.reshape(-1, *[1] * (first.ndim - 1)), second, first)
        return found

    return Traits(
        chosen(one.matrices, other.matrices),
        one.sizes,
        one.upside_down,
        chosen(one.noise, other.noise),
        chosen(one.blur, other.blur),
        one.curves,
        one.chroma,
        one.negative,
    )


def _centred(warp: Warp) -> Floats:
    matrix = np.array(warp.matrix, np.float64).reshape(1, 3, 3)
    found: Floats = between_centres(matrix, np.array([warp.source]), np.array([warp.target]))[0]
    return found


def _determinant(linear: Floats) -> Floats:
    found: Floats = linear[:, 0, 0] * linear[:, 1, 1] - linear[:, 0, 1] * linear[:, 1, 0]
    return found


def _not_zero(w: Floats) -> Floats:
    return np.where(np.abs(w) < 1e-12, 1e-12, w)


def _adjugate(m: Floats) -> Floats:
    """The matrices that lead back, but for a factor above 0. By hand: NumPy's would wake threads for it."""
    (a, b, c), (d, e, f), (g, h, i) = ([m[:, row, column] for column in range(3)] for row in range(3))
    found = np.stack(
        [
            *(e * i - f * h, c * h - b * i, b * f - c * e),
            *(f * g - d * i, a * i - c * g, c * d - a * f),
            *(d * h - e * g, b * g - a * h, a * e - b * d),
        ],
        axis=1,
    ).reshape(-1, 3, 3)
    sign = a * found[:, 0, 0] + b * found[:, 1, 0] + c * found[:, 2, 0]
    found *= np.where(sign < 0, -1.0, 1.0)[:, None, None]
    return found


def _share_within(back: Floats, of: NDArray[np.int64], other: NDArray[np.int64]) -> Floats:
    """Share of a frame that is seen in another, from which matrices, `(N, 3, 3)`, lead to it.

    Frames lie about their centres; their sizes, `of` and `other`, are `(N, 2)`.
    """
    half, other_half = of / 2, other / 2
    x, y = _CORNERS[0] * other_half[:, :1], _CORNERS[1] * other_half[:, 1:]
    u, v, w = (back[:, row, :1] * x + back[:, row, 1:2] * y + back[:, row, 2:] for row in range(3))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        u, v = u / w, v / w
    ahead = (w > 0) & (np.abs(u) < _FAR) & (np.abs(v) < _FAR)
    odd = np.flatnonzero(~ahead.all(axis=1))  # some of it comes from behind the camera, or from nowhere
    u[odd] = v[odd] = 0.0
    boxes = np.concatenate((-half, half), axis=1)
    found: Floats = common_with_rings(boxes, u, v) / (4 * half[:, 0] * half[:, 1])
    if len(odd):
        found[odd] = _counted(_adjugate(back[odd]), half[odd], other_half[odd])
    return found


def _counted(there: Floats, half: Floats, other_half: Floats) -> Floats:
    """The same for any matrices at all, which lead there, counted on points."""
    points = _POINTS * half[..., None]
    u, v, w = (there[:, :, :2] @ points + there[:, :, 2:]).transpose(1, 0, 2)
    inside = (w > 0) & (np.abs(u) <= other_half[:, :1] * w) & (np.abs(v) <= other_half[:, 1:] * w)
    found: Floats = inside.mean(axis=1)
    return found


_CORNERS = np.array([(-1.0, 1.0, 1.0, -1.0, -1.0), (-1.0, -1.0, 1.0, 1.0, -1.0)])
_POINTS = np.array([range(256), [int(f"{number:08b}"[::-1], 2) for number in range(256)]]) / 128 - 255 / 256
"""Points over the square about the middle whose sides are 2: those of Hammersley, no two in a row or a column."""
_FAR = 1e9
"""Farther away than any frame, and near enough for sums of such areas to be right."""
_MUCH_LARGER = 1.25
"""How many times steps must enlarge for it to be their doing."""
_GREYS = np.array([0.25, 0.5, 0.75])
