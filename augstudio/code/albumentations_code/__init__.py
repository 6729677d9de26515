"""A preset as an `A.Compose` of Albumentations 2.0.8."""

from __future__ import annotations

from augstudio.code.albumentations_code.output import output_calls
from augstudio.code.albumentations_code.pieces import PIECES
from augstudio.code.albumentations_code.steps import BORDERS, entry
from augstudio.code.assembling import Call, Entry, closure, file_of, gathered, imported
from augstudio.code.generated import Generated, Target
from augstudio.code.heading import exact, heading
from augstudio.code.own_layers import own_call, own_pieces
from augstudio.code.rows import label_row, of_runs, output_row, size_said
from augstudio.code.runs import Run, runs, shrinks
from augstudio.label_rules import BoxFit
from augstudio.pipeline import Pipeline

_IMPORTS = (
    ("math", "import math"),
    ("", ""),
    ("A", "import albumentations as A"),
    ("cv2", "import cv2"),
    ("np", "import numpy as np"),
)
_USAGE = """
from augment import augment, compose

copy = augment(image=image)["image"]  # (H, W, 3), RGB, uint8; "mask", "masks" and "keypoints" (x, y) go with it
copy = compose("yolo")(image=image, bboxes=boxes, labels=labels)  # or "coco", "pascal_voc", "albumentations"
# To repeat it: augment.set_random_state(np.random.default_rng(7), random.Random(7)). Compose(seed=7) would give all
# steps the same numbers.
"""
_PARAMETERS = ("bbox_params=boxes", 'keypoint_params=A.KeypointParams("xy", remove_invisible=False)')


def write(pipeline: Pipeline) -> Generated:
    """Write a pipeline for Albumentations."""
    found = runs(pipeline)
    entries = [_entry(run, pipeline) for run in found]
    resize = output_calls(pipeline)
    rows = [*output_row(pipeline, Target.ALBUMENTATIONS), *of_runs(found, entries)]
    rows += label_row(pipeline, Target.ALBUMENTATIONS)
    needs = [name for one in entries for name in one.needs]
    if "Move" in closure(PIECES, needs):
        needs += ["resampled_smaller" if shrinks(found) else "resampled"]
        needs += ["about_ellipse" if pipeline.labels.box_fit is BoxFit.ELLIPSE else "about_corners"]
    turned = any(step.op == "quarter_turn" for run in found for step in run.steps)
    again = resize if pipeline.output.size and turned and len(set(pipeline.output.size)) > 1 else ()
    calls = [*resize, *(call for one in entries for call in one.calls), *again]
    if not resize and not any(step.group() == "geometry" for run in found for step in run.steps):
        calls.append(Call("A.NoOp", {"p": 1}))  # without a step that moves something, it warns of boxes and points
    parts = [*gathered(PIECES, needs), _compose(calls, pipeline), "augment = compose()"]
    body = "\n\n\n".join(parts)
    text = file_of(
        heading(pipeline, Target.ALBUMENTATIONS, rows, _USAGE, size_said(pipeline)), imported(_IMPORTS, body), parts
    )
    return Generated(Target.ALBUMENTATIONS, text, tuple(rows))


def _entry(run: Run, pipeline: Pipeline) -> Entry:
    if len(run.steps) == 1:
        return entry(run.steps[0], pipeline.labels.box_fit)
    calls = tuple(own_call(step, BORDERS) for step in run.steps)
    needs = [name for step in run.steps for name in own_pieces(step)]
    return Entry((Call("Together", {}, calls),), tuple(map(exact, run.steps)), ("Together", *needs))


def _compose(calls: list[Call], pipeline: Pipeline) -> str:
    rules = pipeline.labels
    lines = [
        "def compose(bbox_format=None):",
        '    """The steps; with boxes of a format, which then go with the picture, and `labels` with them."""',
        "    boxes = None",
        "    if bbox_format is not None:",
        "        boxes = A.BboxParams(",
        "            bbox_format,",
        '            label_fields=["labels"],',
        "            clip=True,",
        f"            min_visibility={rules.smallest_share:g},",
        f"            min_width={rules.smallest_side:g},",
        f"            min_height={rules.smallest_side:g},",
        "        )",
    ]
    steps = [line for call in calls for line in call.lines(3)]
    end = ["        ],", *(f"        {parameter}," for parameter in _PARAMETERS), "    )"]
    return "\n".join([*lines, "    return A.Compose(", "        [", *steps, *end])
