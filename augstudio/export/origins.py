"""Where the pictures of exports lie: kept with the user, since an export is given to others as it is.

What is lost here costs nothing but a question: whoever goes on with an export then says where its pictures lie.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from augstudio import files
from augstudio.storage import is_url, local_path

MOST = 500
"""Exports that are remembered; those that were begun last stay."""
_EACH = 4
"""Places remembered for one folder: what lies in it may be about to be replaced."""
_MOST_BYTES = 100_000
_SECRET = re.compile(r"(?<=//)[^/?#@]*@|[?#].*$")
"""What a URL may hold besides a place: a user and a password; keys and a signature."""


def folder() -> Path:
    """Where it is kept."""
    return files.user_state() / "exports"


def remember(out: str, source: str, fingerprint: Mapping[str, object]) -> None:
    """Keep where the pictures of an export lie; that it cannot be kept is no reason to stop anybody.

    Parameters
    ----------
    out : str
        The export's location.
    source : str
        That of its dataset; not kept if it is a URL with a password or a signature in it.
    fingerprint : mapping
        What the dataset is known by, as in the report.
    """
    if is_url(source) and _SECRET.search(source):
        return
    known = _known(out)
    entry = {"source": source, "sources": dict(fingerprint)}
    if known[:1] == [entry]:
        return
    content = {"out": out, "places": [entry, *(other for other in known if other != entry)][:_EACH]}
    with contextlib.suppress(OSError, UnicodeError):
        path = _path(out)
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_atomically(json.dumps(content, indent=1).encode(), path)
        _prune()


def recall(out: str, content: Mapping[str, Any]) -> str:
    """Where the pictures of an export lie; empty if it is not known here.

    Parameters
    ----------
    out : str
        The export's location.
    content : mapping
        Its report: of one that version 0.2 wrote, that says it.
    """
    for entry in _known(out):
        if entry.get("sources") == content.get("sources") and isinstance(entry.get("source"), str):
            return str(entry["source"])
    told = str(content["source"])
    absolute = PurePosixPath(told).is_absolute() or PureWindowsPath(told).is_absolute()
    return told if absolute or (is_url(told) and "@" not in told) else ""


def published(location: str) -> str:
    """What others may know of a location: a folder's last name; a URL, without what is secret in it."""
    if is_url(location):
        return _SECRET.sub("", location)
    return PureWindowsPath(location).name if "\\" in location else PurePosixPath(location).name


def without_places(text: str, *locations: str) -> str:
    """A text in which places are called by what others may know of them, and the user's home by ~."""
    names = {location: published(location) for location in locations if published(location)}
    with contextlib.suppress(RuntimeError, OSError):
        names |= {str(Path(location).resolve()): name for location, name in names.items() if not is_url(location)}
        names.setdefault(str(Path.home()), "~")
    for location in sorted(names, key=len, reverse=True):
        if len(location) > 1:
            text = re.sub(rf"{re.escape(location)}(?![\w.-])", names[location].replace("\\", "\\\\"), text)
    return text


def _path(out: str) -> Path:
    where = out.rstrip("/") if is_url(out) else str(local_path(out).resolve())
    return folder() / f"{hashlib.sha256(where.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.json"


def _known(out: str) -> list[dict[str, Any]]:
    with contextlib.suppress(OSError, ValueError, RecursionError, RuntimeError):
        path = _path(out)
        if path.stat().st_size <= _MOST_BYTES:
            content = json.loads(path.read_bytes())
            places = content.get("places") if isinstance(content, dict) else None
            return [place for place in places if isinstance(place, dict)] if isinstance(places, list) else []
    return []


def _prune() -> None:
    found = list(folder().glob("*.json"))
    if len(found) > MOST:
        for path in sorted(found, key=lambda path: path.stat().st_mtime)[: len(found) - MOST]:
            path.unlink(missing_ok=True)
