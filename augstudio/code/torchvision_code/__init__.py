"""A preset as a `v2.Compose` of torchvision."""

from __future__ import annotations

from augstudio.code.assembling import Call, Entry, closure, file_of, gathered, imported
from augstudio.code.generated import Generated, Target
from augstudio.code.heading import exact, heading
from augstudio.code.own_layers import own_call, own_pieces
from augstudio.code.rows import label_row, of_runs, output_row, size_said
from augstudio.code.runs import Run, runs, shrinks
from augstudio.code.torchvision_code.pieces import PIECES
from augstudio.code.torchvision_code.steps import BORDERS, entry
from augstudio.engine import BorderMode, Fit
from augstudio.label_rules import BoxFit
from augstudio.pipeline import Pipeline

_IMPORTS = (
    ("io", "import io"),
    ("math", "import math"),
    ("reduce", "from functools import reduce"),
    ("", ""),
    ("torch", "import torch"),
    ("Image.open", "from PIL import Image"),
    ("tv_tensors", "from torchvision import tv_tensors"),
    ("v2", "from torchvision.transforms import v2"),
    ("F", "from torchvision.transforms.v2 import functional as F"),
)
_USAGE = """
from augment import augment

copy = augment(image)  # a PIL picture, or a tensor (3, H, W) of uint8, which it gives; torchvision 0.21 or newer
copy, target = augment(image, target)  # boxes and masks in it that are tv_tensors move with the picture
# To repeat it: torch.manual_seed(7)
"""


def write(pipeline: Pipeline) -> Generated:
    """Write a pipeline for torchvision."""
    found = runs(pipeline)
    entries = [_entry(run) for run in found]
    rows = [*output_row(pipeline, Target.TORCHVISION), *of_runs(found, entries)]
    rows += label_row(pipeline, Target.TORCHVISION)
    resize = _resize(pipeline)
    needs = [name for one in entries for name in one.needs] + (["Resized"] if resize else [])
    needs = [name.replace("gaussian_wide", "gaussian") for name in needs]
    if "moved" in closure(PIECES, needs):
        needs += ["resampled_smaller" if shrinks(found) else "resampled"]
        needs += ["about_ellipse" if pipeline.labels.box_fit is BoxFit.ELLIPSE else "about_corners"]
    turned = any(step.op == "quarter_turn" for run in found for step in run.steps)
    again = resize if turned and len(set(pipeline.output.size or (0,))) > 1 else ()
    first = (Call("v2.ToImage"),)
    calls = (*first, *resize, *(call for one in entries for call in one.calls), *again)
    lines = [line for call in calls for line in call.lines(2)]
    compose = "\n".join(["augment = v2.Compose(", "    [", *lines, "    ]", ")"])
    parts = [*gathered(PIECES, needs), compose]
    imports = imported(_IMPORTS, "\n".join(parts))
    text = file_of(heading(pipeline, Target.TORCHVISION, rows, _USAGE, size_said(pipeline)), imports, parts)
    return Generated(Target.TORCHVISION, text, tuple(rows))


def _entry(run: Run) -> Entry:
    if len(run.steps) == 1:
        return entry(run.steps[0])
    calls = tuple(own_call(step, BORDERS) for step in run.steps)
    needs = [name for step in run.steps for name in own_pieces(step)]
    return Entry((Call("Together", {}, calls),), tuple(map(exact, run.steps)), ("Together", *needs))


def _resize(pipeline: Pipeline) -> tuple[Call, ...]:
    output = pipeline.output
    if output.size is None:
        return ()
    named: dict[str, object] = {"width": output.width, "height": output.height, "fit": output.fit}
    if output.fit is Fit.PAD:
        named["border"] = BORDERS[output.border]
        if output.border is BorderMode.BLANK:
            named["fill"] = output.border_colour
    return (Call("Resized", named),)
