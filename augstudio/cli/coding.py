"""The command that writes a preset as code for other libraries."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from augstudio.cli.console import check_new_file, plain_errors
from augstudio.cli.options import Replace
from augstudio.wording import count, listing


def code(
    preset: Annotated[str, typer.Argument(metavar="PRESET", help="A preset by its name, or a preset file.")],
    target: Annotated[
        str, typer.Option("--for", metavar="LIBRARY", help="numpy, keras, torchvision or albumentations.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The file to write; without it, the code is printed.")
    ] = None,
    replace: Replace = False,
) -> None:
    """Write a preset as code that runs without augstudio; the table says how near each step comes."""
    if out is not None:
        check_new_file(out, "the file", replace=replace)
    with plain_errors():
        from augstudio.code import generate
        from augstudio.code.heading import table
        from augstudio.files import write_atomically
        from augstudio.presets import find

        written = generate(find(preset), target)
        if out is not None:
            write_atomically(written.text.encode(), out)
    for line in table(written.rows):
        typer.echo(line, err=True)
    if out is None:
        typer.echo(written.text, nl=False)
        return
    found = Counter(row.standing.value for row in written.rows)
    standings = listing([f"{number} {standing}" for standing, number in found.items()]) or "nothing to do"
    typer.echo(f"{out}: {count(written.text.count(chr(10)), 'line')} for {written.target}; {standings}")
