"""Looks that are easily lost: edges in line, icons and arrows in the colour of the text beside them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from driving import find, settle
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QColor, QIcon, QImage
from PySide6.QtWidgets import QApplication, QLabel, QToolButton, QTreeWidget, QWidget
from windows import OpenWindow

from augstudio import presets
from augstudio.gui.cards.card import Card
from augstudio.gui.parts import style
from augstudio.gui.parts.qimages import from_image
from augstudio.gui.shell.window import Window


@pytest.fixture(params=[style.LIGHT, style.DARK], ids=["light", "dark"])
def theme(request: pytest.FixtureRequest, loaded: Window, qapp: QApplication) -> Iterator[style.Theme]:
    style.fix(request.param)
    style.apply(qapp)
    loaded.refresh_icons()
    settle(loaded)
    yield request.param


def right_edge(widget: QWidget, window: Window) -> int:
    return widget.mapTo(window, QPoint(widget.width(), 0)).x()


def solid_colours(image: QImage) -> NDArray[np.int_]:
    """The colours that are fully there, one a line."""
    pixels = from_image(image)
    return np.unique(pixels[pixels[..., 3] == 255][:, :3], axis=0).astype(int)


def rgb(colour: str) -> list[int]:
    return list(QColor(colour).getRgb()[:3])  # type: ignore[arg-type]


def test_the_status_bar_keeps_off_the_edges(loaded: Window) -> None:
    labels = [label for label in loaded.statusBar().findChildren(QLabel) if label.isVisible() and label.text()]
    assert len(labels) == 2, "the folder on the left, the time on the right"
    assert 8 <= min(label.mapTo(loaded, QPoint()).x() for label in labels) <= 12
    assert 8 <= loaded.width() - max(right_edge(label, loaded) for label in labels) <= 12


@pytest.mark.parametrize("height", [700, 1400])
def test_all_cards_are_of_one_width(open_window: OpenWindow, height: int) -> None:
    window = open_window(width=1200, height=height)
    window.studio.load_preset(presets.locate("photos" if height == 700 else "gentle"))
    if height == 1400:
        window.studio.new_pipeline()
        window.studio.add_step("blur")
    settle(window)
    bar = window.pipeline._scroll.verticalScrollBar()
    assert bar.isVisible() == (height == 700)
    cards = window.pipeline.findChildren(Card)
    assert cards
    edges = {right_edge(card, window) for card in (*cards, window.pipeline.output)}
    assert len(edges) == 1
    if bar.isVisible():
        assert bar.mapTo(window, QPoint()).x() > edges.pop(), "the bar lies beside them"


def test_a_card_stays_as_wide_when_the_scroll_bar_comes(window: Window) -> None:
    window.studio.new_pipeline()
    window.studio.add_step("blur")
    settle(window)
    bar, card = window.pipeline._scroll.verticalScrollBar(), window.pipeline.findChildren(Card)[0]
    before = card.width()
    assert not bar.isVisible()
    for op in ("rotate", "shrink", "shift", "gaussian_noise", "brightness", "contrast"):
        window.studio.add_step(op)
    settle(window)
    assert bar.isVisible()
    assert card.width() == before


def test_the_primary_button_is_drawn_in_one_colour(loaded: Window, theme: style.Theme) -> None:
    icon = find(loaded, QToolButton, "action.export.button").icon()
    for mode, colour in ((QIcon.Mode.Normal, theme.on_accent), (QIcon.Mode.Disabled, theme.muted)):
        drawn = solid_colours(icon.pixmap(QSize(20, 20), mode).toImage())
        assert len(drawn)
        assert np.abs(drawn - rgb(colour)).max() <= 2, mode


def test_the_arrow_of_a_chosen_line_is_drawn_as_its_text(loaded: Window, theme: style.Theme) -> None:
    tree = find(loaded, QTreeWidget, "pictures.classes")
    root = tree.topLevelItem(0)
    assert root is not None
    line = tree.visualItemRect(root)
    arrow = QRect(0, line.top(), tree.indentation(), line.height())
    for chosen, ink, ground in ((True, theme.on_accent, theme.accent), (False, theme.text, theme.card)):
        tree.setCurrentItem(root if chosen else root.child(0))
        settle(loaded)
        drawn = from_image(tree.viewport().grab(arrow).toImage())[..., :3].astype(int)
        far = np.abs(drawn - rgb(ground)).max(axis=2)
        boldest = drawn[np.unravel_index(far.argmax(), far.shape)]
        assert np.abs(boldest - rgb(ink)).max() < 0.4 * np.abs(np.subtract(rgb(ground), rgb(ink))).max(), chosen
        assert (far < 3).mean() > 0.5, "the rest is the line's own ground"
