"""What a long command shows while it works, and how Ctrl-C ends it."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import typer

from augstudio.cli import interrupted

if TYPE_CHECKING:
    from rich.console import Console

_PLAIN_EVERY = 5.0  # seconds between two lines of progress where there is no terminal


@contextlib.contextmanager
def interrupt_asked(said: str) -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a question that can be asked; the second ends the program as usual."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return
    before = signal.getsignal(signal.SIGINT)

    def ask(_number: int, _frame: object) -> None:
        asked.set()
        signal.signal(signal.SIGINT, before)
        typer.echo(said, err=True)

    signal.signal(signal.SIGINT, ask)
    try:
        if interrupted():  # and yet it is still here
            ask(signal.SIGINT, None)
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def progress(console: Console, things: str) -> Iterator[Callable[[int, int, str], None]]:
    """Show how far it is: a bar on a terminal, a line now and then elsewhere.

    What it gives is to be told how many things are done, of how many, and what else to say: all there is to say where
    the things have no name.
    """
    if console.is_terminal:
        with bar(console) as show:
            yield lambda done, total, said: show(done, total, said or f"{done:,} of {total:,} {things}")
        return
    told = time.monotonic()

    def line(done: int, total: int, said: str) -> None:
        nonlocal told
        if time.monotonic() - told >= _PLAIN_EVERY:
            told = time.monotonic()
            console.print(", ".join(filter(None, (things and f"{done:,} of {total:,} {things}", said))))

    yield line


@contextlib.contextmanager
def bar(console: Console) -> Iterator[Callable[[int, int, str], None]]:
    """A bar that is told how much is done, of how much, and what to say beside it; nothing without a terminal."""
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TaskProgressColumn(), BarColumn(), TextColumn("{task.description}", markup=False))
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task("starting …", total=None)
        yield lambda done, total, said: shown.update(task, completed=done, total=total, description=said)
