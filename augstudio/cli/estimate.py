"""What is said before an export begins: the plan as a table, and for a dry run bytes, time and room."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from augstudio.cli.console import FAILED
from augstudio.wording import count, roughly, size

if TYPE_CHECKING:
    from rich.console import Console

    from augstudio.dataset.scanning import Dataset
    from augstudio.export import ExportPlan, Row, Settings

MOST_ROWS = 30
"""Of classes in the table of a plan, about; the rest is summed up."""


def show_plan(console: Console, plan: ExportPlan) -> None:
    """Print how many pictures and files each class of each split comes to."""
    from rich.table import Table
    from rich.text import Text

    from augstudio.wording import printable

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


def foretell(console: Console, settings: Settings, dataset: Dataset, done: int) -> int:
    """Say what an export will come to, of which so many pictures are done already; give the exit code."""
    from augstudio.export import foresee
    from augstudio.wording import printable

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
