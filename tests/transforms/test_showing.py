"""What transforms are shown by: settings that say something, for every transform there is."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from augstudio import images
from augstudio.dataset.sample import sample_picture
from augstudio.engine import Frame, Pixels, Warp
from augstudio.transforms import Choices, Transform, registry
from augstudio.transforms.showing import Setting, is_close, settings

ALL = list(registry().values())
SIZES = (32, 224, 512)
VISIBLE = 2.0
"""Mean difference in levels that people see, side by side, where there is most of it."""
DOTS = 0.003
"""Share of pixels that people see if they are quite different."""

every_transform = pytest.mark.parametrize("transform", ALL, ids=[t.name() for t in ALL])
at_every_size = pytest.mark.parametrize("training_size", SIZES)


def turned(transform: type[Transform]) -> list[str]:
    """The parameters by which one setting differs from the other."""
    first, *others = settings(transform)
    return [name for name in transform.knobs() for way in others if first.draw.values[name] != way.draw.values[name]]


@cache
def photo() -> Pixels:
    return images.read_reduced(sample_picture(), 600).pixels


def shown(way: Setting, training_size: int) -> Pixels:
    """The photo as a model of that size sees it, with the setting."""
    box, frame = looked_at(training_size)
    height, width = photo().shape[:2]
    return way.plan((width, height), box, frame).apply(photo())


def plain(training_size: int) -> Pixels:
    box, frame = looked_at(training_size)
    height, width = photo().shape[:2]
    return Warp.window(box, frame.resized((width, height)), frame.size).apply(photo())


def looked_at(training_size: int) -> tuple[tuple[float, float, float, float], Frame]:
    height, width = photo().shape[:2]
    scale = min(1.0, training_size / min(width, height))
    target = round(width * scale), round(height * scale)
    return (0.0, 0.0, float(width), float(height)), Frame(*target, training_size)


def change(a: Pixels, b: Pixels) -> float:
    """Mean difference in levels; of pictures that are turned all of it."""
    return 255.0 if a.shape != b.shape else float(np.abs(a.astype(int) - b.astype(int)).mean())


def differences(picture: Pixels) -> Pixels:
    """From the photo at that size, pixel by pixel."""
    before = plain(min(picture.shape[:2]))
    return cv2.absdiff(picture, before if picture.shape == before.shape else np.zeros_like(picture))


def most(picture: Pixels) -> float:
    """Mean difference in that tenth of the pixels that changed most."""
    values = np.sort(differences(picture).mean(axis=2), axis=None)
    return float(values[-len(values) // 10 :].mean())


def dots(picture: Pixels) -> float:
    """The share of pixels that are quite different."""
    return float((differences(picture).max(axis=2) > 64).mean())


@every_transform
@at_every_size
def test_a_setting_is_one_that_a_copy_can_have(transform: type[Transform], training_size: int) -> None:
    for way in settings(transform, training_size):
        assert type(way.step) is transform
        assert way.step.probability == 1
        assert way.step.enabled
        assert way.draw.applied
        assert way.step.redraw(way.draw.as_json()) == way.draw
        for name, knob in transform.knobs().items():
            assert knob.hard[0] <= float(way.draw.values[name]) <= knob.hard[1]
            assert way.step.range_of(name) == (way.draw.values[name],) * 2


@every_transform
@at_every_size
def test_it_is_seen_and_stronger_is_more(transform: type[Transform], training_size: int) -> None:
    pictures = [shown(way, training_size) for way in settings(transform, training_size)]
    changes = [change(picture, plain(training_size)) for picture in pictures]
    assert min(map(most, pictures)) >= VISIBLE or min(map(dots, pictures)) >= DOTS
    if settings(transform, training_size)[0].name == "mild":
        assert changes[1] > 1.2 * changes[0]


@every_transform
def test_mild_and_strong_come_from_what_is_declared(transform: type[Transform]) -> None:
    ways = settings(transform)
    if ways[0].name != "mild":
        assert not any(knob.neutral is not None for knob in transform.knobs().values())
        return
    assert [way.name for way in ways] == ["mild", "strong"]
    (name,) = turned(transform)
    knob, default = transform.knobs()[name], transform.default().range_of(name)
    mild, strong = (float(way.draw.values[name]) for way in ways)
    assert mild in default
    neutral = knob.neutral
    assert neutral is not None
    assert abs(mild - neutral) == pytest.approx(max(abs(end - neutral) for end in default))
    assert (strong - neutral) * (mild - neutral) > 0
    upwards = mild > neutral
    limits = knob.limits_at(224)
    limit = limits.caution[upwards] if limits.excessive[upwards] is None else limits.excessive[upwards]
    for end in (knob.useful[upwards], limit):
        assert end is None or abs(strong - neutral) >= abs(end - neutral)
    others = [other for other, declared in transform.knobs().items() if declared.neutral is not None and other != name]
    assert all(way.draw.values[other] == transform.knobs()[other].neutral for way in ways for other in others)
    assert all(knob.show(value) in way.words for way, value in zip(ways, (mild, strong), strict=True))


def test_what_makes_a_strength_together_goes_as_far_as_its_limit() -> None:
    strong = settings(registry()["cutout"])[1]
    assert strong.step.measured(strong.draw.values) == pytest.approx(0.33)


def test_outcomes_without_a_strength() -> None:
    names = {op: [way.name for way in settings(transform)] for op, transform in registry().items()}
    assert names["flip"] == ["horizontal", "vertical"]
    assert names["invert"] == names["grayscale"] == [""]
    turns = registry()["quarter_turn"].parameters()["turns"]
    assert isinstance(turns, Choices)
    assert names["quarter_turn"] == [turns.options[90], turns.options[270]]
    flips = [shown(way, 224) for way in settings(registry()["flip"])]
    assert change(flips[0], plain(224)[:, ::-1]) == 0
    assert change(flips[1], plain(224)[::-1]) == 0


def test_places_are_in_the_middle_and_apart() -> None:
    crop = settings(registry()["crop"])[0].draw.points("place")
    assert crop[0] == pytest.approx((0.5, 0.5), abs=0.05)
    squares = settings(registry()["cutout"])[0].draw.points("squares")
    assert len(squares) == 2
    assert np.hypot(*np.subtract(*squares)) > 0.6


def test_what_is_looked_at_closely_is_lost_in_a_reduced_picture() -> None:
    """A mild blur cannot be seen in a picture a third as wide."""
    close = {transform.name() for transform in ALL if is_close(transform)}
    assert {"blur", "sharpen", "gaussian_noise"} <= close
    assert not close & {"rotate", "brightness", "cutout"}
    small = [
        cv2.resize(pixels, (96, 72), interpolation=cv2.INTER_AREA)
        for pixels in (plain(224), shown(settings(registry()["blur"])[0], 224))
    ]
    assert change(*small) < 0.5
