"""Looks that are easily lost: edges in line, icons and arrows in the colour of the text beside them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from driving import find, settle
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPixmap, QTransform
from PySide6.QtWidgets import QApplication, QLabel, QStyleOptionViewItem, QToolButton, QTreeWidget, QWidget
from windows import OpenWindow

from augstudio import presets
from augstudio.advice import Level
from augstudio.gui.cards.card import Card
from augstudio.gui.cards.editors import RangeEditor
from augstudio.gui.intent.views import Shown
from augstudio.gui.parts import style
from augstudio.gui.parts.controls import ElidedLabel
from augstudio.gui.parts.qimages import from_image
from augstudio.gui.shell.window import Window
from augstudio.gui.stage.cautions import Row, Worst
from augstudio.gui.stage.compare import Compare
from augstudio.gui.stage.rendering import Rendered
from augstudio.gui.stage.tile_image import TileImage
from augstudio.transforms import Range


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


@pytest.mark.parametrize("title", ["Copy 1", "Copy 12", "Highest ends"])
def test_what_stands_over_the_pictures_is_whole_or_left_out(qtbot: object, title: str) -> None:
    compare = Compare()
    image = QImage(40, 30, QImage.Format.Format_RGB888)
    image.fill(0)
    compare.set_original(Rendered(image, (12_000, 9000), 0.0, None, exact=False))
    compare.set_augmented(Rendered(image, (12_000, 9000), 0.0, None, exact=False))
    compare.set_heading(title)
    compare.show()
    zoom = find(compare, QLabel, "compare.zoom")
    seen: list[set[object]] = []
    for width in range(260, 1000, 6):
        compare.resize(width, 300)
        QApplication.processEvents()
        labels = [label for label in compare.findChildren(QLabel) if label.isVisible()]
        buttons = compare.findChildren(QToolButton)
        for head in {label.parentWidget() for label in labels}:
            there = sorted((w for w in (*labels, *buttons) if w.parentWidget() is head), key=QWidget.x)
            assert there[0].text() in {"Original", title}
            assert there[-1].geometry().right() <= head.width()
            assert all(a.geometry().right() < b.x() for a, b in itertools.pairwise(there)), "nothing lies over another"
            short = [label for label in there if label.width() < label.sizeHint().width()]
            assert short in ([], there[:1])
            assert not short or [w for w in there if isinstance(w, QLabel)] == short, (
                "a title is shortened after all else is left out"
            )
        assert not [button for button in buttons if button.isVisible()]
        assert shown_views(compare) == 1, "both views are of one width"
        seen.append({zoom if label is zoom else label.text() for label in labels})
    assert seen[0] - {zoom} == {"Original", title}, "titles alone"
    assert seen[-1] == {"Original", title, "12,000 × 9,000", "reduced", zoom}
    assert all(fewer <= more for fewer, more in itertools.pairwise(seen)), "what there was room for stays"
    compare.deleteLater()


def shown_views(compare: Compare) -> int:
    return len({view.width() for view in (compare.original, compare.augmented)})


def test_no_words_make_the_window_wider(loaded: Window) -> None:
    before, least = loaded.size(), loaded.minimumSizeHint()
    words = "Listing /home/somebody/pictures/" + "of very many things/" * 30
    loaded.status.set_summary(words)
    settle(loaded)
    assert (loaded.size(), loaded.minimumSizeHint()) == (before, least)
    (shown,) = [label for label in loaded.statusBar().findChildren(QLabel) if label.text() == words]
    shown.grab()
    assert shown.toolTip() == words, "all of it can be read"


def test_the_line_of_the_worst_caution_says_all_of_it_where_there_is_no_room(open_window: OpenWindow) -> None:
    window = open_window(width=1024, height=700)
    line = find(window, Worst, "caution.0")

    def tips() -> set[str]:
        line.grab()
        return {line.toolTip(), *(label.toolTip() for label in line.findChildren(ElidedLabel))}

    (before,) = tips()
    assert before.startswith("No cautions: ")
    window.studio.edit_step("rotate", "angle", Range(-170, 170))
    settle(window)
    worst = window.current_cautions[0]
    assert tips() == {f"{worst.title}\n{worst.message}\nLimit: {worst.evidence}"}
    window.cautions.unfold()
    settle(window)
    title = next(
        label for label in find(window, Row, "caution.0.full").findChildren(QLabel) if label.text() == worst.title
    )
    assert title.height() >= title.heightForWidth(title.width()), "the title is whole where there is room below"
    window.studio.undo_stack.undo()
    settle(window)
    assert tips() == {before}


@pytest.mark.parametrize("small", [False, True])
def test_a_picture_of_the_strip_lies_on_its_ground(loaded: Window, small: bool) -> None:
    """And not a pixel beside it, whatever its shape: the ground of the chosen tile was seen as a line at two edges."""
    strip = loaded.strip
    strip.set_small(small)
    row = strip.currentRow()
    shown, card = loaded.studio.state.shown, QColor(style.theme().card)
    for width in range(40, 93):
        image = QImage(width, 92, QImage.Format.Format_RGB32)
        image.fill(QColor("#204060"))
        for turned in (image, image.transformed(QTransform().rotate(90))):
            strip.set_picture(shown, TileImage(turned))
            place = strip.visualItemRect(strip.item(row)).adjusted(2, 2, -2, -6 - strip.fontMetrics().height())
            pixels = from_image(strip.viewport().grab(place).toImage())[..., :3]
            inside = pixels[8:, 8:-8]
            assert (inside == (0x20, 0x40, 0x60)).all(axis=2).any()
            assert not (inside == (card.red(), card.green(), card.blue())).all(axis=2).any(), turned.size()


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("small", [False, True])
def test_a_picture_of_the_strip_keeps_to_its_tile_on_any_screen(loaded: Window, small: bool, ratio: float) -> None:
    strip = loaded.strip
    strip.set_small(small)
    item = strip.item(2)
    place = strip.visualItemRect(item)
    for width, height in ((92, 92), (92, 40), (40, 92)):
        image = QImage(round(width * ratio), round(height * ratio), QImage.Format.Format_RGB32)
        image.fill(QColor("#204060"))
        image.setDevicePixelRatio(ratio)
        strip.set_picture(Shown("copy", 1), TileImage(image))
        canvas = QPixmap(place.size() * ratio)
        canvas.setDevicePixelRatio(ratio)
        canvas.fill(QColor("white"))
        painter = QPainter(canvas)
        option = QStyleOptionViewItem()
        option.rect = QRect(QPoint(), place.size())
        strip.itemDelegate().paint(painter, option, strip.indexFromItem(item))
        painter.end()
        inked = (from_image(canvas.toImage())[..., :3] == (0x20, 0x40, 0x60)).all(axis=2)
        down, across = np.flatnonzero(inked.any(1)), np.flatnonzero(inked.any(0))
        assert across[0] >= 5 * ratio
        assert across[-1] < (place.width() - 5) * ratio
        assert down[0] >= 5 * ratio
        assert down[-1] < (place.height() - 6 - strip.fontMetrics().height()) * ratio
        assert abs(len(across) * height / width - len(down)) <= 5, "in its own shape, but for edges that are smoothed"


def test_marks_of_sliders_take_the_colours_in_force(loaded: Window, qapp: QApplication) -> None:
    loaded.studio.add_step("gaussian_noise")
    step = loaded.studio.state.pipeline.transforms[-1]
    loaded.studio.edit_step(step.id, "sigma", Range(0.3, 0.4))
    settle(loaded)
    editor = loaded.pipeline._cards[step.id]._editors["sigma"]
    assert isinstance(editor, RangeEditor)
    for colours in (style.DARK, style.LIGHT):
        style.fix(colours)
        style.apply(qapp)
        loaded.refresh_icons()
        marks = editor._mark.pixmap(), style.level_icon(Level.EXCESSIVE, 15)
        shown, wanted = (from_image(mark.toImage()) for mark in marks)
        assert np.array_equal(shown, wanted)
