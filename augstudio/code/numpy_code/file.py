"""The file itself: heading, imports, and definitions in an order in which each stands below what it needs."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from augstudio.code.numpy_code import standalone
from augstudio.code.numpy_code.gathering import Gathering
from augstudio.code.numpy_code.sources import Imported, Place, SourceError, module
from augstudio.code.numpy_code.steps import Lowering, chosen, code_of, kinds_in, types, words_of
from augstudio.pipeline import Pipeline
from augstudio.transforms import Transform

_STANDALONE = standalone.__name__
_NO_STRINGZILLA = {
    Place("augstudio.engine.lookup", "look_up"): Place("augstudio.engine.lookup", "look_up_by_opencv"),
}
_RESIZED = {Place(_STANDALONE, "_drawn"): Place(_STANDALONE, "_resized_and_drawn")}
_REMARKS = re.compile(r"  # (noqa|type: ignore).*$", re.MULTILINE)
"""What is said to tools that look at the program's own source."""


class Step(NamedTuple):
    """A step of the preset: the transform, how its code is read, and what it is given."""

    transform: Transform
    lowering: Lowering
    given: dict[str, Any]


def file_of(pipeline: Pipeline, steps: Sequence[Step], head: str) -> str:
    """The text of the file."""
    values = {"TRAINED_AT": str(pipeline.trained_at), "STEPS": _list_of(steps)}
    gathering = Gathering(_NO_STRINGZILLA, _swaps(pipeline), values)
    output = pipeline.output
    used: list[object] = [value for step in steps for value in step.given.values()]
    if output.size:
        values |= {"SIZE": code_of(output.size), "FIT": code_of(output.fit), "OUTSIDE": code_of(output.outside)}
        used += [output.fit, output.outside]
    gathering.add([module(_STANDALONE).definitions["augment"]])
    gathering.add(kind for value in used for kind in kinds_in(value))
    for step in steps:
        gathering.note(step.lowering)
    # What the functions of the steps, and the list of them, name themselves.
    gathering.add(module("augstudio.transforms.base").resolve(name) for name in ("Frame", "Step"))  # type: ignore[misc]
    if steps:
        gathering.imports.add(Imported("collections.abc", "Iterator", "Iterator"))
    text = "\n\n\n".join(_sections(gathering, steps))
    return f"{head}\n{_imports(gathering.imports)}\n\n{_REMARKS.sub('', text)}\n"


def _swaps(pipeline: Pipeline) -> dict[str, dict[Place, Place]]:
    return {"augment": _RESIZED} if pipeline.output.size else {}


def _list_of(steps: Sequence[Step]) -> str:
    """The steps with what each is given, as a list."""
    if not steps:
        return "[]"
    lines = "".join(
        f"    {line}\n"
        for step in steps
        for line in f"{chosen(step.transform, step.transform.op, step.given)},".split("\n")
    )
    return f"[\n{lines}]"


def _sections(gathering: Gathering, steps: Sequence[Step]) -> list[str]:
    """Module by module, those first that others need; what steps do stands before the last."""
    transforms = {step.transform.__module__: step for step in steps}
    parts: list[str] = []
    names: dict[str, Place] = {}
    for name in _in_order(gathering, transforms):
        own = [one for one in gathering.definitions.values() if one.place.module == name]
        own.sort(key=lambda one: one.start)
        for definition in own:
            if names.setdefault(definition.place.name, definition.place) != definition.place:
                raise SourceError(f"{definition.place} and {names[definition.place.name]} have one name")
        texts = [(one.is_constant, gathering.text(one)) for one in own]
        if name in transforms:
            step = transforms[name]
            kind = type(step.transform)
            texts.append(
                (False, step.lowering.function(step.transform.op, words_of(kind), types(step.transform, step.given)))
            )
        if texts:
            texts[0] = (texts[0][0], _titled(name, *texts[0]))
            parts.append(_apart(texts))
    return parts


def _titled(name: str, constant: bool, text: str) -> str:
    """A section with its module's own words as a title; transforms speak for themselves."""
    if name.startswith("augstudio.transforms.") and not name.endswith(".draw"):
        return text
    words = (ast.get_docstring(module(name).tree) or "").split("\n\n")[0].replace("\n", " ")
    return f"# --- {words}\n\n{text}" if constant else f"# --- {words}\n\n\n{text}"


def _apart(texts: Iterable[tuple[bool, str]]) -> str:
    """Functions and classes with two lines between them; constants follow each other more closely."""
    found, before = "", None
    for constant, text in texts:
        if before is not None:
            found += "\n" if constant and before else "\n\n\n"
        found += text
        before = constant
    return found


def _in_order(gathering: Gathering, transforms: Iterable[str]) -> list[str]:
    """The modules, each after those that it needs."""
    needs: dict[str, set[str]] = {}
    for definition in gathering.definitions.values():
        others = {need.place.module for need in gathering.depends(definition)}
        needs.setdefault(definition.place.module, set()).update(others - {definition.place.module})
    found: list[str] = []

    def visit(name: str) -> None:
        for other in sorted(needs.get(name, ())):
            if other not in found:
                visit(other)
        if name not in found:
            found.append(name)

    for name in sorted(needs.keys() - {_STANDALONE} - {*transforms}):
        visit(name)
    for name in (*transforms, _STANDALONE):
        visit(name)
    return found


def _imports(imports: Iterable[Imported]) -> str:
    """The import statements, in the order that is usual."""
    whole: dict[bool, list[str]] = {True: [], False: []}
    parts: dict[bool, dict[str, set[str]]] = {True: {}, False: {}}
    for one in imports:
        standard = one.module.partition(".")[0] in sys.stdlib_module_names
        if one.name:
            said = one.name if one.name == one.bound else f"{one.name} as {one.bound}"
            parts[standard].setdefault(one.module, set()).add(said)
        else:
            whole[standard].append(f"import {one.module}" + (f" as {one.bound}" if one.bound != one.module else ""))
    sections = ["from __future__ import annotations"]
    for standard in (True, False):
        lines = sorted(whole[standard])
        for name, taken in sorted(parts[standard].items()):
            lines.append(f"from {name} import {', '.join(sorted(taken, key=_as_usual))}")
        if lines:
            sections.append("\n".join(lines))
    return "\n\n".join(sections)


def _as_usual(name: str) -> tuple[int, str]:
    """Constants, then classes, then all else."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2), name
