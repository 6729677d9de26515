"""Questions that are asked before something is lost."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMessageBox, QWidget


def box(parent: QWidget, name: str, title: str, text: str, more: str) -> QMessageBox:
    """A question that has no buttons yet; names of files and presets in it are never taken for HTML."""
    asked = QMessageBox(parent)
    asked.setObjectName(name)
    asked.setIcon(QMessageBox.Icon.Question)
    asked.setWindowTitle(title)
    asked.setTextFormat(Qt.TextFormat.PlainText)
    asked.setText(text)
    asked.setInformativeText(more)
    return asked


def confirmed(
    asked: QMessageBox, do: tuple[str, str], leave: tuple[str, str] = ("cancel", "Cancel"), *, warning: bool = True
) -> bool:
    """Ask whether to do what loses something; Enter and Escape leave it.

    Parameters
    ----------
    asked : QMessageBox
        The question; it is gone afterwards.
    do, leave : tuple of str, str
        The two buttons: the last part of the object's name, and the words on it.
    warning : bool
        Whether something is lost for good.

    Returns
    -------
    bool
        Whether it is to be done.
    """
    if warning:
        asked.setIcon(QMessageBox.Icon.Warning)
    sure = asked.addButton(do[1], QMessageBox.ButtonRole.DestructiveRole)
    safe = asked.addButton(leave[1], QMessageBox.ButtonRole.RejectRole)
    for button, (key, _) in ((sure, do), (safe, leave)):
        button.setObjectName(f"{asked.objectName()}.{key}")
        button.setIcon(QIcon())  # some styles add pictures of their own
    asked.setDefaultButton(safe)
    asked.setEscapeButton(safe)
    asked.exec()
    chosen = asked.clickedButton() is sure
    asked.deleteLater()
    return chosen
