"""The walls between the rooms, checked on the source itself."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
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
            ("binding", "callbacks", "files", "wording"),
            ("storage",),
            ("marks", "swap"),
            ("engine",),
            ("transforms",),
            ("label_rules",),
            ("pipeline",),
            ("presets",),
            ("adapters", "code"),
            ("advice",),
            ("images",),
            ("labels",),
            ("dataset",),
            ("pool",),
            ("export",),
            ("trial",),
            ("gui",),
            ("cli",),
            ("__main__",),
        )
    )
    for room in rooms
}
"""From the ground up: a room imports only from those below it, inside functions too, so that there is no circle."""
QT = {"PySide6", "shiboken6", "superqt", "qtpy", "PyQt5", "PyQt6", "pytestqt"}


class Import(NamedTuple):
    """One import statement, inside functions too: where it stands, and what it names."""

    package: Path
    file: Path
    line: int
    name: str

    @property
    def room(self) -> str:
        return room_of(self.file, self.package)

    @property
    def target(self) -> str:
        """The room that it is of; empty for a name of the package itself, as `augstudio.__version__`."""
        parts = self.name.split(".")
        return "" if len(parts) < 2 or parts[1] in ("__version__", "Pipeline") else parts[1]

    def __str__(self) -> str:
        return f"{self.file.relative_to(self.package.parent).as_posix()}:{self.line} imports {self.name}"


def room_of(file: Path, package: Path = PACKAGE) -> str:
    return file.relative_to(package).parts[0].removesuffix(".py")


def imports(package: Path = PACKAGE) -> Iterator[Import]:
    """All imports of a package, wherever they stand."""
    for file in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{file}:{node.lineno}: imports are written in full"
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            for name in names:
                yield Import(package, file, node.lineno, name)


def is_there(found: Import) -> bool:
    """Whether what is imported is a module of the package, or a name in one."""
    parts = found.name.split(".")[1:]
    modules = (found.package.joinpath(*parts[:depth]) for depth in (len(parts), len(parts) - 1))
    return any(module.with_suffix(".py").is_file() or (module / "__init__.py").is_file() for module in modules)


def out_of_place(package: Path = PACKAGE) -> list[str]:
    """Imports that go up, and those of rooms that there are not."""
    wrong = []
    for found in imports(package):
        if found.name.split(".")[0] != "augstudio" or found.room == "__init__":
            continue  # the package itself names what is public
        room, target = found.room, found.target
        if not target or target == room:
            continue
        if target not in ROOMS or not is_there(found):
            wrong.append(f"{found}, which is not there")
        elif ROOMS[target] >= ROOMS[room]:
            wrong.append(f"{found}, which stands above it")
    return wrong


ALL = list(imports())
OWN = [found for found in ALL if found.name.split(".")[0] == "augstudio"]


def test_every_module_lies_in_a_room() -> None:
    assert {room_of(file) for file in PACKAGE.rglob("*.py")} <= {*ROOMS, "__init__", "_data"}


def test_nothing_outside_the_window_knows_qt() -> None:
    assert not [str(found) for found in ALL if found.name.split(".")[0] in QT and found.room != "gui"]


def test_the_engine_imports_none_of_its_siblings() -> None:
    assert not [str(f) for f in OWN if f.room == "engine" and not f.name.startswith("augstudio.engine")]


def test_a_room_imports_only_from_rooms_that_are_there_and_below() -> None:
    assert out_of_place() == []


@pytest.mark.parametrize(
    ("file", "code", "wrong"),
    [
        ("pool/wrong.py", "from augstudio.export.job import Job", "augstudio.export.job.Job, which stands above it"),
        ("pipeline.py", "def load():\n    from augstudio import presets", "augstudio.presets, which stands above it"),
        (
            "pipeline.py",
            "class A:\n  def f(self): import augstudio.gui.shell",
            "augstudio.gui.shell, which stands above",
        ),
        ("gui/x.py", "from augstudio.nosuchroom import thing", "augstudio.nosuchroom.thing, which is not there"),
        ("gui/x.py", "def f():\n    import augstudio.exprot", "augstudio.exprot, which is not there"),
        ("gui/x.py", "from augstudio.export.nosuchfile import thing", "nosuchfile.thing, which is not there"),
        ("gui/x.py", "from augstudio import nothing", "augstudio.nothing, which is not there"),
        ("export/x.py", "import augstudio\nfrom augstudio.pool import retrying\nfrom augstudio import Pipeline", ""),
        ("__init__.py", "def f():\n    from augstudio import presets", ""),
    ],
)
def test_the_look_at_imports_finds_what_is_wrong(file: str, code: str, wrong: str, tmp_path: Path) -> None:
    """In a package of the same files, all of them empty but one."""
    package = tmp_path / "augstudio"
    for path in PACKAGE.rglob("*.py"):
        copy = package / path.relative_to(PACKAGE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text("")
    (package / file).write_text(code)
    found = out_of_place(package)
    assert [line for line in found if wrong in line and line.startswith(f"augstudio/{file}:")] == found
    assert len(found) == bool(wrong)


def test_no_two_rooms_offer_one_name() -> None:
    """Classes and functions that a package lists, or the public classes of a single file; the window's stay in it."""
    offered: dict[str, dict[int, str]] = {}
    for room in ROOMS.keys() - {"cli", "gui", "__main__"}:
        if not (PACKAGE / room).is_dir() and not (PACKAGE / f"{room}.py").is_file():
            continue
        module = importlib.import_module(f"augstudio.{room}")
        own = [name for name, held in vars(module).items() if getattr(held, "__module__", "") == module.__name__]
        classes = [name for name in own if isinstance(vars(module)[name], type) and name[0] != "_"]
        for name in getattr(module, "__all__", classes):
            held = getattr(module, name)
            if inspect.isclass(held) or inspect.isroutine(held):  # types of arrays may be told more or less closely
                offered.setdefault(name, {})[id(held)] = room  # one thing may be had of two rooms
    assert len(offered) > 50
    assert {name: sorted(things.values()) for name, things in offered.items() if len(things) > 1} == {}


WINDOW = {
    room: level
    for level, rooms in enumerate(
        (("intent", "parts"), ("stage", "cards", "browser", "exporting", "trying"), ("sheet",), ("shell",))
    )
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
    """And StringZilla, in one file, which does without it where it has no wheel; and what cuts polygons, in two."""
    allowed = {"numpy", "cv2", "augstudio", *sys.stdlib_module_names}
    others = {"lookup", "clipping", "following"}
    found = {f.name.split(".")[0] for f in ALL if f.room == "engine" and f.file.stem not in others}
    assert found <= allowed
    cutting = {f.name.split(".")[0] for f in ALL if f.room == "engine" and f.file.stem in ("clipping", "following")}
    assert cutting <= {*allowed, "shapely"}
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


def test_the_window_waits_for_nothing_that_is_asked_for_later() -> None:
    later = ("gui.exporting.export_dialog", "gui.exporting.outcomes", "export.runner", "labels.outlines")
    script = (
        "import sys\nfrom augstudio.gui.shell import application\n"
        f"print(*({{*{[f'augstudio.{name}' for name in later]}, 'shapely', 'filelock', 'rich'}} & set(sys.modules)))"
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)
    assert run.stdout.split() == []


def test_the_python_way_in_needs_no_qt_and_no_command_line() -> None:
    loaded = loaded_by("from augstudio import Pipeline; Pipeline.load('gentle')")
    assert {"numpy", "cv2"} <= loaded
    assert not loaded & {*QT, "typer", "rich"}


@pytest.mark.parametrize("way", ["from augstudio.pipeline import Pipeline", "from augstudio import Pipeline"])
def test_a_pipeline_finds_its_presets_only_when_it_is_loaded_or_saved(way: str, tmp_path: Path) -> None:
    script = (
        f"import sys\nfrom pathlib import Path\n{way}\n"
        "assert 'augstudio.presets' not in sys.modules\n"
        f"file = Path({str(tmp_path / 'own.json')!r})\n"
        "Pipeline(name='Mine').save(file)\n"
        "assert 'augstudio.presets' in sys.modules\n"
        "print(Pipeline.load(file).name, Pipeline.load('gentle').name)\n"
    )
    run = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False)
    assert run.stdout == "Mine Gentle\n", run.stderr


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in ("gui", "__main__")])
def test_every_room_can_be_imported_alone_and_without_qt(room: str) -> None:
    if not ((PACKAGE / room).is_dir() or (PACKAGE / f"{room}.py").is_file()):
        pytest.skip(f"{room} is not there yet")
    assert not loaded_by(f"import augstudio.{room}") & QT
