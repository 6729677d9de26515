"""Who cannot use a mouse, or does not see well: names, keys, room for every text, and contrast."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from driving import activate, find, settle, write
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAction, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QToolButton,
    QWidget,
)
from windows import OpenWindow, write_photos

from augstudio.gui.cards.add_menu import AddMenu
from augstudio.gui.cards.card import Card, Grip
from augstudio.gui.exporting.export_dialog import ExportDialog
from augstudio.gui.parts import style
from augstudio.gui.parts.controls import ElidedLabel
from augstudio.gui.parts.number_field import NumberField
from augstudio.gui.shell.code_dialog import CodeDialog
from augstudio.gui.shell.save_dialog import SaveDialog
from augstudio.gui.shell.window import Window
from augstudio.gui.stage.image_view import ImageView
from augstudio.gui.trying.trial_dialog import TrialDialog
from augstudio.label_rules import BoxFit, Empty, LabelRules
from augstudio.pipeline import Fit, Output, Pipeline
from augstudio.transforms import Range, registry

CONTROLS = (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QAbstractItemView,
    ImageView,
    Card,
)
SIZES = [(1440, 900), (1024, 700)]


def is_internal(widget: QWidget) -> bool:
    """Whether Qt made it as a part of another control."""
    if widget.objectName().startswith("qt_") or isinstance(widget, QScrollBar | QHeaderView):
        return True
    parent = widget.parentWidget()
    while parent is not None and not parent.isWindow():
        if isinstance(parent, QAbstractSpinBox | QLineEdit | QComboBox):
            return True
        parent = parent.parentWidget()
    return type(parent).__name__ == "QFrame" and isinstance(parent.parentWidget(), QComboBox)  # the list that opens


def controls(root: QWidget, *, visible: bool = False) -> Iterator[QWidget]:
    """Every control below a widget."""
    for widget in root.findChildren(QWidget):
        if isinstance(widget, CONTROLS) and not is_internal(widget) and (widget.isVisible() or not visible):
            yield widget


def is_beside_the_checked(widget: QWidget) -> bool:
    """Whether it is a part of a switch that arrow keys reach, and Tab only where it is the one that is on."""
    group = widget.group() if isinstance(widget, QAbstractButton) else None
    return group is not None and group.exclusive() and not widget.isChecked()  # type: ignore[attr-defined]


def name(widget: QWidget) -> str:
    """A control for messages."""
    label = widget.objectName() or widget.toolTip() or getattr(widget, "text", str)()
    return f"{type(widget).__name__} {label!r} in {type(widget.parentWidget()).__name__}"


def spoken(widget: QWidget) -> str:
    """What a screen reader calls it."""
    if isinstance(widget, QComboBox):  # on Linux its name is its value, and its label stands beside it
        return widget.accessibleName()
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface else ""


def show_everything(window: Window, photos: Path) -> None:
    """Show every control there is: a card of every kind, output and labels unfolded, cautions, a message."""
    steps = tuple(registry()[op].default() for op in registry())
    output = Output(fit=Fit.PAD, width=224, height=1234)
    labels = LabelRules(
        smallest_share=0.125,
        smallest_side=3.5,
        box_fit=BoxFit.CORNERS,
        without_objects=Empty.REDRAW,
        not_mirrored=("arrow", "sign"),
    )
    write(photos / "left" / "l.png")  # which is asked about
    window.studio.apply_pipeline("test", Pipeline(name="Everything", transforms=steps, output=output, labels=labels))
    window.studio.edit_step("gaussian_noise", "sigma", Range(0, 0.4))
    window.studio.edit_step("rotate", "angle", Range(-180, 180))
    window.studio.edit_step("rotate", "border", "blank")
    window.studio.edit_step("perspective", "probability", 0.125)
    window.open_folder(photos)
    window.pipeline.output._set_folded(False)
    settle(window)
    window.say("Something went wrong.")
    settle(window)


@pytest.fixture
def full(shared_window: Window, qtbot: object, tmp_path_factory: pytest.TempPathFactory) -> Window:
    """One window that shows everything, for tests that only look."""
    if shared_window.studio.state.dataset is None:
        show_everything(shared_window, write_photos(tmp_path_factory.mktemp("pictures")))
    return shared_window


def dialogs(window: Window) -> list[QWidget]:
    """The dialogs and the pop-up; they are the window's children."""
    state = window.studio.state
    return [
        ExportDialog(state, window.current_cautions, None, window),
        SaveDialog(state.pipeline, window),
        AddMenu(window.pipeline.tiles, window),
        CodeDialog(state.pipeline, window),
        TrialDialog(state, window),
    ]


@pytest.fixture
def others(full: Window) -> Iterator[list[QWidget]]:
    made = dialogs(full)
    yield made
    for dialog in made:
        if isinstance(dialog, ExportDialog):
            dialog.reject()
        dialog.deleteLater()
    settle(full)


# -- names -----------------------------------------------------------------------------------------------------------


def test_every_control_has_a_spoken_name(full: Window, others: list[QWidget]) -> None:
    nameless = [name(widget) for root in (full, *others) for widget in controls(root) if not spoken(widget).strip()]
    assert nameless == []


def test_every_control_has_an_object_name(full: Window, others: list[QWidget]) -> None:
    nameless = {name(widget) for root in (full, *others) for widget in controls(root) if not widget.objectName()}
    assert nameless == set()


def test_object_names_are_told_apart(full: Window) -> None:
    names = [widget.objectName() for widget in controls(full) if widget.objectName()]
    assert sorted(names) == sorted(set(names))


def test_the_promised_object_names(full: Window) -> None:
    for promised in (
        "rotate.angle",
        "rotate.enabled",
        "rotate.probability",
        "compare.original",
        "compare.augmented",
        "cautions",
    ):
        assert find(full, QWidget, promised)
    for promised in ("open", "save_preset", "export", "undo", "redo", "preset", "new_seed"):
        assert full.findChild(QAction, f"action.{promised}") is not None
    for op, transform in registry().items():
        for part in ("enabled", "probability", *transform.parameters()):
            assert find(full, QWidget, f"{op}.{part}")


def test_parts_of_one_slider_are_named_apart(full: Window) -> None:
    """A screen reader must tell the ends of a range, and the card, from the name alone."""
    assert spoken(find(full, QWidget, "rotate.angle.low")) == "Rotate, Angle, lowest"
    assert spoken(find(full, QWidget, "rotate.angle.high")) == "Rotate, Angle, highest"
    names = [spoken(widget) for card in full.findChildren(Card) for widget in controls(card) if widget is not card]
    assert len(names) == len(set(names))


def test_tool_tips_of_icon_buttons(full: Window) -> None:
    silent = [
        name(b)
        for b in full.findChildren(QToolButton)
        if b.icon() and not b.text() and not b.toolTip() and not is_internal(b)
    ]
    assert silent == []


# -- keys ------------------------------------------------------------------------------------------------------------


def test_every_control_takes_the_focus_by_key(full: Window, others: list[QWidget]) -> None:
    deaf = [
        name(widget)
        for root in (full, *others)
        for widget in controls(root)
        if not isinstance(widget, Grip) and not widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    assert deaf == []


def test_tab_reaches_every_control(full: Window) -> None:
    """Once round with the Tab key: nothing is left out, and nothing is a trap."""
    wanted = {
        widget
        for widget in controls(full, visible=True)
        if widget.isEnabled() and not isinstance(widget, Grip) and not is_beside_the_checked(widget)
    }
    activate(full)
    start = find(full, ImageView, "compare.original")
    start.setFocus()
    reached: list[QWidget] = []
    for _ in range(3 * len(wanted)):
        here = QApplication.focusWidget()
        assert here is not None
        QTest.keyClick(here, Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        assert now is not None
        assert now is not here, f"{name(here)} keeps the Tab key to itself"
        reached.append(now)
        if now is start:
            break
    missed = [name(widget) for widget in wanted - set(reached)]
    assert missed == []


def test_tab_goes_as_the_window_is_read(full: Window) -> None:
    activate(full)
    first = find(full, QToolButton, "action.open.button")
    first.setFocus()
    met: list[str] = []
    while (here := QApplication.focusWidget()) is not None and here.objectName() not in met:
        met.append(here.objectName())
        QTest.keyClick(here, Qt.Key.Key_Tab)
    read = ["action.open.button", "seed", "pictures.filter", "pictures.classes", "pictures.list", "view.picture"]
    read += ["compare.original", "compare.augmented", "strip", "action.add", "output.fold"]
    assert [name for name in met if name in read] == read


def test_tab_follows_what_is_seen(window: Window) -> None:
    """From card to card downwards, whatever was added, moved or brought back by undo."""
    studio = window.studio
    studio.apply_pipeline(
        "test", Pipeline(transforms=tuple(registry()[op].default() for op in ("flip", "rotate", "blur")))
    )
    studio.remove_step("flip")
    settle(window)
    studio.undo_stack.undo()
    studio.move_step("blur", 0)
    settle(window)
    order = [step.id for step in studio.state.pipeline.transforms]
    assert order == ["blur", "flip", "rotate"]
    here: QWidget | None = find(window, Card, "card.blur")
    here.setFocus()
    met = []
    while here is not None and (card := card_of(here)) is not None:
        met += [card.step_id] * (here is card)
        QTest.keyClick(here, Qt.Key.Key_Tab)
        here = QApplication.focusWidget()
    assert met == order


def card_of(widget: QWidget | None) -> Card | None:
    """The card that a control lies in."""
    while widget is not None and not isinstance(widget, Card):
        widget = widget.parentWidget()
    return widget


def test_escape_leaves_the_dialogs(full: Window, others: list[QWidget]) -> None:
    for dialog in others:
        dialog.show()
        settle(full)
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        settle(full)
        assert not dialog.isVisible(), type(dialog).__name__


# -- room ------------------------------------------------------------------------------------------------------------


def cut_off(root: QWidget) -> list[str]:
    """Visible texts that have less room than they need."""
    found = []
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or widget.objectName().startswith("qt_") or isinstance(widget, ElidedLabel):
            continue
        need, has = widget.sizeHint(), widget.size()
        if isinstance(widget, QLabel):
            if not widget.text():
                continue
            if widget.wordWrap():
                if widget.heightForWidth(has.width()) > has.height() + 1:
                    found.append(f"{widget.text()!r}: {widget.heightForWidth(has.width())} high, has {has.height()}")
            elif need.width() > has.width() or need.height() > has.height() + 2:
                found.append(f"{widget.text()!r} needs {need.toTuple()}, has {has.toTuple()}")
        elif isinstance(widget, QAbstractButton | QComboBox):
            text = widget.currentText() if isinstance(widget, QComboBox) else widget.text()
            if text and need.width() > has.width():
                found.append(f"{text!r} ({widget.objectName()}) needs {need.width()}, has {has.width()}")
        elif isinstance(widget, NumberField):
            advance = widget.fontMetrics().horizontalAdvance(widget.text())
            if advance + 10 > widget.width():
                found.append(f"{widget.text()!r} ({widget.objectName()}) needs {advance + 10}, has {widget.width()}")
        elif isinstance(widget, QAbstractSpinBox):
            line = widget.findChild(QLineEdit)
            assert line is not None
            advance = widget.fontMetrics().horizontalAdvance(line.text())
            if advance + 4 > line.width():
                found.append(f"{line.text()!r} ({widget.objectName()}) needs {advance + 4}, has {line.width()}")
    return found


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_no_text_is_cut_off(open_window: OpenWindow, photos: Path, width: int, height: int) -> None:
    window = open_window(width=width, height=height)
    show_everything(window, photos)
    assert (window.width(), window.height()) == (width, height), "the window fits the screen"
    assert cut_off(window) == []


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_no_text_is_cut_off_at_first(open_window: OpenWindow, width: int, height: int) -> None:
    window = open_window(width=width, height=height)
    assert (window.width(), window.height()) == (width, height)
    assert cut_off(window) == []


def test_no_text_is_cut_off_in_the_dialogs(full: Window, others: list[QWidget]) -> None:
    for dialog in others:
        dialog.show()
        settle(full)
        if isinstance(dialog, ExportDialog):
            for page in range(3):
                dialog._pages.setCurrentIndex(page)
                settle(full)
                assert cut_off(dialog) == []
        assert cut_off(dialog) == []
        dialog.hide()


@pytest.mark.parametrize("length", [20, 200])
def test_a_long_preset_name_leaves_the_toolbar_whole(open_window: OpenWindow, length: int) -> None:
    window = open_window(width=1024, height=700)
    window.studio.apply_pipeline("test", Pipeline(name="Wörter " * (length // 7)))
    settle(window)
    assert window.width() == 1024
    hidden = [
        action.objectName()
        for action in window._bar.actions()
        if action.objectName() and not window._bar.widgetForAction(action).isVisible()
    ]
    assert hidden == []


def test_a_long_title_of_a_card_leaves_its_buttons_in_view(open_window: OpenWindow) -> None:
    window = open_window(width=1024, height=700)
    longest = max(registry().values(), key=lambda transform: len(transform.label))
    steps = tuple(longest.default(id=f"{longest.name()}-{number}") for number in (10, 1000))
    window.studio.apply_pipeline("test", Pipeline(transforms=steps))
    settle(window)
    for card in window.findChildren(Card):
        remove = find(card, QToolButton, f"{card.step_id}.remove")
        assert remove.mapTo(window, remove.rect().topRight()).x() < window.width()
        assert remove.visibleRegion().boundingRect().width() == remove.width()


# -- contrast --------------------------------------------------------------------------------------------------------


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = QColor(colour).getRgbF()[:3]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_the_ruler_for_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


TEXTS = [
    *((text, back) for text in ("text", "muted") for back in ("window", "card", "stage", "hover")),
    *((text, back) for text in ("text", "muted") for back in ("amber_back", "red_back")),
    ("amber", "amber_back"),
    ("red", "red_back"),
    *((level, back) for level in ("amber", "red") for back in ("window", "card")),
    ("on_accent", "accent"),
]
SHAPES = [(colour, back) for colour in ("green", "amber", "red", "accent") for back in ("card", "window")]


@pytest.mark.parametrize("theme", [style.LIGHT, style.DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "back"), TEXTS)
def test_texts_stand_out(theme: style.Theme, text: str, back: str) -> None:
    assert contrast(getattr(theme, text), getattr(theme, back)) >= 4.5


@pytest.mark.parametrize("theme", [style.LIGHT, style.DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("colour", "back"), SHAPES)
def test_shapes_stand_out(theme: style.Theme, colour: str, back: str) -> None:
    assert contrast(getattr(theme, colour), getattr(theme, back)) >= 3
