"""What holds of a file for any library of eager layers: the same pixels, numbers drawn alike, as close as it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import comparing
import numpy as np
import pytest
from comparing import (
    REJECTED_BELOW,
    assert_chosen_alike,
    assert_drawn_alike,
    assert_near,
    by_positions,
    chosen_cases,
    closed_cases,
    difference,
    is_warped,
    open_cases,
    outcomes,
    picture,
)
from scipy import stats

from augstudio import Pipeline
from augstudio.code import Target
from augstudio.code.rows import RESIZED_BY
from augstudio.engine.pixels import Pixels

CLOSED, OPEN, CHOSEN, PRESETS = closed_cases(), open_cases(), chosen_cases(), comparing.presets()


class Alike:
    """Tests of a file for one library; who inherits says how it is run."""

    target: Target

    def made(self, pipeline: Pipeline) -> Any:
        """Its `augment`, beginning with a fixed seed."""
        raise NotImplementedError

    def of(self, augment: Any) -> Callable[[Pixels], Pixels]:
        """The same, from pixels to pixels."""
        raise NotImplementedError

    def copied(self, augment: Any, pipeline: Pipeline, image: Pixels) -> tuple[Pixels, dict[str, Any]]:
        """A copy, and where what has a position lies in it."""
        raise NotImplementedError

    @pytest.mark.parametrize("name", CLOSED)
    def test_pixels_are_those_of_the_engine(self, name: str) -> None:
        pipeline, image = CLOSED[name], picture()
        augment = self.made(pipeline)
        for _ in range(3):
            copy, drawn = self.copied(augment, pipeline, image)
            assert_near(by_positions(pipeline, image, drawn), copy, 2 if is_warped(pipeline) else 1)

    @pytest.mark.parametrize("name", OPEN)
    def test_numbers_are_drawn_alike(self, name: str) -> None:
        assert_drawn_alike(OPEN[name], self.of(self.made(OPEN[name])))

    @pytest.mark.parametrize("name", CHOSEN)
    def test_choices_come_as_often(self, name: str) -> None:
        pipeline, chances = CHOSEN[name]
        image = picture(16, 20)
        assert_chosen_alike(self.of(self.made(pipeline)), chances, image, outcomes(pipeline, image))

    @pytest.mark.parametrize("name", PRESETS)
    def test_presets_as_a_whole(self, name: str) -> None:
        """All steps of a preset at once, their ranges closed to a point, but for noise."""
        pipeline = comparing.closed_preset(PRESETS[name])
        width, height = pipeline.output.size or (pipeline.trained_at + 32, pipeline.trained_at)
        image = picture(height, width)
        augment = self.made(pipeline)
        for _ in range(3):
            copy, drawn = self.copied(augment, pipeline, image)
            comparing.assert_near_after_all(by_positions(pipeline, image, drawn), copy)

    @pytest.mark.parametrize("name", PRESETS)
    def test_presets_run_as_they_are(self, name: str) -> None:
        pipeline, image = PRESETS[name], picture(150, 170)
        augment = self.made(pipeline)
        sizes = {pipeline.output.size} if pipeline.output.size else {(170, 150), (150, 170)}
        for _ in range(20):
            copy = self.of(augment)(image)
            assert copy.dtype == np.uint8
            assert copy.shape[1::-1] in sizes

    @pytest.mark.parametrize("name", PRESETS)
    def test_presets_draw_alike(self, name: str) -> None:
        pipeline = PRESETS[name].edited(output={}, training_size=24)
        assert_drawn_alike(pipeline, self.of(self.made(pipeline)), draws=500)

    def test_other_sizes_are_as_close_as_is_said(self) -> None:
        found = [
            comparing.resized_apart(pipeline, image, self.of(self.made(pipeline)))
            for pipeline, image in comparing.resizing()
        ]
        said = RESIZED_BY[self.target]
        assert said / 2 <= max(found) <= said, found

    def test_what_is_resampled_apart_is_as_often_as_is_said(self) -> None:
        pipeline, said, image = comparing.parted(self.target)
        augment = self.made(pipeline)
        apart = 0
        for number in range(300):
            copy = self.of(augment)(image)
            grey = (np.ptp(copy.astype(int), axis=2) <= 2).all()
            expected = comparing.with_grey(pipeline, grey=bool(grey))(image, seed=number)
            apart += difference(expected, copy).max() > 4
        assert stats.binomtest(apart, 300, said).pvalue >= REJECTED_BELOW, (apart / 300, said)
