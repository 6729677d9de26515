"""What is remembered between two starts: folder, picture, pipeline, seed, layout, recent folders."""

from __future__ import annotations

import contextlib
import itertools
import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from augstudio import files, presets
from augstudio.dataset import Folders
from augstudio.gui.intent.state import State
from augstudio.gui.intent.views import Pairs, SheetLook, ViewOptions
from augstudio.pipeline import Pipeline

MOST_RECENT = 10
MOST_GUIDED = 300
MOST_ABOUT = 100
MOST_EACH = 1_000_000
MOST_TILE = 1024
_MOST_BYTES = 16_000_000
"""Of the file: several times what two presets and their window come to."""


@dataclass(frozen=True)
class About:
    """What the user has said of a folder.

    Attributes
    ----------
    folders : Folders
        What folders in it are whose names look like those of splits.
    excluded : frozenset of str
        Keys of pictures that are to be left out.
    mirrored : frozenset of str
        Classes that may be mirrored, whatever they are called.
    """

    folders: Folders = Folders.AUTO
    excluded: frozenset[str] = frozenset()
    mirrored: frozenset[str] = frozenset()

    @classmethod
    def of(cls, value: dict[str, Any]) -> About:
        """From what `as_json` gave, as far as it makes sense."""
        folders = value.get("folders")
        return cls(
            Folders(folders) if folders in list(Folders) else Folders.AUTO,
            _texts(value.get("excluded")),
            _texts(value.get("mirrored")),
        )

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return {
            "folders": self.folders.value,
            "excluded": sorted(self.excluded),
            "mirrored": sorted(self.mirrored),
        }


def _texts(value: object) -> frozenset[str]:
    return frozenset(text for text in value if isinstance(text, str)) if isinstance(value, list) else frozenset()


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
    theme : str
        "light" or "dark"; empty follows the system.
    guided : tuple of str
        Folders that were asked about by the guided start, the last one first.
    about : dict
        What the user has said of folders, by their locations, the last one first; see `About`.
    labels : bool
        Whether labels are drawn over pictures.
    views : dict
        What is to be seen of pictures, and how the sheet is laid out: the fields of `ViewOptions` and `SheetLook`.
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
    theme: str = ""
    guided: tuple[str, ...] = ()
    about: dict[str, Any] | None = None
    labels: bool = True
    views: dict[str, Any] | None = None

    def options(self) -> ViewOptions:
        """What is to be seen of pictures; what makes no sense is as usual."""
        said, usual = self.views or {}, ViewOptions()
        copies = said.get("copies")
        on = {name: said[name] for name in ("pixels", "names") if isinstance(said.get(name), bool)}
        return usual._replace(copies=copies if copies in (1, 2, 3) else usual.copies, **on)

    def sheet_look(self) -> SheetLook:
        """How the sheet is laid out; what makes no sense is as usual."""
        said, usual = self.views or {}, SheetLook()
        each, size, pairs = (said.get(name) for name in ("each", "size", "pairs"))
        return SheetLook(
            each if type(each) is int and 0 <= each <= MOST_EACH else usual.each,
            Pairs(pairs) if pairs in list(Pairs) else usual.pairs,
            size if type(size) is int and 0 < size <= MOST_TILE else usual.size,
        )

    def about_folder(self, location: str) -> About:
        """What the user has said of a folder."""
        found = (self.about or {}).get(location)
        return About.of(found) if isinstance(found, dict) else About()

    def saying(self, location: str, about: About) -> dict[str, Any]:
        """`about` with what is said now of a folder."""
        others = {folder: said for folder, said in (self.about or {}).items() if folder != location}
        kept = {location: about.as_json(), **others} if about != About() else others
        return dict(itertools.islice(kept.items(), MOST_ABOUT))

    def pipelines(self) -> tuple[Pipeline, Pipeline] | None:
        """The pipeline in hand and the saved one, or None if they cannot be read any more."""
        try:
            return presets.parse(self.pipeline, "session"), presets.parse(self.saved or self.pipeline, "session")
        except presets.PresetError:
            return None


def session_file() -> Path:
    """The file it is kept in."""
    return files.user_data() / "session.json"


def of(state: State, *, pipeline: bool = True, **others: Any) -> Session:
    """The session of a state; without `pipeline`, the saved one takes the place of that in hand.

    Parameters
    ----------
    state : State
        The intent in force.
    pipeline : bool
        Whether what is not saved is kept.
    **others
        The fields of `Session` that no state has.
    """
    return Session(
        folder=str(state.dataset.root) if state.dataset else "",
        picture=state.picture,
        pipeline=presets.dump(state.pipeline if pipeline else state.saved),
        saved=presets.dump(state.saved),
        preset=str(state.preset or ""),
        seed=state.seed,
        originals=state.originals,
        labels=state.labels_shown,
        views={**state.options._asdict(), **state.sheet._asdict()},
        **others,
    )


def load() -> Session:
    """Read the last session; an empty one if there is none or it is damaged."""
    return read(session_file()) or Session()


def read(path: Path) -> Session | None:
    """Read a session's file; None if there is none or it is damaged."""
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    empty = Session()
    known = {
        field.name: data[field.name]
        for field in fields(Session)
        if field.name in data and _fits(data[field.name], getattr(empty, field.name))
    }
    for name, most in (("recent", MOST_RECENT), ("guided", MOST_GUIDED)):
        if name in known:
            known[name] = tuple(str(folder) for folder in known[name])[:most]
    return Session(**known)


def _fits(value: object, default: object) -> bool:
    if isinstance(default, tuple):
        return isinstance(value, list)
    if default is None:
        return value is None or isinstance(value, dict)
    return type(value) is type(default)


def save(session: Session) -> None:
    """Keep a session; that it cannot be written is no reason to stop anybody from leaving.

    Of several windows, the last one that is closed wins; but what any of them was asked about is not asked again.
    """
    guided = dict.fromkeys((*session.guided, *load().guided))
    with contextlib.suppress(OSError):
        session_file().parent.mkdir(parents=True, exist_ok=True)
        write(replace(session, guided=tuple(guided)[:MOST_GUIDED]), session_file())


def write(session: Session, path: Path) -> None:
    """Write a session's file, in ASCII: names of files may be no valid text, and have to come back as they are.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    files.write_atomically(json.dumps(asdict(session), indent=1).encode("ascii"), path)
