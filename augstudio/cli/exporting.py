"""augstudio export: what is asked for, beginning it or going on with it, and what came of it."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from augstudio.cli.console import (
    CANCELLED,
    FAILED,
    command,
    fail,
    output,
    plain_errors,
    style_of,
    to_resume,
)
from augstudio.cli.estimate import foretell, show_plan
from augstudio.cli.options import MaxPixels
from augstudio.cli.progress import interrupt_asked, progress
from augstudio.wording import count, duration, roughly, size

if TYPE_CHECKING:
    from rich.console import Console

    from augstudio.advice import Facts
    from augstudio.dataset.scanning import Dataset
    from augstudio.export import Destination, ExportPlan, Progress, Report, Settings

_SHOWN_FAILURES = 5
_SHOWN_NOTES = 6


class OutputFormat(StrEnum):
    """What an export writes: the values of `augstudio.images.Format`, which is slow to import."""

    SOURCE = "source"
    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"


# Options have no defaults of their own: those of `Settings` hold, and what is given can be held against an earlier run.
def export(
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="SOURCE",
            help="A folder of pictures, or its URL (s3://bucket/photos). Its folders are the classes; train, val and "
            "test folders are kept.",
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Argument(metavar="OUT", help="A new or empty folder, or its URL; see --replace and --resume."),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option("--preset", "-p", metavar="PRESET", help="A preset by its name, or a preset file."),
    ] = None,
    copies: Annotated[
        int | None, typer.Option("--copies", "-n", help="Augmented copies of every picture; 4 by default.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", "-s", help="The same seed makes the same copies again; 0 by default.")
    ] = None,
    split: Annotated[
        str | None,
        typer.Option("--split", metavar="80/10/10", help="Deal the pictures out to train, val and test, per cent."),
    ] = None,
    balance: Annotated[
        str | None,
        typer.Option(
            "--balance", metavar="[N]", help="Give every class as many files as the largest has; with N, so many."
        ),
    ] = None,
    at_most: Annotated[
        int | None,
        typer.Option(
            "--at-most", metavar="N", help="With --balance: copies of one original; smaller classes then stay smaller."
        ),
    ] = None,
    augment: Annotated[
        str | None,
        typer.Option(
            "--augment",
            metavar="train,val",
            help="Splits that get copies; by default train, the others stay as they are.",
        ),
    ] = None,
    originals: Annotated[
        bool | None, typer.Option("--originals/--no-originals", help="Export each picture itself as well.")
    ] = None,
    output_format: Annotated[
        OutputFormat | None,
        typer.Option(
            "--format", "-f", metavar="FORMAT", help="source (each file as it was; the default), jpeg, png or webp."
        ),
    ] = None,
    quality: Annotated[
        int | None, typer.Option("--quality", "-q", help="Of JPEG and WebP, 1 to 100; 95 by default.")
    ] = None,
    max_pixels: MaxPixels = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-w", help="Processes; by default one for each CPU. 0: work in this process."),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option("--cluster", metavar="ADDRESS", help="Work on a Dask cluster: its scheduler, tcp://host:8786."),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with an unfinished export: augstudio export --resume OUT says it all."),
    ] = False,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="Replace the export in OUT: it stays until the new one is whole; behind a URL it goes first.",
        ),
    ] = False,
    moved: Annotated[
        str | None,
        typer.Option("--source", metavar="FOLDER", help="With --resume: where the pictures lie now, if elsewhere."),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Write nothing; show the plan, bytes, time and room. Exit code 1 if there is no room, or if no "
            "picture can be read.",
        ),
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Export although the source looks augmented already.")] = False,
) -> None:
    """Write an augmented dataset: OUT/images, with a manifest, the preset and a report beside it."""
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
    if preset is None and not resume:
        fail("--preset is missing; augstudio presets lists those that there are")
    if cluster is not None and workers:
        fail("--workers is for this machine; with --cluster its own workers do the work, so give one of the two")

    from augstudio.dataset.facts import look_at
    from augstudio.export import EarlierExportError, LooksAugmentedError, check, plan_export, resuming, run_export
    from augstudio.images import quiet_libraries

    quiet_libraries()
    with plain_errors():
        given = _given(
            pipeline=preset,
            copies=copies,
            seed=seed,
            split=split,
            balance=balance,
            at_most=at_most,
            augment=augment,
            originals=originals,
            format=output_format,
            quality=quality,
            max_pixels=max_pixels,
            workers=workers,
            cluster=cluster,
        )
        if resume:
            settings, dataset = _as_begun(source, out, given)
        else:
            settings, dataset = _as_asked(source or "", out, {**given, "again": again})
        place = check(settings, dataset)
        if resume:
            resuming.check(settings, dataset, place.work(resume=True))
        elif place.taken and not replace:
            _refuse(settings, place)
        try:
            planned = plan_export(settings, dataset)
        except LooksAugmentedError as error:
            fail(f"{error}; --again goes on all the same")

    console = output()
    if dry_run:
        _show_cautions(console, settings, look_at(dataset, settings.pipeline.trained_at))
    if dry_run or not resume:
        if dry_run or settings.split is not None or settings.balance is not None or dataset.splits:
            show_plan(console, planned)
        for remark in planned.remarks:
            console.print(f"note: {remark}", style="yellow")
    if place.taken and not resume:
        console.print(_replacing(settings, place), style="yellow")
    if dry_run:
        with plain_errors():
            done = min(resuming.listed(place.work(resume=True)), planned.total) if resume else 0
            code = foretell(console, settings, dataset, done)
        console.print("This was a dry run: nothing was written.")
        raise typer.Exit(code)

    said = "cancelling: what is running is finished first (Ctrl-C again ends at once)"
    try:
        with plain_errors(), interrupt_asked(said) as stop, progress(console, "pictures") as show:
            report = run_export(
                settings,
                dataset,
                progress=lambda now: show(*_far(now), _standing(now)),
                stop=stop,
                looked=lambda facts: _show_cautions(console, settings, facts),
                remark=lambda sentence: console.print(f"note: {sentence}", style="yellow"),
                resume=resume,
                replace=replace,
            )
    except EarlierExportError as error:  # which has come in the meantime
        _refuse(settings, error.place)
    except KeyboardInterrupt:
        how = to_resume(settings.out, settings.cluster)
        typer.echo(f"augstudio: ended at once; to go on with it: {how}", err=True)
        raise typer.Exit(CANCELLED) from None
    raise typer.Exit(_sum_up(console, report, settings, planned))


# -- what is asked for ---------------------------------------------------------------------------------------------


def _given(**options: Any) -> dict[str, Any]:
    """What was given on the command line, as values of fields of `Settings` and its `Encoding`."""
    from augstudio.export import parse_augment, parse_balance, parse_split
    from augstudio.images import Format
    from augstudio.presets import find

    parsers: dict[str, Callable[[str], Any]] = {
        "pipeline": find,
        "split": parse_split,
        "balance": parse_balance,
        "augment": parse_augment,
        "format": Format,
    }
    return {
        name: parsers[name](value) if name in parsers else value for name, value in options.items() if value is not None
    }


def _as_asked(source: str, out: str, given: Mapping[str, Any]) -> tuple[Settings, Dataset]:
    from augstudio.dataset.scanning import scan
    from augstudio.export import Settings

    return _changed(Settings(out, given["pipeline"]), given), scan(source)


def _as_begun(source: str | None, out: str, given: Mapping[str, Any]) -> tuple[Settings, Dataset]:
    """Settings and source of an unfinished export, with whatever is given in their place."""
    from augstudio.dataset.scanning import DatasetError, scan
    from augstudio.export import UnknownSourceError, load_unfinished
    from augstudio.wording import printable

    begun = load_unfinished(out)
    again = command("export", "--resume", out, "--source", "FOLDER")
    if not (source or begun.source):
        fail(f"{UnknownSourceError(printable(out), begun.source_name)}: {again}")
    try:
        dataset = scan(source or begun.source)
    except DatasetError as error:
        if source:
            raise
        fail(f"{error}; if the dataset has moved, say where it lies now: {again}")
    return _changed(begun.settings, {**given, "out": out}), dataset


def _changed(settings: Settings, given: Mapping[str, Any]) -> Settings:
    encoding = {name: given[name] for name in ("format", "quality") if name in given}
    others = {name: value for name, value in given.items() if name not in encoding}
    return dataclasses.replace(settings, **others, encoding=dataclasses.replace(settings.encoding, **encoding))


def _refuse(settings: Settings, place: Destination) -> NoReturn:
    """Say what lies in the folder, and the ways out of it."""
    from augstudio.wording import printable

    ways = ["--replace replaces it" if place.next is None else "--replace begins the new one anew"]
    if place.unfinished:
        ways.insert(0, f"to go on with {_what(place)}: {to_resume(settings.out, settings.cluster)}")
    fail(f"{printable(settings.out)} {place.holds}; {'; '.join(ways)}; or give another folder")


def _what(place: Destination) -> str:
    return "it" if place.next is None or place.earlier is None else "the new one"


def _replacing(settings: Settings, place: Destination) -> str:
    """Say what will be replaced, and when it goes."""
    from augstudio.wording import printable

    name = printable(settings.out)
    if place.storage.root is None:
        return f"{name} {place.holds}: it is deleted first, since behind a URL two cannot change places"
    return f"{name} {place.holds}: it stays as it is until the new one is whole, and is then replaced"


def _show_cautions(console: Console, settings: Settings, facts: Facts | None) -> None:
    from augstudio.advice import advise

    for caution in advise(settings.pipeline, facts, originals=settings.originals):
        console.print(f"{caution.level.value}: {caution.title}: {caution.message}", style=style_of(caution))


# -- what comes of it ----------------------------------------------------------------------------------------------


def _far(now: Progress) -> tuple[int, int]:
    return (now.done, now.total) if now.removed is None else (now.removed, now.removing)


def _standing(now: Progress) -> str:
    if now.removed is not None:
        return f"removing the earlier export: {now.removed:,} of {count(now.removing, 'file')}"
    parts = [f"{now.files:,} files", size(now.bytes), f"{now.rate:.0f} files/s"]
    if now.kept:
        parts.append(f"{count(now.kept, 'picture')} {'were' if now.kept > 1 else 'was'} there already")
    if now.failures:
        parts.append(f"{now.failures:,} failed")
    if now.eta is not None:
        parts.append(f"{roughly(now.eta)} left")
    return ", ".join(parts)


def _sum_up(console: Console, report: Report, settings: Settings, planned: ExportPlan) -> int:
    """Say what came of an export; give the exit code."""
    from augstudio.export import Status

    how = to_resume(settings.out, settings.cluster)
    too_large = any("above the limit of" in failure.reason for failure in report.failures)
    if report.files == 0 and report.state is not Status.CANCELLED:
        first = f"{report.failures[0].source}: {report.failures[0].reason}" if report.failures else ""
        hint = "; --max-pixels raises the limit" if too_large else ""
        fail(report.reason or f"no picture could be exported, such as {first} (all are listed in {report.path}){hint}")
    if report.anew:
        again = "the same command with --replace begins it anew"
        typer.echo(f"augstudio: cancelled while the earlier export was being deleted; {again}", err=True)
        return CANCELLED
    left = report.total - report.done
    there = f", {report.kept:,} of them there already," if report.kept else ""
    console.print(
        f"{count(report.files, 'file')} ({size(report.bytes)}) of "
        f"{count(report.done - len(report.failures), 'picture')}{there} in {duration(report.elapsed)}: {settings.out}"
        f"{' (in a hidden folder in it)' if report.hidden else ''}"
    )
    if report.notes:
        console.print(f"On the way: {_notes(report.notes)}.")
    for failure in report.failures[:_SHOWN_FAILURES]:
        console.print(f"failed: {failure.source}: {failure.reason}", style="red")
    if report.failures:
        failed = f"{len(report.failures):,} of {count(report.total, 'picture')} failed"
        console.print(f"{failed}; all are listed in {report.path}; {how} tries them again")
    if too_large:
        console.print("--max-pixels raises the limit")
    if report.skipped:
        console.print(f"{len(report.skipped):,} skipped, such as {report.skipped[0]}", style="yellow")
    for problem in report.problems:
        console.print(f"wrong: {problem}", style="red")
    if report.state is not Status.COMPLETE:
        happened = f"cancelled with {count(left, 'picture')} to go; what is there is complete"
        if report.state is Status.STOPPED:
            happened = f"stopped with {count(left, 'picture')} to go: {report.reason}"
        typer.echo(f"augstudio: {happened}\naugstudio: to go on with it: {how}", err=True)
        if report.hidden:
            typer.echo(
                f"augstudio: the earlier export is as it was; to give the new one up, delete {report.place}", err=True
            )
        return CANCELLED if report.state is Status.CANCELLED else FAILED
    if report.leftover:
        console.print(
            f"{count(report.leftover, 'file')} of the earlier export {'are' if report.leftover > 1 else 'is'} still to "
            f"be removed, in a hidden folder; {how} does that",
            style="yellow",
        )
    first, *others = planned.roots
    beside = f" ({', '.join(others)} beside it)" if others else ""
    folder = "/".join(filter(None, (settings.out.rstrip("/"), "images", first)))
    console.print(f"Train on {folder}{beside}; manifest.jsonl says how each file was made.")
    return FAILED if report.failures or report.problems else 0


def _notes(notes: Mapping[str, int]) -> str:
    """What was done to how many pictures: the most frequent."""
    kinds: Counter[str] = Counter()
    for note, pictures in notes.items():
        kinds[_NUMBERED.sub(lambda found: found[1] or "first frame", note)] += pictures
    shown = [f"{kind} ({pictures:,})" for kind, pictures in kinds.most_common(_SHOWN_NOTES)]
    more = f", and {len(kinds) - len(shown):,} more kinds in report.json" if len(kinds) > len(shown) else ""
    return ", ".join(shown) + more


_NUMBERED = re.compile(r"^(EXIF orientation) \d+|^first of \d+ frames")
"""What notes begin with that differ only by a number, and are counted together."""
