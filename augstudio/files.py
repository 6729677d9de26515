"""Where the files lie that are no Python (presets, icons, sample, what belongs to the user), and writing them whole."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parent


def _beside_package(name: str) -> Path:
    """A folder of the project: inside the package in a wheel, beside it in a checkout (editable install)."""
    packed = _PACKAGE / "_data" / name
    return packed if packed.is_dir() else _PACKAGE.parent / name


def presets() -> Path:
    """The folder of the presets that ship."""
    return _beside_package("presets")


def resources() -> Path:
    """The folder of icons, the sample pictures and the generated schema."""
    return _beside_package("resources")


def user_data() -> Path:
    """The user's own folder: the platform's per-user data folder, or `$AUGSTUDIO_HOME`."""
    home = os.environ.get("AUGSTUDIO_HOME")
    return Path(home) if home else platformdirs.user_data_path("augstudio", appauthor=False)


def user_state() -> Path:
    """Where the program keeps what is of no use elsewhere: the platform's folder for it, or `$AUGSTUDIO_HOME`."""
    home = os.environ.get("AUGSTUDIO_HOME")
    return Path(home) if home else platformdirs.user_state_path("augstudio", appauthor=False)


_ANEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0)


def write_atomically(data: bytes, path: str | Path) -> None:
    """Write a file whole or not at all: under a temporary name in the same folder, then moved into place.

    Raises
    ------
    OSError
        If it cannot be written; what was there before is then left as it was.
    """
    # Four calls to the system and nothing of pathlib's: an export does this for every file.
    temporary = os.path.join(os.path.dirname(path), f".augstudio-{secrets.token_hex(8)}.tmp")  # noqa: PTH118, PTH120
    try:
        file = os.open(temporary, _ANEW, 0o666)
        try:
            written = os.write(file, data)
            while written < len(data):
                written += os.write(file, memoryview(data)[written:])
        finally:
            os.close(file)
        os.replace(temporary, path)  # noqa: PTH105
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108
        raise
