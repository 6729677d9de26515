"""The command that makes a preset of other libraries' augmentation."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from augstudio.cli.console import check_new_file, plain_errors
from augstudio.cli.options import Replace
from augstudio.wording import count, listing


def import_preset(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="A pipeline saved by Albumentations, or Ultralytics' args.yaml or hyp.yaml."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="PRESET", help="The preset file to write.")],
    size: Annotated[
        int | None,
        typer.Option(
            "--size", min=8, max=8192, help="The shorter side, in pixels, that the model sees, if the file has none."
        ),
    ] = None,
    replace: Replace = False,
) -> None:
    """Make a preset of another library's augmentation; the table says how near each part comes."""
    check_new_file(out, "the preset file", replace=replace)
    with plain_errors():
        from augstudio.code.heading import table
        from augstudio.code.importing import read

        found = read(file, size)
        found.pipeline.save(out)
    for line in table(found.rows):
        typer.echo(line)
    counts = Counter(row.standing.value for row in found.rows)
    standings = listing([f"{number} {standing}" for standing, number in counts.items()]) or "nothing in it"
    typer.echo(f"{out}: {count(len(found.pipeline.transforms), 'step')} of {found.source}; {standings}")
