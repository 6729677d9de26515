"""Pictures that tell which picture labels were drawn on speak for those of the same set that do not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from augstudio.dataset.labelling import LabelChoice, collect
from augstudio.dataset.scanning import scan


def turned(root: Path, orientations: tuple[int, ...], *, stored: bool) -> Path:
    """JPEGs of 60 × 40 with an orientation each, and COCO boxes whose sizes are those of one of the two pictures."""
    (root / "images").mkdir(parents=True)
    images, annotations = [], []
    for number, orientation in enumerate(orientations, 1):
        exif = Image.Exif()
        exif[0x0112] = orientation
        picture = Image.fromarray(np.random.default_rng(number).integers(0, 255, (40, 60, 3), np.uint8))
        picture.save(root / "images" / f"{number}.jpg", exif=exif)
        size = (60, 40) if stored or orientation < 5 else (40, 60)
        images.append({"id": number, "file_name": f"{number}.jpg", "width": size[0], "height": size[1]})
        annotations.append({"id": number, "image_id": number, "category_id": 1, "bbox": [5, 6, 10, 12], "area": 120})
    content = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "cat"}]}
    (root / "annotations.json").write_text(json.dumps(content))
    return root


@pytest.mark.parametrize(
    ("orientations", "stored", "found"),
    [
        ((1, 3, 6, 8), True, "stored"),
        ((1, 3, 6, 8), False, "auto"),
        ((1, 3, 4), True, "auto"),  # nothing tells
        ((6, 8), True, "auto"),  # each tells for itself
        ((1, 1), True, "auto"),
    ],
)
def test_some_speak_for_the_others(orientations: tuple[int, ...], stored: bool, found: str, tmp_path: Path) -> None:
    labels = collect(scan(turned(tmp_path / "in", orientations, stored=stored)))
    (labelling,) = labels.labellings
    assert labelling.options.get("drawn_on", "auto") == found
    assert any("as their files store them" in note for note in labels.notes) == (found == "stored")


def test_what_is_said_counts_more(tmp_path: Path) -> None:
    dataset = scan(turned(tmp_path / "in", (1, 3, 6), stored=True))
    labels = collect(dataset, LabelChoice(options={"drawn_on": "upright"}))
    assert labels.labellings[0].options["drawn_on"] == "upright"
