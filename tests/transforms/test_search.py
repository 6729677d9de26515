"""Transforms are found by what people call them, here or elsewhere."""

from __future__ import annotations

import re

import pytest

from augstudio.transforms import Transform, registry
from augstudio.transforms.search import Match, match, words

every_transform = pytest.mark.parametrize("transform", registry().values(), ids=registry())


def found(query: str) -> dict[str, Match]:
    """What is found by name, here or elsewhere, by op."""
    matches = {op: match(transform, query) for op, transform in registry().items()}
    return {op: hit for op, hit in matches.items() if hit is not None and hit.rank < 3}


@every_transform
def test_every_transform_says_what_else_it_is_called(transform: type[Transform]) -> None:
    """Once, with the transform; each other name is a name, says something new, and finds it."""
    assert len(transform.also) >= 2
    folded = ["".join(words(name)) for name in (transform.label, transform.name(), *transform.also)]
    assert len(set(folded[1:])) == len(folded[1:]), "no name stands twice, in whatever spelling"
    assert folded[0] not in folded[2:]
    for also in transform.also:
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9]*([ _-][A-Za-z0-9]+)*", also), also
        assert 3 <= len(also) <= 30, also
        hit = match(transform, also)
        assert hit is not None, also
        assert hit.rank <= 2, also


@every_transform
def test_every_transform_is_found_by_its_own_name(transform: type[Transform]) -> None:
    for name in (transform.label, transform.name(), transform.label.upper(), transform.label[:3]):
        assert match(transform, name) == Match(0, "")


@pytest.mark.parametrize(
    ("query", "ops"),
    [
        ("zoom", {"crop", "shrink"}),
        ("scale", {"crop", "shrink"}),
        ("jitter", {"brightness", "contrast", "hue", "saturation"}),
        ("color jitter", {"brightness", "contrast", "hue", "saturation"}),
        ("colour jitter", {"brightness", "contrast", "hue", "saturation"}),
        ("ColorJitter", {"brightness", "contrast", "hue", "saturation"}),
        ("erasing", {"cutout"}),
        ("random erasing", {"cutout"}),
        ("dropout", {"cutout"}),
        ("coarse dropout", {"cutout"}),
        ("CoarseDropout", {"cutout"}),
        ("cutout", {"cutout"}),
        ("translate", {"shift"}),
        ("RandomTranslation", {"shift"}),
        ("affine", {"rotate", "shift", "shear", "shrink"}),
        ("colou", {"swap_colours", "brightness"}),
        ("gre", {"grayscale"}),
        ("greyscale", {"grayscale"}),
        ("grayscale", {"grayscale"}),
        ("gray", {"grayscale"}),
        ("random resized crop", {"crop"}),
        ("randomresizedcrop", {"crop"}),
        ("resized", {"crop"}),
        ("hflip", {"flip"}),
        ("horizontal flip", {"flip"}),
        ("mirror", {"flip"}),
        ("rot90", {"quarter_turn"}),
        ("solarize", {"solarize"}),
        ("solarise", {"solarize"}),
        ("JPEG artifacts", {"jpeg"}),
        ("compression", {"jpeg"}),
        ("swap colors", {"swap_colours"}),
        ("GaussNoise", {"gaussian_noise"}),
        ("white balance", {"channel_gain"}),
    ],
)
def test_words_of_other_libraries(query: str, ops: set[str]) -> None:
    assert ops <= {*found(query)}


def test_a_word_within_a_word_is_not_meant() -> None:
    assert "grayscale" not in found("scale")
    assert found("zzz") == {}


def test_the_other_name_is_told_only_where_it_was_needed() -> None:
    assert found("translate")["shift"] == Match(2, "translate")
    assert found("shift")["shift"] == Match(0, "")
    assert found("")["shift"].also == ""
