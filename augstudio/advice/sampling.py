"""A sample of drawn copies, spread evenly over what chance may give, and what each step does to each of them.

An export draws by hashes; of 100 copies drawn so, a share may be off by 5 %. Here each number of a step takes 100
values that lie evenly in 0 to 1, in an order that depends on the step's id alone: so the share of copies that one step
brings beyond a limit is right within 1 %, no step changes what another one draws, and the same pipeline is always
judged in the same way.

What a step does to the copies is kept: while a slider is held, only one step changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from augstudio.engine import Blur, Frame, GaussianNoise, Linear, Mix, Power, SaltAndPepper, Step, Table, Warp
from augstudio.engine.matrices import Matrix, times
from augstudio.engine.pixels import LUMA
from augstudio.transforms import Chance, Draw, Drawing, Transform
from augstudio.transforms.colour.hue import RGB_TO_YIQ

Floats: TypeAlias = NDArray[np.float64]

COPIES = 100
"""Copies that shares are told from."""
ROWS = COPIES + 2
"""With two more, which count for no share: the lowest and the highest end of every range."""
EVERY_ROW = np.arange(ROWS)
SOME_ROWS = np.array([*range(0, COPIES, 6), *range(COPIES, ROWS)])
"""Enough of them to tell which step does most."""
IMPULSE = 0.3
"""Variance that a pixel gains by becoming black or white: 1/4 where it was mid-grey, 1/3 on average over all greys."""


@dataclass(frozen=True)
class Traits:
    """What one step does to the copies of the sample, one row for each; None where it does nothing of the kind.

    Attributes
    ----------
    matrices : ndarray or None
        `(ROWS, 3, 3)`: geometry, between the centres of the frames before and after.
    sizes : ndarray or None
        `(ROWS, 2)`: width and height after, where that changes.
    upside_down : ndarray or None
        `(ROWS,)` of bool: mirrored top to bottom.
    noise : ndarray or None
        `(ROWS, 2)`: variance of noise, in a channel and in luma; shares of full range.
    blur : ndarray or None
        `(ROWS,)`: variance of blur, in pixels at the training size.
    curves : tuple of ndarray
        `(ROWS, 3, 3)` each, one after the other: gain, exponent and offset for each channel.
    chroma : ndarray or None
        `(ROWS, 2, 2)`: what becomes of the chroma plane of YIQ.
    negative : ndarray or None
        `(ROWS,)` of bool.
    """

    matrices: Floats | None = None
    sizes: NDArray[np.int64] | None = None
    upside_down: NDArray[np.bool_] | None = None
    noise: Floats | None = None
    blur: Floats | None = None
    curves: tuple[Floats, ...] = ()
    chroma: Floats | None = None
    negative: NDArray[np.bool_] | None = None

    def at(self, rows: NDArray[np.intp]) -> Traits:
        """Those of some of the rows."""
        return Traits(
            None if self.matrices is None else self.matrices[rows],
            None if self.sizes is None else self.sizes[rows],
            None if self.upside_down is None else self.upside_down[rows],
            None if self.noise is None else self.noise[rows],
            None if self.blur is None else self.blur[rows],
            tuple(stage[rows] for stage in self.curves),
            None if self.chroma is None else self.chroma[rows],
            None if self.negative is None else self.negative[rows],
        )

    def without(self, rows: NDArray[np.bool_], size: tuple[int, int]) -> Traits:
        """The same where some rows do nothing; those keep the frame's `size`."""

        def still(own: NDArray[Any] | None, neutral: Any) -> Any:
            if own is None:
                return None
            return np.where(rows.reshape(-1, *[1] * (own.ndim - 1)), neutral, own)

        return Traits(
            still(self.matrices, np.eye(3)),
            still(self.sizes, size),
            still(self.upside_down, False),
            still(self.noise, 0.0),
            still(self.blur, 0.0),
            tuple(still(stage, _PLAIN) for stage in self.curves),
            still(self.chroma, np.eye(2)),
            still(self.negative, False),
        )


@dataclass(frozen=True, eq=False)
class Looked:
    """Which copies of the sample are looked at, and without which step; the same only as itself.

    Attributes
    ----------
    rows : ndarray
        `(N,)`: which rows; one may be there several times.
    left_out : ndarray or None
        `(N,)`: which step each of them goes without, counted among those that are applied; below 0, without none.
    """

    rows: NDArray[np.intp]
    left_out: NDArray[np.intp] | None = None


EVERY = Looked(EVERY_ROW)


@lru_cache(maxsize=64)
def with_and_without(steps: tuple[int, ...], *, every_row: bool) -> Looked:
    """Copies as they are, and then again without each of some steps; all of them at once, or enough of them."""
    rows = EVERY_ROW if every_row else SOME_ROWS
    return Looked(np.tile(rows, 1 + len(steps)), np.repeat([-1, *steps], len(rows)))


@lru_cache(maxsize=64)
def every_and_without(steps: tuple[int, ...]) -> Looked:
    """Every copy of the sample, and then those of `SOME_ROWS` again without each of some steps."""
    rows = np.concatenate((EVERY_ROW, np.tile(SOME_ROWS, len(steps))))
    return Looked(rows, np.concatenate((np.full(ROWS, -1), np.repeat(np.array(steps, np.intp), len(SOME_ROWS)))))


@lru_cache(maxsize=512)
def traits_at(looked: Looked, number: int, step: Transform, frame: Frame) -> Traits:
    """What a step does to the copies that are looked at; `number` counts those that are applied."""
    found = traits_of(step, frame)
    if looked is EVERY:
        return found
    found = found.at(looked.rows)
    return found if looked.left_out is None else found.without(looked.left_out == number, frame.size)


class _Even(Chance):
    """The numbers of one copy of the sample."""

    def __init__(self, given: tuple[float, int, list[float]]) -> None:
        self._given = given

    def numbers(self, step: str, count: int) -> tuple[float, int, list[float]]:  # noqa: ARG002
        """Those that it was made with."""
        return self._given


@lru_cache(maxsize=512)
def draws_of(step: Transform) -> tuple[Draw, ...]:
    """The draws of a step, one for each row of the sample."""
    numbers = _numbers(step.id, len(step.drawn()))
    drawing = Drawing(step)
    ends = [drawing.end(high=high, field_seed=numbers[high][1]) for high in (False, True)]
    return (*(drawing.draw(_Even(own)) for own in numbers), *ends)


@lru_cache(maxsize=512)
def _numbers(step_id: str, count: int) -> tuple[tuple[float, int, list[float]], ...]:
    """What chance gives each copy, as of `Chance.numbers`."""
    seed = int.from_bytes(blake2b(step_id.encode(), digest_size=8).digest(), "little")
    words = np.random.SFC64(seed).random_raw((count + 2) * COPIES).reshape(count + 2, COPIES)
    # Of random words the order is random too, and the same with any version of NumPy.
    shares = ((words[1:].argsort(axis=1) + 0.5) / COPIES).T.tolist()
    return tuple((own[0], field, own[1:]) for own, field in zip(shares, words[0].tolist(), strict=True))


@lru_cache(maxsize=512)
def traits_of(step: Transform, frame: Frame) -> Traits:
    """What a step does to the copies of the sample, in a frame."""
    rows = _Rows()
    for row, draw in enumerate(draws_of(step)):
        if draw.applied:
            rows.take(row, step.lower(draw, frame), frame)
    return rows.traits(frame)


class _Rows:
    """Gathers what steps do to copies, row by row."""

    def __init__(self) -> None:
        self._warps: dict[int, tuple[Matrix, tuple[int, int]]] = {}
        self._upside_down: set[int] = set()
        self._noise: dict[int, tuple[float, float]] = {}
        self._blur: dict[int, float] = {}
        self._curves: list[dict[int, list[tuple[float, float, float]]]] = []
        self._mixes: dict[int, Mix] = {}
        self._negative: set[int] = set()

    def take(self, row: int, steps: Iterable[Step], frame: Frame) -> None:
        """What the steps of one copy do."""
        stage = 0
        for step in steps:
            kind = type(step)
            if kind is Warp:
                self._warp(row, step)  # type: ignore[arg-type]
            elif kind is Table:
                stage = self._table(row, step, stage)  # type: ignore[arg-type]
            elif kind is Mix:
                self._mixes[row] = step  # type: ignore[assignment]
            elif kind is Blur:
                self._blur[row] = self._blur.get(row, 0.0) + (step.sigma / frame.scale) ** 2  # type: ignore[attr-defined]
            elif kind is GaussianNoise or kind is SaltAndPepper:
                self._add_noise(row, step)  # type: ignore[arg-type]
            frame = frame.resized(step.after(frame.size))

    def _warp(self, row: int, warp: Warp) -> None:
        matrix, before = warp.matrix, self._warps.get(row)
        a, b, _, d, e, _, g, h, _ = matrix
        if a == 1 and e == -1 and not (b or d or g or h):
            self._upside_down ^= {row}
        if before is not None:
            matrix = times(matrix, before[0])
        self._warps[row] = matrix, warp.target

    def _add_noise(self, row: int, step: GaussianNoise | SaltAndPepper) -> None:
        channel, luma = self._noise.get(row, (0.0, 0.0))
        if isinstance(step, GaussianNoise):
            variance = step.sigma**2
            of_luma = variance * _LUMA_OF_EACH if step.per_channel else variance
        else:
            variance = of_luma = IMPULSE * step.share
        self._noise[row] = channel + variance, luma + of_luma

    def _table(self, row: int, table: Table, stage: int) -> int:
        for curves in table.stages:
            told = [_plain(curve) for curve in curves]
            if any(curve is None for curve in told):  # solarised: neither brighter nor of more contrast
                continue
            if all(curve == _NEGATIVE for curve in told):
                self._negative ^= {row}
                continue
            if stage == len(self._curves):
                self._curves.append({})
            self._curves[stage][row] = [told[channel % len(told)] for channel in range(3)]  # type: ignore[misc]
            stage += 1
        return stage

    def traits(self, frame: Frame) -> Traits:
        """All of it, as tables."""
        return Traits(
            *self._geometry(frame),
            _flags(self._upside_down),
            _table(self._noise, (2,)),
            _table(self._blur, ()),
            tuple(_stage(stage) for stage in self._curves),
            self._chroma(),
            _flags(self._negative),
        )

    def _geometry(self, frame: Frame) -> tuple[Floats | None, NDArray[np.int64] | None]:
        if not self._warps:
            return None, None
        rows = list(self._warps)
        sizes = np.full((ROWS, 2), frame.size, np.int64)
        sizes[rows] = [size for _, size in self._warps.values()]
        matrices = np.broadcast_to(np.eye(3), (ROWS, 3, 3)).copy()
        taken = np.array([matrix for matrix, _ in self._warps.values()], np.float64).reshape(-1, 3, 3)
        matrices[rows] = between_centres(taken, np.array([frame.size]), sizes[rows])
        return matrices, None if (sizes == frame.size).all() else sizes

    def _chroma(self) -> Floats | None:
        if not self._mixes:
            return None
        found = np.broadcast_to(np.eye(2), (ROWS, 2, 2)).copy()
        mixes = np.array([mix.matrix for mix in self._mixes.values()]).reshape(-1, 3, 4)[:, :, :3]
        found[list(self._mixes)] = np.einsum("ij,njk,kl->nil", RGB_TO_YIQ[1:], mixes, _FROM_YIQ[:, 1:])
        return found


def between_centres(matrices: Floats, before: NDArray[np.int64], after: NDArray[np.int64]) -> Floats:
    """Matrices, `(N, 3, 3)`, between the centres of frames instead of their corners; sizes are `(1 or N, 2)`."""
    found = matrices.copy()
    found[:, :, 2] += matrices[:, :, 0] * (before[:, :1] / 2) + matrices[:, :, 1] * (before[:, 1:] / 2)
    for axis in (0, 1):
        found[:, axis] -= found[:, 2] * (after[:, axis, None] / 2)
    return found


def _plain(curve: object) -> tuple[float, float, float] | None:
    """A curve as gain, exponent and offset; None if it is none of the kind."""
    if type(curve) is Linear:
        return curve.gain, 1.0, curve.offset
    return (1.0, curve.exponent, 0.0) if type(curve) is Power else None


def _stage(rows: dict[int, list[tuple[float, float, float]]]) -> Floats:
    found = np.empty((ROWS, 3, 3))
    found[...] = _PLAIN
    found[list(rows)] = np.array(list(rows.values())).transpose(0, 2, 1)
    return found


def _flags(rows: set[int]) -> NDArray[np.bool_] | None:
    if not rows:
        return None
    found = np.zeros(ROWS, bool)
    found[list(rows)] = True
    return found


def _table(rows: Mapping[int, tuple[float, float] | float], shape: tuple[int, ...]) -> Floats | None:
    if not rows:
        return None
    found = np.zeros((ROWS, *shape))
    found[list(rows)] = np.array(list(rows.values()))
    return found


_PLAIN = np.array([[1.0], [1.0], [0.0]])
"""Gain, exponent and offset that change nothing, for any channel."""
_NEGATIVE = (-1.0, 1.0, 1.0)
_FROM_YIQ = np.linalg.inv(RGB_TO_YIQ)
_LUMA_OF_EACH = sum(weight**2 for weight in LUMA)
"""Three independent channels vary less in luma than each of them."""
