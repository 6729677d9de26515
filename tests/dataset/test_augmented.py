"""An earlier augmented export is recognised, and nothing else is taken for one."""

from __future__ import annotations

import json
import random
import uuid
from pathlib import Path

import pytest

from augstudio.dataset import Dataset, Source, scan
from augstudio.dataset.augmented import looks_augmented
from augstudio.storage import at


def named(*keys: str) -> Dataset:
    """A dataset of these names, in the order of a scan; nothing lies there."""
    keys = tuple(sorted(keys, key=lambda key: (key.rpartition("/")[0].casefold(), key.casefold())))
    return Dataset("/nowhere", tuple(Source(key, "/nowhere", key.rpartition("/")[0]) for key in keys))


def keras(prefix: str, pictures: int, copies: int, top: int = 10_000, seed: int = 0) -> list[str]:
    """Names as Keras' generators give them."""
    chance = random.Random(seed)
    return [f"{prefix}_{index}_{chance.randrange(top)}.png" for index in range(pictures) for _ in range(copies)]


def folder(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


@pytest.mark.parametrize(
    ("whose", "keys"),
    [
        ("augstudio", ["cat/a.png", "cat/b__aug12.jpg"]),
        ("augstudio", ["a__aug1__aug2.png"]),
        ("Roboflow", [f"train/a_jpg.rf.{number:032x}.jpg" for number in (5, 77)] + ["train/b_png.rf.0.jpg"]),
        ("Augmentor", [f"train_original_cat.1.jpg_{uuid.UUID(int=7)}.JPEG", "train_original_x.png"]),
        ("Keras", keras("cat", 1, 21)),
        ("Keras", keras("", 1, 30)),
        ("Keras", keras("a/aug", 12, 3) + keras("b/aug", 9, 5, seed=1)),
        ("Keras", keras("my_aug_2", 40, 4, top=10_000_000)),
    ],
)
def test_recognised_by_names(whose: str, keys: list[str]) -> None:
    why = looks_augmented(named(*keys))
    assert why.startswith("looks like an ")
    assert whose in why
    assert "\n" not in why


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("pictures", "copies", "top"), [(5, 4, 10**4), (1, 40, 10**4), (300, 2, 10**7)])
def test_whatever_numbers_chance_gave_keras(seed: int, pictures: int, copies: int, top: int) -> None:
    assert looks_augmented(named(*keras("cat", pictures, copies, top, seed)))


def tiles(zoom: int) -> list[str]:
    return [f"{zoom}_{x}_{y}.png" for x in range(2140, 2160) for y in range(1500, 1540)]


@pytest.mark.parametrize(
    "keys",
    [
        [f"IMG_0_{number}.jpg" for number in range(1234, 1300)],
        [f"IMG_0_{number}.jpg" for number in range(10_000)],
        [f"IMG_{number}.jpg" for number in range(1000, 9999, 7)],
        [f"_MG_{number}.jpg" for number in range(1000, 1300)],
        [f"DSC_20240101_{120000 + number}_{number}.jpg" for number in range(60)],
        [f"film_{film}_{frame}.jpg" for film in range(6) for frame in range(0, 9990, 30 + film)],
        [f"film_3_{frame}.jpg" for frame in random.Random(1).sample(range(3000), 200)],
        [f"scan_{x}_{y}.png" for x in range(0, 8192, 512) for y in range(0, 8192, 512)],
        tiles(12),
        [f"0002_c1s{n % 3}_{n * 25:06d}_{n % 5:02d}.jpg" for n in range(300)],
        [f"{age}_{n % 2}_{n % 5}_2017{n:05d}.jpg" for age in range(1, 90) for n in range(5)],
        [f"cat_{n}_{random.Random(n).randrange(10_000)}.png" for n in range(200)],
        keras("cat", 1, 6),
        [f"{n:032x}_jpg.rf.{n:032x}.jpg" for n in range(60)],
        [f"{where}/a_jpg.rf.{n:032x}.jpg" for n, where in enumerate(("cat", "dog", "cow"))],
        ["the_original_painting.jpg", "my_original_cat.1.jpg", "a_original_b_12345678.png"],
        ["inaugural.jpg", "x__aug.jpg", "x__augment1.jpg", "y__aug1_b.jpg", "z_aug1.jpg", "__aug1/a.jpg"],
        ["photo.jpg", "photo (1).jpg", "photo_1.jpg", "photo-copy.jpg"],
    ],
)
def test_no_false_alarm(keys: list[str]) -> None:
    assert looks_augmented(named(*keys)) == ""


@pytest.mark.parametrize("opened", ["", "images", "images/train", "images/train/cat"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("report.json", json.dumps({"augstudio_export": 1, "state": "finished"}, indent=2)),
        ("manifest.jsonl", json.dumps({"path": "a", "source": "b", "source_sha256": "c"}) + "\nbroken"),
    ],
)
def test_recognised_by_the_files_of_an_export(tmp_path: Path, opened: str, name: str, content: str) -> None:
    out = folder(tmp_path / "out", "images/train/cat/a__orig.png", "images/train/dog/b__orig.png")
    assert looks_augmented(scan(out / opened)) == ""
    (out / name).write_text(content)
    why = looks_augmented(scan(out / opened))
    assert why == f"looks like an export of augstudio: {out / name} says so"


def test_files_of_others_prove_nothing(tmp_path: Path) -> None:
    root = folder(tmp_path / "images", "train/cat/a.png", "val/cat/b.png")
    (tmp_path / "report.json").write_text('{"tests": 5}')
    (tmp_path / "manifest.jsonl").write_text('{"source-ref": "s3://bucket/a.png", "class": 1}\n')
    (root / "report.json").mkdir()
    (root / "manifest.jsonl").write_bytes(b"\0\xff not JSON")
    assert looks_augmented(scan(root)) == ""
    assert looks_augmented(scan(tmp_path)) == ""


def test_a_folder_beside_an_export_is_none(tmp_path: Path) -> None:
    folder(tmp_path, "images/a__orig.png", "mine/cat/a.png")
    (tmp_path / "report.json").write_text('{"augstudio_export": 1}')
    assert looks_augmented(scan(tmp_path / "images"))
    assert looks_augmented(scan(tmp_path / "mine")) == ""
    assert looks_augmented(scan(tmp_path / "mine" / "cat")) == ""


def test_behind_a_url() -> None:
    storage = at(f"memory://augmented-{uuid.uuid4()}")
    storage.write("cat/a.png", b"")
    assert looks_augmented(scan(storage.location)) == ""
    storage.write("report.json", b'{\n "augstudio_export": 1}')
    assert "report.json" in looks_augmented(scan(storage.location))
    storage.remove(["report.json"])
    storage.write("cat/a__aug1.png", b"")
    assert "cat/a__aug1.png" in looks_augmented(scan(storage.location))
