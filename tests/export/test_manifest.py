from __future__ import annotations

import io
import itertools
import json
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from augstudio.export import manifest
from augstudio.export.job import Result, Written
from augstudio.export.manifest import PIECES, Manifest
from augstudio.marks import MANIFEST
from augstudio.storage import RemoteStorage, Storage, at

KEYS = ["a.jpg", "ü/b.jpg", "ü/c d.jpg", "d.jpg"]
NUMBERS = {key: number for number, key in enumerate(KEYS)}


@pytest.fixture(params=["local", "remote"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return at(tmp_path) if request.param == "local" else RemoteStorage(f"memory://{uuid.uuid4().hex}")


def result(number: int, copies: int = 2, reason: str = "") -> Result:
    key = KEYS[number]
    outputs = tuple(
        Written(f"images/{key}__aug{copy}.jpg", copy, ({"step": "s"},), 3, 4, 100 + copy, "ab" * 32)
        for copy in range(1, copies + 1)
    )
    return Result(number, key, "ü", "", 7, "cd" * 32, outputs, ("palette converted to RGB",), reason=reason)


def told(storage: Storage) -> list[tuple[str, int]]:
    return [(entry["source"], entry["copy"]) for entry in manifest.read(storage)]


def test_lines_come_as_they_come_and_end_in_order(storage: Storage) -> None:
    with Manifest(storage, 4) as written:
        for number in (2, 0, 3):
            written.add(result(number))
        if storage.root is not None:
            assert [key for key, _ in told(storage)][::2] == [KEYS[2], KEYS[0], KEYS[3]]
        written.finish()
    assert told(storage) == [(KEYS[number], copy) for number in (0, 2, 3) for copy in (1, 2)]
    assert all(tuple(json.loads(line)) == tuple(manifest.FIELDS) for line in storage.read(MANIFEST).splitlines())
    assert [path for path, _ in storage.files()] == [MANIFEST], "nothing else is left"


def test_what_a_crash_left_is_gone_on_with(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "_EVERY_RESULTS", 1)
    with Manifest(storage, 4) as whole:
        for number in range(4):
            whole.add(result(number))
        whole.finish()
    expected = storage.read(MANIFEST)
    storage.remove([MANIFEST])

    with Manifest(storage, 4) as first:
        first.add(result(3, copies=1, reason="something"))
        first.add(result(1))
    if storage.root is not None:
        with (storage.root / MANIFEST).open("ab") as file:
            file.write(expected[:-40])  # and half a line
    else:
        assert len(list(storage.files(PIECES))) == 2
    with Manifest(storage, 4, NUMBERS) as second:
        assert [entry["copy"] for entry in second.lines(1)] == [1, 2]
        for number in (3, 0, 2):
            second.add(result(number))
        assert [entry["copy"] for entry in second.lines(3)] == [1, 2], "done again, in place of the first time"
        second.finish()
    assert storage.read(MANIFEST) == expected
    assert [path for path, _ in storage.files()] == [MANIFEST]


def test_lines_of_others_and_broken_ones_are_passed_over(tmp_path: Path) -> None:
    storage = at(tmp_path)
    with Manifest(storage, 4) as written:
        written.add(result(0))
        written.finish()
    good = storage.read(MANIFEST)
    other = good.replace(b'"a.jpg"', b'"removed.jpg"')
    (tmp_path / MANIFEST).write_bytes(
        b"\n" + other + b"{}\n[1]\nnull\n\xff\xfe\n" + b"[" * 100_000 + b"\n" + good + b'{"path": "half'
    )
    with Manifest(storage, 4, NUMBERS) as again:
        assert [entry["copy"] for entry in again.lines(0)] == [1, 2]
        assert all(not again.lines(number) for number in (1, 2, 3))
        again.finish()
    assert storage.read(MANIFEST) == good


@pytest.mark.parametrize("field", list(manifest.FIELDS))
def test_a_line_with_a_wrong_field_is_none(field: str, tmp_path: Path) -> None:
    storage = at(tmp_path)
    with Manifest(storage, 4) as written:
        written.add(result(0, copies=1))
    line = json.loads(storage.read(MANIFEST))
    assert manifest.parse(json.dumps(line).encode()) == line
    assert manifest.parse(json.dumps({**line, field: None}).encode()) is None
    del line[field]
    # Lines of version 0.2 do not tell the processor.
    assert manifest.parse(json.dumps(line).encode()) == (line if field == "processor" else None)


@given(st.binary(max_size=60).map(lambda data: data.replace(b"x", b"\n")), st.integers(1, 20), st.integers(1, 20))
def test_lines_are_those_of_the_file(data: bytes, block: int, most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest, "_BLOCK", block)
        patch.setattr(manifest, "MOST_BYTES", most)
        found = list(manifest.bounded_lines(io.BytesIO(data)))
    lines = list(io.BytesIO(data))
    assert [length for _, length in found] == [len(line) for line in lines]
    for (line, length), whole in zip(found, lines, strict=True):
        assert line == (whole if length <= most else b"\n" if whole.endswith(b"\n") else b"")


def broken_in(place: str, good: bytes) -> bytes:
    """A manifest with half a line, which a crash has left: at its end, or in the middle once it was gone on with."""
    lines = good.splitlines(keepends=True)
    half = lines[3][: len(lines[3]) // 2]
    return {
        "middle": b"".join(lines[:3]) + half + b"\n" + b"".join(lines[3:]),
        "middle, run into the next": b"".join(lines[:3]) + half + b"".join(lines[3:]),
        "end": b"".join(lines[:-1]) + lines[-1][:-30],
        "end, but for its end of line": good[:-1],
        "beginning": lines[0][25:] + b"".join(lines[1:]),
    }[place]


@pytest.mark.parametrize(
    ("place", "lost", "copies"),
    [
        ("middle", 1, [2]),
        ("middle, run into the next", 1, [1]),
        ("end", 3, [1]),
        ("end, but for its end of line", 3, [1]),
        ("beginning", 0, [2]),
    ],
)
def test_half_a_line_costs_its_picture_alone(place: str, lost: int, copies: list[int], tmp_path: Path) -> None:
    """What is whole is found at its own place, what is not is done again, and nothing of the half line is left."""
    storage = at(tmp_path)
    with Manifest(storage, 4) as whole:
        for number in range(4):
            whole.add(result(number))
        whole.finish()
    good = storage.read(MANIFEST)
    (tmp_path / MANIFEST).write_bytes(broken_in(place, good))
    intact = [entry for entry in map(manifest.parse, good.splitlines()) if entry]
    with Manifest(storage, 4, NUMBERS) as again:
        assert (tmp_path / MANIFEST).read_bytes().endswith(b"}\n"), (
            "what stands behind the last whole line is gone at once"
        )
        for number in range(4):
            wanted = [entry for entry in intact if entry["source"] == KEYS[number]]
            assert again.lines(number) == [e for e in wanted if number != lost or e["copy"] in copies]
        again.add(result(lost))
        assert [entry["copy"] for entry in again.lines(lost)] == [1, 2]
        again.finish()
    assert storage.read(MANIFEST) == good


def test_what_is_read_of_half_lines_is_what_is_whole(tmp_path: Path) -> None:
    storage = at(tmp_path)
    with Manifest(storage, 4) as whole:
        for number in range(4):
            whole.add(result(number))
        whole.finish()
    good = storage.read(MANIFEST)
    for place, left in (("middle", 8), ("middle, run into the next", 7), ("end", 7), ("beginning", 7)):
        (tmp_path / MANIFEST).write_bytes(broken_in(place, good))
        assert len(told(storage)) == left
        assert manifest.lines_in(storage) == broken_in(place, good).count(b"\n")


@pytest.mark.parametrize("arriving", list(itertools.permutations(range(4)))[1::5])
def test_the_order_is_that_of_the_sources_whatever_came_first(arriving: tuple[int, ...], storage: Storage) -> None:
    """Also where a run that was gone on with did some of them again, with fewer lines or with none."""
    with Manifest(storage, 4) as whole:
        for number in (0, 1, 3):
            whole.add(result(number))
        whole.finish()
    wanted = storage.read(MANIFEST)
    storage.remove([MANIFEST])
    with Manifest(storage, 4) as first:
        for number in arriving[:2]:
            first.add(result(number, copies=3))
        first.finish()
    assert told(storage) == [(KEYS[number], copy) for number in sorted(arriving[:2]) for copy in (1, 2, 3)]
    with Manifest(storage, 4, NUMBERS) as second:
        for number in arriving[::-1]:
            second.add(result(number, copies=0 if number == 2 else 2))
        second.finish()
    assert storage.read(MANIFEST) == wanted


def test_lines_of_one_picture_far_apart(tmp_path: Path) -> None:
    """The later ones count, since it was done again; those before are not taken for a part of it."""
    storage = at(tmp_path)
    with Manifest(storage, 4) as written:
        for number, copies in ((0, 2), (1, 1), (0, 1), (1, 2), (2, 2), (2, 1), (3, 1), (3, 1)):
            written.add(result(number, copies=copies))
    assert storage.read(MANIFEST).count(b"\n") == 11
    with Manifest(storage, 4, NUMBERS) as again:
        assert [entry["copy"] for entry in again.lines(0)] == [1]
        assert [entry["copy"] for entry in again.lines(1)] == [1, 2]
        assert [entry["copy"] for entry in again.lines(2)] == [1], "at once done again"
        assert [entry["copy"] for entry in again.lines(3)] == [1]
        again.finish()
    assert told(storage) == [(KEYS[0], 1), (KEYS[1], 1), (KEYS[1], 2), (KEYS[2], 1), (KEYS[3], 1)]
