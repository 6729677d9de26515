"""Paths as they are on the disk, where Qt hands over less: it knows names of files as text only."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QUrl

_LOST = "\ufffd"
"""What Qt puts in the place of bytes that are no text."""


def from_url(url: QUrl) -> Path:
    """The file or folder that a local URL names."""
    path = url.toLocalFile()
    if _LOST in path and not os.path.lexists(path):
        return Path(os.fsdecode(unquote_to_bytes(url.path(QUrl.ComponentFormattingOption.FullyEncoded))))
    return Path(path)


def from_dialog(text: str) -> Path:
    """The file or folder that a dialog of Qt's named: the one there is whose name looks like that."""
    path = Path(text)
    if _LOST not in text or os.path.lexists(text):
        return path
    found = Path(path.anchor)
    for part in path.parts[len(Path(path.anchor).parts) :]:
        alike = found / part
        if _LOST in part:
            try:
                names = sorted(os.listdir(found))  # noqa: PTH208  (names, not paths)
            except OSError:
                return path
            alike = next((found / name for name in names if _as_text(name) == part), alike)
        found = alike
    return found


def _as_text(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "replace")
