"""Which module writes code for which library."""

from __future__ import annotations

from importlib import import_module

from augstudio.code.generated import Generated, Target
from augstudio.pipeline import Pipeline
from augstudio.wording import listing, shown

_MODULES = {
    Target.NUMPY: "augstudio.code.numpy_code",
    Target.KERAS: "augstudio.code.keras_code",
    Target.TORCHVISION: "augstudio.code.torchvision_code",
    Target.ALBUMENTATIONS: "augstudio.code.albumentations_code",
}


def generate(pipeline: Pipeline, target: Target | str) -> Generated:
    """Write a pipeline as code; `write(pipeline)` of each module does it.

    Parameters
    ----------
    pipeline : Pipeline
        What the code does.
    target : Target or str
        For which library: "numpy", "keras", "torchvision" or "albumentations".

    Raises
    ------
    ValueError
        If there is no such target.
    """
    if target not in tuple(Target):
        allowed = listing([f'"{one}"' for one in Target]).replace(" and ", " or ")
        raise ValueError(f"code is written for {allowed}, not for {shown(target)}")
    written: Generated = import_module(_MODULES[Target(target)]).write(pipeline)
    return written
