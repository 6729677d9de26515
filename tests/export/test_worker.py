"""Worker processes: what they are forked from, and what they begin with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from exporting import export, hashes, photos

import augstudio.export
from augstudio.export import runner, worker
from augstudio.export.job import Job, Result, run_job
from augstudio.pool import starting
from augstudio.pool import worker as any_worker


def test_every_name_is_found() -> None:
    assert [name for name in augstudio.export.__all__ if not hasattr(augstudio.export, name)] == []
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = augstudio.export.nothing


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
def test_no_thread_runs_where_workers_are_forked_from() -> None:
    code = (
        "import os, sys\n"
        "import augstudio.export.worker\n"
        "print('numpy' in sys.modules)\n"
        "import augstudio.export.preload\n"
        "print('augstudio.engine' in sys.modules, len(os.listdir('/proc/self/task')))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\nTrue 1\n"


def tell(job: Job) -> Result:
    """Run in a worker: fail, and say what the environment is."""
    return Result.failed(job, os.environ.get("AUGSTUDIO_TEST", "not there"))


def test_workers_have_the_environment_of_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = photos(tmp_path / "in")
    worker.prepare()  # from here on it may differ
    monkeypatch.setattr(runner, "run_job", tell)
    for now in ("this", "that"):
        monkeypatch.setenv("AUGSTUDIO_TEST", now)
        done = export(source, tmp_path / now, workers=1)
        assert {failure.reason for failure in done.failures} == {now}


def tell_priority(job: Job) -> Result:
    """Run in a worker: fail, and say what priority it has."""
    return Result.failed(job, str(os.getpriority(os.PRIO_PROCESS, 0)))


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="no such priorities on this system")
@pytest.mark.parametrize("forked", [True, False])
def test_workers_give_way_only_if_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forked: bool) -> None:
    source, here = photos(tmp_path / "in"), os.getpriority(os.PRIO_PROCESS, 0)
    if not forked:
        monkeypatch.setattr(starting, "_FORKED", False)
    monkeypatch.setattr(runner, "run_job", tell_priority)
    for gently, priority in ((True, min(19, here + any_worker._NICENESS)), (False, here)):
        done = export(source, tmp_path / str(gently), workers=1, gently=gently)
        assert {failure.reason for failure in done.failures} == {str(priority)}
    assert os.getpriority(os.PRIO_PROCESS, 0) == here


def test_workers_that_are_not_forked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = photos(tmp_path / "in")
    export(source, tmp_path / "0")
    monkeypatch.setattr(starting, "_FORKED", False)
    assert starting.context().get_start_method() == "spawn"
    export(source, tmp_path / "2", workers=2)
    assert hashes(tmp_path / "2") == hashes(tmp_path / "0")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
def test_where_there_is_no_room_for_a_socket_nothing_is_forked(tmp_path: Path) -> None:
    far = tmp_path / ("far" * 40)
    far.mkdir()
    code = "from augstudio.pool import starting; print(starting.context().get_start_method())"
    for folder, method in ((far, "spawn"), (Path("/tmp"), "forkserver")):
        environment = {**os.environ, "TMPDIR": str(folder)}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == method


def test_a_job_in_a_worker_is_as_one_here(tmp_path: Path) -> None:
    assert any_worker.within(60, run_job, _job(tmp_path)) == run_job(_job(tmp_path))


def _job(root: Path) -> Job:
    return Job(0, "none.png", "", "", str(root), str(root), "", "none", (1,), "", 0, "source", 95, 100)
