"""The lines of Python that load an export in PyTorch, Keras and Hugging Face's library, for the layout it has."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from augstudio.dataset.splits import Role, order_of, role_of
from augstudio.export.remarks import READ_BY_KERAS
from augstudio.export.report import Report, Status
from augstudio.labels import LabelFormat
from augstudio.marks import IMAGES
from augstudio.storage import is_url
from augstudio.wording import listing

_THEIRS = {Role.TRAIN: "train", Role.VAL: "validation", Role.TEST: "test"}
"""Names that Hugging Face's library gives to splits."""


@dataclass(frozen=True)
class Snippet:
    """Lines to copy.

    Attributes
    ----------
    library : str
        For people: "PyTorch".
    code : str
        Python, without a line break at its end.
    """

    library: str
    code: str


def snippets(report: Report) -> tuple[Snippet, ...]:
    """The lines that load an export; none where it is not complete, holds nothing, or lies behind a URL."""
    if report.state is not Status.COMPLETE or not report.files or is_url(report.out):
        return ()
    of_pictures = lines(f"{report.out}/{IMAGES}", report.counts, report.size or (224, 224), report.suffixes)
    if report.labels is None:
        return of_pictures
    splits = sorted({split for split, _ in report.counts}, key=order_of)
    return (*lines_with_labels(report.out, splits, report.labels.written, report.labels.tables), *of_pictures)


def lines_with_labels(
    out: str, splits: Iterable[str], formats: Iterable[str], tables: Iterable[str]
) -> Iterator[Snippet]:
    """The lines that load an export with its labels.

    Parameters
    ----------
    out : str
        Its folder.
    splits : iterable of str
        Names of its splits; an empty one where there are none.
    formats : iterable of str
        What its labels are written in, as of `LabelReport.written`.
    tables : iterable of str
        Label files that speak of many copies, relative to `out`.
    """
    names = _names(splits)
    for format_ in formats:
        match LabelFormat(format_):
            case LabelFormat.YOLO:
                yield Snippet("Ultralytics", "\n".join(_ultralytics(out)))
            case LabelFormat.COCO:
                yield Snippet("pycocotools", "\n".join(_pycocotools(out, names, list(tables))))
            case LabelFormat.VOC:
                yield Snippet("supervision", "\n".join(_supervision(out, names)))
            case LabelFormat.MASKS:
                yield Snippet("Masks", "\n".join(_masks(out, names)))
            case _:
                pass


def _ultralytics(out: str) -> Iterator[str]:
    yield "from ultralytics import YOLO"
    yield ""
    yield "# boxes; for polygons a model for segmentation: yolo11n-seg.pt"
    yield f"YOLO('yolo11n.pt').train(data={f'{out}/data.yaml'!r})"


def _pycocotools(out: str, names: dict[str, str], tables: list[str]) -> Iterator[str]:
    yield "from pycocotools.coco import COCO"
    yield ""
    for split, name in names.items():
        folder = f"{IMAGES}/{split}" if split else IMAGES
        own = f"annotations/instances_{split}.json" if split else "annotations/instances.json"
        table = next((path for path in tables if path.rpartition("/")[0] == folder), own)
        yield f"{name} = COCO({f'{out}/{table}'!r})  # its pictures lie in {_folder(f'{out}/{IMAGES}', split)}"


def _supervision(out: str, names: dict[str, str]) -> Iterator[str]:
    yield "from supervision import DetectionDataset"
    yield ""
    for split, name in names.items():
        pictures, labels = _folder(f"{out}/{IMAGES}", split), _folder(f"{out}/Annotations", split)
        yield f"{name} = DetectionDataset.from_pascal_voc({pictures}, {labels})"


def _masks(out: str, names: dict[str, str]) -> Iterator[str]:
    yield "from pathlib import Path"
    yield ""
    yield f"images, masks = Path({f'{out}/{IMAGES}'!r}), Path({f'{out}/masks'!r})"
    for split, name in names.items():
        below = f" / {split!r}" if split else ""
        yield f"{name} = sorted(path for path in (images{below}).rglob('*') if path.is_file())"
        yield f"{name}_masks = [masks / path.relative_to(images).with_suffix('.png') for path in {name}]"


def lines(
    images: str, folders: Iterable[tuple[str, str]], size: tuple[int, int], suffixes: AbstractSet[str] = frozenset()
) -> tuple[Snippet, ...]:
    """The lines that load a folder of pictures.

    Parameters
    ----------
    images : str
        The folder.
    folders : iterable of (str, str)
        Split and class of each folder with pictures below it; empty where there are no splits, or no classes.
    size : (int, int)
        Width and height that Keras is to bring pictures to, which it does to all.
    suffixes : set of str
        Of the files, such as ".webp", which Keras does not read.

    Returns
    -------
    tuple of Snippet
        For PyTorch, Keras and Hugging Face's `datasets`. What a loader cannot do stands in it as a comment.
    """
    labels: dict[str, set[str]] = {}
    for split, label in folders:
        labels.setdefault(split, set()).update((label.partition("/")[0],) if label else ())
    splits = sorted(labels, key=order_of)
    return (
        Snippet("PyTorch", "\n".join(_torch(images, splits, labels))),
        Snippet("Keras", "\n".join(_keras(images, splits, labels, size, suffixes))),
        Snippet("Hugging Face", "\n".join(_hugging_face(images, splits))),
    )


def _names(splits: Iterable[str]) -> dict[str, str]:
    """A variable for each split: train, val or test, and another where two are for the same."""
    names: dict[str, str] = {}
    for split in splits:
        role = role_of(split) or Role.TRAIN
        taken = sum(name.rstrip("_0123456789") == role.value for name in names.values())
        names[split] = f"{role.value}_{taken + 1}" if taken else role.value
    return names


def _folder(images: str, split: str) -> str:
    return repr(f"{images}/{split}" if split else images)


def _torch(images: str, splits: list[str], labels: dict[str, set[str]]) -> Iterable[str]:
    if not all(labels.values()):
        yield "from pathlib import Path"
    if any(labels.values()):
        yield "from torchvision.datasets import ImageFolder"
        yield "from torchvision.transforms import ToTensor"
    yield ""
    names = _names(splits)
    first = next((split for split in splits if labels[split]), "")
    for split in splits:
        name, folder = names[split], _folder(images, split)
        if not labels[split]:
            yield f"# ImageFolder needs class folders, which {split or 'these pictures'} has not: the files alone"
            yield f"{name} = sorted(path for path in Path({folder}).rglob('*') if path.is_file())"
            continue
        lacking, alien = labels[first] - labels[split], labels[split] - labels[first]
        if alien:
            yield f"# {split} holds {_some(alien)}, which {first} does not: their numbers of classes differ"
        elif lacking:
            yield f"# {split} holds no {_some(lacking)}, so its own numbers of classes would differ from {first}'s"
            number = f"{names[first]}.class_to_idx[{name}.classes[number]]"
            yield f"{name} = ImageFolder({folder}, ToTensor(), target_transform=lambda number: {number})"
            continue
        yield f"{name} = ImageFolder({folder}, ToTensor())"


def _keras(
    images: str, splits: list[str], labels: dict[str, set[str]], size: tuple[int, int], suffixes: AbstractSet[str]
) -> Iterable[str]:
    yield "from keras.utils import image_dataset_from_directory"
    yield ""
    if unread := sorted(suffixes - READ_BY_KERAS):
        yield f"# Keras reads no {listing(unread)}: export as JPEG or PNG for it"
    names = _names(splits)
    first = next((split for split in splits if labels[split]), "")
    for split in splits:
        if labels[split] and labels[split] != labels[first]:
            yield f"# {split} does not hold the classes of {first}: Keras would number them otherwise"
        shuffled = "" if (role_of(split) or Role.TRAIN) is Role.TRAIN else ", shuffle=False"
        unlabelled = "" if labels[split] else ", labels=None"
        yield (
            f"{names[split]} = image_dataset_from_directory({_folder(images, split)}, "
            f"image_size={(size[1], size[0])}{unlabelled}{shuffled})"
        )


def _hugging_face(images: str, splits: list[str]) -> Iterable[str]:
    yield "from datasets import load_dataset"
    yield ""
    # Which files are whose is said, since it would guess that by words in any folder's or file's name; and it takes
    # brackets for a pattern.
    names: dict[str, str] = {}
    for split, name in _names(splits).items():
        role, _, number = name.partition("_")
        names[split] = f"{_THEIRS[Role(role)]}{number}"
    files = {name: f"{split}/**" if split else "**" for split, name in names.items()}
    yield f'data = load_dataset("imagefolder", data_dir={glob.escape(images)!r}, data_files={files!r})'
    yield f"{', '.join(_names(splits).values())} = {', '.join(f'data[{name!r}]' for name in names.values())}"


def _some(labels: set[str]) -> str:
    shown = sorted(labels)[:3]
    return listing([*map(_plain, shown), *([f"{len(labels) - 3:,} more"] if len(labels) > 3 else [])])


def _plain(label: str) -> str:
    """A class's name in a comment, where a line break would end it."""
    return label if label.isprintable() else repr(label)
