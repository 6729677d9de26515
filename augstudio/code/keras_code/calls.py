"""Calls as lines of code, in a formatter's own layout."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TypeAlias

WIDTH = 120

Argument: TypeAlias = "str | Call | list[Call]"
"""Code as it stands, a call, or a list of calls, which has a line for each."""


@dataclass(frozen=True)
class Call:
    """A call of a layer.

    Attributes
    ----------
    name : str
        What is called.
    arguments : tuple of (str, Argument)
        The keyword of each, empty for one by place, and its value.
    """

    name: str
    arguments: tuple[tuple[str, Argument], ...]

    @classmethod
    def of(cls, name: str, *places: Argument, **keywords: Argument) -> Call:
        """With arguments by place, then by keyword."""
        return cls(name, (*(("", value) for value in places), *keywords.items()))

    def names(self) -> set[str]:
        """Every name that it needs to be there."""
        found = {node.id for node in ast.walk(ast.parse(self.text(0))) if isinstance(node, ast.Name)}
        return found | {self.name}

    def text(self, indent: int, after: int = 1) -> str:
        """As code, without the indent of its first line; `after`: how many letters follow it on its last line."""
        line = self._line()
        if line is not None and indent + len(line) + after <= WIDTH:
            return line
        inner = " " * (indent + 4)
        rows = [f"{inner}{key}{'=' if key else ''}{_laid_out(value, indent + 4)},\n" for key, value in self.arguments]
        return f"{self.name}(\n{''.join(rows)}{' ' * indent})"

    def _line(self) -> str | None:
        """In one line; None where an argument is a list of several."""
        parts = []
        for key, value in self.arguments:
            if isinstance(value, list) and len(value) > 1:
                return None
            text = value if isinstance(value, str) else value._line() if isinstance(value, Call) else value[0]._line()
            if text is None:
                return None
            text = f"[{text}]" if isinstance(value, list) else text
            parts.append(f"{key}={text}" if key else text)
        return f"{self.name}({', '.join(parts)})"


def _laid_out(value: Argument, indent: int) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Call):
        return value.text(indent)
    inner = " " * (indent + 4)
    return "[\n" + "".join(f"{inner}{call.text(indent + 4)},\n" for call in value) + " " * indent + "]"
