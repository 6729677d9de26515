"""What is remembered between two starts: folder, picture, pipeline, seed, layout, recent folders."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from augstudio import files, presets
from augstudio.pipeline import Pipeline

MOST_RECENT = 10
_MOST_BYTES = 16_000_000
"""Of the file: several times what two presets and their window come to."""


@dataclass(frozen=True)
class Session:
    """Plain values; everything has a default, so that a session of another version still serves.

    Attributes
    ----------
    folder, picture : str
        Open folder and the key of the picture in view; empty without.
    pipeline, saved : str
        Preset texts: in hand, and as last saved.
    preset : str
        Path of the preset file; empty without.
    seed : int
        0 or more.
    originals : bool
        Whether originals are exported too.
    recent : tuple of str
        Folders, the last one first.
    geometry, layout : str
        Of the window, as Qt gives them (base 64); `layout` joins the splitters' by a space.
    export : dict
        The export dialog's last settings.
    """

    folder: str = ""
    picture: str = ""
    pipeline: str = ""
    saved: str = ""
    preset: str = ""
    seed: int = 0
    originals: bool = False
    recent: tuple[str, ...] = ()
    geometry: str = ""
    layout: str = ""
    export: dict[str, Any] | None = None

    def pipelines(self) -> tuple[Pipeline, Pipeline] | None:
        """The pipeline in hand and the saved one, or None if they cannot be read any more."""
        try:
            return presets.parse(self.pipeline, "session"), presets.parse(self.saved or self.pipeline, "session")
        except presets.PresetError:
            return None


def session_file() -> Path:
    """The file it is kept in."""
    return files.user_data() / "session.json"


def load() -> Session:
    """Read the last session; an empty one if there is none or it is damaged."""
    try:
        path = session_file()
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return Session()
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return Session()
    if not isinstance(data, dict):
        return Session()
    empty = Session()
    known = {
        field.name: data[field.name]
        for field in fields(Session)
        if field.name in data and _fits(data[field.name], getattr(empty, field.name))
    }
    if "recent" in known:
        known["recent"] = tuple(str(folder) for folder in known["recent"])[:MOST_RECENT]
    return Session(**known)


def _fits(value: object, default: object) -> bool:
    if isinstance(default, tuple):
        return isinstance(value, list)
    if default is None:
        return value is None or isinstance(value, dict)
    return type(value) is type(default)


def save(session: Session) -> None:
    """Keep a session; that it cannot be written is no reason to stop anybody from leaving."""
    with contextlib.suppress(OSError):
        session_file().parent.mkdir(parents=True, exist_ok=True)
        files.write_atomically(json.dumps(asdict(session), ensure_ascii=False, indent=1).encode(), session_file())
