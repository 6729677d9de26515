"""The way back: other people's augmentation as a preset."""

from __future__ import annotations

from augstudio.code.importing.imported import Imported
from augstudio.code.importing.reading import parse, read

__all__ = ["Imported", "parse", "read"]
