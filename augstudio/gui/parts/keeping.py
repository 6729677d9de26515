"""Keeping something as a file that the user chooses."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from augstudio import files
from augstudio.gui.parts import question
from augstudio.gui.parts.paths import from_dialog
from augstudio.wording import printable, said


def keep(parent: QWidget, data: bytes, *, title: str, name: str, kinds: str) -> str:
    """Ask for a file and write it; before another one is replaced, that is asked.

    Parameters
    ----------
    parent : QWidget
        Whose dialogs these are; its object's name begins that of the question.
    data : bytes
        What is written.
    title : str
        Of the dialog.
    name : str
        What the file is called if nobody says otherwise; its suffix is given to names without one.
    kinds : str
        Which files the dialog shows, as `QFileDialog` takes it.

    Returns
    -------
    str
        What came of it, a plain line; empty if nothing was chosen.
    """
    option = QFileDialog.Option.DontConfirmOverwrite  # asked below, for the name as it will be
    chosen, _ = QFileDialog.getSaveFileName(parent, title, str(Path.home() / name), kinds, "", option)
    if not chosen:
        return ""
    path = from_dialog(chosen if Path(chosen).suffix else f"{chosen}{Path(name).suffix}")
    if os.path.lexists(path) and not _confirmed(parent, path):
        return ""
    try:
        files.write_atomically(data, path)
    except OSError as error:
        return f"{printable(path)} was not saved: {said(error)}"
    return f"Saved {printable(path)}"


def _confirmed(parent: QWidget, path: Path) -> bool:
    words = f"Replace {printable(path.name)}?", f"It is kept in {printable(path)}."
    asked = question.box(parent, f"{parent.objectName()}.confirm", "Replace a file", *words)
    return question.confirmed(asked, ("replace", "Replace it"))
