from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pngs
import pytest
from exporting import consistent, export, hashes, lines, photos, picture, pipeline, report
from PIL import Image

from augstudio import presets, storage
from augstudio.advice import Facts
from augstudio.dataset.facts import SAMPLED, look_at
from augstudio.dataset.scanning import scan
from augstudio.export import ExportError, Progress, Report, Settings, Status, manifest, run_export, runner
from augstudio.export.job import Job, Result, run_job
from augstudio.files import write_atomically
from augstudio.images import Encoding, Format, encode, read, target
from augstudio.pipeline import Fit, Output
from augstudio.pool.processes import Inline
from augstudio.pool.retrying import Engine


def test_every_picture_gets_exactly_its_copies(tmp_path: Path) -> None:
    done = export(photos(tmp_path / "in"), tmp_path / "out", copies=3)
    assert (done.state, done.files, done.failures) == (Status.COMPLETE, 15, ())
    consistent(tmp_path / "out")
    assert sorted(hashes(tmp_path / "out")) == sorted(
        f"images/{name}__aug{copy}{suffix}"
        for name, suffix in (
            ("cat/one", ".jpg"),
            ("cat/two", ".png"),
            ("dog/three", ".jpg"),
            ("dog/sub/four", ".png"),
            ("top", ".bmp"),
        )
        for copy in (1, 2, 3)
    )
    assert {path.name for path in (tmp_path / "out" / "images").iterdir() if path.is_dir()} == {"cat", "dog"}
    assert done.classes == {"": 3, "cat": 6, "dog": 3, "dog/sub": 3}
    assert presets.load(tmp_path / "out" / "preset.json") == pipeline()


def test_originals_come_in_addition(tmp_path: Path) -> None:
    assert export(photos(tmp_path / "in"), tmp_path / "out", copies=1, originals=True).files == 10
    assert sum("__orig." in path for path in hashes(tmp_path / "out")) == 5


def test_the_manifest_suffices_to_make_each_file_again(tmp_path: Path) -> None:
    source, out = photos(tmp_path / "in"), tmp_path / "out"
    export(source, out, copies=3, seed=11, originals=True)
    preset, settings = presets.load(out / "preset.json"), report(out)["settings"]
    assert [(line["source"], line["copy"]) for line in lines(out)] == [
        (source.key, copy) for source in scan(source).sources for copy in range(4)
    ]
    for line in lines(out):
        assert tuple(line) == tuple(manifest.FIELDS)
        original = read(source / line["source"])
        draws = preset.redraw(line["draws"]) if line["copy"] else line["draws"]
        if line["copy"] == 0:
            assert not draws
            made = (source / line["source"]).read_bytes()
        else:
            height, width = original.pixels.shape[:2]
            pixels = preset.plan(draws, width, height).apply(original.pixels)
            assert pixels.shape[1::-1] == (line["width"], line["height"])
            encoder, _ = target(original.info.format, Encoding(Format(settings["format"]), settings["quality"]))
            made = encode(pixels, encoder, settings["quality"])
        assert made == (out / line["path"]).read_bytes()
        assert len(made) == line["bytes"]


def test_neither_place_nor_neighbours_change_a_copy(tmp_path: Path) -> None:
    export(photos(tmp_path / "in"), tmp_path / "out")
    first = hashes(tmp_path / "out")

    shutil.copytree(tmp_path / "in", tmp_path / "elsewhere" / "moved")
    export(tmp_path / "elsewhere" / "moved", tmp_path / "out2")
    assert hashes(tmp_path / "out2") == first
    assert (tmp_path / "out2" / "manifest.jsonl").read_bytes() == (tmp_path / "out" / "manifest.jsonl").read_bytes()

    picture(tmp_path / "in" / "cat" / "another.jpg")
    export(tmp_path / "in", tmp_path / "out3")
    third = hashes(tmp_path / "out3")
    assert third.items() > first.items()
    assert len(third) == len(first) + 2


def test_another_seed_makes_other_copies(tmp_path: Path) -> None:
    source = photos(tmp_path / "in")
    export(source, tmp_path / "a", seed=1)
    export(source, tmp_path / "b", seed=2)
    assert not set(hashes(tmp_path / "a").values()) & set(hashes(tmp_path / "b").values())


def test_unreadable_pictures_are_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    source, out = photos(tmp_path / "in"), tmp_path / "out"
    (source / "cat" / "text.jpg").write_text("no picture")
    (source / "cat" / "empty.png").touch()
    whole = (source / "cat" / "one.jpg").read_bytes()
    (source / "dog" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    done = export(source, out)
    assert (done.state, done.done, done.files) == (Status.COMPLETE, 8, 10)
    assert [failure.source for failure in done.failures] == ["cat/empty.png", "cat/text.jpg", "dog/cut.jpg"]
    assert all(failure.reason and "\n" not in failure.reason for failure in done.failures)
    written = report(out)
    assert written["failures"] == [{"source": f.source, "reason": f.reason} for f in done.failures]
    assert written["counts"] == {"pictures": 8, "done": 8, "failed": 3, "files": 10, "bytes": done.bytes}
    consistent(out)


def test_the_report_says_what_was_done(tmp_path: Path) -> None:
    source, out = photos(tmp_path / "in"), tmp_path / "out"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.zeros((8, 9, 3), np.uint8)).save(source / "turned.jpg", exif=exif)
    (source / "broken.jpg").symlink_to("nowhere.jpg")
    export(source, out, seed=3, encoding=Encoding(Format.WEBP, 80))
    written = report(out)
    assert written["state"] == "complete"
    assert written["notes"] == {"EXIF orientation 6 applied": 1, "EXIF dropped": 1}
    assert len(written["skipped"]) == 1
    assert written["settings"]["seed"] == 3
    assert (written["settings"]["format"], written["settings"]["quality"]) == ("webp", 80)
    assert set(written["versions"]) == {"augstudio", "python", "numpy", "opencv", "pillow", "simplejpeg", "zlib"}
    assert written["elapsed_seconds"] >= 0


def test_odd_names_come_through(tmp_path: Path) -> None:
    names = ["with space", "it's", 'a "quote"', "😀", "日本語", "привет", "ünï", "-dash", "a.b.c", "%41", "#x"]
    if sys.platform == "win32":
        names.remove('a "quote"')
    for name in names:
        picture(tmp_path / "in" / f"class {name}" / f"{name}.jpg", 8, 8)
    export(tmp_path / "in", tmp_path / "out", copies=1)
    consistent(tmp_path / "out")
    expected = {f"images/class {name}/{name.replace('.', '_')}__aug1.jpg" for name in names}
    assert set(hashes(tmp_path / "out")) == expected


def test_two_files_of_one_stem_both_come_through(tmp_path: Path) -> None:
    for name in ("photo.jpg", "photo.png", "PHOTO.bmp"):
        picture(tmp_path / "in" / name, 8, 8)
    export(tmp_path / "in", tmp_path / "out", copies=1, encoding=Encoding(Format.PNG))
    assert set(hashes(tmp_path / "out")) == {
        "images/photo_jpg__aug1.png",
        "images/photo_png__aug1.png",
        "images/PHOTO_bmp__aug1.png",
    }


def test_every_kind_of_png_goes_through(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for folder, files in (
        ("sound", {name: drawn.data for name, drawn in pngs.SOUND.items()}),
        ("broken", pngs.BROKEN),
    ):
        (tmp_path / "in" / folder).mkdir()
        for name, data in files.items():
            (tmp_path / "in" / folder / f"{name}.png").write_bytes(data)
    done = export(tmp_path / "in", tmp_path / "out", copies=1)
    consistent(tmp_path / "out")
    assert sorted(failure.source for failure in done.failures) == sorted(f"broken/{name}.png" for name in pngs.BROKEN)
    assert all(failure.reason.isprintable() for failure in done.failures)
    assert done.files == len(pngs.SOUND)


# -- while it runs -------------------------------------------------------------------------------------------------


def test_progress_goes_from_nothing_to_all(tmp_path: Path) -> None:
    seen: list[Progress] = []
    done = export(photos(tmp_path / "in"), tmp_path / "out", progress=seen.append)
    assert (seen[0].done, seen[0].total, seen[0].files) == (0, 5, 0)
    last = seen[-1]
    assert (last.done, last.files, last.bytes, last.failures) == (5, 10, done.bytes, 0)
    assert last.rate > 0


def every_result(monkeypatch: pytest.MonkeyPatch, act: Callable[[int], None]) -> None:
    """Call `act` with the number of jobs done after each of them."""
    count = 0

    def counted(job: Job) -> Result:
        nonlocal count
        result = run_job(job)
        count += 1
        act(count)
        return result

    monkeypatch.setattr(runner, "run_job", counted)


def test_cancelling_keeps_what_is_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()
    every_result(monkeypatch, lambda count: asked.set() if count == 2 else None)
    done = export(photos(tmp_path / "in"), tmp_path / "out", stop=asked.is_set)
    assert (done.state, done.done, done.files) == (Status.CANCELLED, 2, 4)
    assert report(tmp_path / "out")["state"] == "cancelled"
    consistent(tmp_path / "out")

    assert export(tmp_path / "in", tmp_path / "out", replace=True).files == 10, "it can be begun anew"
    consistent(tmp_path / "out")


def test_a_full_disk_stops_the_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = 0

    def filling(data: bytes, path: str | Path) -> None:
        nonlocal written
        written += (
            "images" in Path(path).parts and Path(path).parent.exists()
        )  # the folder is made once it is found missing
        if written > 3 and "images" in Path(path).parts:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write_atomically(data, path)

    monkeypatch.setattr(storage, "write_atomically", filling)
    done = export(photos(tmp_path / "in"), tmp_path / "out")
    assert done.state is Status.STOPPED
    assert done.reason == "the disk is full: nothing more can be written"
    assert (done.files, done.failures) == (3, ())
    assert report(tmp_path / "out")["reason"] == done.reason
    consistent(tmp_path / "out")


def test_a_full_disk_for_the_manifest_stops_the_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: manifest.Manifest, result: Result) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(manifest.Manifest, "add", full)
    done = export(photos(tmp_path / "in"), tmp_path / "out")
    assert (done.state, done.reason) == (
        Status.STOPPED,
        f"{tmp_path / 'out'}: cannot be written (no space left on device)",
    )


def test_a_vanished_destination_stops_the_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    every_result(monkeypatch, lambda count: shutil.rmtree(tmp_path / "out") if count == 2 else None)
    done = export(photos(tmp_path / "in"), tmp_path / "out")
    assert done.state is Status.STOPPED
    assert done.reason == "the destination has vanished"
    assert not (tmp_path / "out").exists()


def test_a_vanished_source_stops_the_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    every_result(monkeypatch, lambda count: shutil.rmtree(tmp_path / "in") if count == 2 else None)
    done = export(photos(tmp_path / "in"), tmp_path / "out")
    assert (done.state, done.files) == (Status.STOPPED, 4)
    assert done.reason == f"the source has vanished: {tmp_path / 'in'}"
    consistent(tmp_path / "out")


def test_a_single_vanished_picture_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    every_result(monkeypatch, lambda count: (tmp_path / "in" / "top.bmp").unlink(missing_ok=True))
    source = photos(tmp_path / "in")
    dataset = scan(source)
    last = [s for s in dataset.sources if s.key != "top.bmp"] + [s for s in dataset.sources if s.key == "top.bmp"]
    done = export(replace(dataset, sources=tuple(last)), tmp_path / "out")
    assert (done.state, done.files) == (Status.COMPLETE, 8)
    assert [(failure.source, failure.reason) for failure in done.failures] == [("top.bmp", "no such file")]


def test_settings_are_checked(tmp_path: Path) -> None:
    for fields, said in (
        ({"copies": 0}, "copies is 0; allowed is 1 to 10,000"),
        ({"seed": -1}, "seed is -1; allowed is 0 to 9,223,372,036,854,775,807"),
        ({"workers": 99}, "workers is 99; allowed is 0 to 61"),
        ({"max_pixels": 0}, "max_pixels is 0; allowed is 1 or more"),
    ):
        with pytest.raises(ExportError) as raised:
            Settings(tmp_path, pipeline(), **fields)
        assert str(raised.value) == said


# -- executors -----------------------------------------------------------------------------------------------------


class Breaking(Inline):
    """An executor that breaks for good on a certain picture."""

    def __init__(self, killer: str) -> None:
        self.killer, self.broken = killer, False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self.broken:
            raise BrokenExecutor("broken before")
        if args[0].key == self.killer:
            self.broken = True
            future: Future[Any] = Future()
            future.set_exception(BrokenExecutor("just broken"))
            return future
        return super().submit(fn, *args, **kwargs)


@pytest.mark.parametrize("window", [1, 4])
def test_a_broken_executor_costs_the_culprit_alone(window: int, tmp_path: Path) -> None:
    started: list[Breaking] = []

    def start() -> Breaking:
        started.append(Breaking("cat/two.png"))
        return started[-1]

    source = photos(tmp_path / "in")
    done = export(source, tmp_path / "out", engine=Engine(start, window))
    assert (done.state, done.files) == (Status.COMPLETE, 8)
    assert [failure.source for failure in done.failures] == ["cat/two.png"]
    assert "a worker process died of it twice" in done.failures[0].reason
    assert len(started) == 3
    consistent(tmp_path / "out")


def test_an_executor_that_cannot_start_again_stops_the_export(tmp_path: Path) -> None:
    started = 0

    def start() -> Breaking:
        nonlocal started
        started += 1
        if started > 1:
            raise ExportError("worker processes cannot be started")
        return Breaking("cat/two.png")

    done = export(photos(tmp_path / "in"), tmp_path / "out", engine=Engine(start, 2))
    assert (done.state, done.reason) == (Status.STOPPED, "worker processes cannot be started")
    consistent(tmp_path / "out")


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_make_the_same_files(threads: int, tmp_path: Path) -> None:
    source = photos(tmp_path / "in")
    export(source, tmp_path / "one")
    export(source, tmp_path / "many", engine=Engine(lambda: ThreadPoolExecutor(threads), 2 * threads))
    assert hashes(tmp_path / "many") == hashes(tmp_path / "one")
    assert (tmp_path / "many" / "manifest.jsonl").read_bytes() == (tmp_path / "one" / "manifest.jsonl").read_bytes()


def test_no_more_than_the_window_is_under_way(tmp_path: Path) -> None:
    running, most = 0, 0
    lock = threading.Lock()

    class Counting(ThreadPoolExecutor):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            future = super().submit(fn, *args, **kwargs)
            future.add_done_callback(lambda _: finished())
            return future

    def finished() -> None:
        nonlocal running
        with lock:
            running -= 1

    export(photos(tmp_path / "in"), tmp_path / "out", engine=Engine(lambda: Counting(5), 2))
    assert 1 <= most <= 2


def test_any_number_of_processes_makes_the_same_files(tmp_path: Path) -> None:
    source = photos(tmp_path / "in")
    (source / "broken.png").write_text("no picture")
    for workers in (0, 1, 2):
        done = export(source, tmp_path / str(workers), workers=workers, originals=True)
        assert (done.state, done.files, len(done.failures)) == (Status.COMPLETE, 15, 1)
    for workers in ("1", "2"):
        assert hashes(tmp_path / workers) == hashes(tmp_path / "0")
        assert (tmp_path / workers / "manifest.jsonl").read_bytes() == (tmp_path / "0" / "manifest.jsonl").read_bytes()


def die_of(job: Job) -> Result:
    """Run in a worker: what a decoder that crashes does to it."""
    if "killer" in job.key:
        path = Path(job.out, job.path(1, ".jpg"))
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"half")
        path.with_name(".augstudio-0123.tmp").write_bytes(b"less than half")
        os._exit(3)
    return run_job(job)


def test_a_worker_that_dies_costs_its_picture_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = photos(tmp_path / "in")
    picture(source / "cat" / "killer.jpg")
    monkeypatch.setattr(runner, "run_job", die_of)
    done = export(source, tmp_path / "out", workers=2)
    assert (done.state, done.files) == (Status.COMPLETE, 10)
    assert [failure.source for failure in done.failures] == ["cat/killer.jpg"]
    consistent(tmp_path / "out")


def told_by_nobody(job: Job) -> Result:
    """Run in a worker: write the files, and let the result be one that does not come back."""
    result = run_job(job)
    if job.key == "cat/two.png":
        raise ValueError("not in one piece")
    return result


@pytest.mark.parametrize("workers", [0, 1])
def test_files_of_a_result_that_does_not_come_back_do_not_stay(
    workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "run_job", told_by_nobody)
    done = export(photos(tmp_path / "in"), tmp_path / "out", workers=workers)
    assert (done.state, done.files) == (Status.COMPLETE, 8)
    (failure,) = done.failures
    assert (failure.source, failure.reason) == ("cat/two.png", "failed: not in one piece")
    consistent(tmp_path / "out")


@pytest.mark.slow
def test_cancelling_processes_from_another_thread(tmp_path: Path) -> None:
    for number in range(60):
        picture(tmp_path / "in" / f"{number}.jpg", 200, 300, seed=number)
    asked, got = threading.Event(), list[Report]()

    def watch(progress: Progress) -> None:
        if progress.done:
            asked.set()

    settings = Settings(tmp_path / "out", pipeline(), copies=5, workers=2)
    dataset = scan(tmp_path / "in")
    thread = threading.Thread(
        target=lambda: got.append(run_export(settings, dataset, progress=watch, stop=asked.is_set))
    )
    thread.start()
    thread.join(60)
    (done,) = got
    assert done.state is Status.CANCELLED
    assert 0 < done.done < 60
    assert done.files == 5 * done.done
    consistent(tmp_path / "out")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_workers_do_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    for number in range(40):
        picture(tmp_path / "in" / f"{number}.jpg", 400, 600, seed=number)
    command = [sys.executable, "-m", "augstudio", "export", "in", "out", "-p", "gentle", "-n", "100", "-w", "2"]
    parent = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        limit = time.monotonic() + 120
        while not any((tmp_path / "out").rglob("*__aug*")) and time.monotonic() < limit:
            time.sleep(0.05)
        children = _below(parent.pid)
        assert len(children) >= 3
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    limit = time.monotonic() + 60
    while any(_alive(child) for child in children) and time.monotonic() < limit:
        time.sleep(0.05)
    assert not any(_alive(child) for child in children)
    assert export(tmp_path / "in", tmp_path / "out", copies=1, replace=True).files == 40, "what it left can be replaced"


def _below(pid: int) -> list[int]:
    """Its child processes, and theirs."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            child = int(stat.parent.name)
            found += [child, *_below(child)]
    return found


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# -- what the pictures are like ----------------------------------------------------------------------------------------


def test_what_the_pictures_are_like_is_told_by_the_first_jobs(tmp_path: Path) -> None:
    for number in range(60):
        picture(tmp_path / "in" / f"{number:02}.png", 90, 120 + number, seed=number)
    (tmp_path / "in" / "16.png").write_text("no picture")
    dataset = scan(tmp_path / "in")
    wanted, told, done = look_at(dataset, 32), list[Facts | None](), list[int]()

    def looked(facts: Facts | None) -> None:
        told.append(facts)
        done.append(len(lines(tmp_path / "out")) // 2)

    settings = Settings(tmp_path / "out", pipeline(training_size=32), copies=2, workers=0)
    report = run_export(settings, dataset, looked=looked)
    assert report.files == 118
    assert wanted is not None
    (facts,) = told
    assert facts == replace(wanted, contrast=pytest.approx(wanted.contrast, rel=0.02))
    assert wanted.pictures + 1 == SAMPLED, "the broken one is of the sample"
    assert done == [SAMPLED - 1], "of all jobs, these came first"
    export(dataset, tmp_path / "plain", pipeline=pipeline(training_size=32))
    assert hashes(tmp_path / "out") == hashes(tmp_path / "plain")
    assert (tmp_path / "out" / "manifest.jsonl").read_bytes() == (tmp_path / "plain" / "manifest.jsonl").read_bytes()


def test_what_the_pictures_are_like_is_told_whatever_happens(tmp_path: Path) -> None:
    source = photos(tmp_path / "in")
    for stop, seen in ((True, 0), (False, 5)):
        told: list[Facts | None] = []
        settings = Settings(tmp_path / "out", pipeline(), copies=1, workers=0)
        run_export(settings, scan(source), looked=told.append, stop=lambda stop=stop: stop)  # type: ignore[misc]
        assert [facts.pictures if facts else 0 for facts in told] == [seen]
    told = []
    run_export(settings, scan(source), looked=told.append, resume=True)
    assert told == [], "whoever resumes has been told"


def test_the_newest_files_are_told(tmp_path: Path) -> None:
    told: list[Progress] = []
    done = export(photos(tmp_path / "in"), tmp_path / "out", progress=told.append)
    assert told[0].newest == ()
    newest = told[-1].newest
    assert len(newest) == len(set(newest)) == 5, "one of each picture"
    assert all(Path(path).is_file() for path in newest)
    assert {Path(path).stem.rpartition("__")[2] for path in newest} == {"aug2"}
    assert done.suffixes == {".jpg", ".png", ".bmp"}
    assert done.size == (224, 224)
    sized = pipeline(output=Output(fit=Fit.PAD, width=30, height=20))
    assert export(photos(tmp_path / "in"), tmp_path / "sized", pipeline=sized).size == (30, 20)
