"""What differs between two pipelines, in words. No Qt here."""

from __future__ import annotations

from collections.abc import Iterator

from augstudio.label_rules import LabelRules
from augstudio.pipeline import Output, Pipeline
from augstudio.transforms import Choices, Colour, Knob, Option, Parameter, Transform
from augstudio.transforms.describing import span
from augstudio.wording import listing


def differences(old: Pipeline, new: Pipeline) -> tuple[str, ...]:
    """What somebody did who made one pipeline of the other, in the order of its steps.

    Such as "Rotate ±10° → ±25°", "Gaussian noise added", "Blur removed". Names and descriptions are none, since copies
    do not depend on them.
    """
    return tuple(_differences(old, new))


def _differences(old: Pipeline, new: Pipeline) -> Iterator[str]:
    before = {step.id: step for step in old.transforms}
    after = {step.id: step for step in new.transforms}
    same = [step_id for step_id, step in after.items() if step_id in before and type(before[step_id]) is type(step)]
    names = _names(new)
    for step_id, step in after.items():
        if step_id in same:
            yield from _of_step(names[step_id], before[step_id], step)
        else:
            yield f"{names[step_id]} added" + ("" if step.enabled else " (off)")
    for step_id, name in _names(old).items():
        if step_id not in same:
            yield f"{name} removed"
    if [one for one in before if one in same] != same:
        yield f"order: {listing([names[one] for one in same])}"
    if old.output != new.output:
        yield f"output {_output(old.output)} → {_output(new.output)}"
    if old.trained_at != new.trained_at and old.output == new.output:
        yield f"training size {old.training_size} → {new.training_size} px"
    for name, info in LabelRules.model_fields.items():
        if getattr(old.labels, name) != getattr(new.labels, name):
            yield f"labels: {(info.title or name).lower()}"


def _names(pipeline: Pipeline) -> dict[str, str]:
    """What each step is called; of several of a kind, with its place among them."""
    kinds = [step.op for step in pipeline.transforms]
    seen: dict[str, int] = {}
    names = {}
    for step in pipeline.transforms:
        seen[step.op] = seen.get(step.op, 0) + 1
        names[step.id] = f"{step.label} {seen[step.op]}" if kinds.count(step.op) > 1 else step.label
    return names


def _of_step(name: str, old: Transform, new: Transform) -> Iterator[str]:
    if old.enabled != new.enabled:
        yield f"{name} {'on' if new.enabled else 'off'}"
    changed = [
        (parameter, f"{_value(parameter, getattr(old, key))} → {_value(parameter, getattr(new, key))}")
        for key, parameter in new.parameters().items()
        if getattr(old, key) != getattr(new, key)
    ]
    for parameter, words in changed:
        called = "" if len(new.knobs()) == 1 and isinstance(parameter, Knob) else f" {parameter.label.lower()}"
        yield f"{name}{called} {words}"
    if old.probability != new.probability:
        yield f"{name} in {old.probability:.0%} → {new.probability:.0%} of the copies".replace("%", " %")


def _value(parameter: Parameter, value: object) -> str:
    match parameter:
        case Knob():
            return span(parameter, value)  # type: ignore[arg-type]
        case Choices():
            return ", ".join(parameter.options[option] for option in value)  # type: ignore[attr-defined]
        case Option():
            return parameter.labels[str(value)].split(" (")[0].lower()
        case Colour():
            return "#" + "".join(f"{level:02x}" for level in value)  # type: ignore[attr-defined]
    return str(value)


def _output(output: Output) -> str:
    return f"{output.width} × {output.height} ({output.fit})" if output.size else "each picture's own size"
