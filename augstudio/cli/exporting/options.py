"""The options of augstudio export.

They have no defaults of their own: those of `Settings` hold, and what is given can be held against an earlier run.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class OutputFormat(StrEnum):
    """What an export writes: the values of `augstudio.images.Format`, which is slow to import."""

    SOURCE = "source"
    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"


Source = Annotated[
    str | None,
    typer.Argument(
        metavar="SOURCE",
        help="A folder of pictures, or its URL (s3://bucket/photos). Its folders are the classes; train, val and "
        "test folders are kept.",
    ),
]
Out = Annotated[
    str | None,
    typer.Argument(metavar="OUT", help="A new or empty folder, or its URL; see --replace and --resume."),
]
Preset = Annotated[
    str | None, typer.Option("--preset", "-p", metavar="PRESET", help="A preset by its name, or a preset file.")
]
Copies = Annotated[int | None, typer.Option("--copies", "-n", help="Augmented copies of every picture; 4 by default.")]
Seed = Annotated[
    int | None, typer.Option("--seed", "-s", help="The same seed makes the same copies again; 0 by default.")
]
Split = Annotated[
    str | None,
    typer.Option(
        "--split",
        metavar="80/10/10",
        help="Deal the pictures out to train, val and test, per cent; those whose files are identical go together.",
    ),
]
Group = Annotated[
    str | None,
    typer.Option(
        "--group",
        metavar="GROUP",
        help="With --split: keep together what belongs together: folder (all of a folder; its class is the one above), "
        r"a regular expression with a group in it, such as '(patient\d+)_', or a table (.csv) of keys and groups.",
    ),
]
Balance = Annotated[
    str | None,
    typer.Option(
        "--balance", metavar="[N]", help="Give every class as many files as the largest has; with N, so many."
    ),
]
AtMost = Annotated[
    int | None,
    typer.Option(
        "--at-most", metavar="N", help="With --balance: copies of one original; smaller classes then stay smaller."
    ),
]
Augment = Annotated[
    str | None,
    typer.Option(
        "--augment",
        metavar="train,val",
        help="Splits that get copies; by default train, the others stay as they are.",
    ),
]
Originals = Annotated[
    bool | None, typer.Option("--originals/--no-originals", help="Export each picture itself as well.")
]
Format = Annotated[
    OutputFormat | None,
    typer.Option(
        "--format", "-f", metavar="FORMAT", help="source (each file as it was; the default), jpeg, png or webp."
    ),
]
Labels = Annotated[
    str | None,
    typer.Option(
        "--labels",
        metavar="FORMAT",
        help="Which labels follow the pictures: auto (those that are found; the default), none, yolo, coco, voc or "
        "masks.",
    ),
]
LabelsAs = Annotated[
    str | None,
    typer.Option(
        "--labels-as",
        metavar="FORMAT",
        help="Write objects as yolo, coco or voc; by default as they were. What that cannot hold is said beforehand.",
    ),
]
DrawnOn = Annotated[
    str | None,
    typer.Option(
        "--labels-drawn-on",
        metavar="WHICH",
        help="Labels of pictures that a camera has turned (EXIF): auto (by the sizes they state, else upright), "
        "upright or stored.",
    ),
]
VocBase = Annotated[
    int | None,
    typer.Option(
        "--voc-base", metavar="0|1", help="Number of the first pixel in Pascal VOC; by default told by files."
    ),
]
YoloTask = Annotated[
    str | None,
    typer.Option("--yolo-task", metavar="TASK", help="detect (boxes) or segment (polygons); by default told by files."),
]
CocoLayout = Annotated[
    str | None,
    typer.Option(
        "--coco-layout",
        metavar="LAYOUT",
        help="instances (annotations/instances_train.json) or roboflow (_annotations.coco.json beside the pictures); "
        "by default as it was.",
    ),
]
Ignore = Annotated[
    int | None,
    typer.Option(
        "--mask-ignore",
        metavar="LEVEL",
        help="The level of masks that is not labelled, which a border is filled with; -1: there is none.",
    ),
]
Quality = Annotated[int | None, typer.Option("--quality", "-q", help="Of JPEG and WebP, 1 to 100; 95 by default.")]
Workers = Annotated[
    int | None,
    typer.Option("--workers", "-w", help="Processes; by default one for each CPU. 0: work in this process."),
]
Cluster = Annotated[
    str | None,
    typer.Option("--cluster", metavar="ADDRESS", help="Work on a Dask cluster: its scheduler, tcp://host:8786."),
]
Resume = Annotated[
    bool,
    typer.Option("--resume", help="Go on with an unfinished export: augstudio export --resume OUT says it all."),
]
Replace = Annotated[
    bool,
    typer.Option(
        "--replace",
        help="Replace the export in OUT: it stays until the new one is whole; behind a URL it goes first.",
    ),
]
Moved = Annotated[
    str | None,
    typer.Option("--source", metavar="FOLDER", help="With --resume: where the pictures lie now, if elsewhere."),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Write nothing; show the plan, bytes, time and room. Exit code 1 if there is no room, or if no "
        "picture can be read.",
    ),
]
Again = Annotated[bool, typer.Option("--again", help="Export although the source looks augmented already.")]
