"""The folder that an export is proposed to go to, and what a dialog leaves behind that was cancelled."""

from __future__ import annotations

from pathlib import Path

import pytest
from dialogs import asking, end, export, finish, press, ready, to, work_in_process
from driving import find, settle, until, write
from PySide6.QtWidgets import QCheckBox, QLineEdit, QSpinBox
from windows import write_photos

from augstudio.gui.exporting.proposing import propose
from augstudio.gui.intent import session as sessions
from augstudio.gui.shell.window import Window


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """Another dataset: two classes."""
    for number, name in enumerate(("cat", "dog")):
        write(tmp_path / "pets" / name / "1.png", seed=number)
    return tmp_path / "pets"


def test_beside_the_source(photos: Path, tmp_path: Path) -> None:
    assert propose(str(photos)) == str(tmp_path / "photos-augmented")
    (tmp_path / "photos-augmented").mkdir()
    (tmp_path / "photos-augmented-2").symlink_to("nowhere")
    assert propose(str(photos)) == str(tmp_path / "photos-augmented-3")


def test_where_the_last_one_went(photos: Path, pets: Path, tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    export(pets, exports / "pets-augmented", copies=1)
    assert propose(str(photos), str(exports)) == str(exports / "photos-augmented")
    assert propose(str(photos), str(tmp_path)) == str(tmp_path / "photos-augmented"), "datasets lie there"
    for nothing in (str(tmp_path / "gone"), "", None, 7, {}, "\0"):
        assert propose(str(photos), nothing) == str(tmp_path / "photos-augmented")


def test_never_inside_a_dataset_or_an_export(photos: Path, pets: Path, tmp_path: Path) -> None:
    export(pets, tmp_path / "exports" / "pets-augmented", copies=1)
    (tmp_path / "link").symlink_to(pets / "cat", target_is_directory=True)
    inside = [pets, pets / "cat", tmp_path / "link", photos, photos / "sign" / "small"]
    inside += [tmp_path / "exports" / "pets-augmented" / "images" / "dog", tmp_path / "exports" / "pets-augmented"]
    for folder in inside:
        assert propose(str(photos), str(folder)) == str(tmp_path / "photos-augmented"), folder
    # The source may itself be a class of a dataset, or lie in an export.
    assert propose(str(pets / "cat"), None, [str(pets)]) == str(tmp_path / "cat-augmented")
    images = tmp_path / "exports" / "pets-augmented" / "images"
    assert propose(str(images)) == str(tmp_path / "exports" / "images-augmented")
    write(pets / "loose.png")
    assert propose(str(pets / "cat")) == str(tmp_path / "cat-augmented"), "pictures beside it: a dataset, too"


def test_behind_urls(photos: Path) -> None:
    assert propose(str(photos), "s3://bucket/exports/") == "s3://bucket/exports/photos-augmented"
    assert propose("s3://bucket/photos", "s3://bucket/photos/cat") == "s3://bucket/photos-augmented"
    assert propose("s3://bucket/photos", "s3://bucket/photos2") == "s3://bucket/photos2/photos-augmented"


def test_no_place_at_all(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setattr(os, "access", lambda *_: False)
    assert propose(str(photos)) == ""


def use(window: Window, monkeypatch: pytest.MonkeyPatch, what: str, out: Path) -> str:
    """Fill in the window's export dialog, and cancel it or carry it out; what it proposes is given."""
    work_in_process(monkeypatch)
    window.export()
    dialog = asking(window)
    proposed = find(dialog, QLineEdit, "export.folder").text()
    find(dialog, QSpinBox, "export.copies").setValue(1)
    find(dialog, QCheckBox, "export.originals").setChecked(True)
    to(dialog, out)
    if what == "refused":
        until(lambda: bool(dialog._refused.text()), "the refusal")
    if what in ("cancelled", "refused"):
        press(dialog, "close")
    else:
        ready(dialog)
        if what == "gone":
            out.parent.joinpath("file").write_text("in the way")
            out.symlink_to("file")
        press(dialog, "start")
        if what == "made":
            finish(dialog)
        end(dialog)
    return proposed


@pytest.mark.parametrize("what", ["cancelled", "refused", "gone"])
def test_a_dialog_that_was_cancelled_leaves_nothing(
    loaded: Window, pets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """It proposed a folder inside another dataset's class."""
    (tmp_path / "exports").mkdir()
    before = sessions.load().export
    tried = {"cancelled": pets / "cat" / "photos-augmented", "refused": tmp_path / "photos" / "book" / "new"}
    proposed = use(loaded, monkeypatch, what, tried.get(what, tmp_path / "exports" / "new"))
    assert loaded._export_choices == before
    assert not loaded.studio.state.originals
    again = use(loaded, monkeypatch, "cancelled", tmp_path / "elsewhere" / "new")
    assert proposed == again == str(tmp_path / "photos-augmented")
    loaded.remember()
    assert sessions.load().export == before


def test_one_that_was_carried_out_is_remembered(
    loaded: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "exports").mkdir()
    use(loaded, monkeypatch, "made", tmp_path / "exports" / "new")
    assert (sessions.load().export or {})["folder"] == str(tmp_path / "exports")
    assert loaded.studio.state.originals
    loaded.open_folder(write_photos(tmp_path / "others"))
    settle(loaded)
    proposed = use(loaded, monkeypatch, "cancelled", tmp_path / "elsewhere" / "x")
    assert proposed == str(tmp_path / "exports" / "others-augmented")
