"""The commands that list what there is: transforms and presets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from augstudio.cli.console import output, print_json
from augstudio.cli.options import AsJson

if TYPE_CHECKING:
    from augstudio.transforms import Parameter, Transform

_WIDTH_FOR_SOURCES = 150
_SHOWN_SIZE = 224  # training size that limits are shown for


def transforms(as_json: AsJson = False) -> None:
    """List all transforms with their parameters, bounds and limits."""
    from augstudio.transforms import registry

    transforms = list(registry().values())
    if as_json:
        print_json([_transform_as_json(transform) for transform in transforms])
        return
    from rich.table import Table
    from rich.text import Text

    console = output()
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


def presets(as_json: AsJson = False) -> None:
    """List the presets that ship, and your own."""
    from augstudio.presets import shipped, user

    entries = [*user(), *shipped()]
    if as_json:
        print_json(
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
    output().print(table, soft_wrap=False)


def _transform_as_json(transform: type[Transform]) -> dict[str, Any]:
    measure = transform.measure
    return {
        "op": transform.name(),
        "label": transform.label,
        "group": transform.group(),
        "help": transform.help(),
        "parameters": [_parameter_as_json(transform, name, p) for name, p in transform.parameters().items()],
        "positions": [
            {"name": position.name, "label": position.label, "help": position.help, "allowed": position.allowed()}
            for position in transform.positions
        ],
        "measure": measure
        and {
            "parameter": measure.parameter,
            **_limits(measure.limits),
            "source": measure.source,
            "evidence": measure.evidence.value,
        },
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
            "trial": declared.trial,
            "evidence": declared.evidence.value,
            "measure": declared.measure or None,
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
    """A row of cells for each parameter, and for each position that chance decides: parameter, unit, …, source."""
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
    rows += [
        (position.name, "by chance", position.allowed(), "", "", "", "", "", "") for position in transform.positions
    ]
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
