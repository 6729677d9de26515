"""What somebody says of folders and splits on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from augstudio.cli.console import fail

if TYPE_CHECKING:
    from augstudio.dataset.splits import Folders

AsSplits = Annotated[
    bool,
    typer.Option("--as-splits", help="Folders whose names may be those of train, val and test are such splits."),
]
AsClasses = Annotated[
    bool, typer.Option("--as-classes", help="All folders are classes, whatever their names look like.")
]
FoldersAlone = Annotated[
    bool,
    typer.Option(
        "--folders-alone",
        help="Only folders make splits; those that ImageSets, COCO's files or data.yaml state are not followed.",
    ),
]


def said(*, as_splits: bool, as_classes: bool, folders_alone: bool) -> Folders | None:
    """What folders are to be taken for; None if nothing is said."""
    from augstudio.dataset.splits import Folders

    given = {
        "--as-splits": (as_splits, Folders.SPLITS),
        "--as-classes": (as_classes, Folders.CLASSES),
        "--folders-alone": (folders_alone, Folders.ALONE),
    }
    names = [name for name, (is_given, _) in given.items() if is_given]
    if as_splits and as_classes:
        fail("--as-splits and --as-classes say the opposite; give one of the two")
    if len(names) > 1:
        fail(f"{names[0]} leaves nothing for {names[1]} to say; give one of the two")
    return given[names[0]][1] if names else None
