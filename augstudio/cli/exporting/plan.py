"""What is said before an export begins: the plan, what to know of it, and for a dry run bytes, time and room."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import typer

from augstudio.cli.console import FAILED, fail, output, plain_errors, style_of
from augstudio.cli.exporting.settings import Asked
from augstudio.dataset import left_out
from augstudio.dataset.scanning import Dataset
from augstudio.dataset.stated_splits import in_words
from augstudio.export import (
    ExportPlan,
    LooksAugmentedError,
    Row,
    Settings,
    UnclearFoldersError,
    foresee,
    plan_export,
    resuming,
)
from augstudio.wording import count, printable, roughly, size

if TYPE_CHECKING:
    from rich.console import Console

    from augstudio.advice import Facts

_SHOWN_SKIPPED = 10
MOST_ROWS = 30
"""Of classes in the table of a plan, about; the rest is summed up."""


def made(asked: Asked) -> ExportPlan:
    """Work the plan out, or say what has to be said first, with the options that say it."""
    with plain_errors():
        try:
            return plan_export(asked.settings, asked.dataset)
        except LooksAugmentedError as error:
            fail(f"{error}; --again goes on all the same")
        except UnclearFoldersError as error:
            fail(f"{error}: --as-splits (they are train, val and test) or --as-classes")


def show(asked: Asked, planned: ExportPlan, *, dry_run: bool) -> None:
    """Print what an export comes to that is about to begin."""
    console, settings, dataset = output(), asked.settings, asked.dataset
    if dry_run:
        from augstudio.dataset.facts import look_at

        show_cautions(console, planned, look_at(planned.dataset, settings.pipeline.trained_at))
    if dry_run or not asked.resume:
        show_folder(console, dataset)
        if dataset.stated_by:
            console.print(f"Splits as {in_words(dataset.stated_by)} them (--folders-alone does not follow them)")
        if dry_run or settings.split is not None or settings.balance is not None or dataset.splits:
            show_plan(console, planned)
        for line in planned.following:
            console.print(f"labels: {line}")
        for remark in planned.remarks:
            console.print(f"note: {remark}", style="yellow")
    if asked.place.taken and not asked.resume:
        console.print(_replacing(asked), style="yellow")


def show_folder(console: Console, dataset: Dataset) -> None:
    """Print what was left out of a folder, and how it was read."""
    for line in (*left_out.in_words(dataset.left_out), *dataset.notes):
        console.print(f"note: {line}", style="yellow")
    for line in dataset.skipped[:_SHOWN_SKIPPED]:
        console.print(f"skipped: {line}", style="yellow")
    if len(dataset.skipped) > _SHOWN_SKIPPED:
        console.print(f"skipped: {len(dataset.skipped) - _SHOWN_SKIPPED:,} more", style="yellow")
    if dataset.excluded:
        console.print(f"note: {count(len(dataset.excluded), 'picture')} excluded, as asked.", style="yellow")


def end_dry_run(asked: Asked, planned: ExportPlan) -> NoReturn:
    """Print bytes, time and room, and end."""
    console = output()
    with plain_errors():
        done = min(resuming.listed(asked.place.work(resume=True)), planned.total) if asked.resume else 0
        code = _foretell(console, asked.settings, asked.dataset, done)
    console.print("This was a dry run: nothing was written.")
    raise typer.Exit(code)


def show_cautions(console: Console, planned: ExportPlan, facts: Facts | None) -> None:
    """Print what the pipeline may do to these pictures, and to labelled objects in them."""
    # Only now, while workers are at work or for a dry run: an export begins sooner without.
    from augstudio.advice import advise

    settings, labels = planned.settings, None
    if planned.labels.sets:
        from augstudio.dataset.label_facts import look_at_labels

        labels = look_at_labels(planned.dataset, planned.labels)
    for caution in advise(settings.pipeline, facts, originals=settings.originals, labels=labels):
        console.print(f"{caution.level.value}: {caution.title}: {caution.message}", style=style_of(caution))


def _replacing(asked: Asked) -> str:
    """Say what will be replaced, and when it goes."""
    name, place = printable(asked.settings.out), asked.place
    if place.storage.root is None:
        return f"{name} {place.holds}: it is deleted first, since behind a URL two cannot change places"
    return f"{name} {place.holds}: it stays as it is until the new one is whole, and is then replaced"


def show_plan(console: Console, plan: ExportPlan) -> None:
    """Print how many pictures and files each class of each split comes to."""
    from rich.table import Table
    from rich.text import Text

    names = [*(["split"] if plan.splits else []), *(["class"] if any(row.label for row in plan.rows) else [])]
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in names:
        table.add_column(name, overflow="fold")
    for name in ("pictures", "originals", "copies", "files"):
        table.add_column(name, justify="right")
    for line in _lines(plan.rows):
        said = {"split": printable(line.split), "class": printable(line.label) or "(none)"}
        if line.total:
            said = {"split": printable(line.split) or ("" if "class" in names else "all"), "class": "all"}
        elif line.summed:
            said["class"] = f"… {len(line.rows):,} more"
        sums = (sum(getattr(row, what) for row in line.rows) for what in ("pictures", "originals", "copies", "files"))
        cells = (*(said[name] for name in names), *(f"{number:,}" for number in sums))
        table.add_row(*map(Text, cells), style="bold" if line.total else None)
    console.print(table, soft_wrap=False)


class _Line(NamedTuple):
    """A line of the table: what it is called, and the rows that it stands for."""

    split: str
    label: str
    rows: list[Row]
    summed: bool = False
    total: bool = False


def _lines(rows: Sequence[Row]) -> Iterator[_Line]:
    groups = [(split, list(of_split)) for split, of_split in itertools.groupby(rows, lambda row: row.split)]
    most = max(MOST_ROWS // len(groups), 2)
    for split, of_split in groups:
        shown = of_split if len(of_split) <= most else of_split[: most - 1]
        for row in shown:
            yield _Line(split, row.label, [row])
        if rest := of_split[len(shown) :]:
            yield _Line(split, "", rest, summed=True)
    if 1 < len(groups) < len(rows):
        for split, of_split in groups:
            yield _Line(split, "", of_split, total=True)
    if len(rows) > 1:
        yield _Line("", "", list(rows), total=True)


def _foretell(console: Console, settings: Settings, dataset: Dataset, done: int) -> int:
    """Say what an export will come to, of which so many pictures are done already; give the exit code."""
    estimate = foresee(settings, dataset)
    assert estimate is not None  # nothing stops it
    total = estimate.plan.total
    left = (total - done) / total if total else 0.0
    files = f"{'about ' if done else ''}{count(round(estimate.files * left), 'file')}"
    if done:
        console.print(
            f"{done:,} of {count(total, 'picture')} are done, as the manifest has it; {total - done:,} to go."
        )
    if not estimate.sampled:
        console.print(f"{files}; no picture that was tried can be read, so nobody can tell how large", style="red")
        return FAILED
    needed = estimate.bytes * left
    who = f"with {count(settings.workers, 'worker')}" if settings.workers else "in one process"
    seconds = estimate.seconds * left
    how = f"about {size(needed)}, in {f'about {roughly(seconds)}' if seconds >= 1 else 'a second or less'} {who}"
    if settings.cluster:
        how = f"about {size(needed)}; how long the cluster takes cannot be told"
    console.print(f"{files}, {how} (told from {count(estimate.sampled, 'picture')}).")
    fits = estimate.free is None or needed <= estimate.free
    name = printable(settings.out)
    if estimate.free is None:
        console.print(f"How much room there is cannot be told: {name}")
    elif fits:
        console.print(f"There is room: {size(estimate.free)} free for {name}")
    else:
        console.print(f"There is no room: {size(estimate.free)} free for {name}", style="red")
    return 0 if fits else FAILED
