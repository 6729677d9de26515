"""Taking a draw back from a record of it: only what the step itself could have drawn."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any

from augstudio.transforms.draw import MAX_FIELD_SEED, Draw, DrawError, Place, Value
from augstudio.transforms.drawing import Drawable
from augstudio.transforms.parameter import Knob
from augstudio.wording import shown

_FIELDS = ("step", "op", "applied", "values", "field_seed")
_OPTIONAL = ("positions", "withheld")
"""Positions were not recorded by version 0.2, which drew the same ones; withheld stands only where it is true."""


def redrawn(step: Drawable, record: object) -> Draw:
    """The draw of a step that a record tells; see `Transform.redraw`."""
    if not isinstance(record, Mapping):
        raise DrawError(f"found {shown(record)}; a draw has the fields {', '.join(_FIELDS)}")
    _names("", record, _FIELDS, _OPTIONAL)
    for field, own in (("step", step.id), ("op", step.op)):
        if record[field] != own:
            raise DrawError(f"{field} is {shown(record[field])}; allowed is {shown(own)}")
    field_seed = record["field_seed"]
    if type(field_seed) is not int or not 0 <= field_seed <= MAX_FIELD_SEED:
        raise DrawError(f"field_seed is {shown(field_seed)}; allowed is a whole number from 0 to {MAX_FIELD_SEED}")
    withheld = _withheld(step, record)
    applied = not withheld and _applied(step, record["applied"])
    values = _values(step, applied, record["values"])
    places = step.placed(values, field_seed) if applied else {}
    if "positions" in record:
        _check_positions(places, record["positions"])
    return Draw(step.id, step.op, applied, values, field_seed, places, withheld=withheld)


def _withheld(step: Drawable, record: Mapping[Any, Any]) -> bool:
    if "withheld" not in record:
        return False
    may_be = step.mirrors and step.enabled and step.probability > 0
    if record["withheld"] is not True or record["applied"] is not False or not may_be:
        allowed = "true, with applied false" if may_be else "nothing, as the step does not mirror"
        raise DrawError(f"withheld is {shown(record['withheld'])}; allowed is {allowed}")
    return True


def _applied(step: Drawable, found: object) -> bool:
    never, always = not (step.enabled and step.probability > 0), step.enabled and step.probability >= 1
    if type(found) is not bool or (found and never) or (always and not found):
        allowed = (
            "false, as the step is never applied" if never else "true, as it always is" if always else "true or false"
        )
        raise DrawError(f"applied is {shown(found)}; allowed is {allowed}")
    return found


def _values(step: Drawable, applied: bool, found: object) -> Mapping[str, Value]:
    if not isinstance(found, Mapping):
        raise DrawError(f"values is {shown(found)}; allowed is an object of drawn values")
    declared = step.parameters()
    names = step.drawn() if applied else []
    _names("values.", found, names)
    return MappingProxyType(
        {name: _value(f"values.{name}", declared[name], getattr(step, name), found[name]) for name in names}
    )


def _value(field: str, declared: object, own: Any, found: Any) -> Value:
    if isinstance(declared, Knob):
        low, high = own
        number = type(found) is int or (type(found) is float and not declared.whole)
        if not number or not low <= found <= high:  # so is NaN
            kind = "a whole number" if declared.whole else "a number"
            raise DrawError(f"{field} is {shown(found)}; allowed is {kind} from {low:g} to {high:g}")
        return int(found) if declared.whole else float(found)
    options: list[Value] = [option.value if isinstance(option, Enum) else option for option in own]
    for option in options:
        if type(found) is type(option) and found == option:
            return option
    raise DrawError(f"{field} is {shown(found)}; allowed is {' or '.join(map(shown, options))}")


def _check_positions(places: Mapping[str, Place], found: object) -> None:
    if not isinstance(found, Mapping):
        raise DrawError(f"positions is {shown(found)}; allowed is an object of positions")
    _names("positions.", found, places)
    for name, place in places.items():
        if found[name] != _plain(place):
            raise DrawError(f"positions.{name} is {shown(found[name])}; the field seed gives {shown(_plain(place))}")


def _plain(place: Place) -> object:
    """As it is read from JSON."""
    return place if isinstance(place, str) else [list(point) for point in place]


def _names(where: str, found: Mapping[Any, object], wanted: Any, optional: Any = ()) -> None:
    for name in wanted:
        if name not in found:
            raise DrawError(f"{where}{name} is missing")
    for name in found:
        if name not in wanted and name not in optional:
            allowed = ", ".join((*wanted, *optional)) or "nothing"
            told = name if isinstance(name, str) and name.isidentifier() and len(name) < 60 else shown(name)
            raise DrawError(f"{where}{told} is not known; allowed is {allowed}")
