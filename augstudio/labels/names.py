"""What the names of folders and files say: which hold masks or labels, which pictures, and which stems pair.

A name alone is never enough: whatever it says, stems and content must agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple


def words(text: str) -> frozenset[str]:
    """The words of a text, which is easier to read than a set of them."""
    return frozenset(text.split())


_LABELS = words(
    "mask masks bitmask bitmasks label labels labelled labeled labelids labeltrainids trimap trimaps matte mattes "
    "annotation annotations annot annots anno annos ann anns seg segs segm segmentation segmentations semantic "
    "semantics gt gts gtfine gtcoarse groundtruth groundtruths silhouette silhouettes manual panoptic matting "
    "target targets masken maske masque masques lesion lesions roi "
    "segmentationclass segmentationclassaug segmentationclassraw segmentationobject"
)
_IMAGES = words(
    "image images img imgs picture pictures photo photos jpeg jpegs jpg jpgs png pngs frame frames rgb raw original "
    "originals input inputs leftimg8bit rightimg8bit"
)
_DENYING = words("with without no not non un none incorrect incorrectly wearing weared worn")
"""Beside "mask" in a name they speak of faces: with_mask, no-mask, mask_weared_incorrect."""
_RUN_TOGETHER = re.compile(
    r"(train|training|val|valid|validation|test|testing|image|images|img|png|object|class|instance)"
    r"(annots?|annotations?|masks?|labels?|gt|seg)"
)
_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")


class Word(NamedTuple):
    """What one folder's name says."""

    labels: bool
    """It names masks, labels or annotations."""
    denied: bool
    """It has such a word in it, and yet speaks of something else."""
    rest: str
    """What is left without the words for labels and pictures, which is the same on both sides: a split, a class."""


@lru_cache(maxsize=4096)
def is_of_pictures(name: str) -> bool:
    """Whether a folder's name says that pictures lie in it, and nothing else: "images", "JPEGImages"."""
    found = list(_tokens(name))
    return bool(found) and all(token in _IMAGES for token in found)


def word(name: str) -> Word:
    """Tell what a folder's name says."""
    whole = name.lower()
    if whole in _LABELS:
        return Word(True, False, "")
    if whole in _IMAGES:
        return Word(False, False, "")
    tokens = list(_tokens(name))
    names_labels = any(token in _LABELS for token in tokens)
    denied = names_labels and any(token in _DENYING for token in tokens)
    rest = "".join(token for token in tokens if token not in _LABELS and token not in _IMAGES)
    return Word(names_labels and not denied, denied, rest if tokens else whole)


def _tokens(name: str) -> Iterator[str]:
    previous = ""
    for found in _TOKEN.finditer(name):
        token = found[0].lower()
        if previous == "ground" and token in ("truth", "truths"):
            yield "groundtruth"
            previous = ""
            continue
        if previous:
            yield previous
        previous = ""
        if parts := _RUN_TOGETHER.fullmatch(token):
            yield from parts.groups()
        else:
            previous = token
    if previous:
        yield previous


@lru_cache(maxsize=65536)
def place(folder: str) -> str:
    """Where a folder belongs, the same for pictures and for their labels: `images/train`, `train/labels` → `train`."""
    return "/".join(rest for part in folder.split("/") if part and (rest := word(part).rest))


# Of stems. Separators are needed, so that "unmask" or "asphalt" say nothing.
_KIND = (
    "masks?|bitmasks?|segm?s?|segmentations?|semantic|labels?|labelled|labeled|gts?|gtfine|gtcoarse|"
    "ground[ _-]?truths?|annots?|annos?|annotations?|mattes?|alpha|trimaps?|manual|silhouettes?"
)
_BEHIND_KIND = "labelids|labeltrainids|instanceids|instances?|colou?rs?|class|object|l|rgb|png"
_SUFFIXED = re.compile(
    rf"(?P<base>.*?[^ _.\-])[ _.\-]+(?P<kind>{_KIND})\d{{0,6}}(?P<more>(?:[ _.\-]+(?:\d{{1,6}}|{_BEHIND_KIND}))*)", re.I
)
_PREFIXED = re.compile(rf"(?P<kind>{_KIND})[ _.\-]+(?P<base>.+)", re.I)
_HINT = re.compile("mask|seg|sema|label|gt|truth|anno|matte|alpha|trimap|manual|silh", re.I)
_PICTURE_SUFFIX = re.compile(
    r"(?P<base>.*[^ _.\-])[ _.\-]+"
    r"(?:leftimg8bit|rightimg8bit|images?|imgs?|sat|rgb|photo|orig|original|training|train|test)",
    re.I,
)
_PICTURE_PREFIX = re.compile(r"(?:images?|imgs?|pictures?|photos?|frames?|sat)[ _.\-]+(?P<base>.+)", re.I)
_LONGEST = 300  # characters of a stem that anybody would give a meaning
_DIGITS = re.compile(r"\d+")


class Marked(NamedTuple):
    """A stem that says it is a mask."""

    base: str
    mark: str
    """How it says so, without numbers: the same for all masks of one kind."""


def marked(stem: str) -> Marked | None:
    """Tell a mask's stem, such as `a_mask`, `a_gtFine_labelIds`, `a (1)_mask_2` or `mask_a`, and what it belongs to."""
    if len(stem) > _LONGEST or not _HINT.search(stem):
        return None
    if found := _SUFFIXED.fullmatch(stem):
        return Marked(found["base"], f"_{found['kind']}{_DIGITS.sub('', found['more'])}".lower())
    if found := _PREFIXED.fullmatch(stem):
        return Marked(found["base"], f"{found['kind']}_".lower())
    return None


def picture_bases(stem: str) -> Iterator[str]:
    """What a picture's stem comes to without a word for pictures: `a_leftImg8bit` → `a`, `image_7` → `7`."""
    if len(stem) <= _LONGEST:
        for pattern in (_PICTURE_SUFFIX, _PICTURE_PREFIX):
            if found := pattern.fullmatch(stem):
                yield found["base"]


_PAPERS = re.compile(r"(read[-_ ]?me|licen[cs]e|copying|citation|changelog|requirements)([._-].*)?", re.I)
_LISTS = re.compile(
    r"classes|obj|names|categories|labels?|predefined_classes|notes?|about|data|dataset|trainval|"
    r"(train|training|valid|val|validation|test)([-_ ]?(list|files?|images?|set))?([-_ ]?(19|20)\d\d)?",
    re.I,
)


def is_paper(stem: str) -> bool:
    """Tell what lies in many a folder and is never a label: `README.roboflow`, `LICENSE`."""
    return _PAPERS.fullmatch(stem) is not None


def is_list(stem: str) -> bool:
    """Tell names of lists of classes or pictures, such as `classes` and `train`; a picture may be called so, too."""
    return _LISTS.fullmatch(stem) is not None
