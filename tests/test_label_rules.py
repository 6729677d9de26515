"""Names of classes that a mirror image would make something else."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from augstudio.label_rules import mirror_sensitive


@pytest.mark.parametrize(
    "names",
    [
        ["left", "right"],
        ["Turn left", "turn-right", "keep_LEFT", "RightHand", "turnLeft2"],
        ["lefthand glove"],
        ["arrow", "Arrows up"],
        ["clockwise", "counter-clockwise", "anticlockwise"],
        ["u-turn", "UTurn", "no turn on red", "one way", "one-way"],
        ["hand_l", "hand_r"],
        ["ear.L", "ear.R"],
        ["links", "rechts"],
        ["gauche", "droite"],
        ["cw", "ccw"],
        ["lamp port", "lamp starboard"],
        ["digit 3", "letter_k"],
        ["b", "d"],
        ["p", "q"],
        list(string.ascii_uppercase),
        list("xyz"),
        list(string.digits),
        [*string.digits[1:], "10"],
        list("あいう"),
    ],
)
def test_names_that_suggest_it(names: list[str]) -> None:
    assert mirror_sensitive(names) == names
    assert mirror_sensitive([names[0], *names, "cat"]) == names, "each once, and nothing else"


@pytest.mark.parametrize(
    "names",
    [
        [],
        ["cat", "dog", "RBC", "WBC", "Platelets"],
        ["bright", "copyright", "leftover", "narrow", "sparrow", "turntable", "clockwork", "letterbox"],
        ["links", "images"],
        ["cw"],
        ["port", "ship"],
        ["hand_l", "foot_r"],
        ["0", "1"],
        ["0", "1", "2", "3", "4"],
        [str(number) for number in range(43)],
        ["b"],
        ["b", "p"],
        ["+", "-", "_"],
        [""],
        ["left" * 100],
    ],
)
def test_names_that_do_not(names: list[str]) -> None:
    assert mirror_sensitive(names) == []


def test_letters_beside_other_classes() -> None:
    assert mirror_sensitive(["cat", "d", "plate", "b", "sign left"]) == ["d", "b", "sign left"]


def test_any_iterable() -> None:
    assert mirror_sensitive(name for name in ("left", "up")) == ["left"]


@given(st.lists(st.text(max_size=8)))
def test_it_takes_some_of_any_names_in_their_order(names: list[str]) -> None:
    found = mirror_sensitive(names)
    places = [names.index(name) for name in found]
    assert places == sorted(set(places))
    assert mirror_sensitive(names) == found
