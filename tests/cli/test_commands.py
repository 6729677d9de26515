from __future__ import annotations

import shutil
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from asking import program, refused

import augstudio
from augstudio.dataset import scan

NO_DISPLAY = dict.fromkeys(("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"), "")
COMMANDS = ("open", "demo", "export", "verify", "reproduce", "preview", "check", "transforms", "presets", "sample")
HEAVY = ("numpy", "cv2", "pydantic", "PIL", "PySide6", "superqt", "fsspec", "distributed", "rich.progress")


def test_sample(tmp_path: Path, run: Any) -> None:
    for _ in range(2):  # again, it finds them there
        said = run("sample", tmp_path / "pictures")
        assert (said.code, said.err) == (0, "")
        there = scan(tmp_path / "pictures").sources
        assert f"{len(there)} pictures in {tmp_path / 'pictures'}" in said.out


def test_sample_into_a_folder_that_holds_something_else(source: Path, run: Any) -> None:
    before = sorted(source.rglob("*"))
    said = run("sample", source)
    assert said.code == 2
    assert "the folder holds something else (cat)" in said.err
    assert said.err.count("\n") == 1
    assert sorted(source.rglob("*")) == before


# -- the window ----------------------------------------------------------------------------------------------------


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path | None, str | None]]:
    """Stand in for the window: what it was asked to open."""
    asked: list[tuple[Path | None, str | None]] = []

    def open_window(folder: Path | None, preset: str | None = None) -> int:
        asked.append((folder, preset))
        return 0

    application = types.ModuleType("augstudio.gui.shell.application")
    application.run_studio = open_window  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "augstudio.gui.shell.application", application)
    return asked


def test_open(source: Path, window: list[Any], run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments in ([], ["open"], ["open", source], ["open", source, "-p", "gentle"], [source]):
        assert run(*arguments).code == 0
    assert window == [(None, None), (None, None), (source, None), (source, "gentle"), (source, None)]
    monkeypatch.chdir(source.parent)
    (source.parent / "presets").mkdir()
    assert "Gentle" in run("presets").out, "a command comes before a folder of that name"


def test_open_what_is_not_there(tmp_path: Path, window: list[Any], run: Any) -> None:
    assert "there is no such folder" in refused(run("open", tmp_path / "none"))
    assert window == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_open_without_a_display(window: list[Any], run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NO_DISPLAY:
        monkeypatch.delenv(name, raising=False)
    assert "there is no display" in refused(run())
    assert "there is no display" in refused(run("open"))
    assert window == []
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert run("open").code == 0


def test_demo(tmp_path: Path, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def demo(out: Path, say: Any) -> int:
        say(f"wrote {out}")
        return 0

    tour = types.ModuleType("augstudio.gui.shell.tour")
    tour.demo = demo  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "augstudio.gui.shell.tour", tour)
    said = run("demo", "--out", tmp_path / "demo")
    assert (said.code, said.out) == (0, f"wrote {tmp_path / 'demo'}\n")


# -- the command line itself -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str, run: Any) -> None:
    said = run(command, "--help")
    assert said.code == 0
    assert f"Example: augstudio {command}" in said.out


def test_help_and_version(run: Any) -> None:
    said = run("--help")
    assert said.code == 0
    assert set(COMMANDS) <= set(said.out.split())
    assert run("--version").out == f"augstudio {augstudio.__version__}\n"


def test_usage_errors_take_one_line(run: Any) -> None:
    assert "did you mean 'export'" in refused(run("exprt")).casefold()
    assert "--colour" in refused(run("presets", "--colour"))


def loaded_by(*arguments: object, cwd: Path) -> set[str]:
    """The heavy packages that a command imports, in a process of its own."""
    return loaded_by_all([arguments], cwd)


def loaded_by_all(commands: list[tuple[object, ...]], cwd: Path) -> set[str]:
    """The heavy packages that some commands import, one after the other in one process."""
    lines = [[str(argument) for argument in arguments] for arguments in commands]
    code = (
        "import sys\n"
        "from augstudio.cli import main\n"
        f"code = max(main(arguments) for arguments in {lines!r})\n"
        f"print('loaded', code, *(name for name in {HEAVY!r} if name in sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=True)
    word, exit_code, *names = done.stdout.splitlines()[-1].split()
    assert (word, exit_code) == ("loaded", "0"), done.stderr
    return set(names)


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    assert loaded_by("--help", cwd=tmp_path) == set()
    # typer itself looks at a command's options with pydantic, where that is installed
    assert loaded_by("export", "--help", cwd=tmp_path) <= {"pydantic"}


def test_a_worker_that_imports_the_program_loads_no_command() -> None:
    code = (
        "import sys, augstudio.cli; print(*({'typer', 'augstudio.export', 'augstudio.cli.program'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


@pytest.mark.slow
def test_no_command_loads_qt(source: Path, tmp_path: Path) -> None:
    commands: list[tuple[object, ...]] = [
        ("export", source, "out", "-p", "gentle", "-n", 1, "-w", 1),
        ("preview", source / "cat" / "one.jpg", "-p", "gentle", "-o", "sheet.png"),
        ("check", source, "-p", "gentle"),
        ("verify", "out"),
        ("reproduce", "out", "images/cat/one__aug1.jpg"),
        ("transforms",),
        ("presets",),
        ("sample", "pictures"),
    ]
    assert not loaded_by_all(commands, tmp_path) & {"PySide6", "superqt"}


def test_as_a_program(source: Path, tmp_path: Path) -> None:
    done = program("export", source, tmp_path / "out", "-p", "gentle", "-n", 1, "-w", 1)
    assert (done.returncode, done.stderr) == (0, "")
    done = program("open", **NO_DISPLAY) if sys.platform == "linux" else program("open", tmp_path / "none")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(shutil.which("script") is None or sys.platform != "linux", reason="needs a terminal to be made")
def test_on_a_terminal(source: Path, tmp_path: Path) -> None:
    command = f"{sys.executable} -m augstudio export {source} {tmp_path / 'out'} -p gentle -n 1 -w 0"
    done = subprocess.run(["script", "-qec", command, "/dev/null"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "3 files" in done.stdout


def test_ctrl_c_while_all_is_still_being_imported_leaves_no_traceback() -> None:
    code = (
        "import sys\nfrom augstudio import cli\n"
        "def interrupted(_given):\n    raise KeyboardInterrupt\n"
        "cli._run = interrupted\nsys.argv = ['augstudio', 'presets']\nsys.exit(cli.main())\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_an_import_that_waits_for_ever_keeps_no_export_from_ending(source: Path, tmp_path: Path) -> None:
    """Ctrl-C in the middle of an import may keep its lock, for which the thread that imports cautions then waits."""
    code = (
        "import sys, threading, types\nfrom augstudio import cli\nfrom augstudio.cli.exporting import run\n"
        "run._PATIENCE = 0.2\n"
        "def interrupted(*_given, **_more):\n    raise KeyboardInterrupt\n"
        "run.run_export = interrupted\n"
        "run.importlib = types.SimpleNamespace(import_module=lambda _name: threading.Event().wait())\n"
        f"sys.exit(cli.main(['export', {str(source)!r}, {str(tmp_path / 'out')!r}, '-p', 'gentle', '-w', '0']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 130, done.stderr
    assert "ended at once" in done.stderr
