"""A real scheduler and real workers, as processes of their own on the loopback."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from pathlib import Path

import deadly
import pytest
from exporting import consistent, export, hashes, photos, picture, pipeline, report
from servers import Cluster, cluster, without_augstudio

import augstudio
from augstudio.dataset.scanning import Dataset, scan
from augstudio.export import EarlierExportError, ExportError, Progress, Settings, Status, run_export, runner
from augstudio.export.fitness import Needs, on_cluster, seen
from augstudio.export.versions import versions
from augstudio.pool import cluster as module
from augstudio.pool import cluster_worker

TOKEN = ".augstudio-0123.tmp"
TESTS = os.pathsep.join((str(Path(__file__).parent), str(Path(augstudio.__file__).parents[1])))
"""Where workers find what these tests send them, and the very program that is tested."""
PICTURES = tuple((f"{'cat' if n % 2 else 'dog'}/{n}.{'png' if n % 3 else 'jpg'}", 60, 80, 3) for n in range(24))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return photos(tmp_path_factory.mktemp("source"), PICTURES)


@pytest.fixture(scope="module")
def alone(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same export, in one process without any cluster."""
    out = tmp_path_factory.mktemp("alone") / "out"
    assert export(source, out).state is Status.COMPLETE
    return out


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler with two workers; tests that end processes have a cluster of their own."""
    with cluster(tmp_path_factory.mktemp("two"), 2, PYTHONPATH=TESTS) as started:
        ready(started, 2)
        yield started


@pytest.fixture
def slow_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "run_job", deadly.slowly)


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """No thread outlives a connection, and every logger is as loud as before."""
    threads = set(threading.enumerate())
    levels = {name: logging.getLogger(name).level for name in ("distributed", "distributed.client", "tornado")}
    yield
    for thread in set(threading.enumerate()) - threads:
        thread.join(10)
        assert not thread.is_alive() or thread.name.startswith(("fsspec", "asyncio_")), thread
    if "distributed" in sys.modules and levels["distributed"]:
        assert levels == {name: logging.getLogger(name).level for name in levels}


def ready(started: Cluster, workers: int) -> None:
    """Wait until so many workers have come."""
    from distributed import Client

    async def come() -> None:
        async with Client(started.address, asynchronous=True, set_as_default=False) as client:
            await client.wait_for_workers(workers, timeout=60)

    asyncio.run(come())


def settings(out: Path | str, started: Cluster | str, **fields: object) -> Settings:
    address = started if isinstance(started, str) else started.address
    return Settings(**{"out": out, "pipeline": pipeline(), "copies": 2, "cluster": address, **fields})  # type: ignore[arg-type]


def once(happens: Callable[[], object], after: int = 5) -> Callable[[Progress], None]:
    """For `progress`: something that happens once, when so many pictures are done."""
    happened = threading.Event()

    def watch(progress: Progress) -> None:
        if progress.done >= after and not happened.is_set():
            happened.set()
            happens()

    return watch


def refused(dataset: Dataset, out: Path | str, started: Cluster | str) -> str:
    """What is said when an export is not even begun."""
    with pytest.raises(ExportError) as raised:
        run_export(settings(out, started), dataset)
    said = str(raised.value)
    assert "\n" not in said
    return said


def same_as(out: Path, alone: Path) -> None:
    assert hashes(out) == hashes(alone)
    assert (out / "manifest.jsonl").read_bytes() == (alone / "manifest.jsonl").read_bytes()
    consistent(out)


# -- before anything is begun --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("head", "did you mean tcp://head:8786?"),
        ("head:8787", "did you mean tcp://head:8787?"),
        ("http://head:8787", "did you mean tcp://head:8787?"),
        ("tcp://head", "did you mean tcp://head:8786?"),
        ("tcp://head:99999", "did you mean tcp://head:8786?"),
        ("tcp://", "beginning with tcp://, tls://, ws:// or wss://"),
        ("two words", "beginning with tcp://, tls://, ws:// or wss://"),
    ],
)
def test_an_address_that_is_none(address: str, meant: str, source: Path, tmp_path: Path) -> None:
    said = refused(scan(source), tmp_path / "out", address)
    assert said.startswith(f"{address!r} is no scheduler's address; it must be like tcp://host:8786")
    assert said.endswith(meant)
    assert not (tmp_path / "out").exists()


def test_dask_is_an_extra(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    said = refused(scan(source), tmp_path / "out", "tcp://127.0.0.1:8786")
    assert said == "a cluster needs dask: pip install 'augstudio[cluster]'"


def test_a_scheduler_that_is_not_there(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONNECT", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        # It takes the connection and never says a word.
        assert refused(scan(source), tmp_path / "out", address).startswith(f"{address}: no Dask scheduler answers")
    assert refused(scan(source), tmp_path / "out", address).startswith(f"{address}: no Dask scheduler answers")
    assert not (tmp_path / "out").exists()


def test_encryption_without_certificates(source: Path, tmp_path: Path) -> None:
    said = refused(scan(source), tmp_path / "out", "tls://127.0.0.1:8786")
    assert said.startswith("tls://127.0.0.1:8786: Dask cannot connect: ")


@pytest.mark.slow
def test_a_scheduler_without_workers_and_workers_that_cannot_serve(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_WORKER", 1.0)
    dataset, out = scan(source), tmp_path / "out"
    other, none = tmp_path / "other", without_augstudio(tmp_path / "none")
    other.mkdir()
    (other / "sitecustomize.py").write_text("import augstudio\naugstudio.__version__ = '9.9.9'\n")
    with cluster(tmp_path / "servers") as started:
        said = refused(dataset, out, started)
        assert said == (
            f"{started.address}: the scheduler has no workers; start some with: dask worker {started.address}"
        )
        worker = started.work(PYTHONPATH=os.pathsep.join((str(other), TESTS)))
        ready(started, 1)
        said = refused(dataset, out, started)
        assert said.startswith("worker tcp://127.0.0.1:")
        assert " has augstudio 9.9.9 (here " in said
        worker.kill()
        worker.wait()

        started.work(PYTHONPATH=str(none))
        ready(started, 1)
        said = refused(dataset, out, started)
        assert " has no augstudio; install augstudio " in said
        assert not out.exists()


def test_a_destination_that_workers_do_not_see(two: Cluster, source: Path) -> None:
    said = refused(scan(source), "memory://out", two)  # every process has a memory of its own
    assert said.startswith("worker tcp://127.0.0.1:")
    assert "(and 1 more) does not see the destination memory://out (no such file or folder); name a place that" in said


def test_a_source_that_workers_do_not_see(two: Cluster, source: Path, tmp_path: Path) -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.pipe_file("/in/cat/one.jpg", (source / "cat" / "1.png").read_bytes())
    try:
        said = refused(scan("memory://in"), tmp_path / "out", two)
    finally:
        memory.rm("/in", recursive=True)
    assert "does not see the source memory://in (no such file or folder)" in said
    assert not (tmp_path / "out").exists()


def test_another_folder_of_the_same_name(two: Cluster, source: Path, tmp_path: Path) -> None:
    """What a worker looks for is not a path but a file that was just written there."""
    look = Needs(str(tmp_path), TOKEN, "content", str(source), "cat/1.png", 1, ())
    assert "does not see the destination" in seen(look)
    (tmp_path / TOKEN).write_text("of another machine")
    assert seen(look) == f"sees another {tmp_path} than the one here"
    (tmp_path / TOKEN).write_text("content")
    assert seen(look) == f"sees another {source} than the one here"
    assert [path.name for path in tmp_path.iterdir()] == [TOKEN]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs a worker of another user")
@pytest.mark.slow
def test_a_destination_that_workers_can_only_read() -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to other users
        open_to_all = Path(name)
        open_to_all.chmod(0o755)
        source, out = photos(open_to_all / "in"), open_to_all / "out"
        out.mkdir(mode=0o755)
        (open_to_all / "sitecustomize.py").write_text(
            "import augstudio.export.fitness, distributed.cli.dask_worker, os\nos.setuid(65534)\n"
        )
        with cluster(open_to_all / "servers") as started:
            (open_to_all / "servers").chmod(0o777)
            started.work(PYTHONPATH=os.pathsep.join((name, TESTS)))
            ready(started, 1)
            said = refused(scan(source), out, started)
        assert f"cannot write to the destination {out} (permission denied)" in said
        assert not list(out.iterdir())


# -- the export itself ---------------------------------------------------------------------------------------------


def test_a_cluster_makes_the_same_files(
    two: Cluster, source: Path, alone: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    done = run_export(settings(tmp_path / "out", two), scan(source))
    assert (done.state, done.files, done.failures) == (Status.COMPLETE, 48, ())
    same_as(tmp_path / "out", alone)
    assert capfd.readouterr().err == ""


def test_a_cluster_replaces_an_earlier_export(two: Cluster, source: Path, alone: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(source, out, copies=1, seed=3)
    old = hashes(out)
    with pytest.raises(EarlierExportError, match="holds a finished export of 24 files"):
        run_export(settings(out, two), scan(source))
    stopping = threading.Event()
    watch = once(stopping.set)
    done = run_export(settings(out, two), scan(source), replace=True, progress=watch, stop=stopping.is_set)
    assert (done.state, done.hidden) == (Status.CANCELLED, True)
    assert hashes(out) == old
    assert run_export(settings(out, two), scan(source), resume=True).state is Status.COMPLETE
    same_as(out, alone)


def test_the_window_follows_the_workers_threads(two: Cluster, source: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with on_cluster(two.address, settings(tmp_path / "out", two), scan(source)) as engine:
        assert engine.window == 6
        assert not list((tmp_path / "out").iterdir()), "nothing stays of looking at the workers"
        executor = engine.start()
        assert [path.name[:11] for path in (tmp_path / "out").iterdir()] == [".augstudio-"], "for those who join later"
        assert executor.submit(pow, 2, 5).result(30) == 32
        with pytest.raises(ZeroDivisionError):
            executor.submit(divmod, 1, 0).result(30)
        executor.shutdown()
        with pytest.raises(RuntimeError):
            executor.submit(pow, 2, 5)
    assert not list((tmp_path / "out").iterdir())


def test_workers_use_one_thread_for_each_job(two: Cluster, source: Path, tmp_path: Path) -> None:
    import cv2

    (tmp_path / "out").mkdir()
    with on_cluster(two.address, settings(tmp_path / "out", two), scan(source)) as engine:
        executor = engine.start()
        assert {executor.submit(cv2.getNumThreads).result(30) for _ in range(4)} == {1}
        executor.shutdown()


def test_cancelling_finishes_what_runs_and_begins_no_more(
    two: Cluster, source: Path, tmp_path: Path, slow_jobs: None
) -> None:
    asked = threading.Event()
    done = run_export(settings(tmp_path / "out", two), scan(source), progress=once(asked.set), stop=asked.is_set)
    assert done.state is Status.CANCELLED
    assert 5 <= done.done < 24
    assert done.failures == ()
    assert done.files == 2 * done.done
    consistent(tmp_path / "out")


def test_a_cancelled_export_is_resumed(
    two: Cluster, source: Path, alone: Path, tmp_path: Path, slow_jobs: None
) -> None:
    asked = threading.Event()
    chosen = settings(tmp_path / "out", two)
    run_export(chosen, scan(source), progress=once(asked.set), stop=asked.is_set)
    assert run_export(chosen, scan(source), resume=True).state is Status.COMPLETE
    same_as(tmp_path / "out", alone)


# -- what gets lost on the way -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_worker_lost_in_the_middle_costs_nothing(
    source: Path, alone: Path, tmp_path: Path, slow_jobs: None, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    with cluster(tmp_path / "servers", 2, PYTHONPATH=TESTS) as started:
        ready(started, 2)
        done = run_export(settings(out, started), scan(source), progress=once(started.workers[0].kill))
        assert (done.state, done.files, done.failures) == (Status.COMPLETE, 48, ())
        same_as(out, alone)
        assert started.workers[0].wait(10) == -signal.SIGKILL
        assert capfd.readouterr().err == ""

        # The last one goes as well, and another comes.
        def replace() -> None:
            started.workers[1].kill()
            started.work(PYTHONPATH=TESTS)

        assert run_export(settings(tmp_path / "out2", started), scan(source), progress=once(replace)).files == 48
        same_as(tmp_path / "out2", alone)


@pytest.mark.slow
def test_a_cluster_that_loses_all_workers(
    source: Path, alone: Path, tmp_path: Path, slow_jobs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    with cluster(tmp_path / "servers", 1, PYTHONPATH=TESTS) as started:
        ready(started, 1)

        def lose_all() -> None:
            started.workers[0].kill()
            monkeypatch.setattr(module, "NO_WORKER", 2.0)

        done = run_export(settings(out, started), scan(source), progress=once(lose_all))
        assert done.state is Status.STOPPED
        assert done.reason == f"{started.address}: the cluster has lost all its workers"
        assert done.failures == ()

        # Cancelling does not wait for workers that are not there.
        monkeypatch.setattr(module, "NO_WORKER", 60.0)
        started.work(PYTHONPATH=TESTS)
        ready(started, 1)
        asked = threading.Event()

        def lose() -> None:
            started.workers[1].kill()
            asked.set()

        chosen = settings(out, started)
        assert run_export(chosen, scan(source), resume=True, progress=once(lose, 12), stop=asked.is_set).state is (
            Status.CANCELLED
        )
        consistent(out)
        assert run_export(settings(out, ""), scan(source), resume=True).state is Status.COMPLETE
    same_as(out, alone)


@pytest.mark.slow
def test_a_scheduler_lost_in_the_middle_stops_the_export(
    source: Path, alone: Path, tmp_path: Path, slow_jobs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    with cluster(tmp_path / "servers", 1, PYTHONPATH=TESTS) as started:
        ready(started, 1)

        def lose() -> None:
            started.scheduler.kill()
            monkeypatch.setattr(module, "CONNECT", 1.0)

        done = run_export(settings(out, started), scan(source), progress=once(lose))
        assert done.state is Status.STOPPED
        assert done.reason == f"the connection to the scheduler at {started.address} was lost"
        assert done.failures == ()
        assert done.done >= 5
        started.workers[0].kill()  # it ends by itself in a while; until then it may still be writing
        started.workers[0].wait()
    assert report(out)["state"] == "stopped"
    assert run_export(settings(out, ""), scan(source), resume=True).state is Status.COMPLETE
    same_as(out, alone)


@pytest.mark.slow
def test_a_scheduler_that_falls_silent_stops_the_export(
    source: Path, tmp_path: Path, slow_jobs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cluster(tmp_path / "servers", 1, PYTHONPATH=TESTS) as started:
        ready(started, 1)

        def freeze() -> None:
            started.scheduler.send_signal(signal.SIGSTOP)
            # Only now: while it is well, a busy machine may take as long as it likes.
            monkeypatch.setattr(module, "CONNECT", 1.0)
            monkeypatch.setattr(module, "ANSWER", 1.0)

        done = run_export(settings(tmp_path / "out", started), scan(source), progress=once(freeze))
    assert done.state is Status.STOPPED
    assert done.reason == f"the scheduler at {started.address} does not answer"


@pytest.mark.slow
def test_a_broken_connection_is_made_again(
    two: Cluster, source: Path, alone: Path, tmp_path: Path, slow_jobs: None
) -> None:
    with wire(two.address) as (address, cut):
        done = run_export(settings(tmp_path / "out", address), scan(source), progress=once(cut))
    assert (done.state, done.files, done.failures) == (Status.COMPLETE, 48, ())
    same_as(tmp_path / "out", alone)


@pytest.mark.slow
def test_a_picture_that_kills_workers_costs_that_picture(
    source: Path, alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dask blames all that lay on a dead worker; here the innocent lie beside the culprit."""
    monkeypatch.setattr(runner, "run_job", deadly.die_of)
    pictures, out = photos(tmp_path / "in", PICTURES), tmp_path / "out"
    picture(pictures / "cat" / "killer.jpg")
    with cluster(tmp_path / "servers", PYTHONPATH=TESTS) as started:
        started.work(threads=3, nanny=True, PYTHONPATH=TESTS)
        ready(started, 1)
        done = run_export(settings(out, started), scan(pictures))
        assert (done.state, done.files) == (Status.COMPLETE, 48)
        assert [failure.source for failure in done.failures] == ["cat/killer.jpg"]
        assert "worker" in done.failures[0].reason
        assert hashes(out) == hashes(alone)

        # A call that never ends is ended with its worker.
        with on_cluster(started.address, settings(out, started), scan(pictures)) as engine:
            monkeypatch.setattr("augstudio.export.job._READING_SECONDS", 0.5)
            executor = engine.start()
            with pytest.raises(BrokenExecutor):
                executor.submit(time.sleep, 600).result(60)
            executor.shutdown()


@pytest.mark.slow
def test_a_worker_that_joins_later_is_looked_at_too(source: Path, tmp_path: Path, slow_jobs: None) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "sitecustomize.py").write_text("import augstudio\naugstudio.__version__ = '9.9.9'\n")
    with cluster(tmp_path / "servers", 1, PYTHONPATH=TESTS) as started:
        ready(started, 1)

        def join() -> None:
            started.work(PYTHONPATH=os.pathsep.join((str(other), TESTS)))
            ready(started, 2)

        done = run_export(settings(tmp_path / "out", started), scan(source), progress=once(join))
    assert done.state is Status.STOPPED
    assert "has augstudio 9.9.9 (here " in done.reason
    assert done.failures == ()
    consistent(tmp_path / "out")


def test_a_worker_says_why_it_is_not_fit(tmp_path: Path) -> None:
    (tmp_path / TOKEN).write_text("content")
    here = tuple(versions().items())
    look = Needs(str(tmp_path), TOKEN, "content", "", "", 0, here)
    assert cluster_worker.do(TOKEN, look, 60, pow, 2, 5) == cluster_worker.Done(32)
    blind = Needs(str(tmp_path / "elsewhere"), TOKEN, "content", "", "", 0, here)
    with pytest.raises(cluster_worker.UnfitWorker, match="does not see the destination"):
        cluster_worker.do(TOKEN, blind, 60, pow, 2, 5)
    asyncio.run(cluster_worker.halt(TOKEN))
    try:
        assert cluster_worker.do(TOKEN, look, 60, pow, 2, 5) is None
    finally:
        cluster_worker._halted.clear()
    assert [path.name for path in tmp_path.iterdir()] == [TOKEN]


# -- what these tests stand on -------------------------------------------------------------------------------------


@contextlib.contextmanager
def wire(address: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """A way to a server that can be cut: all that goes through is then dropped, and new connections get through."""
    host, port = address.removeprefix("tcp://").split(":")
    server = socket.create_server(("127.0.0.1", 0))
    ends: list[socket.socket] = []

    def pump(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = server.accept()
                far = socket.create_connection((host, int(port)))
                ends.extend((near, far))
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    def cut() -> None:
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}", cut
    finally:
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        cut()
        accepting.join(5)
        time.sleep(0.1)
        for end in ends:
            end.close()


# -- unlike processors -------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_cluster_of_unlike_processors_is_told_beforehand_and_works(source: Path, tmp_path: Path) -> None:
    """OpenCV leaves out the instruction sets that a variable names, as if the processor did not have them."""
    with cluster(tmp_path / "servers", 1, PYTHONPATH=TESTS) as started:
        started.work(PYTHONPATH=TESTS, OPENCV_CPU_DISABLE="AVX2,FMA3,AVX512-SKX")
        ready(started, 2)
        told: list[tuple[str, bool]] = []
        out = tmp_path / "out"
        done = run_export(
            settings(out, started),
            scan(source),
            remark=lambda sentence: told.append((sentence, (out / "images").exists())),
        )
        assert (done.state, done.files, done.failures) == (Status.COMPLETE, 48, ())
        ((sentence, begun),) = told
        assert not begun
        assert "The workers' processors are of 2 kinds (tcp://127.0.0.1:" in sentence
        assert sentence.count(" has ") == 2
        consistent(out)
        assert run_export(settings(out, ""), scan(source), resume=True).state is Status.COMPLETE, "no reason to refuse"


@pytest.mark.slow
def test_nothing_is_said_of_processors_that_are_alike(two: Cluster, source: Path, tmp_path: Path) -> None:
    told: list[str] = []
    run_export(settings(tmp_path / "out", two), scan(source), remark=told.append)
    assert told == []
