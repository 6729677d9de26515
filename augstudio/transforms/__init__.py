"""What a user can choose: one file per transform, each declared once."""

from augstudio.transforms.base import GROUPS, Bordered, Measure, Transform
from augstudio.transforms.describing import describe
from augstudio.transforms.draw import Chance, Draw, DrawError, Place, Value
from augstudio.transforms.drawing import Drawing
from augstudio.transforms.parameter import Choices, Colour, Evidence, Knob, Limits, Option, Parameter, Range
from augstudio.transforms.position import OneOf, Points, Position
from augstudio.transforms.registry import registry

__all__ = [
    "GROUPS",
    "Bordered",
    "Chance",
    "Choices",
    "Colour",
    "Draw",
    "DrawError",
    "Drawing",
    "Evidence",
    "Knob",
    "Limits",
    "Measure",
    "OneOf",
    "Option",
    "Parameter",
    "Place",
    "Points",
    "Position",
    "Range",
    "Transform",
    "Value",
    "describe",
    "registry",
]
