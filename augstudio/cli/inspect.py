"""The command that tells what a folder holds, before anything is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from augstudio.cli import label_checking
from augstudio.cli.console import FAILED, output, plain_errors, print_json
from augstudio.cli.folders import AsClasses, AsSplits, FoldersAlone, said
from augstudio.cli.options import AsJson, Exclude
from augstudio.wording import printable

if TYPE_CHECKING:
    from rich.console import Console

    from augstudio.dataset.scanning import Dataset


def inspect(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A folder of pictures, or its URL.")],
    as_json: AsJson = False,
    as_splits: AsSplits = False,
    as_classes: AsClasses = False,
    folders_alone: FoldersAlone = False,
    exclude: Exclude = None,
    check_labels: Annotated[
        bool, typer.Option("--check-labels", help="Read the labels of every picture, and list what is wrong with them.")
    ] = False,
) -> None:
    """Tell what a folder holds: classes, splits, labels, identical files, and what is left out.

    Exit code 1 if something needs a decision: folders that may be splits, test pictures that are in train too, and
    with --check-labels anything that is wrong with labels.
    """
    from augstudio.dataset.excluding import excluded
    from augstudio.dataset.scanning import scan
    from augstudio.dataset.splits import Folders
    from augstudio.images import quiet_libraries

    quiet_libraries()
    folders = said(as_splits=as_splits, as_classes=as_classes, folders_alone=folders_alone)
    with plain_errors():
        dataset = scan(source, folders=folders or Folders.AUTO)
        dataset = dataset.without(excluded(exclude or (), dataset))
        told = _told(dataset)
        checked = label_checking.checked(dataset) if check_labels else None
    if as_json:
        print_json({**told, "label_check": checked.as_json()} if checked else told)
    else:
        console = output()
        _show(console, dataset, told)
        if checked:
            label_checking.show(console, checked)
    wrong = checked is not None and checked.found.problems
    raise typer.Exit(FAILED if dataset.doubt or told["identical"]["in_train_too"] or wrong else 0)


def _told(dataset: Dataset) -> dict[str, Any]:
    """Everything, as plain values."""
    from augstudio.dataset import doubles
    from augstudio.dataset.augmented import looks_augmented

    identical = doubles.identical(dataset)
    leaks = doubles.leaks(dataset, [source.split for source in dataset.sources], identical)
    return {
        "source": printable(dataset.location),
        "pictures": len(dataset.sources),
        "classes": {label: number for label, number in dataset.classes.items() if label},
        "in_no_class": dataset.classes.get("", 0),
        "splits": dataset.splits,
        "splits_stated_by": list(dataset.stated_by),
        "unclear_folders": list(dataset.doubt.names) if dataset.doubt else [],
        "labels": [found.as_json() for found in dataset.labels],
        "left_out": [one.as_json() for one in dataset.left_out],
        "skipped": list(dataset.skipped),
        "excluded": list(dataset.excluded),
        "notes": list(filter(None, (*dataset.notes, dataset.unfollowed))),
        "identical": {
            "groups": [[dataset.sources[number].key for number in group] for group in identical],
            "in_train_too": {split: [list(pair) for pair in pairs] for split, pairs in leaks.items()},
            "in_two_classes": [list(pair) for pair in doubles.in_two_classes(dataset, identical)],
        },
        "looks_augmented": looks_augmented(dataset),
    }


def _show(console: Console, dataset: Dataset, told: dict[str, Any]) -> None:
    from augstudio.dataset.description import beside, contents, identical, in_doubt

    for line in contents(dataset):
        console.print(line)
    if dataset.doubt:
        console.print(f"unclear: {in_doubt(dataset.doubt)}: say --as-splits or --as-classes", style="red")
    for line, grave in identical(dataset, more="; --json lists them all"):
        console.print(line, style="red" if grave else None)
    if told["looks_augmented"]:
        console.print(f"note: this folder {told['looks_augmented']}", style="yellow")
    for line in beside(dataset):
        console.print(line, style="yellow")
