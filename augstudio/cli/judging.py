"""The commands that show and judge a preset: preview and check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from augstudio.cli.console import FAILED, check_new_file, fail, output, plain_errors, print_json, style_of
from augstudio.cli.options import AsJson, Exclude, MaxPixels, Preset, Replace, Seed
from augstudio.wording import count

if TYPE_CHECKING:
    from rich.console import Console

    from augstudio.advice import Caution
    from augstudio.dataset.labelling import DatasetLabels
    from augstudio.dataset.scanning import Dataset


def preview(
    picture: Annotated[Path, typer.Argument(metavar="PICTURE", help="A picture file.")],
    preset: Preset,
    out: Annotated[Path, typer.Option("--out", "-o", help="The sheet to write: .png, .jpg or .webp.")],
    copies: Annotated[int, typer.Option("--copies", "-n", help="How many variations to show.")] = 8,
    seed: Seed = 0,
    max_pixels: MaxPixels = None,
    replace: Replace = False,
) -> None:
    """Draw a sheet: the original, the lowest and highest end of every range, and variations with their numbers."""
    import numpy as np

    from augstudio.export.sheet import contact_sheet
    from augstudio.files import write_atomically
    from augstudio.images import DEFAULT_MAX_PIXELS, encode, quiet_libraries
    from augstudio.pipeline import MAX_SEED
    from augstudio.presets import find

    quiet_libraries()
    encoders = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
    encoder = encoders.get(out.suffix.lower())
    if encoder is None:
        fail(f"{out}: the sheet's suffix must be one of {', '.join(encoders)}")
    if not 0 <= seed <= MAX_SEED:
        fail(f"seed is {seed:,}; allowed is 0 to {MAX_SEED:,}")
    check_new_file(out, "the sheet", replace=replace)
    if out.exists() and picture.exists() and out.samefile(picture):
        fail(f"{out}: it is the picture itself, which the sheet would be written over")
    with plain_errors():
        limit = DEFAULT_MAX_PIXELS if max_pixels is None else max_pixels
        sheet = contact_sheet(picture, find(preset), copies=copies, seed=seed, max_pixels=limit)
        write_atomically(encode(np.asarray(sheet), encoder, 92), out)
    typer.echo(f"{out}: {sheet.width} × {sheet.height} pixels")


def check(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A folder of pictures, or its URL.")],
    preset: Preset,
    as_json: AsJson = False,
    originals: Annotated[
        bool, typer.Option("--originals/--no-originals", help="Judge as if each picture were exported itself as well.")
    ] = False,
    exclude: Exclude = None,
) -> None:
    """List what may do harm, with the evidence and a remedy. Exit code 1 if anything is excessive."""
    from augstudio.advice import Level, advise, readings
    from augstudio.dataset.excluding import excluded
    from augstudio.dataset.facts import look_at
    from augstudio.dataset.label_facts import look_at_labels
    from augstudio.dataset.scanning import scan
    from augstudio.images import quiet_libraries
    from augstudio.presets import find

    quiet_libraries()
    with plain_errors():
        pipeline = find(preset)
        dataset = scan(source)
        dataset = dataset.without(excluded(exclude or (), dataset))
    facts = look_at(dataset, pipeline.trained_at)
    labels = look_at_labels(dataset, _labels_of(dataset))
    cautions = advise(pipeline, facts, originals=originals, labels=labels)
    excessive = sum(caution.level is Level.EXCESSIVE for caution in cautions)
    if as_json:
        print_json(
            {
                "preset": pipeline.name,
                "pictures": len(dataset.sources),
                "looked_at": facts.pictures if facts else 0,
                "objects": labels.objects if labels else 0,
                "training_size": pipeline.trained_at,
                "cautions": [caution.as_json() for caution in cautions],
                "measures": [reading.as_json() for reading in readings(pipeline, facts)],
            }
        )
    else:
        console = output()
        for caution in cautions:
            _print_caution(console, caution)
        mild = len(cautions) - excessive
        objects = f", {count(labels.objects, 'object')} in {len(labels.pictures)} of them" if labels else ""
        seen = f"{count(len(dataset.sources), 'picture')} ({facts.pictures if facts else 0} looked at{objects})"
        verdict = f"{excessive} excessive, {count(mild, 'caution')}" if cautions else "no cautions"
        console.print(f"{pipeline.name or preset} for {seen} at {pipeline.trained_at} px: {verdict}")
    raise typer.Exit(FAILED if excessive else 0)


def _labels_of(dataset: Dataset) -> DatasetLabels:
    """The labels that follow the pictures; none where they cannot be told, which an export says."""
    from augstudio.dataset.labelling import NO_LABELS, LabelError, collect

    try:
        return collect(dataset)
    except (LabelError, OSError):
        return NO_LABELS


def _print_caution(console: Console, caution: Caution) -> None:
    from rich.padding import Padding
    from rich.text import Text

    console.print(Text.assemble((caution.level.value, f"bold {style_of(caution)}"), f"  {caution.title}"))
    kind = f" ({caution.kind.value})" if caution.kind else ""
    lines = [caution.message, f"Evidence{kind}: {caution.evidence}"]
    if caution.remedy:
        lines.append(f"Remedy: {caution.remedy.label}")
    for line in lines:
        if console.is_terminal:
            console.print(Padding(Text(line), (0, 0, 0, 2)), soft_wrap=False)
        else:
            console.print(f"  {line}")
    console.print()
