"""The pictures of the sheet's tiles: what they show, and in which order they are made."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import until, write
from hypothesis import given, settings
from labelled import opened, write_yolo
from pictures import smooth
from PySide6.QtWidgets import QApplication
from strategies import pipelines

from augstudio import images
from augstudio.advice.change import change_of_copy
from augstudio.dataset import Source, scan
from augstudio.gui.intent.views import Pairs, SheetRequest, Shown, View
from augstudio.gui.parts.qimages import from_image
from augstudio.gui.parts.workers import Worker
from augstudio.gui.sheet import making
from augstudio.gui.sheet import tiles as tiles_module
from augstudio.gui.sheet.making import Job, Part, make_part
from augstudio.gui.sheet.tiles import Tiles
from augstudio.gui.stage.rendering import Detail, PictureCache, Wanted, make, reduce, render
from augstudio.gui.stage.tile_image import Form, fitted
from augstudio.images import encode
from augstudio.pipeline import Output, Pipeline
from augstudio.transforms import registry

FORM = Form(256, 256)
ROTATE = Pipeline(transforms=(registry()["rotate"].default(probability=1.0, angle=(10, 20)),))
BRIGHT = Pipeline(transforms=(registry()["brightness"].default(probability=1.0, amount=(0.2, 0.3)),))


def request_of(pipeline: Pipeline, seed: int = 0, **more: Any) -> SheetRequest:
    return SheetRequest(pipeline, seed, Shown(), **more)


def folder_of(root: Path, many: int, height: int = 60, width: int = 90) -> tuple[Source, ...]:
    for number in range(many):
        write(root / "a" / f"p{number:02}.png", height, width, seed=number)
    return scan(root).sources


@pytest.fixture
def make_tiles(qapp: QApplication) -> Iterator[Callable[[], Tiles]]:
    made: list[Tiles] = []
    first = Worker(lambda request: request, "first")

    def make_one() -> Tiles:
        made.append(Tiles(first))
        made[-1].pause.setInterval(1)
        made[-1].set_form(Pairs.ORIGINAL, FORM)
        return made[-1]

    yield make_one
    for one in made:
        one.stop()
        assert not any(worker._thread.is_alive() for worker in one.workers)
    first.stop()


def rest(tiles: Tiles) -> None:
    until(lambda: tiles.idle, "the tiles come to rest")
    QApplication.processEvents()


def shown(tiles: Tiles, source: Source, part: Part) -> np.ndarray:
    made = tiles.held(source, part)
    assert made is not None
    assert made.image is not None
    return from_image(made.image)


class Gate:
    """Lets pictures be made one by one, and keeps in mind which, in the order in which threads took them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun: list[tuple[str, Part, Pipeline]] = []
        self.looks = False
        self.lock, self.go = threading.Lock(), threading.Semaphore(0)
        self.take = Tiles._take
        # A thread may be put aside between taking a picture and making it, so the order is told where it is decided.
        monkeypatch.setattr(Tiles, "_take", lambda tiles: self._take(tiles))
        monkeypatch.setattr(tiles_module, "make_part", self._make)

    def _passes(self, job: Job) -> bool:
        return job.form is None and not self.looks  # at rest, changes are told of what is in view

    def _take(self, tiles: Tiles) -> tuple[Job, int] | None:
        with self.lock:
            taken = self.take(tiles)
            if taken is not None and not self._passes(taken[0]):
                job = taken[0]
                self.begun.append((job.source.name, job.part, job.view.pipeline))
        return taken

    def _make(self, job: Job, cache: PictureCache) -> making.Made:
        if not self._passes(job):
            assert self.go.acquire(timeout=20)
        return make_part(job, cache)

    def open(self) -> None:
        for _ in range(10_000):
            self.go.release()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    found = Gate(monkeypatch)
    yield found
    found.open()


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Source:
    root = tmp_path_factory.mktemp("photo")
    write(root / "p.png", 60, 90)
    return scan(root).sources[0]


# -- what a tile shows ---------------------------------------------------------------------------------------------


@given(pipeline=pipelines(most=4))
@settings(max_examples=40, deadline=None)
def test_a_tile_is_what_the_strip_shows_pixel_for_pixel(photo: Source, pipeline: Pipeline) -> None:
    view = request_of(pipeline, 3).view(photo)
    job = Job(photo, Part.COPY, view, Form(4096, 4096), 1)
    rendered = render(Wanted(view, Detail.STRIP), PictureCache())
    made = make_part(job, PictureCache())
    assert made.image is not None
    side = max(rendered.image.width(), rendered.image.height())
    exact = fitted(rendered, Form(side, side))
    assert np.array_equal(from_image(exact), from_image(rendered.image))
    assert np.array_equal(from_image(made.image), from_image(fitted(rendered, Form(4096, 4096))))


def test_a_tile_is_the_large_preview_reduced(tmp_path: Path) -> None:
    (tmp_path / "p.png").write_bytes(encode(smooth(300, 400), "PNG", 90))
    (source,) = scan(tmp_path).sources
    gentle = Pipeline(transforms=(*ROTATE.transforms, *BRIGHT.transforms))
    view = request_of(gentle).view(source)
    made = make_part(Job(source, Part.COPY, view, FORM, 1), PictureCache())
    assert made.image is not None
    large = from_image(render(Wanted(view, Detail.PREVIEW), PictureCache()).image)
    small = reduce(large, 256)
    assert np.abs(from_image(made.image).astype(int) - small).mean() < 4


def test_left_is_the_original_as_large_as_the_copy_and_right_the_copy(
    make_tiles: Callable[[], Tiles], tmp_path: Path
) -> None:
    tiles, sources = make_tiles(), folder_of(tmp_path, 3)
    pipeline = ROTATE.edited(output=Output.model_validate({"fit": "stretch", "width": 64, "height": 64}))
    request = request_of(pipeline)
    tiles.set_request(request)
    tiles.want(sources, ())
    rest(tiles)
    for source in sources:
        bare = request.view(source)._replace(pipeline=pipeline.edited(transforms=()))
        for part, view in ((Part.ORIGINAL, bare), (Part.COPY, request.view(source))):
            expected = fitted(render(Wanted(view, Detail.STRIP), PictureCache()), FORM)
            assert np.array_equal(shown(tiles, source, part), from_image(expected))


def test_a_and_b_are_the_copies_of_two_pipelines(make_tiles: Callable[[], Tiles], tmp_path: Path) -> None:
    tiles, sources = make_tiles(), folder_of(tmp_path, 2)
    tiles.set_form(Pairs.PINNED, FORM)
    for pinned in (BRIGHT, ROTATE):
        tiles.set_request(request_of(ROTATE, pinned=pinned))
        tiles.want(sources, ())
        rest(tiles)
        for source in sources:
            expected = fitted(render(Wanted(request_of(pinned).view(source), Detail.STRIP), PictureCache()), FORM)
            assert np.array_equal(shown(tiles, source, Part.PINNED), from_image(expected))
    assert np.array_equal(shown(tiles, sources[0], Part.PINNED), shown(tiles, sources[0], Part.COPY)), "equal pipelines"


def test_labels_are_drawn_over_tiles_or_not(make_tiles: Callable[[], Tiles], tmp_path: Path) -> None:
    dataset, labels = opened(write_yolo(tmp_path))
    tiles = make_tiles()
    tiles.set_request(request_of(ROTATE, labels_at=1, labels=labels))
    tiles.want(dataset.sources, ())
    rest(tiles)
    labelled = {source: shown(tiles, source, Part.COPY) for source in dataset.sources}
    tiles.set_form(Pairs.ORIGINAL, FORM._replace(labels=False))
    rest(tiles)
    differing = [
        source.name for source in dataset.sources if (shown(tiles, source, Part.COPY) != labelled[source]).any()
    ]
    assert differing == ["a.png", "b.png"], "c and d have no objects"
    made = tiles.held(dataset.sources[0], Part.COPY)
    assert made is not None


def test_a_picture_fits_its_box_and_fills_it(photo: Source) -> None:
    view = request_of(Pipeline()).view(photo)
    for box, size in (((40, 40), (40, 27)), ((400, 100), (150, 100)), ((90, 60), (90, 60)), ((90, 1), (2, 1))):
        made = make_part(Job(photo, Part.COPY, view, Form(*box), 1), PictureCache())
        assert made.image is not None
        assert (made.image.width(), made.image.height()) == size


# -- changes -----------------------------------------------------------------------------------------------------------


def test_the_change_of_a_tile_is_that_of_its_copy(make_tiles: Callable[[], Tiles], tmp_path: Path) -> None:
    tiles, sources = make_tiles(), folder_of(tmp_path, 3)
    request = request_of(BRIGHT)
    tiles.set_request(request)
    tiles.want(sources, ())
    rest(tiles)
    for source in sources:
        made = make(Wanted(request.view(source), Detail.STRIP), PictureCache())
        assert tiles.changes[source] == change_of_copy(made.source, made.pixels, made.plan, made.plain)
    assert all(change is not None and change.colour > 0.05 for change in tiles.changes.values())


def test_all_are_looked_through_behind_what_is_in_view(
    make_tiles: Callable[[], Tiles], tmp_path: Path, gate: Gate
) -> None:
    tiles, sources = make_tiles(), folder_of(tmp_path, 12)
    gate.looks = True
    tiles.set_request(request_of(BRIGHT))
    tiles.look_through(sources)
    tiles.want(sources[8:10], sources[10:11])
    gate.open()
    rest(tiles)
    assert set(tiles.changes) == set(sources)
    begun = [name for name, _, _ in gate.begun]
    first = next(number for number, (name, _, _) in enumerate(gate.begun) if name == "p08.png")
    assert set(begun[first : first + 4]) == {"p08.png", "p09.png"}, "at most what was under way comes before"
    assert first <= len(tiles.workers)
    assert begun.count("p11.png") == 1
    assert tiles.held(sources[0], Part.COPY) is None, "only the change is kept of what is not in view"
    before = len(gate.begun)
    tiles.want(sources[8:10], sources[10:11])
    rest(tiles)
    assert len(gate.begun) == before, "nothing is looked at twice"


def test_without_sorting_changes_are_told_only_once_there_is_time(
    make_tiles: Callable[[], Tiles], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A handle that is held need not wait for what nobody sees."""
    jobs: list[Job] = []

    def noted(job: Job, cache: PictureCache) -> making.Made:
        jobs.append(job)
        return make_part(job, cache)

    monkeypatch.setattr(tiles_module, "make_part", noted)
    tiles, sources = make_tiles(), folder_of(tmp_path, 3)
    tiles.set_request(request_of(BRIGHT))
    tiles.want(sources, ())
    rest(tiles)
    assert {job.measures for job in jobs if job.form is not None} == {False}
    assert sorted(job.source.name for job in jobs if job.form is None) == ["p00.png", "p01.png", "p02.png"]
    assert set(tiles.changes) == set(sources)
    jobs.clear()
    tiles.look_through(sources)
    tiles.set_request(request_of(ROTATE))
    rest(tiles)
    assert {(job.form is not None, job.measures) for job in jobs} == {(True, True)}, "sorted, they come with the tiles"
    assert set(tiles.changes) == set(sources)


def test_another_pipeline_makes_changes_void(make_tiles: Callable[[], Tiles], tmp_path: Path) -> None:
    tiles, sources = make_tiles(), folder_of(tmp_path, 4)
    tiles.set_request(request_of(BRIGHT))
    tiles.look_through(sources)
    rest(tiles)
    before = dict(tiles.changes)
    for request in (request_of(ROTATE), request_of(ROTATE, 1), request_of(ROTATE, 1)._replace(shown=Shown("copy", 2))):
        number = tiles.measured
        tiles.set_request(request)
        assert tiles.changes == {}
        assert tiles.measured != number
        rest(tiles)
        assert set(tiles.changes) == set(sources)
        assert tiles.changes != before
        before = dict(tiles.changes)
    tiles.set_form(Pairs.COPIES, FORM._replace(width=60))
    assert tiles.changes == before, "the size of tiles changes nothing"


# -- order, and what stays -----------------------------------------------------------------------------------------


def test_what_is_there_stays_until_its_own_comes(make_tiles: Callable[[], Tiles], tmp_path: Path, gate: Gate) -> None:
    tiles, sources = make_tiles(), folder_of(tmp_path, 3)
    gate.open()
    tiles.set_request(request_of(BRIGHT))
    tiles.want(sources, ())
    rest(tiles)
    old = shown(tiles, sources[0], Part.COPY)
    while gate.go.acquire(blocking=False):
        pass
    tiles.set_request(request_of(ROTATE))
    QApplication.processEvents()
    assert np.array_equal(shown(tiles, sources[0], Part.COPY), old)
    assert not tiles.fresh(sources[0], Part.COPY)
    assert tiles.fresh(sources[0], Part.ORIGINAL), "the originals are as they were"
    gate.open()
    rest(tiles)
    assert tiles.fresh(sources[0], Part.COPY)
    assert not np.array_equal(shown(tiles, sources[0], Part.COPY), old)


def test_the_latest_wins_and_all_keep_up(make_tiles: Callable[[], Tiles], tmp_path: Path, gate: Gate) -> None:
    """While a handle is held, what was made longest ago is made next, by the newest pipeline."""
    tiles, sources = make_tiles(), folder_of(tmp_path, 6)
    tiles.set_form(Pairs.COPIES, FORM)
    gate.open()
    tiles.set_request(request_of(BRIGHT))
    tiles.want(sources, ())
    rest(tiles)
    while gate.go.acquire(blocking=False):
        pass
    gate.begun.clear()
    steps = [request_of(ROTATE, seed) for seed in range(30)]
    for number, request in enumerate(steps):
        tiles.set_request(request)
        if number % 3 == 2:
            begun = len(gate.begun)
            gate.go.release()
            until(lambda begun=begun: len(gate.begun) > begun, "another is begun")
    made = [name for name, _, _ in gate.begun]
    assert {made.count(f"p{number:02}.png") for number in range(6)} <= {1, 2, 3}, "none is left behind"
    gate.open()
    rest(tiles)
    for source in sources:
        expected = fitted(render(Wanted(steps[-1].view(source), Detail.STRIP), PictureCache()), FORM)
        assert np.array_equal(shown(tiles, source, Part.COPY), from_image(expected))


def test_no_picture_is_decoded_twice_for_its_pair(
    make_tiles: Callable[[], Tiles], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    real = images.read_reduced

    def noted(path: Path, side: int) -> images.Picture:
        read.append(path.name)
        time.sleep(0.02)
        return real(path, side)

    monkeypatch.setattr(images, "read_reduced", noted)
    tiles, sources = make_tiles(), folder_of(tmp_path, 8)
    tiles.set_request(request_of(BRIGHT))
    tiles.want(sources[:6], sources[6:])
    rest(tiles)
    assert sorted(read) == [source.name for source in sources]


def test_what_is_no_longer_in_view_is_not_made(make_tiles: Callable[[], Tiles], tmp_path: Path, gate: Gate) -> None:
    tiles, sources = make_tiles(), folder_of(tmp_path, 12)
    tiles.set_request(request_of(BRIGHT))
    tiles.want(sources[:6], ())
    until(lambda: len(gate.begun) == len(tiles.workers), "all threads have something to do")
    tiles.want(sources[6:8], sources[8:9])
    gate.open()
    rest(tiles)
    names = [name for name, _, _ in gate.begun[len(tiles.workers) :]]
    assert names == sorted(names, key=lambda name: name == "p08.png"), "what is near comes last"
    assert set(names) == {"p06.png", "p07.png", "p08.png"}


def test_out_of_view_nothing_is_done_and_nothing_dropped(
    make_tiles: Callable[[], Tiles], tmp_path: Path, gate: Gate
) -> None:
    tiles, sources = make_tiles(), folder_of(tmp_path, 4)
    gate.open()
    tiles.set_request(request_of(BRIGHT))
    tiles.want(sources[:2], ())
    rest(tiles)
    begun = len(gate.begun)
    tiles.set_request(None)
    tiles.want(sources, ())
    tiles.look_through(sources)
    rest(tiles)
    assert len(gate.begun) == begun
    tiles.set_request(request_of(BRIGHT))
    tiles.want(sources[:2], ())
    tiles.look_through(None)
    rest(tiles)
    assert len(gate.begun) == begun
    assert tiles.fresh(sources[0], Part.COPY)
    tiles.look_through(sources)
    tiles.set_request(None)
    tiles.changes.clear()
    rest(tiles)
    assert not tiles.changes
    tiles.set_request(request_of(BRIGHT))
    rest(tiles)
    assert set(tiles.changes) == set(sources), "in view again, it goes on where it was"


def test_memory_is_bounded_and_what_is_in_view_stays(
    make_tiles: Callable[[], Tiles], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiles, sources = make_tiles(), folder_of(tmp_path, 20)
    one = 4 * 90 * 60 + 512
    monkeypatch.setattr(tiles_module, "_KEPT_BYTES", 12 * one)
    tiles.set_form(Pairs.ORIGINAL, Form(90, 60))
    tiles.set_request(request_of(BRIGHT))
    for number in range(0, 20, 2):
        tiles.want(sources[number : number + 2], sources[number + 2 : number + 3])
        rest(tiles)
        assert all(tiles.fresh(source, Part.COPY) for source in sources[number : number + 2])
        assert tiles._bytes == sum(held.made.bytes for held in tiles._held.values()) <= 12 * one
    tiles.want(sources, ())
    rest(tiles)
    assert all(tiles.fresh(source, Part.COPY) for source in sources), "however much is in view"


# -- files ---------------------------------------------------------------------------------------------------------


def test_what_cannot_be_read_says_why_once_and_is_read_again_when_it_changes(
    make_tiles: Callable[[], Tiles], tmp_path: Path, gate: Gate
) -> None:
    tiles, sources = make_tiles(), folder_of(tmp_path, 2)
    good = sources[0].path.read_bytes()
    sources[0].path.write_bytes(b"no picture")
    gate.open()
    tiles.set_request(request_of(BRIGHT))
    tiles.look_through(sources)
    tiles.want(sources, ())
    rest(tiles)
    made = tiles.held(sources[0], Part.COPY)
    assert made is not None
    assert made.image is None
    assert made.reason
    assert not made.readable
    assert tiles.changes[sources[0]] is None
    assert tiles.changes[sources[1]] is not None
    tiles.look_through(None)
    gate.begun.clear()
    tiles.set_request(request_of(ROTATE))
    rest(tiles)
    assert {name for name, _, _ in gate.begun} == {"p01.png"}, "another pipeline does not make it readable"
    sources[0].path.write_bytes(good)
    tiles.read_anew([sources[0]])
    rest(tiles)
    assert shown(tiles, sources[0], Part.COPY).shape == (171, 256, 4)
    assert tiles.changes[sources[0]] is not None


def test_a_copy_that_cannot_be_made_is_one_of_many(
    make_tiles: Callable[[], Tiles], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiles, sources = make_tiles(), folder_of(tmp_path, 2)

    def sometimes(wanted: Wanted, cache: PictureCache) -> Any:
        if wanted.view.source == sources[0] and wanted.view.pipeline.transforms:
            raise MemoryError("too much")
        return make(wanted, cache)

    monkeypatch.setattr(making, "make", sometimes)
    tiles.set_request(request_of(BRIGHT))
    tiles.want(sources, ())
    rest(tiles)
    made = tiles.held(sources[0], Part.COPY)
    assert made is not None
    assert "too much" in made.reason
    assert made.readable
    assert shown(tiles, sources[1], Part.COPY).size
    monkeypatch.undo()
    tiles.set_request(request_of(ROTATE))
    rest(tiles)
    assert shown(tiles, sources[0], Part.COPY).size


def test_changed_files_are_read_again_and_what_was_read_meanwhile_is_not_taken(
    make_tiles: Callable[[], Tiles], tmp_path: Path, gate: Gate
) -> None:
    tiles, sources = make_tiles(), folder_of(tmp_path, 2)
    gate.open()
    tiles.set_request(request_of(Pipeline()))
    tiles.want(sources, ())
    rest(tiles)
    old = shown(tiles, sources[0], Part.COPY)
    stamp = tiles.stamps()[sources[0]]
    write(sources[0].path, 60, 90, seed=99)
    tiles.read_anew([sources[0]])
    assert np.array_equal(shown(tiles, sources[0], Part.COPY), old), "it stays until the new one comes"
    rest(tiles)
    assert not np.array_equal(shown(tiles, sources[0], Part.COPY), old)
    assert tiles.stamps()[sources[0]] != stamp
    assert np.array_equal(shown(tiles, sources[0], Part.COPY), shown(tiles, sources[0], Part.ORIGINAL))


def test_another_folder_leaves_nothing_of_the_one_before(make_tiles: Callable[[], Tiles], tmp_path: Path) -> None:
    tiles, sources = make_tiles(), folder_of(tmp_path / "one", 2)
    tiles.set_request(request_of(BRIGHT))
    tiles.want(sources, ())
    tiles.forget()  # while they are made
    rest(tiles)
    assert not tiles._held
    assert not tiles.changes
    assert not tiles.stamps()
    others = folder_of(tmp_path / "two", 2)
    tiles.want(others, ())
    rest(tiles)
    assert {source.root for source, _ in tiles._held} == {others[0].root}


def test_a_view_is_of_what_is_asked(make_tiles: Callable[[], Tiles], tmp_path: Path) -> None:
    tiles, (source, *_) = make_tiles(), folder_of(tmp_path, 1)
    assert tiles.view(source, Part.COPY) is None
    tiles.set_request(request_of(ROTATE, 4))
    assert tiles.view(source, Part.COPY) == View(source, (), ROTATE, 4, Shown())


def test_while_tiles_move_one_thread_makes_them(make_tiles: Callable[[], Tiles], gate: Gate, tmp_path: Path) -> None:
    tiles, sources = make_tiles(), folder_of(tmp_path, 6)
    tiles._rolled.setInterval(60_000)  # they move until the test says otherwise
    tiles.set_request(request_of(ROTATE))
    tiles.scrolled()
    tiles.scrolled()
    tiles.want(sources, ())
    until(lambda: len(gate.begun) == 1, "the first picture is being made")
    assert not tiles.workers[1]._pending
    assert not tiles.idle
    tiles._rolled.stop()
    tiles._came_to_rest()
    until(lambda: len(gate.begun) == 2, "the other thread makes the second")
    gate.open()
    rest(tiles)
    assert all(tiles.fresh(source, part) for source in sources for part in tiles.parts)


def test_a_single_step_is_no_movement(make_tiles: Callable[[], Tiles], gate: Gate, tmp_path: Path) -> None:
    tiles, sources = make_tiles(), folder_of(tmp_path, 2)
    tiles.set_request(request_of(ROTATE))
    tiles.scrolled()
    tiles.want(sources, ())
    until(lambda: len(gate.begun) == 2, "both threads make pictures")
    gate.open()
    rest(tiles)
