"""The commands that hold an export against its manifest: verify and reproduce."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from augstudio.cli.console import CANCELLED, FAILED, check_new_file, fail, output, plain_errors, print_json, to_resume
from augstudio.cli.options import AsJson, Replace
from augstudio.cli.progress import interrupt_asked, progress
from augstudio.marks import LABELS, MANIFEST
from augstudio.wording import count, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from augstudio.export import Remade, Verdict

_SHOWN = 20
_Out = Annotated[str, typer.Argument(metavar="OUT", help="The folder of an export, or its URL.")]


def verify(out: _Out, as_json: AsJson = False) -> None:
    """Read every file of an export and say what is missing, changed or extra.

    Exit code 1 if anything is not as it was written, 2 if there is no export.
    """
    from augstudio.export import verify

    console = output()
    with (
        plain_errors(),
        interrupt_asked("ending (Ctrl-C again ends at once)") as stop,
        contextlib.ExitStack() as shown,
    ):
        show = None if as_json else shown.enter_context(progress(console, "files"))
        verdict = verify(out, progress=lambda done, total: show(done, total, "") if show else None, stop=stop)
    if verdict is None:
        typer.echo("augstudio: cancelled; nothing can be said", err=True)
        raise typer.Exit(CANCELLED)
    if as_json:
        print_json(
            {
                "out": out,
                "ok": verdict.ok,
                "checked": verdict.checked,
                "bytes": verdict.bytes,
                "missing": list(verdict.missing),
                "changed": list(verdict.changed),
                "extra": list(verdict.extra),
                "problems": list(verdict.problems),
            }
        )
    else:
        _show_verdict(console, out, verdict)
    raise typer.Exit(0 if verdict.ok else FAILED)


def _show_verdict(console: Console, out: str, verdict: Verdict) -> None:
    _list(console, "missing", verdict.missing)
    _list(console, "changed", verdict.changed)
    _list(console, "extra", verdict.extra)
    _list(console, "wrong", verdict.problems)
    if verdict.missing or verdict.changed:
        console.print(f"{to_resume(out)} makes them again")
    wrong = [
        f"{len(found):,} {what}"
        for found, what in ((verdict.missing, "missing"), (verdict.changed, "changed"), (verdict.extra, "extra"))
        if found
    ]
    if verdict.problems:
        wrong.append(count(len(verdict.problems), "problem"))
    checked = f"{count(verdict.checked, 'file')} ({size(verdict.bytes)}) read"
    if verdict.ok:
        console.print(f"{checked}: all as written", style="green")
    else:
        console.print(f"{checked}: {', '.join(wrong)}", style="red")


def _list(console: Console, what: str, found: Sequence[str]) -> None:
    from augstudio.wording import printable

    for name in found[:_SHOWN]:
        console.print(f"{what}: {printable(name)}", style="yellow" if what == "extra" else "red")
    if len(found) > _SHOWN:
        console.print(f"{what}: {len(found) - _SHOWN:,} more; --json lists all")


def reproduce(
    out: _Out,
    file: Annotated[str, typer.Argument(metavar="FILE", help="One of its files, such as images/cat/tom__aug1.jpg.")],
    source: Annotated[
        str | None, typer.Option("--source", metavar="DIR", help="Where the dataset lies now, if it has moved.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write what was made to this file.")
    ] = None,
    replace: Replace = False,
    as_json: AsJson = False,
) -> None:
    """Make one file of an export again from its line in the manifest, and say whether it is the same.

    Exit code 1 if it differs from what was recorded by more than another processor's rounding, or if the file in the
    export does; 2 if it cannot be made.
    """
    from augstudio.export import ExportError, reproduce
    from augstudio.files import write_atomically
    from augstudio.images import quiet_libraries

    quiet_libraries()
    if to is not None:
        check_new_file(to, "the file", replace=replace)
    with plain_errors():
        try:
            remade = reproduce(out, file, source=source)
        except ExportError as error:
            said = str(error)
            fail(f"{said} (--source DIR)" if said.endswith("say where it lies now") else said)
        if to is not None:
            write_atomically(remade.data, to)
    if as_json:
        print_json(
            {
                "path": remade.path,
                "source": remade.source,
                "copy": remade.copy,
                "draws": [draw.as_json() for draw in remade.draws],
                "same": remade.same,
                "why": remade.why,
                "levels": remade.levels,
                "on_disk": {True: "same", False: "changed", None: "missing"}[remade.on_disk],
                "bytes": len(remade.data),
                "sha256": hashlib.sha256(remade.data).hexdigest(),
            }
        )
    else:
        _show_remade(output(), remade, to)
    raise typer.Exit(0 if remade.ok else FAILED)


def _show_remade(console: Console, remade: Remade, to: Path | None) -> None:
    from augstudio.transforms import describe
    from augstudio.wording import printable

    which = f"copy {remade.copy}" if remade.copy else "the original"
    if remade.source:
        console.print(f"{printable(remade.path)} is {which} of {printable(remade.source)}")
    else:
        console.print(f"{printable(remade.path)} speaks of many copies: {MANIFEST} and {LABELS} say what")
    words = [text for draw in remade.draws if (text := describe(draw))]
    if remade.copy and remade.source:
        for text in words or ["nothing applied"]:
            console.print(f"  {text}")
    if to is not None:
        console.print(f"Written to {printable(to)}")
    if remade.on_disk is None:
        console.print("The file in the export is missing.", style="yellow")
    elif not remade.on_disk:
        console.print("The file in the export has been changed since it was written.", style="red")
    if remade.same:
        console.print(f"Made again ({size(len(remade.data))}): the same, byte for byte", style="green")
    elif remade.levels is not None:
        console.print(f"Made again ({size(len(remade.data))}): {remade.why}", style="yellow")
    else:
        console.print(f"Made again ({size(len(remade.data))}): not the same; {remade.why}", style="red")
