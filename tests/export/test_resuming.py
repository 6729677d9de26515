from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from exporting import consistent, export, hashes, lines, photos, picture

from augstudio.export import ExportError, load_unfinished, resuming
from augstudio.pool.processes import Inline
from augstudio.pool.retrying import Engine
from augstudio.storage import at


def stopped_after(pictures: int, source: Path, out: Path) -> None:
    """Leave an export cancelled after some pictures."""
    done = 0

    def stop() -> bool:
        nonlocal done
        done += 1
        return done > pictures

    export(source, out, stop=stop)


def test_an_edited_picture_is_done_again(tmp_path: Path) -> None:
    source, out = photos(tmp_path / "in"), tmp_path / "out"
    export(source, out)
    picture(source / "cat" / "one.jpg", 44, 55, seed=99)
    done = export(source, out, resume=True)
    assert (done.kept, done.files) == (4, 10)
    export(source, tmp_path / "fresh")
    assert hashes(out) == hashes(tmp_path / "fresh")
    assert lines(out) == lines(tmp_path / "fresh")


def test_a_moved_dataset_can_be_gone_on_with(tmp_path: Path) -> None:
    source, out = photos(tmp_path / "in"), tmp_path / "out"
    stopped_after(3, source, out)
    begun = load_unfinished(out)
    assert (begun.source, begun.total) == (str(source), 5)
    assert resuming.listed(at(out)) == begun.done == len(lines(out)) // 2
    assert 0 < begun.done < 5
    shutil.move(source, tmp_path / "moved")
    done = export(tmp_path / "moved", out, resume=True)
    assert (done.kept, done.files) == (begun.done, 10)
    consistent(out)


def test_another_source_is_told_from_the_first(tmp_path: Path) -> None:
    source, out = photos(tmp_path / "in"), tmp_path / "out"
    stopped_after(2, source, out)
    other = photos(tmp_path / "other")
    picture(other / "more.jpg")
    before = hashes(out)
    with pytest.raises(ExportError) as raised:
        export(other, out, resume=True)
    assert str(raised.value) == (
        f"{out}: cannot be resumed: the source {other}, not {source}, held 5 pictures, now 6; "
        "resume it as it was begun, or export anew"
    )
    (other / "more.jpg").unlink()
    (other / "top.bmp").rename(other / "bottom.bmp")
    with pytest.raises(ExportError, match="has pictures of other names"):
        export(other, out, resume=True)
    assert hashes(out) == before


def test_nothing_is_started_when_nothing_is_left(tmp_path: Path) -> None:
    source, out = photos(tmp_path / "in"), tmp_path / "out"
    export(source, out)
    before = hashes(out)

    def start() -> Inline:
        raise AssertionError("no executor is needed")

    done = export(source, out, resume=True, engine=Engine(start, 1))
    assert (done.kept, done.done, done.files) == (5, 5, 10)
    assert hashes(out) == before
