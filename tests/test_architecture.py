"""The walls between the rooms, checked on the source itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "augstudio"

ROOMS = {
    room: level
    for level, rooms in enumerate(
        (
            ("files", "wording"),
            ("storage",),
            ("swap",),
            ("engine",),
            ("transforms",),
            ("pipeline",),
            ("presets",),
            ("advice",),
            ("images",),
            ("labels",),
            ("dataset",),
            ("export",),
            ("cli", "gui"),
            ("__main__",),
        )
    )
    for room in rooms
}
UPWARDS = {("pipeline", "presets")}
"""Loading and saving are methods of a pipeline, so that people need no second name; imported when they are called."""
QT = {"PySide6", "shiboken6", "superqt", "qtpy", "PyQt5", "PyQt6", "pytestqt"}


class Import(NamedTuple):
    """One import statement: where it stands, what it names, and whether it runs when the module is imported."""

    file: Path
    line: int
    name: str
    at_once: bool

    @property
    def room(self) -> str:
        return room_of(self.file)

    def __str__(self) -> str:
        return f"{self.file.relative_to(PACKAGE.parent)}:{self.line} imports {self.name}"


def room_of(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports() -> Iterator[Import]:
    for file in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        inner = {
            id(node)
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for node in ast.walk(function)
        }
        for node in ast.walk(tree):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{file}:{node.lineno}: imports are written in full"
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            for name in names:
                yield Import(file, node.lineno, name, id(node) not in inner)


ALL = list(imports())
OWN = [found for found in ALL if found.name.split(".")[0] == "augstudio"]


def test_every_module_lies_in_a_room() -> None:
    assert {room_of(file) for file in PACKAGE.rglob("*.py")} <= {*ROOMS, "__init__", "_data"}


def test_nothing_outside_the_window_knows_qt() -> None:
    assert not [str(found) for found in ALL if found.name.split(".")[0] in QT and found.room != "gui"]


def test_the_engine_imports_none_of_its_siblings() -> None:
    assert not [str(f) for f in OWN if f.room == "engine" and not f.name.startswith("augstudio.engine")]


def test_a_room_imports_only_from_rooms_above_it() -> None:
    wrong = []
    for found in OWN:
        parts = found.name.split(".")
        target = parts[1] if len(parts) > 1 else "__init__"
        if found.room == "__init__" or target not in ROOMS or target == found.room:
            continue  # the package itself names what is public
        if (found.room, target) in UPWARDS and not found.at_once:
            continue
        if ROOMS[target] >= ROOMS[found.room] and not (found.room in ("cli", "gui") and target in ("cli", "gui")):
            wrong.append(str(found))
    assert not wrong


WINDOW = {
    room: level
    for level, rooms in enumerate((("intent", "parts"), ("stage", "cards", "browser", "exporting"), ("shell",)))
    for room in rooms
}
"""The rooms of the window, from the ground up; those beside one another do not know each other."""


def test_the_windows_rooms_import_only_from_below() -> None:
    wrong = []
    for found in OWN:
        here, there = found.file.relative_to(PACKAGE).parts, found.name.split(".")
        if here[0] != "gui" or len(here) < 3 or len(there) < 3 or there[1] != "gui" or there[2] == here[1]:
            continue
        if WINDOW[there[2]] >= WINDOW[here[1]]:
            wrong.append(str(found))
    assert not wrong
    assert {path.name for path in (PACKAGE / "gui").iterdir() if path.is_dir() and path.name != "__pycache__"} == {
        *WINDOW
    }
    assert not {*WINDOW} & {*ROOMS}, "a name means one thing"


def test_intent_and_what_follows_from_it_know_no_qt() -> None:
    """So that a test can play a whole session without a window."""
    inside = [f for f in ALL if f.file.is_relative_to(PACKAGE / "gui" / "intent")]
    assert inside
    assert not [str(found) for found in inside if found.name.split(".")[0] in QT]


def test_the_engine_knows_only_numpy_and_opencv() -> None:
    """And StringZilla, in one file, which does without it where it has no wheel."""
    allowed = {"numpy", "cv2", "augstudio", *sys.stdlib_module_names}
    found = {f.name.split(".")[0] for f in ALL if f.room == "engine" and f.file.stem != "lookup"}
    assert found <= allowed
    assert {f.name.split(".")[0] for f in ALL if f.file.stem == "lookup"} <= {*allowed, "stringzilla"}
    files = {"io", "pathlib", "os", "random", "tempfile", "shutil", "secrets"}
    assert not found & files, "no files, and no chance of its own"


def test_no_module_is_imported_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    modules = {
        ".".join(("augstudio", *file.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"): file
        for file in PACKAGE.rglob("*.py")
    }
    names = {file: name for name, file in modules.items()}
    for found in OWN:
        if not found.at_once:
            continue
        target = found.name if found.name in modules else found.name.rpartition(".")[0]
        if target in modules and target != "augstudio":
            graph.setdefault(names[found.file], set()).add(target)
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " → ".join((*path[path.index(module) :], module))
        if module not in done:
            for other in sorted(graph.get(module, ())):
                # A package's own __init__ gathers its modules, which may name one another through it.
                if not module.startswith(f"{other}."):
                    visit(other, (*path, module))
            done.add(module)

    for module in sorted(graph):
        visit(module, ())


def loaded_by(code: str) -> set[str]:
    """Top-level modules that a fresh Python holds after running some code."""
    script = f"import sys\n{code}\nprint(*sorted(name.split('.')[0] for name in sys.modules))"
    run = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_importing_the_package_is_light() -> None:
    heavy = {"numpy", "cv2", "pydantic", "PIL", *QT}
    assert not loaded_by("import augstudio") & heavy


def test_the_python_way_in_needs_no_qt_and_no_command_line() -> None:
    loaded = loaded_by("from augstudio import Pipeline; Pipeline.load('gentle')")
    assert {"numpy", "cv2"} <= loaded
    assert not loaded & {*QT, "typer", "rich"}


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in ("gui", "__main__")])
def test_every_room_can_be_imported_alone_and_without_qt(room: str) -> None:
    if not ((PACKAGE / room).is_dir() or (PACKAGE / f"{room}.py").is_file()):
        pytest.skip(f"{room} is not there yet")
    assert not loaded_by(f"import augstudio.{room}") & QT
