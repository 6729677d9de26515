from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import types
from pathlib import Path
from typing import Any

import pytest
from pictures import smooth

import augstudio
from augstudio import cli
from augstudio.images import Format, encode, read
from augstudio.presets import find, shipped, user_path
from augstudio.transforms import registry

NO_DISPLAY = dict.fromkeys(("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"), "")
HEAVY = ("numpy", "cv2", "pydantic", "PIL", "PySide6", "superqt")
HARSH = {
    "augstudio_preset": 1,
    "name": "Harsh",
    "transforms": [{"op": "shrink", "scale": [0.3, 0.5]}, {"op": "rotate", "angle": [-35, 35]}],
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for number, name in enumerate(("cat/one.jpg", "cat/two.png", "dog/three.jpg")):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(smooth(30, 40, 3, seed=number), "JPEG" if path.suffix == ".jpg" else "PNG", 90))
    return tmp_path / "in"


@pytest.fixture
def harsh(tmp_path: Path) -> Path:
    path = tmp_path / "harsh.json"
    path.write_text(json.dumps(HARSH))
    return path


class Said(types.SimpleNamespace):
    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command line in this process."""

    def call(*arguments: object) -> Said:
        code = cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Said(code=code, out=captured.out, err=captured.err)

    return call


def refused(said: Said) -> str:
    """The one line of a command that did nothing."""
    assert said.code == 2
    assert said.err.startswith("augstudio: ")
    assert said.err.count("\n") == 1
    return said.err


def program(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a program of its own."""
    command = [sys.executable, "-m", "augstudio", *map(str, arguments)]
    environment = {**os.environ, **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


# -- export --------------------------------------------------------------------------------------------------------


def test_export(source: Path, tmp_path: Path, run: Any) -> None:
    out = tmp_path / "out"
    said = run("export", source, out, "--preset", "gentle", "--copies", 3, "--seed", 5, "--workers", 0)
    assert said.code == 0
    assert said.err == ""
    assert "9 files" in said.out
    assert f"{out}" in said.out
    assert len(list((out / "images").rglob("*__aug*"))) == 9
    report = json.loads((out / "report.json").read_text())
    assert (report["settings"]["copies"], report["settings"]["seed"]) == (3, 5)
    pixels = read(source / "cat" / "two.png").pixels
    exported = read(out / "images" / "cat" / "two__aug2.png").pixels
    assert (exported == find("gentle")(pixels, seed=5, key="cat/two.png", copy=2)).all()


def test_export_by_default(source: Path, tmp_path: Path, run: Any) -> None:
    assert run("export", source, tmp_path / "out", "-p", "gentle").code == 0
    settings = json.loads((tmp_path / "out" / "report.json").read_text())["settings"]
    assert (settings["copies"], settings["seed"], settings["originals"], settings["format"]) == (4, 0, False, "source")
    assert settings["workers"] >= 1
    assert len(list((tmp_path / "out" / "images").rglob("*.*"))) == 12


def test_export_in_another_format_with_originals(source: Path, tmp_path: Path, run: Any) -> None:
    arguments = ("--originals", "--format", "webp", "--quality", 50, "--copies", 1, "--workers", 0)
    assert run("export", source, tmp_path / "out", "-p", "gentle", *arguments).code == 0
    assert sorted(path.name for path in (tmp_path / "out" / "images").rglob("*.webp")) == [
        f"{stem}__{kind}.webp" for stem in ("one", "three", "two") for kind in ("aug1", "orig")
    ]


def test_pictures_that_fail_are_named_and_counted(source: Path, tmp_path: Path, run: Any) -> None:
    (source / "cat" / "broken.jpg").write_text("no picture")
    said = run("export", source, tmp_path / "out", "-p", "gentle", "-n", 1, "-w", 0)
    assert said.code == 1
    assert "failed: cat/broken.jpg: not a picture in any known format" in said.out
    assert "1 of 4 pictures failed" in said.out
    assert "3 files" in said.out


def test_an_export_of_nothing_is_refused(source: Path, tmp_path: Path, run: Any) -> None:
    for path in source.rglob("*.*"):
        path.write_text("no picture")
    assert "no picture could be exported" in refused(run("export", source, tmp_path / "out", "-p", "gentle", "-w", 0))


def test_cautions_come_before_the_export(source: Path, tmp_path: Path, harsh: Path, run: Any) -> None:
    said = run("export", source, tmp_path / "out", "-p", harsh, "-n", 1, "-w", 0)
    assert said.code == 0
    levels = [line.split(":")[0] for line in said.out.splitlines()]
    assert levels[:3] == ["excessive", "excessive", "caution"]


def test_exports_that_are_refused(source: Path, tmp_path: Path, run: Any) -> None:
    out = tmp_path / "out"

    def why(*arguments: object) -> str:
        said = refused(run("export", *arguments))
        assert not out.exists()
        return said

    assert "there is no such folder" in why(tmp_path / "none", out, "-p", "gentle")
    (tmp_path / "empty").mkdir()
    assert "no pictures found" in why(tmp_path / "empty", out, "-p", "gentle")
    assert 'did you mean "gentle"' in why(source, out, "-p", "gentel")
    assert "there is no such file" in why(source, out, "-p", "none.json")
    assert "lies inside the source" in why(source, source / "out", "-p", "gentle")
    assert "copies is 0; allowed is 1 to" in why(source, out, "-p", "gentle", "-n", 0)
    assert "seed is -1" in why(source, out, "-p", "gentle", "-s", -1)
    assert "workers is 100" in why(source, out, "-p", "gentle", "-w", 100)
    assert "quality is 0" in why(source, out, "-p", "gentle", "-q", 0)
    assert "max_pixels is 0" in why(source, out, "-p", "gentle", "--max-pixels", 0)
    assert "--format" in why(source, out, "-p", "gentle", "-f", "gif")
    assert "--copies" in why(source, out, "-p", "gentle", "-n", "many")
    assert "--preset" in why(source, out)
    assert "OUT" in why(source)
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "thesis.txt").touch()
    assert "not empty" in why(source, tmp_path / "used", "-p", "gentle")


def test_a_larger_picture_than_allowed_fails_and_can_be_allowed(source: Path, tmp_path: Path, run: Any) -> None:
    assert "limit of 1,199" in refused(
        run("export", source, tmp_path / "out", "-p", "gentle", "-w", 0, "--max-pixels", 1199)
    )
    assert run("export", source, tmp_path / "out", "-p", "gentle", "-w", 0, "--max-pixels", 1200).code == 0


def test_formats_are_those_of_the_images() -> None:
    assert [item.value for item in cli.OutputFormat] == [item.value for item in Format]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("early", [True, False])
def test_ctrl_c_cancels_cleanly(workers: int, early: bool, tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{number}.jpg").write_bytes(encode(smooth(200, 300, 3, seed=number), "JPEG", 90))
    out = tmp_path / "out"
    command = [sys.executable, "-m", "augstudio", "export", "in", "out", "-p", "gentle", "-n", "40", "-w", str(workers)]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    limit = time.monotonic() + 60
    wanted = "report.json" if early else "images/*__aug*"
    while not any(out.glob(wanted)) and time.monotonic() < limit:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes at once
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    report = json.loads((out / "report.json").read_text())
    assert report["state"] == "cancelled"
    assert report["counts"]["failed"] == 0
    listed = {json.loads(line)["path"] for line in (out / "manifest.jsonl").read_text().splitlines()}
    assert listed == {path.relative_to(out).as_posix() for path in out.rglob("*") if path.parent.name == "images"}
    assert len(listed) == report["counts"]["files"]


# -- looking and judging -------------------------------------------------------------------------------------------


def test_preview(source: Path, tmp_path: Path, run: Any) -> None:
    out = tmp_path / "sheet.png"
    said = run("preview", source / "cat" / "one.jpg", "-p", "gentle", "-o", out, "-n", 2, "-s", 3)
    assert said.code == 0
    sheet = read(out)
    assert (sheet.info.format, sheet.pixels.shape[2]) == ("PNG", 3)
    assert f"{sheet.info.width} × {sheet.info.height}" in said.out
    assert run("preview", source / "cat" / "one.jpg", "-p", "gentle", "-o", tmp_path / "s.jpg").code == 0
    assert read(tmp_path / "s.jpg").info.format == "JPEG"


def test_previews_that_are_refused(source: Path, tmp_path: Path, run: Any) -> None:
    one, out = source / "cat" / "one.jpg", tmp_path / "sheet.png"
    assert "no such file" in refused(run("preview", tmp_path / "none.jpg", "-p", "gentle", "-o", out))
    assert "a folder, not a picture" in refused(run("preview", source, "-p", "gentle", "-o", out))
    assert "suffix must be one of" in refused(run("preview", one, "-p", "gentle", "-o", "sheet.pdf"))
    assert "copies is 1000" in refused(run("preview", one, "-p", "gentle", "-o", out, "-n", 1000))
    assert "seed is -1" in refused(run("preview", one, "-p", "gentle", "-o", out, "-s", -1))
    assert "no such file or directory" in refused(
        run("preview", one, "-p", "gentle", "-o", tmp_path / "none" / "a.png")
    )
    assert "limit of 10" in refused(run("preview", one, "-p", "gentle", "-o", out, "--max-pixels", 10))
    assert not out.exists()


def test_check(source: Path, harsh: Path, run: Any) -> None:
    said = run("check", source, "-p", "gentle")
    assert said.code == 0
    assert "Gentle for 3 pictures (3 looked at) at 224 px: no cautions" in said.out

    said = run("check", source, "-p", harsh)
    assert said.code == 1
    for words in ("excessive  Shrink · Scale", "caution  Rotate · Angle", "Evidence: ", "Remedy: Set to"):
        assert words in said.out
    assert "2 excessive, 1 caution" in said.out

    assert run("check", source, "-p", harsh, "--originals").out.count("excessive  ") == 1


def test_check_as_json(source: Path, harsh: Path, run: Any) -> None:
    said = run("check", source, "-p", harsh, "--json")
    assert said.code == 1
    content = json.loads(said.out)
    assert (content["preset"], content["pictures"], content["looked_at"]) == ("Harsh", 3, 3)
    assert {caution["level"] for caution in content["cautions"]} == {"excessive", "caution"}
    assert set(content["cautions"][0]) == {"level", "step", "parameter", "title", "message", "evidence", "remedy"}
    assert "no preset of that name" in refused(run("check", source, "-p", "nothing", "--json"))


def test_checks_that_are_refused(source: Path, tmp_path: Path, run: Any) -> None:
    assert "there is no such folder" in refused(run("check", tmp_path / "none", "-p", "gentle"))
    (tmp_path / "broken.json").write_text("{")
    assert "broken.json: it is not JSON" in refused(run("check", source, "-p", tmp_path / "broken.json"))


def test_transforms(run: Any) -> None:
    said = run("transforms")
    assert said.code == 0
    listed = {line.split()[0] for line in said.out.splitlines()[1:-1]}
    assert listed == set(registry())
    (angle,) = (line for line in said.out.splitlines() if line.startswith("rotate") and " angle " in line)
    for cell in ("geometry", "°", "±180", "±45", "beyond ±30", "beyond ±90", "±15", "RandAugment"):
        assert cell in angle

    content = json.loads(run("transforms", "--json").out)
    assert [transform["op"] for transform in content] == list(registry())
    sigma = next(t for t in content if t["op"] == "gaussian_noise")["parameters"][0]
    assert (sigma["name"], sigma["kind"], sigma["hard"], sigma["caution"]) == ("sigma", "range", [0, 0.5], [None, 0.08])
    assert sigma["by_training_size"]["32"]["excessive"] == [None, 0.08]
    assert all(set(parameter) >= {"label", "help", "kind", "default"} for t in content for parameter in t["parameters"])


def test_presets(run: Any) -> None:
    mine = user_path("Mine")
    mine.parent.mkdir(parents=True, exist_ok=True)
    find("gentle").edited(name="Mine [bold]", description="My own").save(mine)
    (mine.parent / "broken.json").write_text("{")
    said = run("presets")
    assert said.code == 0
    for words in ("gentle", "Gentle", "shipped", "Mine [bold]", "yours", "cannot be read", "it is not JSON"):
        assert words in said.out
    content = json.loads(run("presets", "--json").out)
    assert len(content) == 2 + len(shipped())
    assert content[1] | {"path": ""} == {
        "name": "Mine [bold]",
        "preset": "mine",
        "description": "My own",
        "path": "",
        "shipped": False,
        "valid": True,
    }


def test_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Any) -> None:
    sample = types.ModuleType("augstudio.dataset.sample")
    sample.draw_sample = lambda folder, progress: [progress(0, 72), *[folder / "one.jpg"] * 71]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "augstudio.dataset.sample", sample)
    said = run("sample", tmp_path / "pictures")
    assert (said.code, said.err) == (0, "")
    assert f"72 pictures in {tmp_path / 'pictures'}" in said.out


# -- the window ----------------------------------------------------------------------------------------------------


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path | None, str | None]]:
    """Stand in for the window: what it was asked to open."""
    asked: list[tuple[Path | None, str | None]] = []

    def open_window(folder: Path | None, preset: str | None = None) -> int:
        asked.append((folder, preset))
        return 0

    application = types.ModuleType("augstudio.gui.application")
    application.run = open_window  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "augstudio.gui.application", application)
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

    tour = types.ModuleType("augstudio.gui.tour")
    tour.demo = demo  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "augstudio.gui.tour", tour)
    said = run("demo", "--out", tmp_path / "demo")
    assert (said.code, said.out) == (0, f"wrote {tmp_path / 'demo'}\n")


# -- the command line itself -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["open", "demo", "export", "preview", "check", "transforms", "presets", "sample"])
def test_every_command_has_help_with_an_example(command: str, run: Any) -> None:
    said = run(command, "--help")
    assert said.code == 0
    assert f"Example: augstudio {command}" in said.out


def test_help_and_version(run: Any) -> None:
    said = run("--help")
    assert said.code == 0
    assert {"open", "demo", "export", "preview", "check", "transforms", "presets", "sample"} <= set(said.out.split())
    assert run("--version").out == f"augstudio {augstudio.__version__}\n"


def test_usage_errors_take_one_line(run: Any) -> None:
    assert "did you mean 'export'" in refused(run("exprt")).casefold()
    assert "--colour" in refused(run("presets", "--colour"))


def loaded_by(*arguments: object, cwd: Path) -> set[str]:
    """The heavy packages that a command imports, in a process of its own."""
    code = (
        "import sys\n"
        "from augstudio.cli import main\n"
        f"code = main({[str(argument) for argument in arguments]!r})\n"
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


@pytest.mark.slow
def test_no_command_loads_qt(source: Path, tmp_path: Path) -> None:
    for arguments in (
        ("export", source, "out", "-p", "gentle", "-n", 1, "-w", 1),
        ("preview", source / "cat" / "one.jpg", "-p", "gentle", "-o", "sheet.png"),
        ("check", source, "-p", "gentle"),
        ("transforms",),
        ("presets",),
    ):
        assert not loaded_by(*arguments, cwd=tmp_path) & {"PySide6", "superqt"}


def test_sample_loads_no_qt(tmp_path: Path) -> None:
    # Drawing all of it takes a while; what it loads is told by now.
    code = "import sys, augstudio.dataset.sample; print('PySide6' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


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
