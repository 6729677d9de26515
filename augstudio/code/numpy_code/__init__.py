"""Code for NumPy and OpenCV alone: the program's own source, of which a preset's steps need, in one file.

It makes the same pixels, since it is the same code: `standalone.augment` and all that it calls, function by function.
What each transform does becomes a function of its own, and what the preset says of it a line of a list.
"""

from __future__ import annotations

from augstudio.code.generated import Generated, Line, Standing, Target
from augstudio.code.heading import applicable, exact, heading, left_out
from augstudio.code.numpy_code.file import Step, file_of
from augstudio.code.numpy_code.sources import SourceError
from augstudio.code.numpy_code.steps import Lowering, given
from augstudio.engine import Fit
from augstudio.pipeline import Pipeline

__all__ = ["write"]

USE = """
from augment import augment  # this file, saved as augment.py

augmented = augment(image, seed=7)  # RGB or grey, with or without alpha, 8 or 16 bit; image stays as it is
batch = [augment(image, seed=epoch, key=name) for name, image in images.items()]  # another draw for each name
"""
_FITS = {Fit.CROP: "the rest is cut off", Fit.PAD: "the rest is filled", Fit.STRETCH: "stretched"}


def write(pipeline: Pipeline) -> Generated:
    """Write a pipeline as code for NumPy and OpenCV.

    Raises
    ------
    SourceError
        If the program's own source is not installed beside it.
    """
    steps: list[Step] = []
    rows: list[Line] = []
    for transform in applicable(pipeline):
        try:
            lowering = Lowering(type(transform))
            steps.append(Step(transform, lowering, given(transform, lowering)))
        except SourceError as error:
            rows.append(left_out(transform, f"not known to this writer ({error})"))
        else:
            rows.append(exact(transform))
    size = pipeline.output.size
    if size:
        words = f"{size[0]} × {size[1]} pixels, {_FITS[pipeline.output.fit]}"
        rows.append(Line("", "Output size", Standing.EXACT, words))
    head = heading(pipeline, Target.NUMPY, rows, USE, _sizes(pipeline))
    return Generated(Target.NUMPY, file_of(pipeline, steps, head), tuple(rows))


def _sizes(pipeline: Pipeline) -> str:
    """For which pictures the file is."""
    import cv2

    lengths = f"lengths are pixels of a picture whose shorter side is {pipeline.trained_at}, and grow with it"
    return (
        f"For pictures of any size: {lengths}. The same pixels as the preset's own to the bit with the same OpenCV "
        f"({cv2.__version__}); with another one, within rounding. Python 3.11 or later, NumPy, OpenCV."
    )
