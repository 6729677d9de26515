from __future__ import annotations

import uuid
from pathlib import Path

import numpy as np
import pytest
from pictures import noise

from augstudio.advice import contrast_of
from augstudio.dataset.facts import look_at
from augstudio.dataset.scanning import scan
from augstudio.images import encode
from augstudio.storage import at


def test_medians_of_a_sample(tmp_path: Path) -> None:
    pixels = noise(120, 90)
    for number in range(9):
        (tmp_path / f"{number}.png").write_bytes(encode(pixels, "PNG", 1))
    (tmp_path / "broken.png").write_text("no picture")
    facts = look_at(scan(tmp_path), 45, count=50)
    assert facts is not None
    assert (facts.width, facts.height, facts.pictures) == (90, 120, 9)
    assert facts.contrast == pytest.approx(contrast_of(pixels, 45), rel=0.02)


def test_no_more_than_asked_for_and_always_the_same(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number}.png").write_bytes(encode(np.full((4, 4), 8 * number, np.uint8), "PNG", 1))
    dataset = scan(tmp_path)
    facts = look_at(dataset, 32, count=7)
    assert facts is not None
    assert facts.pictures == 7
    assert look_at(dataset, 32, count=7) == facts


def test_nothing_to_tell(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_text("no picture")
    assert look_at(scan(tmp_path), 224) is None
    (tmp_path / "fine.png").write_bytes(encode(noise(4, 4), "PNG", 1))
    assert look_at(scan(tmp_path), 224, stop=lambda: True) is None


def test_behind_a_url_as_in_a_local_folder(tmp_path: Path) -> None:
    storage = at(f"memory://facts-{uuid.uuid4()}")
    for number in range(5):
        data = encode(noise(40, 30 + number, seed=number), "PNG", 1)
        (tmp_path / f"{number}.png").write_bytes(data)
        storage.write(f"{number}.png", data)
    storage.write("broken.png", b"no picture")
    remote = scan(storage.location)
    facts = look_at(remote, 32)
    assert facts == look_at(scan(tmp_path), 32)
    assert facts is not None
    assert facts.pictures == 5
    storage.remove(["0.png"])
    facts = look_at(remote, 32)
    assert facts is not None
    assert facts.pictures == 4
