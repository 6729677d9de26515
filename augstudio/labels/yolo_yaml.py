"""YOLO's `data.yaml`, as the trainer wants it: training and validation both, and names by number."""

from __future__ import annotations

import re

import yaml

from augstudio.labels.found import plain
from augstudio.wording import listing

_ROLES = (
    ("train", re.compile("train")),
    ("val", re.compile("val|dev(set|data)?$")),
    ("test", re.compile("test|eval|holdout")),
)
_WORDS = re.compile("[a-z]+")


class _Dumper(yaml.SafeDumper):
    """Writes what cannot be seen, such as line breaks of other scripts, as escapes: unquoted, it would be lost."""


def _represented(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, None if text.isprintable() else '"')


_Dumper.add_representer(str, _represented)


def data_yaml(numbers: dict[int, str], splits: tuple[str, ...]) -> str:
    """Write `data.yaml`.

    Parameters
    ----------
    numbers : dict of int to str
        What each class is called; numbers between them are called by themselves, since the trainer wants them all.
    splits : tuple of str
        Of the export, in order; what each is for is told by its name.
    """
    places, remarks = _places(splits)
    names = {number: numbers.get(number, str(number)) for number in range(max(numbers, default=-1) + 1)}
    content = {**places, "nc": len(names), "names": names}
    text = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=2**30)
    return "".join(f"# {remark}\n" for remark in remarks) + text


def _places(splits: tuple[str, ...]) -> tuple[dict[str, str | list[str]], list[str]]:
    """Folders for training, validation and test, and what is to be said of them; the trainer asks for the first two."""
    if not splits:
        return {"train": "images", "val": "images"}, [
            "There are no splits, so validation would be on the training pictures, and tells nothing.",
            "Export with splits to have pictures for validation.",
        ]
    found: dict[str, list[str]] = {}
    strays = []
    for split in splits:
        role = _role(split)
        if role:
            found.setdefault(role, []).append(f"images/{split}")
        else:
            strays.append(split)
    remarks = [f"Neither for training nor for validation: {listing([plain(split) for split in strays])}."] * bool(
        strays
    )
    stand_ins = {"train": ("val", "test"), "val": ("test", "train")}
    every = [f"images/{split}" for split in splits]
    for role, others in stand_ins.items():
        if role not in found:
            instead = next((found[other] for other in others if other in found), every)
            found[role] = instead
            purpose = "training" if role == "train" else "validation"
            remarks.append(
                f"There is no split for {purpose}; in its place stands {listing(list(map(plain, instead)))}."
            )
    return {role: _one(found[role]) for role in ("train", "val", "test") if role in found}, remarks


def _one(paths: list[str]) -> str | list[str]:
    return paths[0] if len(paths) == 1 else paths


def _role(split: str) -> str | None:
    for found in _WORDS.findall(split.lower()):
        for role, pattern in _ROLES:
            if pattern.match(found):
                return role
    return None
