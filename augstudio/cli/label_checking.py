"""What `augstudio inspect --check-labels` says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from augstudio.cli.console import CANCELLED
from augstudio.cli.progress import interrupt_asked, progress
from augstudio.wording import count, printable

if TYPE_CHECKING:
    from rich.console import Console

    from augstudio.dataset.label_check import Checked
    from augstudio.dataset.labelling import DatasetLabels
    from augstudio.dataset.scanning import Dataset

_SHOWN = 3
"""Lines of each kind of problem."""
_CATEGORIES = 12


@dataclass(frozen=True)
class LabelCheck:
    """What labels there are, and what reading them has shown."""

    labels: DatasetLabels
    found: Checked

    @property
    def masks_alone(self) -> bool:
        """Whether there are no objects, only masks."""
        return [one.value for one in self.labels.formats] == ["masks"]

    def as_json(self) -> dict[str, Any]:
        """Everything, as plain values."""
        found = self.found
        return {
            "formats": [one.value for one in self.labels.formats],
            "pictures": found.pictures,
            "without_objects": found.without_objects,
            "objects": dict(found.objects),
            "notes": list(self.labels.notes),
            "not_carried_over": list(self.labels.lost),
            "not_exported": list(found.not_exported),
            "problems": [
                {
                    "kind": one.kind,
                    "where": one.where,
                    "found": one.found,
                    "allowed": one.allowed,
                    "left_out": one.left_out,
                    "count": one.count,
                }
                for one in found.problems
            ],
        }


def checked(dataset: Dataset) -> LabelCheck:
    """Read the labels of all pictures of a dataset; Ctrl-C ends it."""
    from rich.console import Console

    from augstudio.dataset.label_check import Checked, check
    from augstudio.dataset.labelling import collect

    labels = collect(dataset)
    if not labels.sets:
        return LabelCheck(labels, Checked(problems=labels.problems))
    console = Console(stderr=True)  # what is printed may be JSON
    with interrupt_asked("cancelling") as stop, progress(console, "pictures") as show:
        found = check(dataset, labels, progress=lambda done, total: show(done, total, ""), stop=stop)
    if found is None:
        raise typer.Exit(CANCELLED)
    return LabelCheck(labels, found)


def show(console: Console, done: LabelCheck) -> None:
    """Print it: what there is, then the problems by kind, with the first of each."""
    found, labels = done.found, done.labels
    for line in (*labels.notes, *labels.lost):
        console.print(f"note: {line}", style="yellow")
    if not labels.sets:
        console.print("Checked: no labels that would follow the pictures.")
    elif done.masks_alone:
        console.print(f"Checked: masks of {count(found.pictures, 'picture')}.")
    else:
        console.print(f"Checked: {_objects(found)}.")
    for kind, problems in found.kinds.items():
        console.print(f"{kind}: {sum(one.count for one in problems):,}", style="red")
        for one in problems[:_SHOWN]:
            console.print(f"  {one}")
        if (more := sum(one.count for one in problems[_SHOWN:])) > 0:
            console.print(f"  {more:,} more; --json lists them")
    if found.not_exported:
        console.print(
            f"{count(len(found.not_exported), 'picture')} would not be exported, such as "
            f"{printable(found.not_exported[0])}: of its labels too little is left",
            style="red",
        )
    if labels.sets and not found.problems:
        console.print("Nothing is wrong with them.")


def _objects(found: Checked) -> str:
    shown = [f"{printable(name)} {number:,}" for name, number in found.objects.most_common(_CATEGORIES)]
    more = [f"{len(found.objects) - _CATEGORIES:,} more"] if len(found.objects) > _CATEGORIES else []
    objects = f"{count(found.objects.total(), 'object')} in {count(found.pictures, 'picture')}"
    named = f" ({', '.join([*shown, *more])})" if shown else ""
    without = f", {found.without_objects:,} of them without any" if found.without_objects else ""
    return f"{objects}{without}{named}"
