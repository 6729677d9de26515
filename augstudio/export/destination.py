"""Where an export goes: what is refused, and how an earlier export makes room."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from augstudio.dataset.scanning import Dataset, printable
from augstudio.export import manifest
from augstudio.export.job import IMAGES
from augstudio.export.settings import ExportError, Settings

REPORT = "report.json"
REPORT_FIELD = "augstudio_export"
"""The report's field that says whose it is, and in which version."""
_LITTER = {".DS_Store", "Thumbs.db", "desktop.ini"}
"""What desktops leave in any folder they show: no reason to call it used."""


@dataclass(frozen=True)
class Destination:
    """A folder that an export may fill.

    Attributes
    ----------
    out : Path
        The folder, absolute and with links resolved; it may not exist yet.
    earlier : bool
        Whether an earlier export lies there, which will be replaced.
    free : int or None
        Bytes left on its disk; None where the system does not say.
    """

    out: Path
    earlier: bool
    free: int | None


def check(settings: Settings, dataset: Dataset) -> Destination:
    """Tell whether an export may go to a folder; changes nothing.

    Raises
    ------
    ExportError
        If the folder lies in the source or the source in it, if it holds anything but an earlier export, or if it
        cannot be written.
    """
    name, source = printable(settings.out), dataset.root
    try:
        out = settings.out.resolve()
        if _inside(out, source):
            same = out.exists() and out.samefile(source)
            raise ExportError(
                f"{name}: the destination is the source folder itself; choose another folder"
                if same
                else f"{name}: the destination lies inside the source {printable(source)}; choose a folder outside it"
            )
        if _inside(source, out):
            raise ExportError(
                f"{name}: the source {printable(source)} lies inside the destination; choose another folder"
            )
        if os.path.lexists(settings.out) and not settings.out.is_dir():
            raise ExportError(f"{name}: this is not a folder")
        earlier = False
        if out.is_dir():
            for label in dataset.classes:
                if _inside(source / label, out):
                    raise ExportError(
                        f"{name}: the source's folder {printable(label)} is a link into the destination; "
                        "choose another folder"
                    )
            earlier = is_export(out)
            found = sorted({path.name for path in out.iterdir()} - _LITTER)
            if found and not earlier:
                raise ExportError(
                    f"{name}: the folder is not empty (it holds {printable(found[0])}) and is no earlier export of "
                    "augstudio; choose an empty or a new folder"
                )
        existing = next((folder for folder in (out, *out.parents) if folder.exists()), None)
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, before Python 3.13
        raise ExportError(f"{name}: the folder cannot be read ({_said(error)})") from error
    if existing is None:
        raise ExportError(f"{name}: there is no such drive")
    if not existing.is_dir():
        raise ExportError(f"{name}: {printable(existing)} is a file, not a folder")
    if not os.access(existing, os.W_OK | os.X_OK):
        where = "the folder" if existing == out else printable(existing)
        raise ExportError(f"{name}: no permission to write to {where}")
    return Destination(out, earlier, _free(existing))


def prepare(settings: Settings, dataset: Dataset) -> Destination:
    """Check a folder, make it, and remove what an earlier export's manifest lists there. Nothing else is deleted.

    Raises
    ------
    ExportError
        As `check`; also if the folder cannot be made or the earlier export cannot be removed.
    """
    destination = check(settings, dataset)
    out = destination.out
    try:
        if destination.earlier:
            _remove_earlier(out)
        (out / IMAGES).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        about = f"{printable(error.filename)}: " if error.filename and str(error.filename) != str(out) else ""
        raise ExportError(f"{printable(settings.out)}: cannot be written ({about}{_said(error)})") from error
    return destination


def is_export(out: Path) -> bool:
    """Whether a folder holds an export that this program wrote."""
    with contextlib.suppress(OSError, ValueError, RecursionError):
        report = json.loads((out / REPORT).read_bytes())
        if isinstance(report, dict) and REPORT_FIELD in report:
            return True
    with contextlib.suppress(OSError):
        return next(manifest.read(out / manifest.NAME), None) is not None
    return False


def _remove_earlier(out: Path) -> None:
    folders: dict[Path, None] = {}
    for path in _listed(out):
        path.unlink(missing_ok=True)
        folders[path.parent] = None
    root = out / IMAGES
    for folder in sorted(folders, key=lambda path: len(path.parts), reverse=True):
        while folder != root:
            try:
                folder.rmdir()  # does so only if nothing is left in it
            except OSError:
                break
            folder = folder.parent  # noqa: PLW2901  (upwards, for as long as they are empty)


def _listed(out: Path) -> Iterator[Path]:
    """Files that an export's manifest lists and that lie where an export puts them, whatever the manifest says."""
    path = out / manifest.NAME
    if not path.is_file():
        return
    root = (out / IMAGES).resolve()
    safe: dict[PurePosixPath, bool] = {}
    for entry in manifest.read(path):
        relative = PurePosixPath(str(entry["path"]))
        if relative.parts[:1] != (IMAGES,) or ".." in relative.parts or "\0" in relative.name:
            continue
        if relative.parent not in safe:
            safe[relative.parent] = out.joinpath(*relative.parent.parts).resolve().is_relative_to(root)
        listed = out.joinpath(*relative.parts)
        if safe[relative.parent] and not listed.is_dir():
            yield listed


def _inside(inner: Path, outer: Path) -> bool:
    """Whether `inner`, which need not exist, is `outer` or lies in it, whatever links and letter case say."""
    if not outer.exists():
        return False
    inner = inner.resolve()
    return any(folder.exists() and folder.samefile(outer) for folder in (inner, *inner.parents))


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _said(error: OSError | RuntimeError) -> str:
    return ((error.strerror if isinstance(error, OSError) else None) or str(error)).lower()
