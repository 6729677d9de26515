"""A copy step by step: what each of its steps makes of it, and how much that changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from augstudio.advice.change import Change, change
from augstudio.gui.intent.views import START, StepTile, View
from augstudio.gui.stage.rendering import Detail, Made, PictureCache, Wanted, make
from augstudio.gui.stage.tile_image import Form, TileImage, tile_of
from augstudio.pipeline import Fused


class WantedStep(NamedTuple):
    """A picture of the row of steps, and the one before it.

    Attributes
    ----------
    tile : StepTile
        Which one.
    before : View or None
        The copy one step earlier; None for the first picture.
    labels : bool
        As of `Wanted`.
    form : Form
        The size of its tile.
    """

    tile: StepTile
    before: View | None
    labels: bool
    form: Form


class Stepped(NamedTuple):
    """A picture of the row of steps.

    Attributes
    ----------
    image : TileImage
        The picture, in the size of its tile.
    change : Change or None
        What the step changed; None for the first picture.
    together : tuple of Fused
        What is applied at once in the copy so far.
    """

    image: TileImage
    change: Change | None
    together: tuple[Fused, ...]


class Stepper:
    """Makes pictures of the row, one after the other; for one thread.

    Parameters
    ----------
    cache : PictureCache
        Of decoded pictures.
    """

    def __init__(self, cache: PictureCache) -> None:
        self._cache = cache
        self._last: tuple[View, Made] | None = None

    def __call__(self, wanted: WantedStep) -> Stepped:
        """Make one.

        Raises
        ------
        augstudio.images.PictureError
            If the source cannot be read.
        """
        before = self._made(wanted.before, labels=wanted.labels) if wanted.before is not None else None
        made = self._made(wanted.tile.view, labels=wanted.labels)
        height, width = made.source.shape[:2]
        together = wanted.tile.view.pipeline.fused(made.draws, width, height, made.zoom)
        image = tile_of(made.rendered, wanted.form)
        if before is None:
            return Stepped(image, None, together)
        changed = change(before.pixels, made.pixels, before.plan.warp, made.plan.warp)
        return Stepped(image, changed, together)

    def _made(self, view: View, *, labels: bool) -> Made:
        if self._last is None or self._last[0] != view:
            self._last = view, make(Wanted(view, Detail.STRIP, labels=labels), self._cache)
        return self._last[1]


def in_words(together: Sequence[Fused], tiles: Sequence[StepTile]) -> str:
    """What is applied at once, such as "One resampling for 1–4 · 5, 6 in one table"; empty where nothing is.

    Parameters
    ----------
    together : sequence of Fused
        Of the whole copy.
    tiles : sequence of StepTile
        Whose titles begin with the numbers of their steps.
    """
    numbers = {tile.step: int(tile.title.partition(" ")[0]) for tile in tiles if tile.step != START}
    said = []
    for one in together:
        own = [numbers[step] for step in one.steps if step in numbers]
        if len(own) > 1:
            said.append(f"{'one resampling' if one.geometry else 'one pass over the levels'} for {_runs(own)}")
    return " · ".join(said).capitalize()


def _runs(numbers: Sequence[int]) -> str:
    """Numbers in words: "1–3, 5"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
