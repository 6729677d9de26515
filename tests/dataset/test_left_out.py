"""What is no picture of the dataset is left out, and told by kind and number; what is one is taken."""

from __future__ import annotations

import io
import uuid
from pathlib import Path

import cv2
import pytest
from pictures import noise
from PIL import Image

from augstudio.dataset import Dataset, DatasetError, listing, scan
from augstudio.images import SUFFIXES, Loaded, read, signatures
from augstudio.storage import Key, at


def encoded(suffix: str) -> bytes:
    done, data = cv2.imencode(suffix, noise(9, 12))
    assert done
    return data.tobytes()


PICTURE = encoded(".png")


def make(root: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def remote(files: dict[str, bytes]) -> str:
    url = f"memory://left-out-{uuid.uuid4().hex}"
    for name, data in files.items():
        at(url).write(Key(name), data)
    return url


def told(dataset: Dataset) -> list[str]:
    return [str(one) for one in dataset.left_out if one.told]


@pytest.mark.parametrize(
    "name",
    [
        "a/no suffix",
        "a/b.jpg_large",
        "a/b.jpg.1",
        "a/b.jpeg?w=200",
        "a/b.JPG~",
        "a/IMG.orig",
        "a/b.jpg!d",
        "a/1.2.3",
        "a/b.xyz",
    ],
)
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp", ".tif", ".ppm"])
def test_a_picture_is_one_whatever_it_is_called(tmp_path: Path, name: str, suffix: str) -> None:
    files = {"a/known.png": PICTURE, name: encoded(suffix), "a/notes": b"BMW and P5 are no pictures"}
    dataset = scan(make(tmp_path, files))
    assert [source.key for source in dataset.sources] == sorted(["a/known.png", name])
    (note,) = dataset.notes
    assert "1 file is a picture by the first bytes" in note
    assert told(dataset) == ["1 other file: a/notes"]
    there = scan(remote(files))
    assert [source.key for source in there.sources] == [source.key for source in dataset.sources]
    assert (there.notes, there.left_out) == (dataset.notes, dataset.left_out)
    assert read(Loaded(Path(name), files[name])).pixels.shape[:2] == (9, 12)


def test_many_remote_files_without_a_suffix_are_told_by_some(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"a/{number:04d}": PICTURE for number in range(100)} | {
        f"b/{number}.dat": b"data" for number in range(100)
    }
    url = remote(files)
    asked: list[str] = []
    usual = type(at(url)).head

    def head(storage: object, key: str, most: int) -> bytes:
        asked.append(key)
        return usual(storage, key, most)  # type: ignore[arg-type]

    monkeypatch.setattr(type(at(url)), "head", head)
    monkeypatch.setattr(listing, "_LOOKED_AT", 32)
    dataset = scan(url)
    assert len(dataset.sources) == 100
    assert told(dataset) == ["100 other files (.dat), such as b/0.dat"]
    assert len(asked) < 80


def test_a_regular_order_of_remote_files_fools_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "_LOOKED_AT", 32)
    files = {f"{number:04d}_{kind}": data for number in range(64) for kind, data in (("a", b"text"), ("b", PICTURE))}
    assert {source.key for source in scan(remote(files)).sources} == {key for key in files if key.endswith("_b")}


def test_a_suffix_for_each_file_is_told_in_one_line(tmp_path: Path) -> None:
    files = {"1.png": PICTURE, **{f"scan.{number:05d}": b"data" for number in range(50)}}
    lines = told(scan(make(tmp_path, files)))
    assert len(lines) <= 9
    assert "42 other files (of various suffixes), such as scan." in "\n".join(lines)


def test_kinds_that_are_not_read_are_told_by_number(tmp_path: Path) -> None:
    raw = b"II*\0\x10\0\0\0CR\2\0" + bytes(300)
    files = {
        "a/1.png": PICTURE,
        "a/1.cr2": raw,
        "b/2.CR2": raw,
        "b/3.nef": b"MM\0*" + bytes(100),
        "b/raw without suffix": raw,
        "b/film.mp4": b"\0\0\0\x20ftypisom",
        "b/film": b"\0\0\0\x20ftypisom" + bytes(40),
        "b/all.zip": b"PK\3\4",
        "b/layers.psd": b"8BPS",
        "b/x.npy": b"\x93NUMPY",
        "b/empty": b"",
        "labels.csv": b"a,b",
        "README": b"words",
        "b/1.txt": b"0 0.5 0.5 1 1",
    }
    dataset = scan(make(tmp_path, files))
    assert [source.key for source in dataset.sources] == ["a/1.png"]
    assert told(dataset) == [
        "2 camera raw files (.cr2), such as a/1.cr2",
        "1 archive (.zip): b/all.zip",
        "1 camera raw file: b/raw without suffix",
        "1 camera raw file (.nef): b/3.nef",
        "1 data file (.npy): b/x.npy",
        "1 empty file: b/empty",
        "1 other file: README",
        "1 picture of a kind that is not read (.psd): b/layers.psd",
        "1 video: b/film",
        "1 video (.mp4): b/film.mp4",
    ]
    assert {(one.name, one.count) for one in dataset.left_out if not one.told} == {(".csv", 1), (".txt", 1)}
    assert scan(remote(files)).left_out == dataset.left_out


@pytest.mark.parametrize(
    "folder",
    [
        *("@eaDir", "#recycle", "$RECYCLE.BIN", "lost+found", "System Volume Information", "__MACOSX", "RECYCLER"),
        *(
            "#snapshot",
            "@Recycle",
            "@__thumb",
            "My Catalog Previews.lrdata",
            "__pycache__",
            "LOST.DIR",
            "FOUND.001",
        ),
    ],
)
def test_folders_of_other_programs_are_left_out(tmp_path: Path, folder: str) -> None:
    files = {"cat/1.png": PICTURE, "dog/2.png": PICTURE}
    more = {f"{folder}/3.png": PICTURE, f"cat/{folder}/1.png/thumb.jpg": PICTURE, f"dog/{folder}/x/2.png": PICTURE}
    dataset = scan(make(tmp_path, {**files, **more}))
    assert dataset.classes == {"cat": 1, "dog": 1}
    (line,) = told(dataset)
    assert line.startswith("3 folders of ")
    assert folder in line
    assert scan(remote({**files, **more})).left_out == dataset.left_out


def test_classes_of_near_names_stay(tmp_path: Path) -> None:
    """Rubbish is what some datasets are of."""
    names = (
        "trash",
        "trash-1",
        "recycled",
        "recycle",
        "lost",
        "thumbnails",
        "cache",
        "system",
        "mac",
        "@home",
        "#1",
        "Photos Library",
    )
    dataset = scan(make(tmp_path, {f"{name}/1.png": PICTURE for name in names}))
    assert set(dataset.classes) == set(names)


def test_hidden_pictures_are_told(tmp_path: Path) -> None:
    """As macOS puts them beside those on a foreign disk."""
    files = {"1.png": PICTURE, "._1.png": b"\0\5\26\7", ".DS_Store": b"", ".thumbnails/1.png": PICTURE}
    dataset = scan(make(tmp_path, files))
    assert told(dataset) == ["1 hidden picture (.png): ._1.png"]
    assert {(one.kind, one.count) for one in dataset.left_out} >= {("hidden folders", 1), ("other hidden files", 1)}


def test_a_folder_of_others_only_says_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"only other files \(2\): 2 camera raw files \(\.arw\), such as a/1\.arw$"):
        scan(make(tmp_path, {"a/1.arw": b"", "a/2.arw": b""}))


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp", ".tiff", ".jp2", ".pgm", ".ppm", ".avif", ".gif"])
def test_signatures_of_what_is_read(suffix: str) -> None:
    assert suffix in SUFFIXES
    file = io.BytesIO()
    Image.fromarray(noise(16, 16)).save(file, Image.registered_extensions()[suffix])
    assert signatures.is_picture(file.getvalue()[: signatures.HEAD])


@pytest.mark.parametrize(
    "head",
    [
        *(b"", b"P5 is a chord", b"BM" + bytes(60), b"RIFF\0\0\0\0WAVE", b"\0\0\0\x20ftypisom", b"<svg"),
        *(b"II*\0\x10\0\0\0CR", b"\xff\xd8", b"\0\0\0\x04ftyp", b"\xff\xff\xff\xffftypmp42" + b"avif" * 60),
    ],
)
def test_signatures_of_nothing_that_is_read(head: bytes) -> None:
    assert not signatures.is_picture(head)
