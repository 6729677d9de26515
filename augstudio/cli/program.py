"""The commands, and running one of them."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from augstudio import __version__
from augstudio.cli import coding, importing, inspect, judging, opening, tables, trying, verify
from augstudio.cli.console import CANCELLED, NOTHING_DONE
from augstudio.cli.exporting.command import export
from augstudio.wording import one_line

app = typer.Typer(
    name="augstudio",
    help="See, judge and export image augmentation. Without a command, the studio opens.",
    epilog="Example: augstudio sample pictures && augstudio open pictures",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _name, _command, _example in (
    ("open", opening.open_studio, "photos --preset gentle"),
    ("demo", opening.demo, "--out augstudio-demo"),
    ("inspect", inspect.inspect, "photos --json"),
    ("export", export, "photos augmented --preset gentle --copies 4 --seed 7"),
    ("verify", verify.verify, "augmented"),
    ("reproduce", verify.reproduce, "augmented images/cat/tom__aug1.jpg"),
    ("preview", judging.preview, "photo.jpg --preset gentle --out sheet.png"),
    ("check", judging.check, "photos --preset my-preset.json"),
    ("trial", trying.trial, "photos --preset gentle --each-step"),
    ("code", coding.code, "gentle --for numpy --out augment.py"),
    ("import", importing.import_preset, "hyp.yaml --out mine.json"),
    ("transforms", tables.transforms, "--json"),
    ("presets", tables.presets, ""),
    ("sample", opening.sample, "pictures"),
):
    app.command(_name, epilog=f"Example: augstudio {_name} {_example}".rstrip())(_command)


def run_command(given: Sequence[str]) -> int:
    """Run the command that is given; give the exit code."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a console may lack × and °
    given = list(given)
    if given and not given[0].startswith("-") and given[0] not in _commands() and Path(given[0]).is_dir():
        given.insert(0, "open")
    try:
        code = typer.main.get_command(app).main(_balanced(given), prog_name="augstudio", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        return CANCELLED
    except Exception as error:
        # Usage errors; their class has moved between versions of typer.
        message = getattr(error, "format_message", None)
        if message is None:
            raise
        context = getattr(error, "ctx", None)
        command = context.command_path if context is not None else "augstudio"
        typer.echo(f"augstudio: {one_line(message())} (see {command} --help)", err=True)
        return NOTHING_DONE
    return code if isinstance(code, int) else 0


def _commands() -> set[str]:
    return {command.name or "" for command in app.registered_commands}


def _balanced(given: Sequence[str]) -> list[str]:
    """Give --balance its value, which may be left out: typer knows no such options."""
    if "--balance" not in given or given[0] != "export":
        return list(given)
    place = given.index("--balance")
    before, after = list(given[:place]), list(given[place + 1 :])
    if "--" in before:
        return list(given)
    value = after.pop(0) if after and re.fullmatch(r"[+-]?[0-9]+|largest", after[0]) else "largest"
    return [*before, f"--balance={value}", *_balanced(["export", *after])[1:]]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"augstudio {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _studio(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        opening.open_window(None, None)
