"""Small drawn datasets with labels in every format, and what real loaders make of an export of them."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cv2
import numpy as np
from numpy.typing import NDArray
from pictures import smooth
from PIL import Image
from yolo_trainer import data_yaml, hold_strictly, take

from augstudio.export import Report, Settings, run_export
from augstudio.pipeline import Pipeline
from augstudio.transforms import registry

SIZE = (96, 72)
"""Width and height of what is drawn, if nothing else is said."""
NAMES = ("cat", "dog", "unused")
FORMATS = ("yolo", "yolo-segment", "coco", "voc", "masks")
FOLDERS = ("images", "labels", "Annotations", "annotations", "ImageSets", "masks")
SAMPLES = Path(os.environ.get("AUGSTUDIO_SAMPLES", Path(__file__).resolve().parents[3] / "shared" / "samples"))
"""Public data sets, where there are any."""
BESIDE = {"manifest.jsonl", "preset.json", "report.json", "labels.json"}

Ring = list[tuple[float, float]]


@dataclass(frozen=True)
class Thing:
    """An object: the number of its class, and its outline in whole pixels of the picture."""

    number: int
    ring: Ring

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        xs, ys = zip(*self.ring, strict=True)
        return min(xs), min(ys), max(xs), max(ys)


def things(seed: int, size: tuple[int, int] = SIZE) -> list[Thing]:
    """Three objects at places of their own; none where the seed is a multiple of five."""
    if seed % 5 == 0:
        return []
    rng = np.random.default_rng(seed)
    width, height = size
    found = []
    for place in range(3):
        x, y = (place + 0.5) * width / 3, height / 2 + rng.uniform(-0.1, 0.1) * height
        across, up = width / 8 * rng.uniform(0.7, 1), height / 4 * rng.uniform(0.7, 1)
        turns = np.sort(rng.uniform(0, 2 * np.pi, 3)) + np.arange(3) * 0.01
        around = np.concatenate(([0.2, 1.8, 3.4, 5.0], turns)) if place else np.array([0.2, 1.8, 3.4, 5.0])
        around = np.unique(np.round(np.sort(around), 2))
        ring = [(float(round(x + across * np.cos(a))), float(round(y + up * np.sin(a)))) for a in around]
        found.append(Thing(place % 2, list(dict.fromkeys(ring))))
    return found


def drawn(rings: Iterable[Ring], size: tuple[int, int], level: int = 1) -> NDArray[np.uint8]:
    """Pixels whose middle lies in one of some rings."""
    mask = np.zeros(size[::-1], np.uint8)
    for ring in rings:
        # OpenCV counts from the middles of pixels.
        points = np.round((np.array(ring, np.float64) - 0.5) * 256).astype(np.int32)
        cv2.fillPoly(mask, [points], level, shift=8)
    return mask


@dataclass
class Drawn:
    """A dataset on disk: where it is, and what is in each picture, by its key."""

    root: Path
    format: str
    objects: dict[str, list[Thing]] = field(default_factory=dict)
    size: tuple[int, int] = SIZE

    @property
    def count(self) -> int:
        """Objects of all pictures."""
        return sum(map(len, self.objects.values()))


def draw(
    root: Path,
    format_: str,
    *,
    pictures: int = 6,
    splits: tuple[str, ...] = ("train", "val"),
    size: tuple[int, int] = SIZE,
    suffix: str = ".png",
    of: Callable[[int], list[Thing]] | None = None,
    colours: int = 3,
) -> Drawn:
    """Draw a dataset: by turns pictures go into the splits, if there are any."""
    found = Drawn(root, format_, size=size)
    for number in range(pictures):
        split = splits[number % len(splits)] if splits else ""
        folder = "JPEGImages" if format_ == "voc" and not split else "images"
        key = "/".join(filter(None, (folder, split, f"p{number}{suffix}")))
        save(root / key, smooth(*size[::-1], colours, seed=number))
        found.objects[key] = of(number) if of is not None else things(number, size)
    write_labels(found)
    return found


def save(path: Path, pixels: NDArray[Any], orientation: int = 1, **options: Any) -> None:
    """Write a picture, perhaps one that a camera has turned."""
    path.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    if orientation != 1:
        exif[0x0112] = orientation
    own = {"quality": 95, "subsampling": 0} if path.suffix.lower() in (".jpg", ".jpeg") else {}
    Image.fromarray(pixels).save(path, **own, **({"exif": exif} if orientation != 1 else {}), **options)


def write_labels(data: Drawn) -> None:
    """Write the labels of a dataset in its format."""
    {
        "yolo": lambda: _write_yolo(data, segment=False),
        "yolo-segment": lambda: _write_yolo(data, segment=True),
        "coco": lambda: _write_coco(data),
        "voc": lambda: _write_voc(data),
        "masks": lambda: _write_masks(data),
    }[data.format]()


def _beside(key: str, folder: str, suffix: str) -> str:
    return f"{folder}/{key.partition('/')[2].rpartition('.')[0]}{suffix}"


def yolo_row(thing: Thing, size: tuple[int, int], *, segment: bool) -> str:
    """A row with six decimals."""
    if segment:
        values = [value / side for point in thing.ring for value, side in zip(point, size, strict=True)]
    else:
        left, top, right, bottom = thing.box
        values = [(left + right) / 2 / size[0], (top + bottom) / 2 / size[1]]
        values += [(right - left) / size[0], (bottom - top) / size[1]]
    return " ".join((str(thing.number), *(f"{value:.6f}" for value in values)))


def _write_yolo(data: Drawn, *, segment: bool) -> None:
    for key, objects in data.objects.items():
        text = "".join(f"{yolo_row(thing, data.size, segment=segment)}\n" for thing in objects)
        put(data.root / _beside(key, "labels", ".txt"), text)
    names = "\n".join(f"  {number}: {name}" for number, name in enumerate(NAMES))
    put(data.root / "data.yaml", f"train: images/train\nval: images/val\nnc: {len(NAMES)}\nnames:\n{names}\n")


def coco_record(number: int, image: int, thing: Thing) -> dict[str, Any]:
    """An annotation with members that nobody knows."""
    left, top, right, bottom = thing.box
    return {
        "id": 1000 + number,
        "image_id": image,
        "category_id": 10 + thing.number,
        "bbox": [left, top, right - left, bottom - top],
        "area": float(drawn([thing.ring], (4000, 4000)).sum()) if right < 4000 and bottom < 4000 else 1.0,
        "iscrowd": 0,
        "segmentation": [[value for point in thing.ring for value in point]],
        "attributes": {"made": number},
        "score_of_mine": 0.25,
    }


def _write_coco(data: Drawn) -> None:
    by_split: dict[str, list[str]] = {}
    for key in data.objects:
        by_split.setdefault(key.split("/")[1] if key.count("/") > 1 else "", []).append(key)
    number = 0
    for split, keys in by_split.items():
        images, annotations = [], []
        for place, key in enumerate(keys):
            name = key.rpartition("/")[2]
            images.append(
                {"id": 50 + place, "file_name": name, "width": data.size[0], "height": data.size[1], "license": 1}
            )
            for thing in data.objects[key]:
                number += 1
                annotations.append(coco_record(number, 50 + place, thing))
        content = {
            "info": {"description": "drawn", "year": 2024},
            "licenses": [{"id": 1, "name": "none"}],
            "categories": [
                {"id": 10 + place, "name": name, "supercategory": "all"} for place, name in enumerate(NAMES)
            ],
            "images": images,
            "annotations": annotations,
        }
        put(data.root / f"annotations/instances{f'_{split}' if split else ''}.json", json.dumps(content))


def voc_text(name: str, size: tuple[int, int], objects: Iterable[Thing]) -> str:
    """A file with elements that nobody knows; pixels counted from 1."""
    rows = []
    for thing in objects:
        left, top, right, bottom = map(int, thing.box)
        rows.append(
            f"  <object>\n    <name>{NAMES[thing.number]}</name>\n    <pose>Left</pose>\n"
            "    <truncated>0</truncated>\n    <difficult>1</difficult>\n    <mine>own</mine>\n"
            f"    <bndbox><xmin>{left + 1}</xmin><ymin>{top + 1}</ymin><xmax>{right}</xmax><ymax>{bottom}</ymax>"
            "</bndbox>\n  </object>\n"
        )
    return (
        f"<annotation>\n  <folder>JPEGImages</folder>\n  <filename>{name}</filename>\n"
        "  <source><database>drawn</database></source>\n"
        f"  <size><width>{size[0]}</width><height>{size[1]}</height><depth>3</depth></size>\n"
        f"  <segmented>0</segmented>\n{''.join(rows)}</annotation>\n"
    )


def _write_voc(data: Drawn) -> None:
    for key, objects in data.objects.items():
        put(
            data.root / _beside(key, "Annotations", ".xml"),
            voc_text(key.rpartition("/")[2], data.size, objects),
        )


PALETTE = [0, 0, 0, 200, 0, 0, 0, 200, 0] + [0, 0, 0] * 252 + [255, 255, 255]


def mask_of(objects: Iterable[Thing], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Levels of classes, counted from 1, with nothing between."""
    mask = np.zeros(size[::-1], np.uint8)
    for thing in objects:
        mask = np.where(drawn([thing.ring], size) > 0, np.uint8(thing.number + 1), mask)
    return mask


def _write_masks(data: Drawn) -> None:
    for key, objects in data.objects.items():
        path = data.root / _beside(key, "masks", ".png")
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.fromarray(mask_of(objects, data.size), "P")
        image.putpalette(PALETTE)
        image.save(path)


def put(path: Path, content: str | bytes) -> Path:
    """Write a file, and its folder if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# -- pipelines ---------------------------------------------------------------------------------------------------------


def of_steps(*ops: str | tuple[str, dict[str, Any]], **fields: Any) -> Pipeline:
    """A pipeline of transforms with their defaults, or with what is given."""
    steps = []
    for one in ops:
        op, values = (one, {}) if isinstance(one, str) else one
        steps.append(registry()[op].default(**values))
    return Pipeline(name="Test", transforms=tuple(steps), **fields)


def mixed(**fields: Any) -> Pipeline:
    """A pipeline with geometry, colour and a cut-out."""
    return of_steps("flip", "rotate", "crop", "brightness", "cutout", **fields)


def export(source: Path | Any, out: Path | str, **fields: Any) -> Report:
    """Export in this process."""
    from augstudio.dataset.scanning import scan

    dataset = scan(source) if isinstance(source, str | Path) else source
    extra = {
        name: fields.pop(name)
        for name in ("progress", "stop", "engine", "resume", "replace", "looked", "gently")
        if name in fields
    }
    settings = Settings(str(out), **{"pipeline": mixed(), "workers": 0, "copies": 2, "originals": True, **fields})
    return run_export(settings, dataset, **extra)


# -- what an export has left -------------------------------------------------------------------------------------------


def files_in(out: Path) -> dict[str, str]:
    """SHA-256 of every file below an export, by its path."""
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def products(out: Path) -> dict[str, str]:
    """The same of all that does not tell of the run, such as how long it took."""
    return {path: digest for path, digest in files_in(out).items() if path != "report.json"}


def report(out: Path) -> dict[str, Any]:
    """`report.json` without the time."""
    content: dict[str, Any] = json.loads((out / "report.json").read_text("utf-8"))
    del content["elapsed_seconds"]
    return content


def lines(out: Path) -> list[dict[str, Any]]:
    """The manifest."""
    return [json.loads(line) for line in (out / "manifest.jsonl").read_text("utf-8").splitlines()]


@dataclass
class Loaded:
    """What a real loader has of an export: its pictures, objects by class, and names of classes."""

    pictures: int = 0
    objects: Counter[str] = field(default_factory=Counter)
    names: set[str] = field(default_factory=set)

    def followed(self) -> dict[str, Any]:
        """As `report.json` states it."""
        return {
            "pictures": self.pictures,
            "objects": self.objects.total(),
            "categories": len(self.names),
            "kept": dict(sorted((name, number) for name, number in self.objects.items() if number)),
        }


def stated(out: Path) -> dict[str, Any]:
    """The same of the report."""
    followed = report(out)["followed"]
    return {name: followed[name] for name in ("pictures", "objects", "categories", "kept")}


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """Keep what loaders print to themselves, and what they do that NumPy no longer likes."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def by_pycocotools(out: Path) -> Loaded:
    """Read all instance files of an export."""
    from pycocotools.coco import COCO

    found = Loaded()
    for path in sorted([*out.glob("annotations/*.json"), *out.glob("images/**/_annotations.coco.json")]):
        with silent():
            coco = COCO(str(path))
        folder = path.parent
        if folder.name == "annotations":
            split = path.stem.partition("_")[2]
            folder = out / "images" / split if split else out / "images"
        names = {number: one["name"] for number, one in coco.cats.items()}
        found.names |= {*names.values()}
        assert len(coco.anns) == len({*coco.anns}) == len(json.loads(path.read_text())["annotations"])
        for image in coco.imgs.values():
            with Image.open(folder / image["file_name"]) as picture:
                assert picture.size == (image["width"], image["height"])
            found.pictures += 1
            for one in coco.imgToAnns[image["id"]]:
                if one["segmentation"]:
                    with silent():
                        mask = coco.annToMask(one)
                    assert mask.shape == (image["height"], image["width"])
                found.objects[names[one["category_id"]]] += 1
    return found


def by_supervision(out: Path, written: str) -> Loaded:
    """Read an export as supervision does."""
    import supervision
    import yaml

    found = Loaded()
    if written == "coco":
        sets = []
        for path in sorted(out.glob("annotations/*.json")):
            split = path.stem.partition("_")[2]
            folder = out / "images" / split if split else out / "images"
            sets.append(supervision.DetectionDataset.from_coco(str(folder), str(path)))
    elif written.startswith("yolo"):
        content = yaml.safe_load((out / "data.yaml").read_text("utf-8"))
        folders = dict.fromkeys(
            folder for role in ("train", "val", "test") for folder in _listed(content.get(role, []))
        )
        sets = [
            supervision.DetectionDataset.from_yolo(
                str(out / folder), str(out / folder.replace("images", "labels", 1)), str(out / "data.yaml")
            )
            for folder in folders
        ]
    else:
        folders = dict.fromkeys(
            path.parent.relative_to(out / "Annotations") for path in out.glob("Annotations/**/*.xml")
        )
        sets = [
            supervision.DetectionDataset.from_pascal_voc(
                str(out / "images" / folder), str(out / "Annotations" / folder)
            )
            for folder in folders
        ]
    for one in sets:
        found.names |= {*one.classes}
        found.pictures += len(one)
        for detections in one.annotations.values():
            found.objects.update(one.classes[number] for number in detections.class_id)
    return found


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def by_the_trainer(out: Path, *, segment: bool) -> Loaded:
    """Read an export as the trainer of YOLO does, by its published rules."""
    content = data_yaml((out / "data.yaml").read_bytes())
    names = content["names"]
    found = Loaded(names={*names.values()})
    for path in sorted((out / "images").rglob("*")):
        if path.is_file():
            label = out / "labels" / path.relative_to(out / "images").with_suffix(".txt")
            data = label.read_bytes()
            taken = take(data, len(names), segment=segment)
            assert not taken.duplicates
            if "__aug" in path.name:
                hold_strictly(data, segment=segment)
            found.pictures += 1
            found.objects.update(names[number] for number in taken.classes)
    return found


def by_element_tree(out: Path) -> Loaded:
    """Read Pascal VOC as most loaders do."""
    found = Loaded()
    for path in sorted((out / "Annotations").rglob("*.xml")):
        root = ElementTree.parse(path).getroot()
        place = path.relative_to(out / "Annotations").parent
        with Image.open(out / "images" / place / str(root.findtext("filename"))) as picture:
            size = picture.size
            assert size == tuple(int(str(root.findtext(f"size/{side}"))) for side in ("width", "height"))
        found.pictures += 1
        for one in root.iter("object"):
            left, top, right, bottom = (
                int(str(one.findtext(f"bndbox/{corner}"))) for corner in ("xmin", "ymin", "xmax", "ymax")
            )
            assert 1 <= left <= right <= size[0]
            assert 1 <= top <= bottom <= size[1]
            found.objects[str(one.findtext("name"))] += 1
    found.names = {*found.objects}
    return found
