"""Files made to do harm: whatever they hold, little of it is read, held or expanded."""

from __future__ import annotations

import tracemalloc

import pytest
from layouts import PICTURE, Folder, coco

from augstudio.labels import recognition
from augstudio.labels.json_stream import DamagedError, parts
from augstudio.labels.names import marked, picture_bases
from augstudio.labels.reader import HEAD, WHOLE

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE annotation [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    + "]><annotation><object><bndbox>&j;</bndbox></object></annotation>"
)


@pytest.mark.parametrize(
    ("suffix", "data"),
    [
        ("json", b"[" * 2_000_000),
        ("json", b'{"images":' * 500_000),
        ("json", b'{"images": [{"file_name": "0.jpg", "x": ' + b"[" * 200_000),
        ("json", b'{"images": [' + b"{}," * 3_000_001),
        ("json", b'{"images": [' + b"0," * 1_500_000 + b"0]}"),
        ("json", b'{"images": [' + b"9" * 2_000_000 + b"]}"),
        ("json", b'{"a": "' + b"\\ud800" * 100_000 + b'"}'),
        ("json", b"\xff" * 100_000),
        ("csv", b"," * 1_000_000),
        ("csv", b'"' * 999_999),
        ("csv", b"image,\n" + b"\0,\0\n" * 100_000),
        ("csv", b"image,x\n" + b"1,2\n" * 1_100_000),
        ("jsonl", b"{}\n" * 1_100_000),
        ("xml", b"<!DOCTYPE " + b"[" * 1_000_000),
        ("xml", b"<?" * 500_000),
        ("xml", b"<annotations><image " + b"name='" * 300_000),
        ("xml", b"<annotations>" + b"<image name=" * 300_000),
        ("xml", b"<" * 1_000_000),
        ("txt", b"0 " * 1_000_000),
        ("txt", b"," * 1_000_000),
    ],
)
def test_nothing_hangs_or_crashes(suffix: str, data: bytes) -> None:
    for key in (f"0.{suffix}", f"x.{suffix}"):  # one that belongs to a picture, and one that does not
        folder = Folder().add("{}.jpg", range(1), PICTURE).add(key, range(1), data)
        found = folder.recognise()
        assert [labels for labels in found.found if labels.files > 1] == []
        assert sum(most for _, most in folder.reads) < 4 * WHOLE


def test_entities_are_not_expanded() -> None:
    folder = Folder().add("{}.jpg", range(1), PICTURE).add("{}.xml", range(1), LAUGHS.encode())
    tracemalloc.start()
    try:
        lines = folder.lines()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert lines == ["Pascal VOC boxes: 1 file for 1 picture (beside the pictures)"]
    assert peak < 2**20


def test_of_a_file_beyond_the_limit_only_the_beginning_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"{number}.jpg" for number in range(300)]
    data = coco(names, each=20)
    limit = 200_000
    assert HEAD < limit < len(data) / 2
    monkeypatch.setattr(recognition, "WHOLE", limit)
    folder = Folder().add("{}.jpg", range(300), PICTURE).add("a/all.json", range(1), data)
    found = folder.recognise()
    assert [labels.in_words() for labels in found.found] == ["COCO boxes: 1 file for all 300 pictures (a/all.json)"]
    assert found.notes == ("a/all.json: longer than 0 MiB, so only its beginning was looked at",)
    assert max(most for _, most in folder.reads) == limit


def test_of_many_long_files_the_last_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    data = coco([f"{number}.jpg" for number in range(300)], each=5)
    assert len(data) > HEAD
    monkeypatch.setattr(recognition, "_MOST_BYTES", 2 * len(data))
    folder = Folder().add("{}.jpg", range(300), PICTURE).add("a/{}.json", range(5_000, 5_004), data)
    found = folder.recognise()
    assert [labels.files for labels in found.found] == [2]
    assert found.notes == ("2 .json files not looked at for labels, such as a/5002.json: the others are that long",)


def test_a_reader_that_gives_more_than_asked_for_does_no_harm() -> None:
    from augstudio.labels import recognise

    found = recognise(["0.jpg"], ["0.txt"], lambda key, most: b"0 0.5 0.5 0.1 0.1\n" * 50_000)
    assert [labels.in_words() for labels in found.found] == ["YOLO boxes: 1 file for 1 picture (beside the pictures)"]


def test_names_are_shown_on_one_line() -> None:
    folder = Folder().add("{}.jpg", range(1), PICTURE).add("a\nb\x1b[31m\udcff/_coco.json", range(1), coco(["0.jpg"]))
    assert folder.lines() == [r"COCO boxes: 1 file for 1 picture, 2 objects (a\nb\x1b[31m\udcff/_coco.json)"]
    folder.add("x" * 5_000 + ".json", range(1), coco(["other.jpg"]))
    assert len(folder.recognise().notes) == 1
    assert max(map(len, folder.recognise().notes)) < 250


def test_long_names_take_no_long_time() -> None:
    for stem in ("a_" * 100_000, "mask_" * 50_000, "_seg" * 50_000, "a" * 200_000 + "_mask"):
        assert marked(stem) is None
        assert list(picture_bases(stem)) == []
    for stem in ("a_" * 150, "mask_" * 60, "_seg_1" * 50, "a.seg-1" * 42):
        marked(stem)
        list(picture_bases(stem))


def test_json_is_taken_apart_as_python_reads_it() -> None:
    text = '{"a": [1, {"b": [2]}], "c": {"d": 3}, "e": [], "f": "g", "h": [[]]}'
    assert [part[:3] for part in parts(text)] == [
        ("a", None, True),
        ("a", 1, False),
        ("a", {"b": [2]}, False),
        ("c", {"d": 3}, False),
        ("e", None, True),
        ("f", "g", False),
        ("h", None, True),
        ("h", [], False),
    ]
    assert [part[:3] for part in parts(" [1 , 2 ]\n")] == [("", None, True), ("", 1, False), ("", 2, False)]
    assert list(parts("{}")) == []
    places = [text[part.start : part.end] for part in parts(text, whole=True) if not part.opens]
    assert places == ["1", '{"b": [2]}', '{"d": 3}', '"g"', "[]"]
    with pytest.raises(DamagedError, match="behind the end at character 4"):
        list(parts("{} 5", whole=True))
    for broken in ("", "3", '{"a"', '{"a": 1', '{"a": [1', '{"a": [1 2]}', '{"a": 1 "b": 2}', "{1: 2}", '["', "[1,]"):
        with pytest.raises(DamagedError):
            list(parts(broken))
