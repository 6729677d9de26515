"""The command line. Whatever is slow to import is imported by the command that needs it."""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from augstudio import __version__

if TYPE_CHECKING:
    from rich.console import Console

    from augstudio.advice import Caution
    from augstudio.export import Progress, Report
    from augstudio.transforms import Parameter, Transform

FAILED, NOTHING_DONE, CANCELLED = 1, 2, 130
"""Exit codes besides 0: some pictures failed or a caution is excessive; no result at all; Ctrl-C."""
_PLAIN_EVERY = 5.0  # seconds between two lines of progress where there is no terminal
_SHOWN_FAILURES = 5
_PIPED_WIDTH = 400  # columns of a table that goes to a file: nothing is broken or cut there
_WIDTH_FOR_SOURCES = 150


class OutputFormat(StrEnum):
    """What an export writes: the values of `augstudio.images.Format`, which is slow to import."""

    SOURCE = "source"
    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"


app = typer.Typer(
    name="augstudio",
    help="See, judge and export image augmentation. Without a command, the studio opens.",
    epilog="Example: augstudio sample pictures && augstudio open pictures",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_PresetOption = Annotated[
    str, typer.Option("--preset", "-p", metavar="PRESET", help="A preset by its name, or a preset file.")
]
_SeedOption = Annotated[int, typer.Option("--seed", "-s", help="The same seed makes the same copies again.")]
_MaxPixelsOption = Annotated[
    int | None, typer.Option("--max-pixels", help="Refuse pictures of more pixels; 100 million by default.")
]
_JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; give the exit code."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a console may lack × and °
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and not given[0].startswith("-") and given[0] not in _commands() and Path(given[0]).is_dir():
        given.insert(0, "open")
    try:
        code = typer.main.get_command(app).main(given, prog_name="augstudio", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        return CANCELLED
    except Exception as error:
        # Usage errors; their class has moved between versions of typer.
        message = getattr(error, "format_message", None)
        if message is None:
            raise
        context = getattr(error, "ctx", None)
        command = context.command_path if context is not None else "augstudio"
        typer.echo(f"augstudio: {_one_line(message())} (see {command} --help)", err=True)
        return NOTHING_DONE
    return code if isinstance(code, int) else 0


def _commands() -> set[str]:
    return {command.name or "" for command in app.registered_commands}


# -- the window ----------------------------------------------------------------------------------------------------


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
        _open_window(None, None)


@app.command("open", epilog="Example: augstudio open photos --preset gentle")
def _open(
    folder: Annotated[Path | None, typer.Argument(metavar="[FOLDER]", help="A folder of pictures.")] = None,
    preset: Annotated[
        str | None, typer.Option("--preset", "-p", metavar="PRESET", help="A preset to begin with.")
    ] = None,
) -> None:
    """Open the studio."""
    _open_window(folder, preset)


def _open_window(folder: Path | None, preset: str | None) -> NoReturn:
    if folder is not None and not folder.is_dir():
        _fail(f"{folder}: there is no such folder")
    if sys.platform == "linux" and not any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        _fail("there is no display to open a window on; augstudio demo and augstudio export work without one")
    from augstudio.gui.application import run

    raise typer.Exit(run(folder, preset))


@app.command("demo", epilog="Example: augstudio demo --out augstudio-demo")
def _demo(out: Annotated[Path, typer.Option("--out", "-o", help="The folder to fill.")]) -> None:
    """Tour the studio off screen: screenshots, a preset and an exported dataset."""
    with _plain_errors():
        from augstudio.gui.tour import demo

        raise typer.Exit(demo(out, typer.echo))


# -- export --------------------------------------------------------------------------------------------------------


@app.command("export", epilog="Example: augstudio export photos augmented --preset gentle --copies 4 --seed 7")
def _export(
    source: Annotated[
        Path, typer.Argument(metavar="SOURCE", help="A folder of pictures; its folders are the classes.")
    ],
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="A new or empty folder, or an earlier export, which is replaced.")
    ],
    preset: _PresetOption,
    copies: Annotated[int, typer.Option("--copies", "-n", help="Augmented copies of every picture.")] = 4,
    seed: _SeedOption = 0,
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-w", help="Processes; by default one for each CPU. 0: work in this process."),
    ] = None,
    originals: Annotated[
        bool, typer.Option("--originals/--no-originals", help="Export each picture itself as well.")
    ] = False,
    output_format: Annotated[
        OutputFormat,
        typer.Option("--format", "-f", metavar="FORMAT", help="source (each file as it was), jpeg, png or webp."),
    ] = OutputFormat.SOURCE,
    quality: Annotated[int, typer.Option("--quality", "-q", help="Of JPEG and WebP, 1 to 100.")] = 95,
    max_pixels: _MaxPixelsOption = None,
) -> None:
    """Write an augmented dataset: OUT/images, with a manifest, the preset and a report beside it."""
    from augstudio.advice import advise
    from augstudio.dataset.facts import look_at
    from augstudio.dataset.scanning import scan
    from augstudio.export import Settings, available_workers, check, run_export
    from augstudio.images import DEFAULT_MAX_PIXELS, Encoding, Format
    from augstudio.presets import find

    with _plain_errors():
        settings = Settings(
            out=out,
            pipeline=find(preset),
            copies=copies,
            seed=seed,
            originals=originals,
            encoding=Encoding(Format(output_format.value), quality),
            max_pixels=DEFAULT_MAX_PIXELS if max_pixels is None else max_pixels,
            workers=available_workers() if workers is None else workers,
        )
        dataset = scan(source)
        check(settings, dataset)
    console = _console()
    facts = look_at(dataset, settings.pipeline.trained_at)
    for caution in advise(settings.pipeline, facts, originals=originals):
        console.print(f"{caution.level.value}: {caution.title}: {caution.message}", style=_style(caution))
    with _plain_errors(), _interrupt_asked() as stop, _shown_progress(console) as progress:
        report = run_export(settings, dataset, progress=progress, stop=stop)
    raise typer.Exit(_sum_up(console, report, out))


@contextlib.contextmanager
def _interrupt_asked() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a question that can be asked; the second ends the program as usual."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return
    before = signal.getsignal(signal.SIGINT)

    def ask(_number: int, _frame: object) -> None:
        asked.set()
        signal.signal(signal.SIGINT, before)
        typer.echo("cancelling: what is running is finished first (Ctrl-C again ends at once)", err=True)

    signal.signal(signal.SIGINT, ask)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _shown_progress(console: Console) -> Iterator[Callable[[Progress], None]]:
    """A bar on a terminal, a line now and then elsewhere."""
    if not console.is_terminal:
        told = time.monotonic()

        def line(now: Progress) -> None:
            nonlocal told
            if time.monotonic() - told >= _PLAIN_EVERY:
                told = time.monotonic()
                console.print(f"{now.done:,} of {now.total:,} pictures, {_standing(now)}")

        yield line
        return

    with _bar(console) as show:
        yield lambda now: show(now.done, now.total, _standing(now))


@contextlib.contextmanager
def _bar(console: Console) -> Iterator[Callable[[int, int, str], None]]:
    """A bar that is told how much is done, of how much, and what to say beside it; nothing without a terminal."""
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TaskProgressColumn(), BarColumn(), TextColumn("{task.description}", markup=False))
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("starting …", total=None)
        yield lambda done, total, said: bar.update(task, completed=done, total=total, description=said)


def _standing(now: Progress) -> str:
    parts = [f"{now.files:,} files", _size(now.bytes), f"{now.rate:.0f} files/s"]
    if now.failures:
        parts.append(f"{now.failures:,} failed")
    if now.eta is not None:
        parts.append(f"{_duration(now.eta)} left")
    return ", ".join(parts)


def _sum_up(console: Console, report: Report, out: Path) -> int:
    """Say what came of an export; give the exit code."""
    from augstudio.export import State

    if report.files == 0 and report.state is not State.CANCELLED:
        first = f"{report.failures[0].source}: {report.failures[0].reason}" if report.failures else ""
        _fail(report.reason or f"no picture could be exported, such as {first} (all are listed in {report.path})")
    tried, left = report.done, report.total - report.done
    console.print(
        f"{_count(report.files, 'file')} ({_size(report.bytes)}) of {_count(tried - len(report.failures), 'picture')} "
        f"in {_duration(report.elapsed)}: {out}"
    )
    for failure in report.failures[:_SHOWN_FAILURES]:
        console.print(f"failed: {failure.source}: {failure.reason}", style="red")
    if report.failures:
        console.print(
            f"{len(report.failures):,} of {_count(report.total, 'picture')} failed; all are listed in {report.path}"
        )
    if report.skipped:
        console.print(f"{len(report.skipped):,} skipped, such as {report.skipped[0]}", style="yellow")
    if report.state is State.CANCELLED:
        typer.echo(f"augstudio: cancelled with {_count(left, 'picture')} to go; what is there is complete", err=True)
        return CANCELLED
    if report.state is State.STOPPED:
        typer.echo(f"augstudio: stopped with {_count(left, 'picture')} to go: {report.reason}", err=True)
        return FAILED
    console.print(f"Train on {out / 'images'}; manifest.jsonl beside it says how each file was made.")
    return FAILED if report.failures else 0


# -- looking and judging -------------------------------------------------------------------------------------------


@app.command("preview", epilog="Example: augstudio preview photo.jpg --preset gentle --out sheet.png")
def _preview(
    picture: Annotated[Path, typer.Argument(metavar="PICTURE", help="A picture file.")],
    preset: _PresetOption,
    out: Annotated[Path, typer.Option("--out", "-o", help="The sheet to write: .png, .jpg or .webp.")],
    copies: Annotated[int, typer.Option("--copies", "-n", help="How many variations to show.")] = 8,
    seed: _SeedOption = 0,
    max_pixels: _MaxPixelsOption = None,
) -> None:
    """Draw a sheet: the original, the lowest and highest end of every range, and variations with their numbers."""
    import numpy as np

    from augstudio.export.sheet import contact_sheet
    from augstudio.files import write_atomically
    from augstudio.images import DEFAULT_MAX_PIXELS, encode
    from augstudio.pipeline import MAX_SEED
    from augstudio.presets import find

    encoders = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
    encoder = encoders.get(out.suffix.lower())
    if encoder is None:
        _fail(f"{out}: the sheet's suffix must be one of {', '.join(encoders)}")
    if not 0 <= seed <= MAX_SEED:
        _fail(f"seed is {seed:,}; allowed is 0 to {MAX_SEED:,}")
    with _plain_errors():
        limit = DEFAULT_MAX_PIXELS if max_pixels is None else max_pixels
        sheet = contact_sheet(picture, find(preset), copies=copies, seed=seed, max_pixels=limit)
        write_atomically(encode(np.asarray(sheet), encoder, 92), out)
    typer.echo(f"{out}: {sheet.width} × {sheet.height} pixels")


@app.command("check", epilog="Example: augstudio check photos --preset my-preset.json")
def _check(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="A folder of pictures.")],
    preset: _PresetOption,
    as_json: _JsonOption = False,
    originals: Annotated[
        bool, typer.Option("--originals/--no-originals", help="Judge as if each picture were exported itself as well.")
    ] = False,
) -> None:
    """List what may do harm, with the evidence and a remedy. Exit code 1 if anything is excessive."""
    from augstudio.advice import Level, advise
    from augstudio.dataset.facts import look_at
    from augstudio.dataset.scanning import scan
    from augstudio.presets import find

    with _plain_errors():
        pipeline = find(preset)
        dataset = scan(source)
    facts = look_at(dataset, pipeline.trained_at)
    cautions = advise(pipeline, facts, originals=originals)
    excessive = sum(caution.level is Level.EXCESSIVE for caution in cautions)
    if as_json:
        _print_json(
            {
                "preset": pipeline.name,
                "pictures": len(dataset.sources),
                "looked_at": facts.pictures if facts else 0,
                "training_size": pipeline.trained_at,
                "cautions": [caution.as_json() for caution in cautions],
            }
        )
    else:
        console = _console()
        for caution in cautions:
            _print_caution(console, caution)
        mild = len(cautions) - excessive
        seen = f"{_count(len(dataset.sources), 'picture')} ({facts.pictures if facts else 0} looked at)"
        verdict = f"{excessive} excessive, {_count(mild, 'caution')}" if cautions else "no cautions"
        console.print(f"{pipeline.name or preset} for {seen} at {pipeline.trained_at} px: {verdict}")
    raise typer.Exit(FAILED if excessive else 0)


def _print_caution(console: Console, caution: Caution) -> None:
    from rich.padding import Padding
    from rich.text import Text

    console.print(Text.assemble((caution.level.value, f"bold {_style(caution)}"), f"  {caution.title}"))
    lines = [caution.message, f"Evidence: {caution.evidence}"]
    if caution.remedy:
        lines.append(f"Remedy: {caution.remedy.label}")
    for line in lines:
        if console.is_terminal:
            console.print(Padding(Text(line), (0, 0, 0, 2)), soft_wrap=False)
        else:
            console.print(f"  {line}")
    console.print()


@app.command("transforms", epilog="Example: augstudio transforms --json")
def _transforms(as_json: _JsonOption = False) -> None:
    """List all transforms with their parameters, bounds and limits."""
    from augstudio.transforms import registry

    transforms = list(registry().values())
    if as_json:
        _print_json([_transform_as_json(transform) for transform in transforms])
        return
    from rich.table import Table
    from rich.text import Text

    console = _console()
    names = ["parameter", "unit", "hard", "useful", "neutral", "caution", "excessive", "default", "source"]
    if not console.is_terminal:  # every line says it all, so that it can be searched for
        names = ["op", "group", *names]
    elif console.width < _WIDTH_FOR_SOURCES:
        names.remove("source")
    table = Table(*names, box=None, header_style="bold", pad_edge=False)
    for column in table.columns:
        column.no_wrap, column.overflow = not console.is_terminal, "fold"
    for transform in transforms:
        if console.is_terminal:
            table.add_row(Text(transform.name(), "bold"), Text(transform.group(), "dim"))
        for row in _rows(transform) or [("–",) + ("",) * 8]:
            cells = row if console.is_terminal else (transform.name(), transform.group(), *row)
            table.add_row(*(Text(cell) for cell in cells[: len(names)]))
    console.print(table, soft_wrap=False)
    console.print(f"Limits at {_SHOWN_SIZE} px; --json has all of them, with their sources and the help.")


@app.command("presets", epilog="Example: augstudio presets")
def _presets(as_json: _JsonOption = False) -> None:
    """List the presets that ship, and your own."""
    from augstudio.presets import shipped, user

    entries = [*user(), *shipped()]
    if as_json:
        _print_json(
            [
                {
                    "name": entry.name,
                    "preset": entry.path.stem,
                    "description": entry.description,
                    "path": str(entry.path),
                    "shipped": entry.shipped,
                    "valid": entry.valid,
                }
                for entry in entries
            ]
        )
        return
    from rich.table import Table
    from rich.text import Text

    table = Table("preset", "name", "whose", "description", box=None, header_style="bold", pad_edge=False)
    for entry in entries:
        whose = "shipped" if entry.shipped else "yours"
        name = entry.name if entry.valid else "cannot be read"
        table.add_row(*(Text(cell) for cell in (entry.path.stem, name, whose, entry.description)))
    _console().print(table, soft_wrap=False)


@app.command("sample", epilog="Example: augstudio sample pictures")
def _sample(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")]) -> None:
    """Draw a dataset to try things on: pictures with and without text."""
    from augstudio.dataset.sample import draw_sample

    with _plain_errors(), _bar(_console()) as show:
        count = len(draw_sample(folder, progress=lambda done, total: show(done, total, f"{done} pictures")))
    typer.echo(f"{count} pictures in {folder}; next: augstudio open {folder}")


# -- tables --------------------------------------------------------------------------------------------------------

_SHOWN_SIZE = 224


def _transform_as_json(transform: type[Transform]) -> dict[str, Any]:
    measure = transform.measure
    return {
        "op": transform.name(),
        "label": transform.label,
        "group": transform.group(),
        "help": transform.help(),
        "parameters": [_parameter_as_json(transform, name, p) for name, p in transform.parameters().items()],
        "measure": measure and {"parameter": measure.parameter, **_limits(measure.limits), "source": measure.source},
    }


def _parameter_as_json(transform: type[Transform], name: str, declared: Parameter) -> dict[str, Any]:
    from augstudio.transforms import Knob
    from augstudio.transforms.parameter import Choices, Option

    said: dict[str, Any] = {"name": name, "label": declared.label, "help": declared.help}
    if isinstance(declared, Knob):
        sizes = () if hasattr(declared.limits, "caution") else sorted(declared.limits)
        said |= {
            "kind": "range",
            "unit": declared.unit,
            "hard": declared.hard,
            "useful": declared.useful,
            "neutral": declared.neutral,
            **_limits(declared.limits_at(_SHOWN_SIZE)),
            "by_training_size": {str(size): _limits(declared.limits_at(size)) for size in sizes},
            "whole": declared.whole,
            "source": declared.source,
        }
    elif isinstance(declared, Choices):
        said |= {"kind": "choices", "options": list(declared.options)}
    elif isinstance(declared, Option):
        said |= {"kind": "option", "options": list(declared.labels)}
    else:
        said |= {"kind": "colour"}
    return {**said, "default": _default(transform, name)}


def _limits(limits: Any) -> dict[str, Any]:
    return {"caution": limits.caution, "excessive": limits.excessive}


def _default(transform: type[Transform], name: str) -> Any:
    return transform.model_validate({"op": transform.name()}).model_dump(mode="json")[name]


def _rows(transform: type[Transform]) -> list[tuple[str, ...]]:
    """A row of cells for each parameter: parameter, unit, …, source."""
    from augstudio.transforms import Knob
    from augstudio.transforms.parameter import Choices, Option

    rows: list[tuple[str, ...]] = []
    for name, declared in transform.parameters().items():
        default = _default(transform, name)
        if isinstance(declared, Knob):
            limits, measure = declared.limits_at(_SHOWN_SIZE), transform.measure
            of_what, source = "", declared.source
            if measure is not None and measure.parameter == name:
                limits, of_what, source = measure.limits, " together", measure.source
            row = (
                name,
                declared.unit,
                _span(declared.hard),
                _span(declared.useful),
                "–" if declared.neutral is None else f"{declared.neutral:g}",
                _beyond(limits.caution, of_what),
                _beyond(limits.excessive, of_what),
                _span(default),
                source,
            )
        elif isinstance(declared, Choices | Option):
            options = declared.options if isinstance(declared, Choices) else declared.labels
            chosen = ", ".join(map(str, default)) if isinstance(default, list) else str(default)
            row = (name, "choice", ", ".join(map(str, options)), "", "", "", "", chosen, "")
        else:
            row = (name, "RGB", "0 … 255", "", "", "", "", " ".join(map(str, default)), "")
        rows.append(row)
    return rows


def _span(ends: Sequence[float]) -> str:
    low, high = ends
    return f"±{high:g}" if low == -high and high > 0 else f"{low:g} … {high:g}"


def _beyond(bounds: tuple[float | None, float | None], of_what: str) -> str:
    low, high = bounds
    if low is not None and high is not None and low == -high:
        return f"beyond ±{high:g}"
    parts = [f"below {low:g}"] if low is not None else []
    parts += [f"above {high:g}{of_what}"] if high is not None else []
    return ", ".join(parts) or "–"


# -- saying things -------------------------------------------------------------------------------------------------


def _console() -> Console:
    """Standard output; what is printed to it is text, not markup, and lines are not broken unless asked for."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    return Console(markup=False, highlight=False, emoji=False, soft_wrap=True, width=None if terminal else _PIPED_WIDTH)


def _fail(message: str) -> NoReturn:
    typer.echo(f"augstudio: {_one_line(message)}", err=True)
    raise typer.Exit(NOTHING_DONE)


@contextlib.contextmanager
def _plain_errors() -> Iterator[None]:
    """Turn what can go wrong with input into one line and an exit code."""
    from augstudio.dataset.scanning import DatasetError
    from augstudio.export import ExportError
    from augstudio.images import PictureError
    from augstudio.presets import PresetError

    try:
        yield
    except (DatasetError, ExportError, PictureError, PresetError, ValueError) as error:
        _fail(str(error))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _fail(f"{where}{(error.strerror or str(error)).lower()}")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, indent=2))


def _style(caution: Caution) -> str:
    return "red" if caution.level.value == "excessive" else "yellow"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def _size(count: float) -> str:
    if count < 1000:
        return f"{count:.0f} bytes"
    power = min(int(math.log(count, 1000)), 4)
    number = count / 1000**power
    return f"{number:.{0 if number >= 99.95 else 1}f} {('', 'kB', 'MB', 'GB', 'TB')[power]}"


def _duration(seconds: float) -> str:
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
