"""The user's own presets as files: given other names, deleted, brought back."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import ValidationError

from augstudio import files, presets
from augstudio.wording import said


class OwnPresetError(Exception):
    """It cannot be done; the message is one plain line."""


def deleted_folder() -> Path:
    """Where deleted presets are kept: they are small, and somebody may want one back."""
    return files.user_data() / "deleted presets"


def change(path: Path, name: str, description: str) -> Path:
    """Give a preset another name and description; its file goes by the name, and no other one is replaced.

    Raises
    ------
    OwnPresetError
        There is such a preset already, or it cannot be read or written; then all is as it was.
    """
    try:
        pipeline = presets.load(path)
        changed = pipeline.edited(name=name.strip(), description=description.strip())
        new = path
        if changed.name != pipeline.name:
            if not changed.name:
                raise OwnPresetError("A preset needs a name")
            taken = {entry.name: entry for entry in (*presets.user(), *presets.shipped()) if entry.path != path}
            if changed.name in taken:
                kind = "shipped preset" if taken[changed.name].shipped else "preset of yours"
                raise OwnPresetError(f"There is another {kind} called “{changed.name}”")
            new = presets.free_path(changed.name)
            if new.stem.rstrip("-0123456789") == path.stem and new.parent == path.parent:
                new = path  # its own file is in the way only
        presets.save(changed, new)
        if new != path:
            path.unlink()
    except presets.PresetError as error:
        raise OwnPresetError(str(error)) from None
    except ValidationError as error:
        raise OwnPresetError(f"{name[:40]}: {error.errors()[0]['msg']}") from None
    except OSError as error:
        raise OwnPresetError(f"{path}: it cannot be changed ({said(error)})") from None
    return new


def delete(path: Path) -> Path:
    """Put a preset aside; return where it lies now.

    Raises
    ------
    OwnPresetError
        It cannot be moved.
    """
    return _move(path, deleted_folder(), "deleted")


def bring_back(path: Path) -> Path:
    """Put a deleted preset among the others again; return where it lies now.

    Raises
    ------
    OwnPresetError
        It cannot be moved.
    """
    return _move(path, presets.user_folder(), "brought back")


def _move(path: Path, folder: Path, done: str) -> Path:
    number, target = 1, folder / path.name
    while os.path.lexists(target):
        number += 1
        target = folder / f"{path.stem}-{number}{path.suffix}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.rename(target)
    except OSError as error:
        raise OwnPresetError(f"{path}: it cannot be {done} ({said(error)})") from None
    return target
