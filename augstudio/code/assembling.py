"""Putting a file of code together: calls, the pieces that they need, the imports that those need."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from augstudio.code.generated import Line
from augstudio.code.heading import WIDTH, literal

_INDENT = "    "


class Raw(str):
    """A piece of code that stands as it is where a value is expected."""

    __slots__ = ()


@dataclass(frozen=True)
class Call:
    """A call in a list of steps, such as `A.HorizontalFlip(p=0.5)`.

    Attributes
    ----------
    name : str
        What is called.
    named : mapping
        Arguments by name.
    inside : tuple of Call
        A list of calls that is its first argument, if any.
    """

    name: str
    named: Mapping[str, object] = field(default_factory=dict)
    inside: tuple[Call, ...] = ()

    def lines(self, indent: int) -> list[str]:
        """The call as lines, each with its indentation; the last ends with a comma."""
        before = _INDENT * indent
        named = [f"{name}={code(value)}" for name, value in self.named.items()]
        if not self.inside:
            one = f"{before}{self.name}({', '.join(named)}),"
            if len(one) <= WIDTH:
                return [one]
            return [f"{before}{self.name}(", *(f"{before}{_INDENT}{part}," for part in named), f"{before}),"]
        calls = [line for call in self.inside for line in call.lines(indent + 2)]
        return [
            f"{before}{self.name}(",
            f"{before}{_INDENT}[",
            *calls,
            f"{before}{_INDENT}]{',' if named else ''}",
            *(f"{before}{_INDENT}{part}," for part in named),
            f"{before}),",
        ]


@dataclass(frozen=True)
class Entry:
    """What a step becomes.

    Attributes
    ----------
    calls : tuple of Call
        In the list of steps.
    rows : tuple of Line
        In the table.
    needs : tuple of str
        Names of pieces.
    """

    calls: tuple[Call, ...]
    rows: tuple[Line, ...]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Piece:
    """A function, class or constant of a file's own.

    Attributes
    ----------
    text : str
        Its source.
    needs : tuple of str
        Names of other pieces.
    """

    text: str
    needs: tuple[str, ...] = ()


def code(value: object) -> str:
    """A value as code."""
    if isinstance(value, Raw):
        return value
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(name)}: {code(item)}" for name, item in value.items()) + "}"
    if isinstance(value, tuple):  # a range, a colour, a list of choices
        return f"({', '.join(map(code, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e6:
        return str(int(value))
    return literal(value)


def gathered(pieces: Mapping[str, Piece], wanted: Iterable[str]) -> list[str]:
    """The text of the pieces that are wanted, and of those that they need, in the order of `pieces`.

    Where a piece and its wide variant are wanted (`disc`, `disc_wide`), the variant stands for both.
    """
    needed = closure(pieces, wanted)
    return [piece.text.strip("\n") for name, piece in pieces.items() if name in needed and f"{name}_wide" not in needed]


def closure(pieces: Mapping[str, Piece], wanted: Iterable[str]) -> set[str]:
    """The names of pieces and of all that they need."""
    needed: set[str] = set()
    left = list(wanted)
    while left:
        name = left.pop()
        if name not in needed:
            needed.add(name)
            left += pieces[name].needs
    return needed


def imported(imports: Sequence[tuple[str, str]], text: str) -> str:
    """The import lines that a text needs.

    Parameters
    ----------
    imports : sequence of (str, str)
        A name and the line that gives it, in order; an empty pair parts the standard library from others.
    text : str
        The code.
    """
    blocks: list[list[str]] = [[]]
    for name, line in imports:
        if not name:
            blocks.append([])
        elif re.search(rf"(?<![\w.]){re.escape(name)}\b", text):
            blocks[-1].append(line)
    return "\n\n".join("\n".join(block) for block in blocks if block)


def file_of(heading: str, imports: str, parts: Sequence[str]) -> str:
    """The whole file: docstring, imports, pieces two lines apart; a constant stands nearer to the imports."""
    first, *others = parts
    gap = "\n\n\n" if first.startswith(("def ", "class ")) else "\n\n"
    return "\n\n\n".join([f"{heading}\n{imports}{gap}{first}", *others]) + "\n"
