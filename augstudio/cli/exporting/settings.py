"""What is asked for: the settings of a new export, or those of an unfinished one, and the dataset."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from augstudio.cli.console import command, fail, plain_errors, to_resume
from augstudio.dataset.excluding import excluded
from augstudio.dataset.groups import parse_grouping
from augstudio.dataset.listing import DatasetError
from augstudio.dataset.scanning import Dataset, scan
from augstudio.export import (
    Destination,
    Settings,
    UnknownSourceError,
    check,
    load_unfinished,
    parse_augment,
    parse_balance,
    parse_split,
    resuming,
)
from augstudio.images import Format
from augstudio.presets import find
from augstudio.wording import printable, shown


@dataclass(frozen=True)
class Asked:
    """What somebody wants, checked.

    Attributes
    ----------
    settings, dataset
        What to make, and of what.
    place : Destination
        Where to.
    resume, replace : bool
        Whether to go on with the export there, or to replace it.
    """

    settings: Settings
    dataset: Dataset
    place: Destination
    resume: bool
    replace: bool


_PARSERS: dict[str, Callable[[str], Any]] = {
    "pipeline": find,
    "split": parse_split,
    "group": parse_grouping,
    "balance": parse_balance,
    "augment": parse_augment,
    "format": Format,
}


LABEL_OPTIONS: dict[str, tuple[str, tuple[str | int, ...]]] = {
    "drawn_on": ("--labels-drawn-on", ("auto", "upright", "stored")),
    "voc_base": ("--voc-base", (0, 1)),
    "task": ("--yolo-task", ("detect", "segment")),
    "layout": ("--coco-layout", ("instances", "roboflow")),
}
"""What is allowed for each of the label formats' options, by the option's name on the command line."""


def labels(read: str | None, written: str | None, options: Mapping[str, str | int | None]) -> dict[str, Any] | None:
    """What is said of labels; None if nothing is."""
    given = {name: value for name, value in options.items() if value is not None}
    for name, value in given.items():
        option, allowed = LABEL_OPTIONS.get(name, ("", ()))
        if option and value not in allowed:
            fail(f"{option} is {shown(value)}; allowed are {', '.join(map(str, allowed))}")
    ignore = given.get("ignore", 0)
    if isinstance(ignore, int) and not -1 <= ignore <= _MOST_LEVEL:
        fail(f"--mask-ignore is {ignore}; allowed are -1 to {_MOST_LEVEL:,}")
    said = {"read": read, "written": written, "options": given or None}
    return {name: value for name, value in said.items() if value is not None} or None


_MOST_LEVEL = 65_535


def asked(
    source: str | None, out: str | None, *, resume: bool, replace: bool, moved: str | None, **options: Any
) -> Asked:
    """Check what was given on the command line, and read the dataset's folder; options that were not given are None."""
    source, out = _places(source, out, resume=resume, replace=replace, moved=moved)
    if options["pipeline"] is None and not resume:
        fail("--preset is missing; augstudio presets lists those that there are")
    if options["cluster"] is not None and options["workers"]:
        fail("--workers is for this machine; with --cluster its own workers do the work, so give one of the two")
    with plain_errors():
        given = {
            name: _PARSERS[name](value) if name in _PARSERS else value
            for name, value in options.items()
            if value is not None
        }
        settings, dataset = _as_begun(source, out, given) if resume else _as_asked(source or "", out, given)
        place = check(settings, dataset)
        if resume:
            resuming.check(settings, dataset, place.work(resume=True))
        elif place.taken and not replace:
            refuse(settings, place)
    return Asked(settings, dataset, place, resume, replace)


def refuse(settings: Settings, place: Destination) -> NoReturn:
    """Say what lies in the folder, and the ways out of it."""
    ways = ["--replace replaces it" if place.next is None else "--replace begins the new one anew"]
    if place.unfinished:
        what = "it" if place.next is None or place.earlier is None else "the new one"
        ways.insert(0, f"to go on with {what}: {to_resume(settings.out, settings.cluster)}")
    fail(f"{printable(settings.out)} {place.holds}; {'; '.join(ways)}; or give another folder")


def _places(
    source: str | None, out: str | None, *, resume: bool, replace: bool, moved: str | None
) -> tuple[str | None, str]:
    """The source, if it is given, and the destination."""
    if resume and out is None:
        source, out = None, source
    if resume and replace:
        fail("--resume goes on with an export and --replace begins it anew; give one of the two")
    if moved is not None:
        if not resume or source:
            fail("--source is for --resume OUT; else the pictures' folder comes before OUT")
        source = moved
    if not out or not (source or resume):  # an empty name, as of a variable that is not set, is none
        how = "--resume OUT" if resume else "SOURCE OUT --preset PRESET"
        fail(f"{'OUT is' if source or resume else 'SOURCE and OUT are'} missing: augstudio export {how}")
    return source, out


def _as_asked(source: str, out: str, given: Mapping[str, Any]) -> tuple[Settings, Dataset]:
    settings = _changed(Settings(out, given["pipeline"]), given)
    return _with_exclusions(settings, scan(source, folders=settings.folders), given)


def _as_begun(source: str | None, out: str, given: Mapping[str, Any]) -> tuple[Settings, Dataset]:
    """Settings and source of an unfinished export, with whatever is given in their place."""
    begun = load_unfinished(out)
    again = command("export", "--resume", out, "--source", "FOLDER")
    if not (source or begun.source):
        fail(f"{UnknownSourceError(printable(out), begun.source_name)}: {again}")
    settings = _changed(begun.settings, {**given, "out": out})
    try:
        dataset = scan(source or begun.source, folders=settings.folders)
    except DatasetError as error:
        if source:
            raise
        fail(f"{error}; if the dataset has moved, say where it lies now: {again}")
    return _with_exclusions(settings, dataset, given)


def _changed(settings: Settings, given: Mapping[str, Any]) -> Settings:
    encoding = {name: given[name] for name in ("format", "quality") if name in given}
    others = {name: value for name, value in given.items() if name not in (*encoding, "exclude")}
    if "labels" in others:
        others["labels"] = dataclasses.replace(settings.labels, **others["labels"])
    return dataclasses.replace(settings, **others, encoding=dataclasses.replace(settings.encoding, **encoding))


def _with_exclusions(settings: Settings, dataset: Dataset, given: Mapping[str, Any]) -> tuple[Settings, Dataset]:
    if "exclude" in given:
        settings = dataclasses.replace(settings, excluded=excluded(given["exclude"], dataset))
    return settings, dataset.without(settings.excluded)
