"""How pixels change: steps, their fusion and their kernels.

Only NumPy and OpenCV live here (and StringZilla, for looking levels up): no Qt, no files, and no randomness of its own
(a step that needs a random field carries the seed it is built from).
"""

from augstudio.engine.colour import Curve, Linear, Mix, Power, Solarize, Table
from augstudio.engine.filters import Blur, FaintJpeg, Jpeg, Morphology, Sharpen
from augstudio.engine.fitting import Fit, fitted
from augstudio.engine.frame import Frame
from augstudio.engine.fusion import fuse
from augstudio.engine.geometry import Border, BorderMode, Geometry, Role
from augstudio.engine.moved import Moved
from augstudio.engine.paint import AveragedDots, Box, Cutout, Fill, GaussianNoise, SaltAndPepper
from augstudio.engine.pixels import Pixels, check_pixels
from augstudio.engine.plan import Plan, apply_steps
from augstudio.engine.sample import Sample
from augstudio.engine.shapes import BoundingBox, KeyPoints, Mask, Polygon, Region, Shape, check_shapes
from augstudio.engine.step import Step
from augstudio.engine.warp import Warp

__all__ = [
    "AveragedDots",
    "Blur",
    "Border",
    "BorderMode",
    "BoundingBox",
    "Box",
    "Curve",
    "Cutout",
    "FaintJpeg",
    "Fill",
    "Fit",
    "Frame",
    "GaussianNoise",
    "Geometry",
    "Jpeg",
    "KeyPoints",
    "Linear",
    "Mask",
    "Mix",
    "Morphology",
    "Moved",
    "Pixels",
    "Plan",
    "Polygon",
    "Power",
    "Region",
    "Role",
    "SaltAndPepper",
    "Sample",
    "Shape",
    "Sharpen",
    "Solarize",
    "Step",
    "Table",
    "Warp",
    "apply_steps",
    "check_pixels",
    "check_shapes",
    "fitted",
    "fuse",
]
