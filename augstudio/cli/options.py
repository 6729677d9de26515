"""Options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

Preset = Annotated[
    str, typer.Option("--preset", "-p", metavar="PRESET", help="A preset by its name, or a preset file.")
]
Seed = Annotated[int, typer.Option("--seed", "-s", help="The same seed makes the same copies again.")]
MaxPixels = Annotated[
    int | None, typer.Option("--max-pixels", help="Refuse pictures of more pixels; 100 million by default.")
]
Replace = Annotated[bool, typer.Option("--replace", help="Write over a file that is there.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude",
        metavar="KEY",
        help="Leave out a picture by its path in SOURCE, a folder, what a pattern finds ('cat/*_blurred*'), or what "
        "@FILE lists, a line each. Can be given more than once.",
    ),
]
