"""The command that says whether a preset helps: trial."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from augstudio.cli.console import CANCELLED, FAILED, check_new_file, fail, output, plain_errors, print_json
from augstudio.cli.folders import AsClasses, AsSplits, FoldersAlone, said
from augstudio.cli.options import AsJson, Exclude, MaxPixels, Replace, Seed
from augstudio.cli.progress import interrupt_asked, progress
from augstudio.wording import points, printable, roughly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from augstudio.dataset.scanning import Dataset
    from augstudio.trial import Comparison, TrialResult, TrialSettings, TrialStanding

_PARTS = 1000
"""Of a stage's work, by which progress is told."""
_STYLES = {"helps": "green", "costs": "red", "cannot be told": ""}
_ENDING = "ending; what is known by now is said (Ctrl-C again ends at once)"


def trial(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="A folder of pictures, or its URL; its folders are the classes.")
    ],
    preset: Annotated[
        list[str],
        typer.Option(
            "--preset",
            "-p",
            metavar="PRESET",
            help="A preset by its name, or a preset file. Can be given more than once: all are held against originals.",
        ),
    ],
    each_step: Annotated[
        bool, typer.Option("--each-step", help="Train without each step as well: which of them helps, which costs?")
    ] = False,
    copies: Annotated[
        int, typer.Option("--copies", "-n", help="Copies of every picture to learn from: those of such an export.")
    ] = 4,
    originals: Annotated[
        bool, typer.Option("--originals/--no-originals", help="Learn from each picture itself as well as its copies.")
    ] = False,
    seed: Seed = 0,
    rounds: Annotated[
        int, typer.Option("--rounds", "-r", help="How often all is done, with other networks and other folds.")
    ] = 3,
    folds: Annotated[
        int,
        typer.Option(
            "--folds",
            help="Parts that the pictures are dealt into, each judged by networks that learnt from the others. Splits "
            "that are there are kept instead.",
        ),
    ] = 4,
    size: Annotated[int, typer.Option("--size", help="Width and height that networks see, in pixels.")] = 48,
    updates: Annotated[
        int | None,
        typer.Option(
            "--updates",
            help="Of each training, of 32 pictures; by default 30 times through the originals, 300 to 3,000.",
        ),
    ] = None,
    most: Annotated[
        int, typer.Option("--most", help="Pictures that take part at most, of each class in proportion.")
    ] = 2000,
    group: Annotated[
        str | None,
        typer.Option(
            "--group",
            metavar="GROUP",
            help="Which pictures are on one side together, as with augstudio export: folder, a pattern, or a table.",
        ),
    ] = None,
    exclude: Exclude = None,
    as_splits: AsSplits = False,
    as_classes: AsClasses = False,
    folders_alone: FoldersAlone = False,
    again: Annotated[bool, typer.Option("--again", help="Go on although the source looks augmented already.")] = False,
    max_pixels: MaxPixels = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-w", help="Processes that make copies; by default one for each CPU. 0: this one."),
    ] = None,
    device: Annotated[
        str, typer.Option("--device", metavar="DEVICE", help="Where networks are trained: auto, cpu, cuda or mps.")
    ] = "auto",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write all that came of it to a file (JSON).")
    ] = None,
    replace: Replace = False,
    as_json: AsJson = False,
) -> None:
    """Train small networks with a preset's copies and without: does it help on these pictures? Needs PyTorch.

    Exit code 1 if a preset does worse than originals alone.
    """
    from augstudio.cli.exporting.plan import show_folder
    from augstudio.dataset.excluding import excluded
    from augstudio.dataset.groups import parse_grouping
    from augstudio.dataset.scanning import scan
    from augstudio.dataset.splits import Folders
    from augstudio.export import available_workers
    from augstudio.images import DEFAULT_MAX_PIXELS, quiet_libraries
    from augstudio.presets import find
    from augstudio.trial import TrialSettings
    from augstudio.trial.network import chosen_device

    quiet_libraries()
    if out is not None:
        check_new_file(out, "the file", replace=replace)
    with _plain_errors():
        taken = said(as_splits=as_splits, as_classes=as_classes, folders_alone=folders_alone)
        pipelines = tuple(map(find, preset))
        grouping = None if group is None else parse_grouping(group)
        dataset = scan(source, folders=taken or Folders.AUTO)
        settings = TrialSettings(
            pipelines=pipelines,
            each_step=each_step,
            copies=copies,
            originals=originals,
            seed=seed,
            rounds=rounds,
            folds=folds,
            size=size,
            updates=updates,
            most=most,
            group=grouping,
            excluded=excluded(exclude or (), dataset),
            again=again,
            max_pixels=DEFAULT_MAX_PIXELS if max_pixels is None else max_pixels,
            workers=available_workers() if workers is None else workers,
            device=device,
        )
        chosen_device(device)  # else it would be known only after all pictures are made
        if not as_json:
            show_folder(output(), dataset)
        outcome = _run(settings, dataset, quiet=as_json)
    if outcome is None:
        typer.echo("augstudio: cancelled; nothing can be said", err=True)
        raise typer.Exit(CANCELLED)
    if as_json:
        print_json(outcome.as_json())
    else:
        _show(output(), outcome)
    if out is not None:  # last, so that nothing is lost where it cannot be written
        from augstudio.files import write_atomically

        with plain_errors():
            write_atomically(f"{json.dumps(outcome.as_json(), indent=2)}\n".encode(), out)
        typer.echo(f"All of it: {printable(out)}", err=as_json)
    if outcome.trained < outcome.planned:
        raise typer.Exit(CANCELLED)
    raise typer.Exit(FAILED if outcome.costs else 0)


@contextlib.contextmanager
def _plain_errors() -> Iterator[None]:
    from augstudio.export import LooksAugmentedError, UnclearFoldersError
    from augstudio.pool.retrying import PoolError
    from augstudio.trial import TrialError

    with plain_errors():
        try:
            yield
        except LooksAugmentedError as error:
            fail(f"{error}; --again goes on all the same")
        except UnclearFoldersError as error:
            fail(f"{error}: --as-splits (they are train, val and test) or --as-classes")
        except (PoolError, TrialError) as error:
            fail(str(error))


def _run(settings: TrialSettings, dataset: Dataset, *, quiet: bool) -> TrialResult | None:
    from augstudio.trial import run_trial

    console = output()
    with interrupt_asked(_ENDING) as stop, contextlib.ExitStack() as shown:
        show = None if quiet else shown.enter_context(progress(console, ""))

        def tell(standing: TrialStanding) -> None:
            if show is not None:
                show(round(_PARTS * standing.share), _PARTS, in_words(standing))

        return run_trial(settings, dataset, progress=tell, stop=stop)


def in_words(standing: TrialStanding) -> str:
    """How a trial stands, on a line."""
    from augstudio.trial.running import Stage

    if standing.stage is Stage.DEALING:
        return "looking at the pictures …"
    if standing.stage is Stage.PICTURES:
        return f"making copies, picture {standing.done:,} of {standing.total:,}"
    left = f", {roughly(standing.seconds)} left" if standing.seconds is not None else ""
    so_far = ""
    if standing.result is not None:
        first = standing.result.comparisons[0]
        so_far = f"; {first.arm} so far {points(first.difference)} points"
    return f"training {min(standing.done + 1, standing.total):,} of {standing.total:,}{left}{so_far}"


def _print_table(
    console: Console,
    outcome: TrialResult,
    titles: tuple[str, str],
    rows: list[tuple[str, str, Comparison | None]],
) -> None:
    """What rows are called, the arms whose accuracy they have, and what is said of the difference."""
    from rich.table import Table
    from rich.text import Text

    from augstudio.trial.result import said_by

    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    table.add_column(titles[0])
    for title in (titles[1], "points"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("")
    for called, arm, one in rows:
        told = ("", "") if one is None else (points(one.difference), Text(said_by(one), _STYLES[one.effect]))
        table.add_row(Text(printable(called)), f"{100 * outcome.accuracy(arm):.1f} %", *told)
    console.print(table)


def _show(console: Console, outcome: TrialResult) -> None:
    from augstudio.trial.result import worst_classes

    settings = outcome.settings
    console.print(outcome.summary)
    first = outcome.arms[0].name
    wholes = [(arm.name, arm.name, outcome.find(arm.name, first)) for arm in outcome.arms if not arm.without]
    _print_table(console, outcome, ("learnt from", "accuracy"), wholes)
    if steps := [
        (arm.without, arm.name, outcome.find(outcome.arms[1].name, arm.name)) for arm in outcome.arms if arm.without
    ]:
        console.print()
        _print_table(console, outcome, ("step", "without it"), steps)
    for arm in outcome.arms[1:]:
        if not arm.without and (lost := worst_classes(outcome, arm.name, outcome.arms[0].name)):
            classes = ", ".join(f"{printable(name)} {points(gained)}" for name, gained in lost)
            console.print(f"Classes that lose by {printable(arm.name)}: {classes}")
    for remark in outcome.remarks:
        console.print(remark)
    console.print(
        f"A network of {outcome.weights:,} weights at {settings.size} px, {outcome.updates:,} updates: yours may "
        "differ. Accuracy is balanced: the mean over classes."
    )
