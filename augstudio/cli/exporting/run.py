"""Carrying an export out, and what came of it."""

from __future__ import annotations

import importlib
import re
import threading
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from augstudio.cli.console import CANCELLED, FAILED, fail, output, plain_errors, to_resume
from augstudio.cli.exporting.plan import show_cautions
from augstudio.cli.exporting.settings import Asked, refuse
from augstudio.cli.progress import interrupt_asked, progress
from augstudio.export import EarlierExportError, ExportPlan, Progress, Report, Settings, Status, run_export
from augstudio.export.remarks import changed_in_words
from augstudio.marks import IMAGES, MANIFEST, REPORT
from augstudio.wording import count, duration, roughly, size

if TYPE_CHECKING:
    from rich.console import Console

_PATIENCE = 10.0
"""Seconds that an import may take, once all else has ended."""
_SHOWN_FAILURES = 5
_SHOWN_NOTES = 6
_CANCELLING = "cancelling: what is running is finished first (Ctrl-C again ends at once)"


def carry_out(asked: Asked, planned: ExportPlan) -> None:
    """Export, show how it goes, and end with the exit code."""
    console, settings = output(), asked.settings
    # What the cautions take to be told is imported while workers begin, and this process has nothing to do.
    importing = threading.Thread(target=importlib.import_module, args=("augstudio.advice",), daemon=True)
    try:
        with plain_errors(), interrupt_asked(_CANCELLING) as stop, progress(console, "pictures") as show:
            importing.start()  # in here: a Ctrl-C that is raised in an import of this thread may keep its lock for ever
            report = run_export(
                settings,
                asked.dataset,
                progress=lambda now: show(*_far(now), _standing(now)),
                stop=stop,
                looked=lambda facts: show_cautions(console, planned, facts),
                remark=lambda sentence: console.print(f"note: {sentence}", style="yellow"),
                resume=asked.resume,
                replace=asked.replace,
            )
    except EarlierExportError as error:  # which has come in the meantime
        refuse(settings, error.place)
    except KeyboardInterrupt:
        how = to_resume(settings.out, settings.cluster)
        typer.echo(f"augstudio: ended at once; to go on with it: {how}", err=True)
        raise typer.Exit(CANCELLED) from None
    finally:
        if importing.ident is not None:
            importing.join(_PATIENCE)  # nobody imports while Python ends; one that waits for a lost lock never will
    raise typer.Exit(_sum_up(console, report, settings, planned))


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
    if report.changed:
        console.print(f"note: {changed_in_words(report.changed)}.", style="yellow")
    if report.notes:
        console.print(f"On the way: {_notes(report.notes)}.")
    if report.labels is not None:
        summary, *further = report.labels.in_words()
        console.print(f"Labels: {summary}.")
        for line in further[:_SHOWN_NOTES]:
            console.print(f"labels: {line}", style="yellow")
        if report.labels.problems:
            console.print(f"labels: all of it stands in {report.path}", style="yellow")
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
    folder = "/".join(filter(None, (settings.out.rstrip("/"), IMAGES, first)))
    console.print(f"Train on {folder}{beside}; {MANIFEST} says how each file was made.")
    return FAILED if report.failures or report.problems else 0


def _notes(notes: Mapping[str, int]) -> str:
    """What was done to how many pictures: the most frequent."""
    kinds: Counter[str] = Counter()
    for note, pictures in notes.items():
        kinds[_NUMBERED.sub(lambda found: found[1] or "first frame", note)] += pictures
    shown = [f"{kind} ({pictures:,})" for kind, pictures in kinds.most_common(_SHOWN_NOTES)]
    more = f", and {len(kinds) - len(shown):,} more kinds in {REPORT}" if len(kinds) > len(shown) else ""
    return ", ".join(shown) + more


_NUMBERED = re.compile(r"^(EXIF orientation) \d+|^first of \d+ frames")
"""What notes begin with that differ only by a number, and are counted together."""
