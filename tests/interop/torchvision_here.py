"""torchvision, also beside a build of PyTorch for which its compiled operators are missing: nothing here needs them."""

from __future__ import annotations

import torch

_OPERATORS = torch.library.Library("torchvision", "FRAGMENT")
for _name in ("nms", "qnms"):  # those that torchvision asks for by name when it is imported
    if not hasattr(torch.ops.torchvision, _name):
        _OPERATORS.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        getattr(torch.ops.torchvision, _name)

import torchvision.transforms.v2.functional as functional  # noqa: E402
from torchvision import tv_tensors  # noqa: E402
from torchvision.datasets import ImageFolder  # noqa: E402
from torchvision.transforms.v2 import PILToTensor  # noqa: E402

__all__ = ["ImageFolder", "PILToTensor", "functional", "tv_tensors"]
