"""Nothing is lost with the program: what a window held a second before comes back at the next start, once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from driving import settle, until
from PySide6.QtWidgets import QApplication, QMessageBox
from windows import OpenWindow, run_program, write_photos

from augstudio import presets
from augstudio.gui.intent import session as sessions
from augstudio.gui.shell import journal
from augstudio.gui.shell.window import Window
from augstudio.pipeline import Pipeline
from augstudio.transforms import Range

CRASH = """
import os, sys
from pathlib import Path
from driving import settle, until
from augstudio.gui.shell.application import make_application
from augstudio.gui.shell.window import Window
from augstudio.transforms import Range

make_application()
window = Window()
window.show()
window.open_folder(Path(sys.argv[1]))
settle(window)
window.studio.show_picture("sign/s2.jpg")
window.studio.set_seed(int(sys.argv[2]))
window.studio.edit_step("rotate", "angle", Range(-3, float(sys.argv[2])))
until(lambda: window.journal.idle, "the journal is written")
os.kill(os.getpid(), 9) if hasattr(os, "fork") else os._exit(9)
"""


def crash(photos: Path, number: int) -> None:
    """Work in another program, which then ends without a word."""
    here = Path(__file__).resolve().parent
    path = os.pathsep.join([str(here), str(here.parent), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-c", CRASH, str(photos), str(number)], env={**os.environ, "PYTHONPATH": path}, timeout=120
    )
    assert done.returncode != 0, "it did not end by itself"


@pytest.fixture
def start(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Start the program as the command line does; what its window shows at rest is noted, then it is closed."""
    interval = sys.getswitchinterval()
    monkeypatch.setattr(QMessageBox, "exec", lambda _: int(QMessageBox.StandardButton.Save.value))
    yield []
    qapp.styleHints().colorSchemeChanged.disconnect()
    sys.setswitchinterval(interval)


def test_a_crash_loses_nothing(photos: Path, open_window: OpenWindow) -> None:
    crash(photos, 31)
    left = journal.left_behind()
    assert len(left) == 1
    session = left[0].session
    pair = session.pipelines()
    assert pair is not None
    assert pair[0].step("rotate").range_of("angle") == Range(-3, 31)
    assert pair[1] == presets.find("gentle"), "what was saved is told from what was not"
    assert (session.folder, session.picture, session.seed) == (str(photos), "sign/s2.jpg", 31)
    assert session.recent == (str(photos),)
    assert journal.left_behind() == [], "only one takes it up"
    window = open_window(session)
    window.take_up(left)
    assert "not saved" in window.messages.text()
    assert left[0].path.exists(), "it is kept until what it held is written down again"
    until(lambda: window.journal.idle, "the journal is written")
    assert not left[0].path.exists()
    again = sessions.read(window.journal.path)
    assert again is not None
    assert again.pipelines() == pair
    window.open_folder(Path(session.folder), session.picture)
    settle(window)
    assert window.studio.state.picture == "sign/s2.jpg"
    assert window.studio.state.pipeline == pair[0]
    assert window.studio.unsaved
    assert "not saved" in window.messages.text(), "opening the folder does not hide it"


def test_the_program_takes_up_what_a_crash_left(photos: Path, start: list[str]) -> None:
    """From the command line's own function; the second start has nothing left to take up."""
    crash(photos, 17)
    seen: list[tuple[str, str, int]] = []

    def look(window: Window) -> None:
        seen.append((window.messages.text(), window.studio.state.picture, window.studio.state.seed))
        window.studio.undo_stack.clear()
        window.studio.load_preset(presets.locate("gentle"))  # so that nothing is asked at the end

    for _ in range(2):
        assert run_program(None, look) == 0
    (words, picture, seed), (later, *rest) = seen
    assert "not saved" in words
    assert (picture, seed) == ("sign/s2.jpg", 17)
    assert later == ""
    assert rest == ["sign/s2.jpg", 17]
    assert list(journal.folder().iterdir()) == []


def test_what_two_windows_held_is_kept_of_both(photos: Path, open_window: OpenWindow) -> None:
    crash(photos, 5)
    crash(photos, 7)
    left = journal.left_behind()
    assert [one.session.seed for one in left] == [7, 5], "the latest first"
    window = open_window(left[0].session)
    window.take_up(left)
    assert "Gentle (recovered)" in window.messages.text()
    (entry,) = presets.user()
    assert entry.name == "Gentle (recovered)"
    pair = left[1].session.pipelines()
    assert pair is not None
    assert presets.load(entry.path).transforms == pair[0].transforms
    until(lambda: window.journal.idle, "the journal is written")
    assert [path for path in journal.folder().iterdir() if path.suffix == ".json"] == [window.journal.path]


def test_an_open_window_is_left_alone(open_window: OpenWindow) -> None:
    first, second = open_window(), open_window()
    for number, window in enumerate((first, second), 1):
        window.studio.set_seed(number)
        until(lambda window=window: window.journal.idle, "the journal is written")  # type: ignore[misc]
    assert journal.left_behind() == []
    seeds = {path: sessions.read(path).seed for path in journal.folder().glob("*.json")}  # type: ignore[union-attr]
    assert seeds == {first.journal.path: 1, second.journal.path: 2}


def test_a_window_that_closes_leaves_no_journal(open_window: OpenWindow) -> None:
    first, second = open_window(), open_window()
    for number, window in enumerate((first, second), 1):
        window.studio.set_seed(number)
        until(lambda window=window: window.journal.idle, "the journal is written")  # type: ignore[misc]
        assert window.close()
    assert list(journal.folder().iterdir()) == []
    assert sessions.load().seed == 2, "the last one that was closed wins"


def test_it_is_written_while_edits_go_on_and_in_another_thread(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    writers: list[int] = []
    write = sessions.write

    def noted(session: sessions.Session, path: Path) -> None:
        writers.append(threading.get_ident())
        write(session, path)

    monkeypatch.setattr(sessions, "write", noted)
    seed = 0

    def edit() -> bool:
        nonlocal seed
        seed += 1
        window.studio.set_seed(seed)
        return len(writers) >= 3

    until(edit, "the journal is written three times although nobody rests")
    assert threading.get_ident() not in writers


def test_a_journal_that_cannot_be_written_stops_nobody(
    open_window: OpenWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("AUGSTUDIO_HOME", str(tmp_path / "file"))
    window = open_window()
    window.studio.set_seed(5)
    until(lambda: window.journal.idle, "the journal gives up")
    assert window.messages.text() == ""
    assert journal.left_behind() == []
    assert window.close()


@pytest.mark.parametrize("text", ["", "[]", "{", "\x00" * 5000, "[" * 100_000])
def test_a_damaged_journal_is_passed_over(text: str) -> None:
    journal.folder().mkdir(parents=True)
    (journal.folder() / "1-a.lock").touch()
    (journal.folder() / "1-a.json").write_text(text, encoding="utf-8")
    assert journal.left_behind() == []


def test_folders_asked_about_in_one_window_are_not_asked_about_by_another() -> None:
    sessions.save(sessions.Session(guided=("/a",)))
    sessions.save(sessions.Session(guided=("/b",), seed=3))
    assert sessions.load().guided == ("/b", "/a")
    assert sessions.load().seed == 3


# -- names that are no text --------------------------------------------------------------------------------------------


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    """A folder whose name is no UTF-8."""
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/phot\xffs & co"))
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system takes only names that are text")
    return write_photos(folder)


def test_a_folder_whose_name_is_no_text(open_window: OpenWindow, strange: Path) -> None:
    """It is opened, shown in the title and the menu, remembered, and keeps nobody from leaving."""
    window = open_window()
    window.open_folder(strange)
    settle(window)
    assert window.studio.state.dataset is not None
    assert window.windowTitle().startswith(r"phot\xffs & co — ")
    window._recent_menu.aboutToShow.emit()
    assert window._recent_menu.actions()[0].text().endswith(r"phot\xffs && co")
    window.studio.show_picture("sign/s2.jpg")
    until(lambda: window.journal.idle, "the journal is written")
    held = sessions.read(window.journal.path)
    assert held is not None
    assert held.folder == str(strange)
    threads = [thread for thread in threading.enumerate() if thread.name.startswith("augstudio")]
    assert threads
    assert window.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("augstudio")]
    session = sessions.load()
    assert Path(session.folder) == strange
    json.loads(sessions.session_file().read_text("ascii"))
    again = open_window(session)
    again.open_folder(Path(session.folder), session.picture)
    settle(again)
    assert again.studio.state.picture == "sign/s2.jpg"
    again._recent_menu.aboutToShow.emit()
    again._recent_menu.actions()[0].trigger()
    settle(again)
    assert again.messages.text() == ""


def test_whatever_is_wrong_with_the_session_the_window_closes(
    loaded: Window, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates not allowed")

    monkeypatch.setattr(sessions, "write", fail)
    assert loaded.close()
    assert not loaded.isVisible()
    assert "surrogates not allowed" in capsys.readouterr().err, "it is not kept secret either"
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("augstudio")]


def test_a_pipeline_of_another_name_is_kept_beside_one_that_is_recovered() -> None:
    presets.user_folder().mkdir(parents=True)
    first = presets.free_path("Mine")
    presets.save(Pipeline(name="Mine"), first)
    assert presets.user_path("Mine") == first, "saving again replaces it"
    assert presets.free_path("Mine") != first, "what is recovered does not"
