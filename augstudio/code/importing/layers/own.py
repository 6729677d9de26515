"""Layers of the files that augstudio writes, which a pipeline holds by the name of the module that they lay in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import ValidationError

from augstudio.code.importing.borders import border_of
from augstudio.code.importing.imported import BadValueError, Builder
from augstudio.code.importing.values import Values
from augstudio.code.own_layers import FIELDS, own_name_of
from augstudio.transforms import Knob, registry
from augstudio.wording import shown


def own_layer(builder: Builder, name: str, values: Values, p: float) -> bool:
    """A layer of the file that `augstudio code` writes: exactly the step that it was written for."""
    op = _own_names().get(name)
    if op is None or not all(field in values for field in FIELDS[op]):
        return False
    declared = registry()[op].parameters()
    found: dict[str, Any] = {}
    for field in FIELDS[op]:
        knob = declared[field]
        value = values.given[field]
        found[field] = values.pair(field, (0, 0)) if isinstance(knob, Knob) else value
    if "border" in values:
        border, _ = border_of(values, "border")
        found |= border
    try:
        builder.add(f"{name} (a layer of augstudio's file)", op, probability=p, **found)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        place = ".".join(map(str, problem["loc"]))
        raise BadValueError(f"{values.where}.{place}", f"found {shown(problem['input'])}; {problem['msg']}") from None
    builder.ours.add(builder.steps[-1].id)
    return True


@cache
def _own_names() -> Mapping[str, str]:
    return {own_name_of(op): op for op in FIELDS}
