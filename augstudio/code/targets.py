"""Which module writes code for which library."""

from __future__ import annotations

from importlib import import_module

from augstudio.code.generated import Generated, Target
from augstudio.pipeline import Pipeline

_MODULES = {
    Target.NUMPY: "augstudio.code.numpy_code",
    Target.KERAS: "augstudio.code.keras_code",
    Target.TORCHVISION: "augstudio.code.torchvision_code",
    Target.ALBUMENTATIONS: "augstudio.code.albumentations_code",
}


def generate(pipeline: Pipeline, target: Target) -> Generated:
    """Write a pipeline as code; `write(pipeline)` of each module does it."""
    written: Generated = import_module(_MODULES[target]).write(pipeline)
    return written
