"""Gather what a few definitions need of the program's source, and no more: function by function, method by method."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from augstudio.code.numpy_code.sources import (
    Definition,
    Edit,
    Imported,
    Module,
    Place,
    bound_in,
    edited,
    is_text,
    module,
)


class Reader:
    """Reads a part of a module: what it needs, and what has to be said otherwise where it stands alone."""

    def __init__(self, source: Module, own: set[str], inside: Definition | None, swaps: Mapping[Place, Place]) -> None:
        self.source, self.own, self.inside, self.swaps = source, own, inside, swaps
        self.needs: list[Definition] = []
        self.imports: set[Imported] = set()
        self.attributes: set[tuple[Definition | None, str]] = set()
        """Attributes that are asked for: of a class, or of anything."""
        self.edits: list[Edit] = []

    def read(self, node: ast.AST) -> None:
        """Read a node and all that is in it."""
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            self._shorten(node)
        if isinstance(node, ast.Name):
            self._name(node)
        elif isinstance(node, ast.Attribute):
            self._attribute(node)
        else:
            for child in ast.iter_child_nodes(node):
                self.read(child)

    def replace(self, node: ast.expr, text: str) -> None:
        """Say something else in the place of a node."""
        self.edits.append(Edit(self.source.start(node), self.source.end(node), text))

    def _found(self, name: str) -> Definition | Module | Imported | None:
        return None if name in self.own else self.source.resolve(name)

    def _name(self, node: ast.Name) -> None:
        found = self._found(node.id) if isinstance(node.ctx, ast.Load) else None
        if isinstance(found, Definition):
            imported = self.source.imports.get(node.id)
            self._need(node, found, imported.name if imported else node.id)
        elif isinstance(found, Imported):
            self.imports.add(found)

    def _need(self, node: ast.expr, found: Definition, name: str) -> None:
        other = self.swaps.get(found.place)
        if other is not None:
            found, name = module(other.module).definitions[other.name], other.name
        self.needs.append(found)
        if name != self.source.said(node):
            self.replace(node, name)

    def _attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.value, ast.Name):
            if node.value.id in ("self", "cls") and self.inside is not None:
                self.attributes.add((self.inside, node.attr))
                return
            found = self._found(node.value.id)
            if isinstance(found, Module):
                held = found.resolve(node.attr)
                assert isinstance(held, Definition), f"{found.name}.{node.attr}"
                self._need(node, held, node.attr)
                return
            if isinstance(found, Imported):
                self.imports.add(found)
                return
            if isinstance(found, Definition):
                self.attributes.add((found, node.attr))
                self.read(node.value)
                return
        self.attributes.add((None, node.attr))
        self.read(node.value)

    def _shorten(self, node: ast.FunctionDef | ast.ClassDef) -> None:
        first = node.body[0]
        if is_text(first) and not _keeps_its_words(self.source, node):
            assert isinstance(first, ast.Expr)
            self.replace(first.value, shortened(self.source.said(first)))


def _keeps_its_words(source: Module, node: ast.FunctionDef | ast.ClassDef) -> bool:
    """Whether it is what people call."""
    return source.name.endswith(".standalone") and not node.name.startswith("_")


def shortened(docstring: str) -> str:
    """A docstring, in its quotes, without the sections on parameters and the like."""
    lines = docstring.splitlines()
    for number, line in enumerate(lines[1:], 1):
        if set(line.strip()) == {"-"}:
            kept = "\n".join(lines[: number - 1]).rstrip()
            return f'{kept}"""' if "\n" not in kept else f'{kept}\n{_indent(lines[-1])}"""'
    return docstring


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


@dataclass
class _Class:
    """What is taken of a class."""

    definition: Definition
    bases: list[Definition]
    methods: dict[str, Reader] = field(default_factory=dict)


class Gathering:
    """Definitions with all that they need.

    Parameters
    ----------
    swaps : mapping of Place to Place
        What stands in for what.
    within : mapping of str to mapping
        The same inside one function only, by its name.
    values : mapping of str to str
        What constants are instead, by their names.
    """

    def __init__(
        self,
        swaps: Mapping[Place, Place],
        within: Mapping[str, Mapping[Place, Place]],
        values: Mapping[str, str],
    ) -> None:
        self._swaps, self._within, self._values = swaps, within, values
        self._read: dict[Place, Reader] = {}
        self._classes: dict[Place, _Class] = {}
        self._asked: set[tuple[Definition | None, str]] = set()
        self.imports: set[Imported] = set()
        self.definitions: dict[Place, Definition] = {}

    def add(self, needed: Iterable[Definition]) -> None:
        """Take definitions, and what they need."""
        self._take_all(needed)
        while self._take_methods():
            pass

    def note(self, reader: Reader) -> None:
        """Take what something that was read elsewhere needs."""
        self._asked |= reader.attributes
        self.imports |= reader.imports
        self.add(reader.needs)

    def depends(self, definition: Definition) -> Iterator[Definition]:
        """What a definition needs itself."""
        yield from self._read[definition.place].needs
        if definition.place in self._classes:
            for reader in self._classes[definition.place].methods.values():
                yield from reader.needs

    def text(self, definition: Definition) -> str:
        """A definition as it stands alone."""
        source, reader = module(definition.place.module), self._read[definition.place]
        if definition.place not in self._classes:
            return edited(source.text, definition.start, definition.end, reader.edits)
        assert isinstance(definition.node, ast.ClassDef)
        methods = self._classes[definition.place].methods
        edits = [*reader.edits, *(edit for method in methods.values() for edit in method.edits)]
        parts: list[str] = []
        at, before = definition.start, None
        for node in definition.node.body:
            is_method = isinstance(node, ast.FunctionDef)
            if isinstance(node, ast.FunctionDef) and node.name not in methods:
                continue
            if before is not None:
                begins = source.line_of(node)
                at = source.line_start(begins)
                apart = is_method or isinstance(before, ast.FunctionDef) or begins > (before.end_lineno or 0) + 1
                parts.append("\n\n" if apart else "\n")
            parts.append(edited(source.text, at, source.end(node), edits))
            before = node
        return "".join(parts)

    def _take_all(self, needed: Iterable[Definition]) -> None:
        waiting = list(needed)
        while waiting:
            definition = waiting.pop()
            if definition.place not in self.definitions:
                self.definitions[definition.place] = definition
                reader = self._reader(definition)
                self._read[definition.place] = reader
                self._asked |= reader.attributes
                self.imports |= reader.imports
                waiting += reader.needs

    def _reader(self, definition: Definition) -> Reader:
        """What a definition needs, of a class without its methods."""
        source, node = module(definition.place.module), definition.node
        swaps = {**self._swaps, **self._within.get(definition.place.name, {})}
        value = self._values.get(definition.place.name) if source.name.endswith(".standalone") else None
        reader = Reader(source, set(), None, swaps)
        if isinstance(node, ast.ClassDef):
            reader.inside = definition
            bases = (source.resolve(base.id) for base in node.bases if isinstance(base, ast.Name))
            self._classes[definition.place] = _Class(
                definition, [base for base in bases if isinstance(base, Definition)]
            )
            without = [one for one in node.body if not isinstance(one, ast.FunctionDef)]
            reader.read(ast.ClassDef(**{**vars(node), "body": without}))
        elif isinstance(node, ast.FunctionDef):
            reader.own = bound_in([node])
            reader.read(node)
        elif value is not None and isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            reader.replace(node.value, value)
            if isinstance(node, ast.AnnAssign):
                reader.read(node.annotation)
        else:
            reader.read(node)
        return reader

    def _take_methods(self) -> bool:
        """Take the methods that are asked for and not yet taken, and what they need; tell whether there were any."""
        found: list[Reader] = []
        for held in self._classes.values():
            for method in held.definition.methods():
                if method.name not in held.methods and self._is_asked(held, method.name):
                    source = module(held.definition.place.module)
                    reader = Reader(source, bound_in([method]), held.definition, self._swaps)
                    reader.read(method)
                    held.methods[method.name] = reader
                    found.append(reader)
        for reader in found:
            self._asked |= reader.attributes
            self.imports |= reader.imports
            self._take_all(reader.needs)
        return bool(found)

    def _is_asked(self, held: _Class, name: str) -> bool:
        if name.startswith("__") or (None, name) in self._asked:
            return True
        return any(
            of is not None
            and asked == name
            and (of in self._above(held.definition) or held.definition in self._above(of))
            for of, asked in self._asked
        )

    def _above(self, definition: Definition) -> list[Definition]:
        """A class and those that it is made from."""
        held = self._classes.get(definition.place)
        found = [definition]
        for base in held.bases if held else ():
            found += self._above(base)
        return found
