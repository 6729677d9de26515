"""augstudio: see, judge and export image augmentation.

>>> from augstudio import Pipeline
>>> Pipeline.load("gentle").name
'Gentle'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from augstudio.binding import bind as _bind

if TYPE_CHECKING:
    from augstudio.engine import BoundingBox, KeyPoints, Mask, Polygon, Region, Sample
    from augstudio.pipeline import CodeWriters, Pipeline, PresetFiles

__version__ = "0.4.0"
__all__ = ["BoundingBox", "KeyPoints", "Mask", "Pipeline", "Polygon", "Region", "Sample", "__version__"]


def _presets() -> PresetFiles:
    from augstudio import presets

    return presets


def _code() -> CodeWriters:
    from augstudio import code

    return code


_bind("code", _code)
_bind("presets", _presets)  # so that a pipeline can be loaded and saved, and need not know of what stands above it


def __getattr__(name: str) -> Any:
    # Imported when asked for, so that `augstudio --help` need not wait for NumPy and OpenCV.
    if name == "Pipeline":
        from augstudio.pipeline import Pipeline

        return Pipeline
    if name in __all__:
        from augstudio import engine

        return getattr(engine, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
