"""A preset as layers of Keras 3: a `keras.layers.Pipeline` that runs on TensorFlow, JAX and PyTorch."""

from __future__ import annotations

from pathlib import Path

from augstudio.code.generated import Generated, Line, Standing, Target
from augstudio.code.heading import applicable, heading, left_out, literal
from augstudio.code.keras_code import pixel_steps
from augstudio.code.keras_code.calls import Call
from augstudio.code.keras_code.geometry import MOVES, Group, border_of, lines, sometimes
from augstudio.code.keras_code.picking import picked
from augstudio.engine import BorderMode
from augstudio.engine.fitting import Fit
from augstudio.label_rules import LabelRules
from augstudio.pipeline import Pipeline
from augstudio.transforms import Transform

UNKNOWN = "not known to this writer"


def write(pipeline: Pipeline) -> Generated:
    """Write a pipeline as a file of layers.

    Parameters
    ----------
    pipeline : Pipeline
        Of any steps; those that cannot be said are left out by name.

    Returns
    -------
    Generated
        The file defines `augmentation(seed)`, which makes the layers, and `augment`, one of them.
    """
    parts = _parts(pipeline)
    calls = [Call.of("keras.layers.Rescaling", "1.0", dtype='"float32"'), *_resizing(pipeline)]
    for part in parts:
        if isinstance(part, Group):
            calls.append(part.layer(pipeline))
        elif pixel_steps.knows(part.name()):
            layer = pixel_steps.layer(part)
            calls.append(layer if pixel_steps.has_probability(part) else sometimes(layer, part))
    rows = _rows(pipeline, parts)
    drawn = any("own" in call.names() for call in calls)
    names = set().union(*(call.names() for call in calls), {"itertools"} if drawn else ())
    source = Path(__file__).with_name("layers.txt").read_text(encoding="utf-8")
    if any(isinstance(part, Group) and part.averages for part in parts):
        source = source.replace("Warp(Warp):", "Warp(AveragingWarp):").replace(
            "AveragingWarp(AveragingWarp)", "AveragingWarp(Warp)"
        )
    imports, definitions = picked(source, names)
    blocks = [
        heading(pipeline, Target.KERAS, rows, _usage(pipeline), _size(pipeline)) + "\n" + imports,
        _discs(parts),
        definitions,
        _builder(calls, drawn=drawn),
        "augment = augmentation()",
    ]
    text = "\n\n\n".join(block for block in blocks if block)
    return Generated(Target.KERAS, text.replace("\n\n\nDISCS", "\n\nDISCS") + "\n", tuple(rows))


def _parts(pipeline: Pipeline) -> list[Group | Transform]:
    """The steps, with those in groups that are resampled together."""
    parts: list[Group | Transform] = []
    for step in applicable(pipeline):
        if step.name() not in MOVES:
            parts.append(step)
            continue
        last = parts[-1] if parts else None
        border = border_of(step, pipeline)
        if not isinstance(last, Group) or not last.takes(border):
            last = Group()
            parts.append(last)
        last.add(step, border)
    return parts


def _rows(pipeline: Pipeline, parts: list[Group | Transform]) -> list[Line]:
    resized = RESIZED.get(pipeline.output.fit)
    rows = [Line("", "Output size", Standing.CLOSE, resized)] if resized else []
    for number, part in enumerate(parts):
        if isinstance(part, Group):
            rows += lines(part, parts[:number], pipeline)
        elif pixel_steps.knows(part.name()):
            rows.append(pixel_steps.line(part))
        else:
            rows.append(left_out(part, UNKNOWN))
    if pipeline.labels != LabelRules():
        rows.append(Line("", "Labels", Standing.LEFT_OUT, "the layers know pictures only"))
    return rows


def _resizing(pipeline: Pipeline) -> list[Call]:
    """The output's size as the first step."""
    output = pipeline.output
    if output.size is None:
        return []
    width, height = map(str, output.size)
    how: dict[str, str] = {}
    if output.fit is Fit.CROP:
        how["crop_to_aspect_ratio"] = "True"
    elif output.fit is Fit.PAD:
        colour = {"colour": literal(output.border_colour)} if output.border is BorderMode.BLANK else {}
        return [Call.of("FitInside", height, width, literal(output.border), **colour)]
    return [Call.of("keras.layers.Resizing", height, width, antialias="True", **how, dtype='"float32"')]


RESIZED = {
    Fit.CROP: "resized first and by itself, by another filter, from whole pixels: by up to 6 levels on average",
    Fit.STRETCH: "resized first and by itself, by another filter: by up to 3 levels on average",
    Fit.PAD: "resized first and by itself, by another filter: by up to 5 levels on average",
}


def _discs(parts: list[Group | Transform]) -> str:
    """The constant that dilating and eroding read."""
    found: dict[int, tuple[int, ...]] = {}
    for part in parts:
        if not isinstance(part, Group):
            found |= pixel_steps.discs(part)
    rows = "".join(f"    {radius}: {literal(found[radius])},\n" for radius in sorted(found))
    return f"DISCS = {{\n{rows}}}" if found else ""


def _builder(calls: list[Call], *, drawn: bool) -> str:
    own = (
        "    own = itertools.count(seed, 1_000_003)  # far apart: PyTorch adds to a seed how often was drawn from it\n"
    )
    rows = "".join(f"            {call.text(12)},\n" for call in calls)
    return (
        "def augmentation(seed=0):\n"
        '    """The layers, whose seeds hang on one: the same seed gives the same numbers in the same order."""\n'
        f"{own if drawn else ''}"
        f"    return keras.layers.Pipeline(\n        [\n{rows}        ]\n    )"
    )


def _size(pipeline: Pipeline) -> str:
    colours = "For RGB pictures, levels 0 to 255, in batches (N, H, W, 3) or single ones (H, W, 3); floats come out. "
    if pipeline.output.size is not None:
        width, height = pipeline.output.size
        return f"{colours}Of any size: they are brought to {width} × {height} pixels first. Batch them after that."
    return (
        f"{colours}Their shorter side is {pipeline.trained_at} pixels, which is what the model sees: all lengths in "
        "pixels are meant at that size. Resize first."
    )


def _usage(pipeline: Pipeline) -> str:
    width, height = pipeline.output.size or (pipeline.trained_at, pipeline.trained_at)
    batch = ".batch(32)" if pipeline.output.size is None else ""
    after = "" if pipeline.output.size is None else ".batch(32)"
    return (
        "from augment import augment\n"
        f"model = keras.Sequential([keras.Input(({height}, {width}, 3)), augment, network])  # in the model\n"
        f"data = data{batch}.map(lambda image, label: (augment(image), label)){after}  # or in tf.data, on TensorFlow\n"
    )
