"""What is said before an export begins: the plan as a table, and for a dry run bytes, time and room."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from augstudio.cli.saying import FAILED, count, duration, size

if TYPE_CHECKING:
    from rich.console import Console

    from augstudio.dataset.scanning import Dataset
    from augstudio.export import Plan, Row, Settings

MOST_ROWS = 30
"""Of classes in the table of a plan, about; the rest is summed up."""


def show_plan(console: Console, plan: Plan) -> None:
    """Print how many pictures and files each class of each split comes to."""
    from rich.table import Table
    from rich.text import Text

    names = [*(["split"] if plan.splits else []), *(["class"] if any(row.label for row in plan.rows) else [])]
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in names:
        table.add_column(name, overflow="fold")
    for name in ("pictures", "originals", "copies", "files"):
        table.add_column(name, justify="right")
    for split, label, rows in _lines(plan.rows):
        cells = {"split": split, "class": label}
        sums = (sum(getattr(row, what) for row in rows) for what in ("pictures", "originals", "copies", "files"))
        texts = [*(cells[name] for name in names), *(f"{number:,}" for number in sums)]
        table.add_row(*map(Text, texts), style="bold" if label == _ALL else None)
    console.print(table, soft_wrap=False)


_ALL = "all"


def _lines(rows: Sequence[Row]) -> Iterator[tuple[str, str, list[Row]]]:
    """Lines of the table: split, class, and the rows that each line sums up."""
    from augstudio.dataset.scanning import printable

    groups = [(split, list(of_split)) for split, of_split in itertools.groupby(rows, lambda row: row.split)]
    most = max(MOST_ROWS // len(groups), 2)
    for split, of_split in groups:
        shown = of_split if len(of_split) <= most else of_split[: most - 1]
        for row in shown:
            yield printable(split), printable(row.label) or "(none)", [row]
        if rest := of_split[len(shown) :]:
            yield printable(split), f"… {len(rest):,} more", rest
    if len(rows) > 1:
        if len(groups) > 1 and len(rows) > len(groups):
            for split, of_split in groups:
                yield printable(split), _ALL, of_split
        yield _ALL if groups[0][0] else "", _ALL, list(rows)


def foretell(console: Console, settings: Settings, dataset: Dataset, done: int) -> int:
    """Say what an export will come to, of which so many pictures are done already; give the exit code."""
    from augstudio.dataset.scanning import printable
    from augstudio.export import foresee

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
    how = f"about {size(needed)}, in about {duration(estimate.seconds * left)} {who}"
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
