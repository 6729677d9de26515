"""How commands say things: text on standard output, one line for what cannot be done, numbers in words."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from augstudio.wording import one_line, said

if TYPE_CHECKING:
    from rich.console import Console

    from augstudio.advice import Caution

FAILED, NOTHING_DONE, CANCELLED = 1, 2, 130
"""Exit codes besides 0: something is not as it should be; no result at all; Ctrl-C."""
_PIPED_WIDTH = 400  # columns of a table that goes to a file: nothing is broken or cut there


def output() -> Console:
    """Standard output; what is printed to it is text, not markup, and lines are not broken unless asked for."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    return Console(markup=False, highlight=False, emoji=False, soft_wrap=True, width=None if terminal else _PIPED_WIDTH)


def fail(message: str) -> NoReturn:
    """Say why there is no result, and end."""
    typer.echo(f"augstudio: {one_line(message)}", err=True)
    raise typer.Exit(NOTHING_DONE)


def check_new_file(out: Path, what: str, *, replace: bool) -> None:
    """Refuse an `--out` that cannot be written, or where something would be lost, before any work is done."""
    if out.is_dir():
        fail(f"{out}: it is a folder; --out names {what} to write")
    if not out.parent.is_dir():
        fail(f"{out}: there is no folder {out.parent}")
    if os.path.lexists(out) and not replace:
        fail(f"{out}: it is there; --replace writes over it")


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what can go wrong with input into one line and an exit code."""
    from augstudio.dataset.listing import DatasetError
    from augstudio.export import ExportError
    from augstudio.images import PictureError
    from augstudio.presets import PresetError
    from augstudio.storage import StorageError

    try:
        yield
    except (DatasetError, ExportError, PictureError, PresetError, StorageError, ValueError) as error:
        fail(str(error))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        fail(f"{where}{said(error)}")


def print_json(value: object) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, indent=2))


def style_of(caution: Caution) -> str:
    """The colour of a caution."""
    return "red" if caution.level.value == "excessive" else "yellow"


def command(*words: str) -> str:
    """A command of this program, as a shell takes it."""
    return subprocess.list2cmdline(("augstudio", *words)) if os.name == "nt" else shlex.join(("augstudio", *words))


def to_resume(out: str, cluster: str = "") -> str:
    """The command that goes on with an export."""
    return command("export", "--resume", out, *(["--cluster", cluster] if cluster else []))
