"""Labels in the window: drawn over the pictures, shown and hidden by L, told of, and read anew where they change."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from driving import activate, find, settle, type_text
from labelled import GOOD, write_masks, write_yolo
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QToolButton
from windows import OpenWindow, write_photos

from augstudio.dataset.labelling import LabelError
from augstudio.gui.intent import session as sessions
from augstudio.gui.intent.views import Shown
from augstudio.gui.parts.qimages import from_image
from augstudio.gui.shell import folders
from augstudio.gui.shell.actions import keys_in_words
from augstudio.gui.shell.folder_dialog import FolderDialog
from augstudio.gui.shell.window import Window
from augstudio.gui.stage import rendering
from augstudio.gui.stage.image_view import ImageView
from augstudio.gui.stage.marks import Marks
from augstudio.gui.stage.strip import TILE
from augstudio.gui.stage.tile_image import TileImage
from augstudio.pipeline import Pipeline
from augstudio.transforms import Range, registry

CROP = Pipeline(transforms=(registry()["crop"].default(probability=1.0),)).with_step("crop", area=Range(0.3, 0.5))


def opened_on(window: Window, root: Path, pipeline: Pipeline = CROP) -> Window:
    activate(window)
    window.studio.apply_pipeline("test", pipeline)
    window.open_folder(root)
    settle(window)
    window.messages.clear()
    settle(window)
    return window


@pytest.fixture
def labelled(window: Window, tmp_path: Path) -> Window:
    return opened_on(window, write_yolo(tmp_path / "set"))


def look(view: ImageView) -> bytes:
    return from_image(view.grab().toImage()).tobytes()


def press_l(window: Window) -> None:
    QTest.keyClick(window, Qt.Key.Key_L)
    settle(window)


def objects_told(window: Window) -> str:
    label = find(window, QLabel, "labels.objects")
    return label.text() if label.isVisible() else ""


def test_l_shows_and_hides_labels_in_all_places(labelled: Window) -> None:
    window = labelled
    places: tuple[Callable[[], bytes], ...] = (
        lambda: look(window.compare.original),
        lambda: look(window.compare.augmented),
        lambda: from_image(window.strip.viewport().grab().toImage()).tobytes(),
    )
    with_labels = [place() for place in places]
    assert "of 10 objects kept" in objects_told(window)
    press_l(window)
    assert not window.studio.state.labels_shown
    assert not window._actions["labels"].isChecked()
    assert objects_told(window) == ""
    bare = [place() for place in places]
    assert all(one != other for one, other in zip(with_labels, bare, strict=True))
    press_l(window)
    assert window._actions["labels"].isChecked()
    assert [place() for place in places] == with_labels


def test_a_version_that_was_chosen_while_labels_were_hidden_has_its_own(labelled: Window) -> None:
    window = labelled
    window.studio.show_version(Shown("copy", 2))
    settle(window)
    expected = look(window.compare.augmented)
    window.studio.show_version(Shown())
    settle(window)
    press_l(window)
    window.studio.show_version(Shown("copy", 2))
    settle(window)
    assert window.compare.augmented.marks is None
    press_l(window)
    assert look(window.compare.augmented) == expected


def test_the_choice_is_remembered_and_stands_in_menu_and_sheet(
    labelled: Window, open_window: OpenWindow, home: Path
) -> None:
    assert ("L", "Show or hide labels over the pictures") in list(keys_in_words(labelled))
    assert labelled._actions["labels"] in find(labelled, QToolButton, "more").menu().actions()
    press_l(labelled)
    labelled.remember()
    again = open_window(sessions.load())
    assert not again.studio.state.labels_shown
    assert not again._actions["labels"].isChecked()


def test_an_l_that_is_typed_is_a_letter(labelled: Window) -> None:
    field = next(one for one in labelled.pictures.findChildren(QLineEdit) if one.isVisible())
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_L)
    assert field.text() == "l"
    assert labelled.studio.state.labels_shown
    type_text(field, "x")


def test_what_the_copy_loses_is_dashed_on_the_original(labelled: Window) -> None:
    original, copy = labelled.compare.original.marks, labelled.compare.augmented.marks
    assert original is not None
    assert copy is not None
    lost = [item for item in original.overlay.items if not item.kept]
    assert lost
    assert all(item.words for item in lost)
    assert {item.number for item in copy.overlay.items} == {item.number for item in original.overlay.items if item.kept}
    told = labelled.studio.state.told
    assert told is not None
    assert (told.kept, len(told.names)) == (10 - len(lost), 10)


def test_what_lies_under_the_pointer_is_told(labelled: Window) -> None:
    view = labelled.compare.original
    assert view.marks is not None
    ratio, where = view.devicePixelRatioF(), view.picture_rect()
    for item in view.marks.overlay.items:
        assert item.bounds is not None
        left, top, right, bottom = item.bounds
        width, height = view.picture_size
        place = QPointF(
            where.left() + where.width() * (left + right) / 2 / width,
            where.top() + where.height() * (top + bottom) / 2 / height,
        )
        words = view.words_at(place / ratio)
        assert words.startswith(f"{item.name}") or item.number == 0
        assert item.kept or f"not in the copy: {item.words}" in words
    assert view.words_at(QPointF(0, 0)) == ""


def test_while_a_value_is_held_its_labels_are_shown(window: Window, tmp_path: Path) -> None:
    turning = Pipeline(transforms=(registry()["rotate"].default(),))
    opened_on(window, write_yolo(tmp_path / "set"), turning)
    bounds = []
    for angle in (-10.0, 10.0):
        window.studio.hold("rotate", "angle", angle)
        settle(window)
        marks = window.compare.augmented.marks
        assert marks is not None
        assert marks.overlay.items[1].words or marks.overlay.items[1].bounds
        bounds.append(marks.overlay.items[1].bounds)
    assert bounds[0] != bounds[1]


def test_labels_that_take_long_come_later(labelled: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = labelled.compare.augmented.marks
    assert usual is not None
    labelled.studio.show_version(Shown("copy", 3))
    settle(labelled)
    came: list[object] = []
    labelled.previews.labelled.connect(lambda *what: came.append(what))
    monkeypatch.setattr(rendering, "LATE_SECONDS", -1.0)
    labelled.studio.show_version(Shown())
    settle(labelled)
    marks = labelled.compare.augmented.marks
    assert len(came) == 1
    assert marks is not None
    assert [item.shapes for item in marks.overlay.items] == [item.shapes for item in usual.overlay.items]
    assert "of 10 objects kept" in objects_told(labelled)


def test_another_picture_has_no_labels_of_the_last(labelled: Window) -> None:
    labelled.studio.show_picture("images/c.png")
    settle(labelled)
    for view in (labelled.compare.original, labelled.compare.augmented):
        assert view.marks is None or view.marks.overlay.items == ()
    assert objects_told(labelled) == "no objects"


def test_outlines_are_painted_once_while_pictures_come_below_them(
    labelled: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hundreds of them take longer than a picture; and they are painted anew where they, or their place, change."""
    painted: list[Marks] = []
    paint = Marks.paint
    monkeypatch.setattr(Marks, "paint", lambda self, *where: (painted.append(self), paint(self, *where))[1])
    view = labelled.compare.augmented
    image, marks = view.image(), view.marks
    assert image is not None
    assert marks is not None
    view._painted = None
    usual = look(view)
    assert painted == [marks]
    other = image.copy()
    other.invertPixels()
    view.set_picture(other, view.picture_size)
    assert look(view) != usual
    view.set_picture(image, view.picture_size)
    assert look(view) == usual
    assert painted == [marks]
    view.set_names_shown(False)
    assert look(view) != usual
    view.set_names_shown(True)
    assert look(view) == usual
    view.set_viewport(2 * view.scale(), 0.5, 0.5)
    assert look(view) != usual
    assert painted == [marks] * 4
    view.set_marks(None)
    assert look(view) != usual
    assert len(painted) == 4


def test_tiles_come_with_their_labels_painted(labelled: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the thread that makes them, and not in the window's, which hundreds of outlines would hold up."""
    here: dict[float, set[bool]] = {}
    paint = Marks.paint

    def noted(self: Marks, painter: QPainter, where: QRectF, seen: QRectF, ratio: float) -> None:
        here.setdefault(ratio, set()).add(threading.current_thread() is threading.main_thread())
        paint(self, painter, where, seen, ratio)

    monkeypatch.setattr(Marks, "paint", noted)
    made: list[TileImage] = []
    labelled.previews.tile.connect(lambda _, image: made.append(image))
    labelled.studio.set_seed(5)
    settle(labelled)
    assert len(made) == labelled.strip.count()
    large = labelled.devicePixelRatioF()
    assert here == {large: {True}, large / 2: {False}}, "lines over tiles are half as wide"
    assert all(image.labelled is not None and image.labelled != image.bare for image in made)
    assert max(made[0].bare.width(), made[0].bare.height()) == round(TILE.width() * labelled.devicePixelRatioF())


def test_masks_are_drawn(window: Window, tmp_path: Path) -> None:
    opened_on(window, write_masks(tmp_path / "set"))
    with_masks = look(window.compare.original)
    press_l(window)
    assert look(window.compare.original) != with_masks


def test_without_labels_nothing_is_said_or_drawn(loaded: Window) -> None:
    assert objects_told(loaded) == ""
    assert not find(loaded, QLabel, "labels.trouble").isVisible()
    before = [look(view) for view in (loaded.compare.original, loaded.compare.augmented)]
    press_l(loaded)
    assert [look(view) for view in (loaded.compare.original, loaded.compare.augmented)] == before
    assert "follow" not in loaded.messages.text()


# -- what is wrong with them -------------------------------------------------------------------------------------------


def test_problems_are_a_quiet_mark(window: Window, tmp_path: Path) -> None:
    root = write_yolo(tmp_path / "set", {"a": ("7 0.5 0.5 0.1 0.1", "0 0.5 0.5 0.1 0.1"), **GOOD})
    opened_on(window, root)
    mark = find(window, QLabel, "labels.trouble")
    assert mark.isVisible()
    assert mark.text() == "1"
    assert "labels/a.txt, line 1" in mark.toolTip()
    assert "1 label problem" in mark.accessibleName()
    assert window.messages.text() == ""
    press_l(window)
    assert mark.isVisible(), "hidden or not, something is wrong"
    window.studio.show_picture("images/e.png")
    settle(window)
    assert not mark.isVisible()


@pytest.mark.parametrize("error", [LabelError("what is wrong"), PermissionError(13, "Permission denied")])
def test_labels_that_cannot_be_collected_keep_no_folder_from_opening(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def collect(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(folders, "collect", collect)
    activate(window)
    window.open_folder(write_yolo(tmp_path / "set"))
    settle(window)
    assert window.compare.augmented.image() is not None
    assert "The labels cannot be read: " in window.messages.text()


def test_what_is_said_of_a_folder_goes_with_it(window: Window, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    write_photos(bare)
    labelled = write_yolo(tmp_path / "set")
    for _ in range(2):
        window.open_folder(labelled)
        settle(window)
        assert "follow the pictures" in window.messages.text()
        window.open_folder(bare)
        settle(window)
        assert window.messages.text() == ""
    window.messages.note("Something else.")
    window.open_folder(bare)
    settle(window)
    assert window.messages.text() == "Something else."


def test_labels_beside_the_folder_are_said(window: Window, tmp_path: Path) -> None:
    labelled = write_yolo(tmp_path / "set")
    window.open_folder(labelled / "images")
    settle(window)
    assert window.messages.text() == (
        f"{labelled / 'labels'} holds files of these pictures' names, which may be their labels: they follow where "
        f"{labelled} is taken instead."
    )


def test_what_follows_is_said_and_more_of_it_in_details(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_yolo(tmp_path / "set")
    (root / "labels" / "gone.txt").write_text("0 0.5 0.5 0.1 0.1\n")
    window.open_folder(root)
    settle(window)
    said = window.messages.text()
    assert "YOLO boxes: 3 files for 3 of 4 pictures (labels/) follow the pictures." in said
    assert "not carried over" not in said
    assert "labels/gone.txt" in said
    shown: list[str] = []
    monkeypatch.setattr(
        FolderDialog, "exec", lambda one: shown.append(find(one, QPlainTextEdit, "folder.text").toPlainText())
    )
    window.show_details()
    assert "labels: YOLO: 3 classes from data.yaml." in shown[0]
    assert "label problem: labels/gone.txt" in shown[0]


# -- changes -----------------------------------------------------------------------------------------------------------


def come_back(window: Window) -> None:
    other = QLineEdit()
    other.show()
    activate(other)
    activate(window)
    other.deleteLater()
    settle(window)


def test_label_files_that_are_replaced_are_noticed(labelled: Window, tmp_path: Path) -> None:
    file = tmp_path / "set" / "labels" / "a.txt"
    file.write_text("0 0.5 0.5 0.3 0.3\n")
    os.utime(file, ns=(1, 1))
    come_back(labelled)
    assert objects_told(labelled).endswith("of 1 object kept")
    marks = labelled.compare.original.marks
    assert marks is not None
    assert len(marks.overlay.items) == 1


def test_label_files_that_come_are_noticed(labelled: Window, tmp_path: Path) -> None:
    labelled.studio.show_picture("images/d.png")
    settle(labelled)
    assert objects_told(labelled) == "no labels"
    (tmp_path / "set" / "labels" / "d.txt").write_text("0 0.5 0.5 0.3 0.3\n0 0.5 0.5 0.2 0.2\n")
    come_back(labelled)
    assert "2 objects kept" in objects_told(labelled)


def test_names_that_change_are_noticed(labelled: Window, tmp_path: Path) -> None:
    file = tmp_path / "set" / "data.yaml"
    file.write_text("names: [tiger, wolf, sign]\n")
    os.utime(file, ns=(1, 1))
    come_back(labelled)
    told = labelled.studio.state.told
    assert told is not None
    assert told.names[:2] == ("tiger", "wolf")


def test_reading_the_folder_anew_finds_the_same_labels(labelled: Window) -> None:
    before, made = labelled.studio.state.labels, []
    labelled.folders.reread.connect(lambda dataset: made.append(dataset))
    labelled._read_again()
    settle(labelled)
    assert made == [labelled.studio.state.dataset]
    assert labelled.studio.state.labels is before


def test_both_themes_show_them(labelled: Window) -> None:
    for name in ("dark", "light"):
        labelled.set_theme(name)
        settle(labelled)
        grabbed = from_image(labelled.compare.augmented.grab().toImage())[..., :3].reshape(-1, 3)
        assert (grabbed == (0xE6, 0x9F, 0x00)).all(axis=1).sum() > 50
    assert np.asarray(grabbed).size
