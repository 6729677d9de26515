"""The commands that open the studio, show it off screen, or give something to open."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from augstudio.cli import USUAL
from augstudio.cli.console import fail, output, plain_errors
from augstudio.cli.progress import bar


def open_studio(
    folder: Annotated[Path | None, typer.Argument(metavar="[FOLDER]", help="A folder of pictures.")] = None,
    preset: Annotated[
        str | None, typer.Option("--preset", "-p", metavar="PRESET", help="A preset to begin with.")
    ] = None,
) -> None:
    """Open the studio."""
    open_window(folder, preset)


def open_window(folder: Path | None, preset: str | None) -> NoReturn:
    """Open the window and end with its exit code."""
    if folder is not None and not folder.is_dir():
        fail(f"{folder}: there is no such folder")
    if sys.platform == "linux" and not any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        fail("there is no display to open a window on; augstudio demo and augstudio export work without one")
    from augstudio.gui.shell.application import run_studio

    gc.set_threshold(*USUAL)  # in a window, many short looks are better than a few long ones
    raise typer.Exit(run_studio(folder, preset))


def demo(out: Annotated[Path, typer.Option("--out", "-o", help="The folder to fill.")]) -> None:
    """Tour the studio off screen: screenshots, a preset and an exported dataset."""
    with plain_errors():
        from augstudio.gui.shell.tour import demo as tour

        raise typer.Exit(tour(out, typer.echo))


def sample(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")]) -> None:
    """Copy the sample pictures into a folder: a small dataset to try things on."""
    from augstudio.dataset.sample import copy_sample

    with plain_errors(), bar(output()) as show:
        there = len(copy_sample(folder, progress=lambda done, total: show(done, total, f"{done} pictures")))
    typer.echo(f"{there} pictures in {folder}; next: augstudio open {folder}")
