"""Worker processes: what is private to Python's own pool is used in one place, and holds with every Python there is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import augstudio
from augstudio.pool import processes
from augstudio.pool.processes import Inline, Processes, local
from augstudio.pool.retrying import PoolError

PACKAGE = Path(augstudio.__file__).parent
OLDEST = (3, 11)
VERSIONS = ("3.11", "3.12", "3.13", "3.14")


def pythons(version: str) -> list[str]:
    """Where a Python of that version may lie; of what lies on the path, some only points to what is not there."""
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}*/bin/python"))
    named = shutil.which(f"python{version}")
    return [*map(str, kept), *([named] if named else [])]


def runs(python: str, version: str) -> bool:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    said = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=False)
    return said.stdout.strip() == version


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL and SIGSTOP")
@pytest.mark.parametrize("version", VERSIONS)
def test_the_insides_of_a_pool_are_what_they_are_taken_for(version: str, tmp_path: Path) -> None:
    here = "{}.{}".format(*sys.version_info[:2])
    python = sys.executable if version == here else next((p for p in pythons(version) if runs(p, version)), None)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    # Isolated from the packages of whoever runs it: nothing but Python's own is needed.
    command = [python, "-I", "-S", "-W", "error", str(Path(__file__).with_name("bare.py")), str(PACKAGE.parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.stdout.splitlines() == [
        "begun: 2 True",
        "told: [0, 2, 4, 6, 8]",
        "half told: True True",
        "never ends: True True",
        "killed at the end: True",
        "killed at the end: True",
        "given up: [13, 14] 96 True",
        f"forked: {'forkserver' if sys.platform == 'linux' else 'spawn'}",
    ], done.stderr
    assert done.stderr == ""


def test_this_python_is_among_those_that_are_looked_for() -> None:
    assert "{}.{}".format(*sys.version_info[:2]) in VERSIONS, "a newer Python: look whether the pool holds with it"


def test_what_is_private_to_pythons_pool_is_used_in_one_place() -> None:
    private = re.compile(r"\._(?:processes|spawn_process|result_queue|call_queue|executor_manager_thread)\b")
    found = {path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if private.search(path.read_text("utf-8"))}
    assert found == {Path("pool", "processes.py")}


def seconds(args: tuple[object, ...]) -> float:
    return 60.0


def test_processes_that_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def begin(self: Processes) -> None:
        tried.append(self)
        raise OSError("no more\nprocesses")

    monkeypatch.setattr(Processes, "begin", begin)
    monkeypatch.setattr(processes, "_PAUSE", 0.0)
    with pytest.raises(PoolError) as raised:
        local(1, seconds).start()
    said = "worker processes cannot be started (no more processes); with 0 workers none are needed"
    assert str(raised.value) == said
    assert len(set(tried)) == 3, "somebody may have killed one, so it is tried again"


def put_mark() -> None:
    os.environ["AUGSTUDIO_TEST_MARK"] = "first"


def mark() -> str:
    return os.environ.get("AUGSTUDIO_TEST_MARK", "")


def test_each_process_does_first_what_it_is_told() -> None:
    executor = local(1, seconds, first=put_mark).start()
    try:
        assert executor.submit(mark).result(60) == "first"
    finally:
        executor.shutdown()
    assert not mark(), "not this one"


def test_without_workers_the_calling_thread_works() -> None:
    engine = local(0, seconds)
    executor = engine.start()
    assert isinstance(executor, Inline)
    assert engine.window == 1
    assert executor.submit(os.getpid).result(0) == os.getpid()
    with pytest.raises(ZeroDivisionError):
        executor.submit(divmod, 1, 0).result(0)
