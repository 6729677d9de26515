"""XML beside pictures. It is searched, not parsed: nothing in it is expanded, and it may be cut short or damaged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import NamedTuple

from augstudio.labels.found import LabelFormat
from augstudio.labels.text import Told, decoded

_ROOT = re.compile(r"<([A-Za-z_][\w.-]{0,60})[\s/>]")
_ASIDE = (("<?", "?>"), ("<!--", "-->"), ("<!DOCTYPE", ">"))
_CVAT_IMAGE = re.compile(r"<image\s[^<>]{0,2000}?\bname\s{0,9}=\s{0,9}(?:\"([^\"<]{0,2000})\"|'([^'<]{0,2000})')")
_CVAT_SHAPE = re.compile(r"<(box|polygon|polyline|points|ellipse|cuboid|mask|skeleton)\s")
_CVAT_CONTENT = {"box": "boxes", "polygon": "polygons", "points": "points", "mask": "run-length masks"}
_CHECK_EVERY = 4096


class Cvat(NamedTuple):
    """What a CVAT file holds."""

    names: list[str]
    objects: int
    content: frozenset[str]


def root_of(text: str) -> str:
    """The name of the root element; ``""`` if there is none at the beginning."""
    at = 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        for begin, end in _ASIDE:
            if text.startswith(begin, at):
                at = _declaration_end(text, at) if begin == "<!DOCTYPE" else text.find(end, at) + len(end)
                if at < len(end):
                    return ""
                break
        else:
            found = _ROOT.match(text, at)
            return found[1] if found else ""


def _declaration_end(text: str, at: int) -> int:
    """Where a DOCTYPE ends; entities may be declared inside, in brackets. 0 if it does not."""
    close, bracket = text.find(">", at), text.find("[", at)
    if 0 <= bracket < close:
        close = text.find("]", bracket)
        close = text.find(">", close) if close >= 0 else -1
    return close + 1


def tell_xml(data: bytes) -> Told | None:
    """Tell what an XML file, or the beginning of it, is; None if nothing that is known."""
    text = decoded(data)
    root = root_of(text)
    if root == "annotation":
        content = {
            kind
            for tag, kind in (("<bndbox", "boxes"), ("<robndbox", "oriented boxes"), ("<polygon", "polygons"))
            if tag in text
        }
        return Told(LabelFormat.VOC, frozenset(content))
    if root == "annotations" and ("<image" in text or "<track" in text):
        return Told(LabelFormat.CVAT)
    return None


def read_cvat(data: bytes, check: Callable[[], None]) -> Cvat:
    """Gather the pictures that a CVAT file names, and count its shapes."""
    text = decoded(data)

    def each(pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        for number, found in enumerate(pattern.finditer(text)):
            if number % _CHECK_EVERY == 0:
                check()
            yield found

    names = [unescape(found[1] if found[1] is not None else found[2]) for found in each(_CVAT_IMAGE)]
    objects = 0
    kinds: set[str] = set()
    for found in each(_CVAT_SHAPE):
        objects += 1
        kinds.add(found[1])
    return Cvat(names, objects, frozenset(_CVAT_CONTENT[kind] for kind in kinds if kind in _CVAT_CONTENT))
