"""torchvision, also beside a build of PyTorch for which its compiled operators are missing: nothing here needs them."""

from __future__ import annotations

import sys

import torch

try:
    import torchvision  # noqa: F401
except RuntimeError:  # it asks for the names of operators that are not there
    _OPERATORS = torch.library.Library("torchvision", "FRAGMENT")
    for _name in ("nms", "qnms"):
        _OPERATORS.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    for _module in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[_module]  # it is half imported

import torchvision.transforms.v2.functional as functional
from torchvision import tv_tensors
from torchvision.datasets import ImageFolder
from torchvision.transforms.v2 import PILToTensor

__all__ = ["ImageFolder", "PILToTensor", "functional", "tv_tensors"]
