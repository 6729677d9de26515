"""The program's own source, as definitions that can be taken out of it: what each of them needs, and its text."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

PACKAGE = "augstudio"


class SourceError(ValueError):
    """Source that cannot be taken; the message says where and why."""


class Place(NamedTuple):
    """Where a definition stands: its module, and its name there."""

    module: str
    name: str


class Imported(NamedTuple):
    """A name of another library: `import module as bound`, or `from module import name as bound`."""

    module: str
    name: str
    bound: str


class Edit(NamedTuple):
    """Other text for a part of a module, from one byte to another."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, eq=False)
class Definition:
    """A function, a class, or a constant with the text below it that says what it is.

    Attributes
    ----------
    place : Place
        Where it stands.
    node : ast.stmt
        It.
    start, end : int
        The bytes of the module that it takes, with comments right above it.
    """

    place: Place
    node: ast.stmt
    start: int
    end: int

    @property
    def is_constant(self) -> bool:
        """Whether it is neither a function nor a class."""
        return not isinstance(self.node, ast.FunctionDef | ast.ClassDef)

    def methods(self) -> Iterator[ast.FunctionDef]:
        """Those of a class."""
        if isinstance(self.node, ast.ClassDef):
            yield from (node for node in self.node.body if isinstance(node, ast.FunctionDef))


class Module:
    """The source of a module of the program."""

    def __init__(self, name: str) -> None:
        self.name = name
        module = importlib.import_module(name)
        try:
            self.text = inspect.getsource(module).encode()
        except (OSError, TypeError):
            raise SourceError(f"{name}: its source is not there; code for NumPy is made from it") from None
        self.tree = ast.parse(self.text)
        self._lines = [0]
        for line in self.text.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))
        self.imports = dict(self._imports())

    def offset(self, line: int, column: int) -> int:
        """The byte at a line, counted from 1, and a byte in it, counted from 0: as syntax trees count."""
        return self._lines[line - 1] + column

    def start(self, node: ast.stmt | ast.expr) -> int:
        """The first byte of a node, with its decorators."""
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        line = min([node.lineno, *(one.lineno for one in decorators)])
        return self.offset(line, node.col_offset)

    def end(self, node: ast.stmt | ast.expr) -> int:
        """The byte after a node."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.offset(node.end_lineno, node.end_col_offset)

    def words(self, start: int, end: int) -> str:
        """What stands between two bytes."""
        return self.text[start:end].decode()

    def said(self, node: ast.stmt | ast.expr) -> str:
        """A node as it stands there."""
        return self.words(self.start(node), self.end(node))

    def line_start(self, line: int) -> int:
        """The first byte of a line, counted from 1."""
        return self._lines[line - 1]

    def line_of(self, node: ast.stmt) -> int:
        """The first line of a node and of the comments right above it."""
        line = self.text.count(b"\n", 0, self.start(node)) + 1
        while line > 1 and self._line(line - 1).lstrip().startswith(b"#"):
            line -= 1
        return line

    def _line(self, line: int) -> bytes:
        return self.text[self._lines[line - 1] : self._lines[line]]

    @cached_property
    def definitions(self) -> dict[str, Definition]:
        """All of them, in the order in which they stand."""
        found: dict[str, Definition] = {}
        body = self.tree.body
        for number, node in enumerate(body):
            names = _defined(node)
            if not names:
                continue
            last: ast.stmt = node
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) and number + 1 < len(body):
                last = body[number + 1] if is_text(body[number + 1]) else node
            place = Place(self.name, names[0])
            definition = Definition(place, node, self.line_start(self.line_of(node)), self.end(last))
            found.update(dict.fromkeys(names, definition))
        return found

    def _imports(self) -> Iterator[tuple[str, Imported]]:
        for node in self.tree.body:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    bound = alias.asname or alias.name.partition(".")[0]
                    yield bound, Imported(alias.name, "", bound)
            elif isinstance(node, ast.ImportFrom) and node.module and node.module != "__future__":
                for alias in node.names:
                    bound = alias.asname or alias.name
                    yield bound, Imported(node.module, alias.name, bound)

    def resolve(self, name: str) -> Definition | Module | Imported | None:
        """What a name of the module stands for; None for one that Python itself has."""
        if name in self.definitions:
            return self.definitions[name]
        imported = self.imports.get(name)
        if imported is None or imported.module.partition(".")[0] != PACKAGE:
            return imported
        if not imported.name:
            return module(imported.module)
        within = module(imported.module)
        found = within.resolve(imported.name)
        return module(f"{imported.module}.{imported.name}") if found is None else found


@cache
def module(name: str) -> Module:
    """The source of a module by its name."""
    return Module(name)


def is_text(node: ast.stmt) -> bool:
    """Whether a statement is nothing but a text, which says what the one before it is."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _defined(node: ast.stmt) -> list[str]:
    """The names that a statement of a module defines."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    return [one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)]


def bound_in(nodes: Iterable[ast.AST]) -> set[str]:
    """Names that a function has of its own: parameters, and whatever is given a value in it."""
    found: set[str] = set()
    for top in nodes:
        for node in ast.walk(top):
            if isinstance(node, ast.arg):
                found.add(node.arg)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
            elif isinstance(node, ast.FunctionDef) and node is not top:
                found.add(node.name)
    return found


def edited(text: bytes, start: int, end: int, edits: Iterable[Edit]) -> str:
    """A part of a text with its edits made."""
    parts: list[str] = []
    at = start
    for edit in sorted(edits):
        if start <= edit.start and edit.end <= end:
            if edit.start < at:
                raise SourceError("two edits of one place")
            parts += (text[at : edit.start].decode(), edit.text)
            at = edit.end
    parts.append(text[at:end].decode())
    return "".join(parts)
