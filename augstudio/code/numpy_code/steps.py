"""The steps of a preset as code: a function of what each transform does, and a line that says what it is given."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from augstudio.code.heading import literal
from augstudio.code.numpy_code import standalone
from augstudio.code.numpy_code.gathering import Reader
from augstudio.code.numpy_code.sources import Definition, Edit, Module, SourceError, bound_in, edited, is_text, module
from augstudio.transforms import Choices, Knob, OneOf, Points, Transform

_WIDTH = 120


class Lowering(Reader):
    """Reads what a transform does, where drawn and chosen values are parameters of a function."""

    def __init__(self, transform: type[Transform]) -> None:
        source = module(transform.__module__)
        holder = source.definitions[transform.__name__]
        (node,) = (one for one in holder.methods() if one.name == "lower")
        super().__init__(source, bound_in([node]) - {"Frame"}, None, {})
        self._node = node
        self.chosen: list[str] = []
        """Attributes of the transform that it looks at."""
        self.places: list[str] = []
        """Positions."""
        self.drawn: list[str] = []
        """Values."""
        self.seeded = False
        for statement in node.body[is_text(node.body[0]) :]:
            self.read(statement)

    def read(self, node: ast.AST) -> None:
        """Read a node; what it takes from the draw or from the transform becomes a parameter."""
        if isinstance(node, ast.expr) and (name := self._parameter(node)):
            self.replace(node, name)
        elif isinstance(node, ast.Name) and node.id in ("draw", "self"):
            raise SourceError(f"{self.source.name}: {node.id} is used in an unknown way")
        else:
            super().read(node)

    def _parameter(self, node: ast.expr) -> str:
        match node:
            case ast.Call(ast.Attribute(ast.Name("draw"), "number"), [ast.Constant(str(name))], []):
                return self._noted(self.drawn, name)
            case ast.Call(ast.Attribute(ast.Name("draw"), "points"), [ast.Constant(str(name))], []):
                return self._noted(self.places, name)
            case ast.Subscript(ast.Attribute(ast.Name("draw"), "values"), ast.Constant(str(name))):
                return self._noted(self.drawn, name)
            case ast.Call(
                ast.Attribute(ast.Attribute(ast.Name("draw"), "positions"), "get"),
                [ast.Constant(str(name)), ast.Attribute(ast.Name("self"), chosen)],
                [],
            ) if name == chosen:
                self._noted(self.places, name)
                return self._noted(self.chosen, name)
            case ast.Attribute(ast.Name("draw"), "field_seed"):
                self.seeded = True
                return "field_seed"
            case ast.Attribute(ast.Name("self"), name):
                return self._noted(self.chosen, name)
        return ""

    def _noted(self, names: list[str], name: str) -> str:
        if name not in names:
            names.append(name)
        return name

    def function(self, name: str, words: str, types: Mapping[str, str]) -> str:
        """The text of the function."""
        edits = self._without_copies()
        first = self._node.body[is_text(self._node.body[0])]
        begins = self.source.line_start(self.source.line_of(first))
        body = edited(self.source.text, begins, self.source.end(self._node), edits)
        body = _closer("\n".join(line.removeprefix("    ") for line in body.splitlines()))
        parameters = ["frame: Frame", *(f"{key}: {kind}" for key, kind in types.items())]
        head = f"def {name}({', '.join(parameters)}) -> Iterator[Step]:"
        if len(head) > _WIDTH:
            head = f"def {name}(\n    {', '.join(parameters)}\n) -> Iterator[Step]:"
        return f'{head}\n    """{words}"""\n{body}'

    def _without_copies(self) -> list[Edit]:
        """The edits, and without what would give parameters their own values: `angle = draw.number("angle")`."""
        edits = self.edits
        for node in self._node.body:
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                start, end = self.source.start(node.value), self.source.end(node.value)
                inside = [edit for edit in edits if start <= edit.start and edit.end <= end]
                if edited(self.source.text, start, end, inside) == self.source.said(node.targets[0]):
                    below = self.source.line_start((node.end_lineno or node.lineno) + 1)
                    edits = [edit for edit in edits if edit not in inside]
                    edits.append(Edit(self.source.line_start(node.lineno), below, ""))
        return edits


def _closer(code: str) -> str:
    """Code with what has come to fit on one line on one line."""

    def joined(found: re.Match[str]) -> str:
        line = f"{found[1]}({found[2]}){found[3]}"
        return line if len(line) <= _WIDTH else found[0]

    return re.sub(r"^(.*)\(\n +(.*[^,\n])\n *\)(.*)$", joined, code, flags=re.MULTILINE)


def given(step: Transform, lowering: Lowering) -> dict[str, Any]:
    """What a step of the preset is given, by the names of the function's parameters."""
    found: dict[str, Any] = {}
    for name in step.drawn():
        found[name] = _drawn(step, name)
    for number, position in enumerate(step.positions):
        if position.name not in lowering.places or number:
            raise SourceError(f"{step.op}: the position {position.name} is used in an unknown way")
        if isinstance(position, Points):
            count = position.count or len(position.names) or 1
            found[position.name] = standalone.Points(count, *map(float, position.span))
            if position.count in lowering.drawn:
                raise SourceError(f"{step.op}: {position.count} is used in an unknown way")
        elif isinstance(position, OneOf) and position.numbers(step, {}):
            found[position.name] = standalone.Either(tuple(position.options))
    for name in lowering.chosen:
        if name not in found:
            found[name] = getattr(step, name)
    if lowering.seeded:
        found["field_seed"] = standalone.Seed()
    unused = {*step.drawn()} - {*lowering.drawn, *(p.count for p in step.positions if isinstance(p, Points))}
    if unused:
        raise SourceError(f"{step.op}: {', '.join(sorted(unused))} is drawn, and not used")
    return found


def _drawn(step: Transform, name: str) -> standalone.Drawn:
    declared = step.parameters()[name]
    if isinstance(declared, Knob):
        low, high = step.range_of(name)
        return standalone.Whole(int(low), int(high)) if declared.whole else standalone.Between(float(low), float(high))
    assert isinstance(declared, Choices)
    return standalone.OneOf(tuple(one.value if isinstance(one, Enum) else one for one in getattr(step, name)))


def types(step: Transform, values: Mapping[str, Any]) -> dict[str, str]:
    """The types of the function's parameters."""
    counts = {position.count for position in step.positions if isinstance(position, Points)}
    found = {}
    for name, value in values.items():
        match value:
            case standalone.Between():
                kind = "float"
            case standalone.Whole() | standalone.Seed():
                kind = "int"
            case standalone.OneOf():
                kind = type(value.options[0]).__name__
            case standalone.Points():
                kind = "tuple[tuple[float, float], ...]"
            case standalone.Either():
                kind = "str"
            case _:
                kind = "str" if any(name == position.name for position in step.positions) else type(value).__name__
        if name not in counts:
            found[name] = kind
    return found


def chosen(step: Transform, function: str, values: Mapping[str, Any]) -> str:
    """The line that says what a step is given."""
    said = [literal(step.id), function]
    if step.probability < 1:
        said.append(repr(float(step.probability)))
    said += [f"{name}={code_of(value)}" for name, value in values.items()]
    line = f"Chosen({', '.join(said)})"
    return line if len(line) <= _WIDTH - 5 else "Chosen(\n" + "".join(f"    {part},\n" for part in said) + ")"


def code_of(value: object) -> str:
    """A value as the file says it: an enum by its name, a dataclass by what is not its default."""
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, tuple):
        return f"({', '.join(map(code_of, value))}{',' if len(value) == 1 else ''})"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        named, parts = False, []
        for field in dataclasses.fields(value):
            held = getattr(value, field.name)
            if held == field.default and type(held) is type(field.default):
                named = True
            else:
                parts.append(f"{field.name}={code_of(held)}" if named else code_of(held))
        return f"{type(value).__name__}({', '.join(parts)})"
    return literal(value)


def kinds_in(value: object) -> Iterator[Definition]:
    """The enums and dataclasses that a value is said by."""
    if isinstance(value, tuple):
        for part in value:
            yield from kinds_in(part)
    elif isinstance(value, Enum):
        yield _kind(type(value))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield _kind(type(value))
        for field in dataclasses.fields(value):
            yield from kinds_in(getattr(value, field.name))


def _kind(kind: type) -> Definition:
    source: Module = module(kind.__module__)
    return source.definitions[kind.__name__]


def words_of(transform: type[Transform]) -> str:
    """What a transform does, in its first paragraph."""
    first = (transform.__doc__ or transform.label).split("\n\n")[0]
    return re.sub(r"\s+", " ", first).strip()
