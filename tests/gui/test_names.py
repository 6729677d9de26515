"""Names too long for their room: they fit, and those beside one another are told apart."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from driving import settle, write
from PySide6.QtWidgets import QLabel

from augstudio.gui.browser.names import shortened
from augstudio.gui.shell.window import Window

SETS = {
    "a number in the middle": [f"IMG_20230714_104500_{n:04}_final_edited.jpg" for n in range(40)],
    "a number at the end": [f"holiday by the sea in the summer {n:03}.jpg" for n in range(40)],
    "a number at the begin": [f"{n:04}-holiday by the sea in the summer.jpg" for n in range(40)],
    "a letter early, a number late": [f"scan-{c}-of-the-old-archive-page-{n:02}.png" for c in "ab" for n in range(20)],
    "the suffix": ["a very long name of a picture indeed.jpg", "a very long name of a picture indeed.png"],
    "one is the other's begin": ["a very long name of a picture", "a very long name of a picture and then some more"],
}


@pytest.mark.parametrize("names", SETS.values(), ids=SETS)
@pytest.mark.parametrize("room", [12, 15, 20])
def test_neighbours_are_told_apart(names: list[str], room: int) -> None:
    short = []
    for at, name in enumerate(names):
        beside = names[max(0, at - 1) : at] + names[at + 1 : at + 2]
        short.append(shortened(name, beside, lambda text: len(text) <= room))
    assert all(len(text) <= room for text in short)
    assert all(one != other for one, other in itertools.pairwise(short)), short
    assert all("…" in text for text in short)


def test_what_fits_is_left_alone() -> None:
    assert shortened("cat.jpg", ["car.jpg", "cow.jpg"], lambda text: len(text) <= 12) == "cat.jpg"
    assert shortened("a lonely picture of nobody.jpg", [], lambda text: len(text) <= 12) == "a lone…y.jpg"
    assert shortened("same.jpg", ["same.jpg"], lambda text: len(text) <= 5) == "sa…pg"
    assert shortened("abc", [], lambda _: False) == "…c", "where there is no room at all"


def test_the_list_tells_them_apart(window: Window, tmp_path: Path) -> None:
    for name in SETS["a number in the middle"][:12]:
        write(tmp_path / "many" / name, 24, 32)
    window.open_folder(tmp_path / "many")
    settle(window)
    drawn = [text for (_, _), text in sorted(window.pictures.model._short.items())]
    assert len(drawn) == len(set(drawn)) == 12
    assert any("0003" in text for text in drawn)


@pytest.mark.parametrize(("number", "words"), [(1, "1 picture"), (2, "2 pictures")])
def test_numbers_of_pictures_are_written_in_one_way(window: Window, tmp_path: Path, number: int, words: str) -> None:
    for seed in range(number):
        write(tmp_path / "few" / f"{seed}.png", 24, 32, seed=seed)
    window.open_folder(tmp_path / "few")
    settle(window)
    assert words in [label.text() for label in window.pictures.findChildren(QLabel)]
    assert window.studio.scene().summary.startswith(words)
