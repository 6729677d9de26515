"""What a user can choose: one file per transform, each declared once."""

from augstudio.transforms.base import GROUPS, Bordered, Measure, Transform
from augstudio.transforms.draw import Chance, Draw, Value
from augstudio.transforms.parameter import Choices, Colour, Knob, Limits, Option, Parameter, Range
from augstudio.transforms.registry import registry

__all__ = [
    "GROUPS",
    "Bordered",
    "Chance",
    "Choices",
    "Colour",
    "Draw",
    "Knob",
    "Limits",
    "Measure",
    "Option",
    "Parameter",
    "Range",
    "Transform",
    "Value",
    "registry",
]
