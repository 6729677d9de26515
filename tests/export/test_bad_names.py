"""Names that break programs: everything is exported under a name of its own, or reported by name and reason."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from exporting import consistent, export, hashes, lines, picture, pipeline, report
from hypothesis import given
from hypothesis import strategies as st

from augstudio.dataset.listing import Source
from augstudio.dataset.scanning import Dataset, scan
from augstudio.export import LooksAugmentedError, Report, Settings, Status, plan_export, reproduce, verify
from augstudio.images import Encoding, Format
from augstudio.storage import LocalStorage

posix = pytest.mark.skipif(os.name != "posix", reason="such names cannot be made here")

RESERVED = ("con", "aux", "nul", "prn", "COM1", "lpt9")
ODD = (
    *(
        "a.b.c",
        ".. .",
        "...x",
        "a..b",
        "trailing dot.",
        "trailing space ",
        " leading",
        "-dash",
        "~",
        "$HOME",
        "%00",
        "%2e",
    ),
    *(
        "new\nline",
        "tab\there",
        "bell\x07",
        "del\x7f",
        "back\\slash",
        "colon:",
        'quo"te',
        "it's",
        "<>|?*",
        "`id`",
        "&&",
    ),
    *("😀", "👩\u200d👩\u200d👧", "日本語", "العربية", "\u202egnp", "\ufeffbom", "\u200b", "ﬀ", "ı", "İ", "ß", "ſ"),
    *RESERVED,
)


def tried(source: Path, out: Path, **fields: Any) -> Report:
    """Export, and hold that each picture came out whole under its own name or is reported with a reason of one line."""
    dataset = scan(source)
    done = export(dataset, out, **{"copies": 1, **fields})
    assert done.state is Status.COMPLETE
    consistent(out)
    exported = {line["source"] for line in lines(out)}
    reported = {failure.source for failure in done.failures}
    assert exported | reported == {source.key for source in dataset.sources}
    assert not exported & reported
    assert all(failure.reason and failure.reason.isprintable() for failure in done.failures)
    assert done.files == len(exported) * fields.get("copies", 1)
    assert report(out)["state"] == "complete"
    verdict = verify(out)
    assert verdict
    assert verdict.ok, verdict
    return done


@posix
@pytest.mark.parametrize("written", [Format.SOURCE, Format.PNG])
def test_odd_files_in_odd_folders(written: Format, tmp_path: Path) -> None:
    count = 0
    for folder, name in [(name, name) for name in ODD] + [("plain", name) for name in ODD] + [(n, "x") for n in ODD]:
        if Path(folder).name.startswith("."):
            folder = f"x{folder}"  # hidden ones are left out on purpose
        stem = name.lstrip(".")
        for suffix in (".png", ".jpg"):
            picture(tmp_path / "in" / folder / f"{stem}{suffix}", 4, 5, seed=count)
            count += 1
    done = tried(tmp_path / "in", tmp_path / "out", encoding=Encoding(written))
    assert (done.failures, done.problems, done.skipped) == ((), (), ())
    for line in lines(tmp_path / "out"):
        name = line["path"].rpartition("/")[2]
        assert name.count(".") == 1, "loaders that split at the first dot find the suffix"
        assert not any(ord(letter) < 32 or ord(letter) == 127 for letter in name)
        assert Path(line["path"]).parent.as_posix() == f"images/{line['class']}"
    for line in lines(tmp_path / "out")[::40]:
        assert reproduce(tmp_path / "out", line["path"]).same


@posix
def test_names_that_differ_in_case_or_form_only(tmp_path: Path) -> None:
    spellings = [
        "photo",
        "Photo",
        "PHOTO",
        "caf\u00e9",
        "cafe\u0301",
        "CAF\u00c9",
        "straße",
        "strasse",
        "STRASSE",
        "ﬀ",
        "ff",
    ]
    for seed, (name, suffix) in enumerate(itertools.product(spellings, (".png", ".PNG", ".jpg"))):
        picture(tmp_path / "in" / "a" / f"{name}{suffix}", 4, 5, seed=seed)
    expected = len(list((tmp_path / "in" / "a").iterdir()))
    done = tried(tmp_path / "in", tmp_path / "out", encoding=Encoding(Format.PNG))
    assert done.files == expected
    assert folded(hashes(tmp_path / "out")) == expected, "they stay apart where neither case nor form counts"


@posix
def test_folders_that_differ_in_case_or_form_only(tmp_path: Path) -> None:
    for seed, name in enumerate(["cat", "Cat", "caf\u00e9", "cafe\u0301"]):
        picture(tmp_path / "in" / name / "one.png", 4, 5, seed=seed)
    if len(list((tmp_path / "in").iterdir())) < 4:
        pytest.skip("this file system does not tell them apart")
    assert tried(tmp_path / "in", tmp_path / "out").files == 4
    assert folded(hashes(tmp_path / "out")) == 4, "copied to where the folders become one, no file is lost"


def folded(paths: Any) -> int:
    """How many paths there are where neither case nor Unicode form counts."""
    return len({unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold()) for path in paths})


def test_folders_called_like_pictures(tmp_path: Path) -> None:
    picture(tmp_path / "in" / "x.jpg" / "one.jpg", 4, 5)
    picture(tmp_path / "in" / "x.jpg" / "y.png" / "two.png", 4, 5)
    (tmp_path / "in" / "empty.png").mkdir()
    done = tried(tmp_path / "in", tmp_path / "out")
    assert set(hashes(tmp_path / "out")) == {"images/x.jpg/one__aug1.jpg", "images/x.jpg/y.png/two__aug1.png"}
    assert done.skipped == ("empty.png: a folder, not a picture, and it holds none",)


def test_a_folder_called_like_a_file_of_the_export(tmp_path: Path) -> None:
    picture(tmp_path / "in" / "one.png", 4, 5)
    picture(tmp_path / "in" / "one__orig.png" / "two.png", 4, 5)
    picture(tmp_path / "in" / "three__aug1.png" / "three.png", 4, 5)
    picture(tmp_path / "in" / "three.png", 4, 5)
    dataset = scan(tmp_path / "in")
    done = export(dataset, tmp_path / "out", copies=1, originals=True)
    assert done.state is Status.COMPLETE
    exported = {line["source"] for line in lines(tmp_path / "out")}
    assert exported | {failure.source for failure in done.failures} == {source.key for source in dataset.sources}
    assert all(failure.reason and "\n" not in failure.reason for failure in done.failures)
    consistent(tmp_path / "out")


def test_stems_that_collide(tmp_path: Path) -> None:
    names = ["a.png", "a.jpg", "a.bmp", "a_png.png", "a_jpg.png", "a.b.png", "a_b.png", "a_b.jpg", "A.PNG", "a_png.jpg"]
    for seed, name in enumerate(names):
        picture(tmp_path / "in" / name, 4, 5, seed=seed)
    assert tried(tmp_path / "in", tmp_path / "out", encoding=Encoding(Format.JPEG)).files == len(
        list((tmp_path / "in").iterdir())
    )
    assert folded(hashes(tmp_path / "out")) == len(hashes(tmp_path / "out"))


def test_names_of_an_earlier_export(tmp_path: Path) -> None:
    for seed, name in enumerate(["a.png", "a__aug1.png", "a__orig.png", "a__aug1__aug1.png", "b__aug1.png"]):
        picture(tmp_path / "in" / name, 4, 5, seed=seed)
    with pytest.raises(LooksAugmentedError, match="looks like an export of augstudio"):
        export(tmp_path / "in", tmp_path / "out")
    tried(tmp_path / "in", tmp_path / "out", again=True, copies=2)
    assert len(hashes(tmp_path / "out")) == 10


@posix
def test_names_as_long_as_they_can_be(tmp_path: Path) -> None:
    long = "n" * 251
    for seed, name in enumerate(
        [f"{long}.png", f"{long[1:]}m.png", f"{'é' * 125}.jpg", f"{'😀' * 62}.png", f"{'.' * 200}x.png"]
    ):
        picture(tmp_path / "in" / name.lstrip("."), 4, 5, seed=seed)
    picture(tmp_path / "in" / ("f" * 255) / f"{long}.png", 4, 5)
    picture(tmp_path / "in" / ("😀" * 63) / f"{long}.jpg", 4, 5)
    done = tried(tmp_path / "in", tmp_path / "out", copies=2)
    assert done.failures == ()
    assert all(len(Path(path).name.encode()) <= 255 for path in hashes(tmp_path / "out"))


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_a_source_whose_path_is_as_long_as_it_can_be(tmp_path: Path) -> None:
    # The system takes paths of up to 4095 bytes; a deeper one can be made, and be met on the way down, but not opened.
    root = tmp_path / "in"
    picture(root / "fine.png", 4, 5)
    deep = root
    while len(str(deep)) < 4095 - 210:
        deep /= "d" * 199
        deep.mkdir(parents=True)
    name = "p" * (4095 - len(str(deep)) - len("/.png"))
    assert len(str(picture(deep / f"{name}.png", 4, 5))) == 4095
    handle = os.open(deep, os.O_RDONLY)
    try:
        os.mkdir("e" * 150, dir_fd=handle)
        within = os.open("e" * 150, os.O_RDONLY, dir_fd=handle)
        try:
            os.link(deep / f"{name}.png", f"{'q' * 200}.png", dst_dir_fd=within)
        finally:
            os.close(within)
    finally:
        os.close(handle)
    dataset = scan(root)
    done = export(dataset, tmp_path / "a destination with a longer name than that of the source", copies=1)
    assert done.state is Status.COMPLETE
    assert done.files == 1
    (failure,) = done.failures
    assert failure.source.endswith(f"{name}.png")
    assert failure.reason == "its copy could not be written: file name too long"
    short = export(dataset, tmp_path / "o", copies=1)
    assert short.state is Status.COMPLETE
    assert short.files + len(short.failures) == 2
    assert all("\n" not in line for line in done.skipped)
    shutil.rmtree(root)  # goes down by handles, which not everything that cleans up does


def test_a_destination_whose_names_are_shorter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As encrypted folders have it, and network shares.
    for name in ("short.png", "long" * 20 + ".png", "x" * 190 + ".jpg"):
        picture(tmp_path / "in" / "a" / name, 4, 5)
    plain = LocalStorage.write

    def write(self: LocalStorage, path: str, data: bytes) -> None:
        if len(path.rpartition("/")[2]) > 60:
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), path)
        plain(self, path, data)

    monkeypatch.setattr(LocalStorage, "write", write)
    done = tried(tmp_path / "in", tmp_path / "out")
    assert done.files == 1
    assert {failure.reason for failure in done.failures} == {"its copy could not be written: file name too long"}


@posix
def test_names_that_lead_elsewhere_on_other_systems(tmp_path: Path) -> None:
    for name in ("fine.png", "12:30.png", "a\\b.png", "a\\..\\..\\b.png", "C:/drive.png", "\\root.png"):
        picture(tmp_path / "in" / name, 4, 5)
    done = tried(tmp_path / "in", tmp_path / "out")
    assert {line["source"] for line in lines(tmp_path / "out")} == {"fine.png", "12:30.png", "a\\b.png"}
    assert set(done.skipped) == {
        "C:/drive.png: it begins with a drive; rename it",
        "\\root.png: it begins at a root; rename it",
        'a\\..\\..\\b.png: a part of it is "." or ".."; rename it',
    }


def test_a_picture_whose_key_leads_elsewhere_costs_itself_alone(tmp_path: Path) -> None:
    """As a list of sources may name it that was put together by hand."""
    picture(tmp_path / "in" / "fine.png", 4, 5)
    picture(tmp_path / "secret.png", 4, 5)
    root = str(tmp_path / "in")
    keys = ("../secret.png", "fine.png")
    dataset = Dataset(root, tuple(Source(key, root, "") for key in keys))
    done = export(dataset, tmp_path / "out", copies=1)
    assert (done.state, done.files) == (Status.COMPLETE, 1)
    (failure,) = done.failures
    assert failure.source == "../secret.png"
    assert "is no path in a folder" in failure.reason
    away = Dataset(root, (Source("fine.png", root, "../../away"),))
    done = export(away, tmp_path / "out again", copies=1)
    assert (done.state, done.files) == (Status.COMPLETE, 0)
    assert "is no path in a folder" in done.failures[0].reason
    assert not (tmp_path / "away").exists()


@posix
def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    picture(tmp_path / "in" / "fine.png", 4, 5)
    for name in (b"\xff.png", b"caf\xe9.jpg"):
        try:
            (tmp_path / "in" / os.fsdecode(name)).hardlink_to(tmp_path / "in" / "fine.png")
        except OSError:
            pytest.skip("this file system takes no such names")
    done = tried(tmp_path / "in", tmp_path / os.fsdecode(b"out \xff"))
    assert done.files == 1
    assert done.skipped == (
        "\\xff.png: the name is not valid UTF-8; rename it",
        "caf\\xe9.jpg: the name is not valid UTF-8; rename it",
    )


names = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="/\0")
    | st.sampled_from(" ._aA1\u00e9\u00c9e\u0301ßſK\u212a"),
    min_size=1,
    max_size=12,
)
keys = st.lists(
    st.tuples(st.sampled_from(["", "a", "A", "é", "e\u0301"]), names, st.sampled_from(["png", "jpg", "PNG"]))
)


@given(keys, st.sampled_from(Format))
def test_no_two_files_of_a_plan_have_one_name(keys: list[tuple[str, str, str]], written: Format) -> None:
    sources = {
        Source(f"{folder}/{stem}.{suffix}" if folder else f"{stem}.{suffix}", "/nowhere", folder)
        for folder, stem, suffix in keys
    }
    dataset = Dataset("/nowhere", tuple(sorted(sources, key=lambda source: source.key)))
    settings = Settings("/elsewhere", pipeline(), copies=2, encoding=Encoding(written), again=True)
    paths = [job.path(copy, ".png") for job in plan_export(settings, dataset).jobs() for copy in job.copies]
    assert folded(paths) == len(paths) == 2 * len(sources)
    for path in paths:
        name = path.rpartition("/")[2]
        assert name.count(".") == 1
        assert len(name.encode()) <= 255
