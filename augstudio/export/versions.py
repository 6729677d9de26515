"""What decides about the bytes of a file: versions, and how the processor rounds."""

from __future__ import annotations

import platform
import zlib
from functools import cache

import cv2
import numpy as np
import PIL
import simplejpeg

import augstudio

OF_LABELS = ("shapely",)
"""What decides about labels alone."""


@cache
def versions(*, labels: bool = False) -> dict[str, str]:
    """Versions of everything that decides about the bytes of an exported file, here and now.

    Parameters
    ----------
    labels : bool
        Whether labels follow the pictures: then what clips their shapes decides, too.
    """
    found = {
        "augstudio": augstudio.__version__,
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        "pillow": PIL.__version__,
        "simplejpeg": simplejpeg.__version__,
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
    }
    if labels:
        import shapely  # slow to import, and of no use to pictures alone

        found["shapely"] = f"{shapely.__version__} (GEOS {shapely.geos_version_string})"
    return found


def differing(found: dict[str, str]) -> str:
    """What differs between other versions and those here, such as "opencv 5.0.0 (here 5.1.0)"; empty if nothing."""
    here = versions(labels=any(name in found for name in OF_LABELS))
    if found == here:  # asked for every picture
        return ""
    return ", ".join(
        f"{name} {found.get(name, 'unknown')} (here {here.get(name, 'unknown')})"
        for name in sorted(here.keys() | found.keys())
        if found.get(name) != here.get(name)
    )


@cache
def processor() -> str:
    """What decides here how numbers are rounded, such as "x86_64 AVX2 AVX512-SKX, NumPy AVX512_SKX".

    OpenCV and NumPy choose their code by the instruction sets they find (of which `OPENCV_CPU_DISABLE` and
    `NPY_DISABLE_CPU_FEATURES` leave some out): with fused multiply-add, say, a warp is rounded once where it is rounded
    twice without, so some of its levels differ by one. Equal words mean equal bytes; unlike words may.
    """
    # OpenCV marks what it has chosen code for by a star, and what is not there by a question mark.
    words = cv2.getCPUFeaturesLine().split()
    chosen = [word.lstrip("*") for word in words if word.startswith("*") and not word.endswith("?")]
    found = " ".join([platform.machine(), *chosen])
    power = np.lib.introspect.opt_func_info(func_name="^power$", signature="float64").get("power", {})
    numpy = next((str(kind["current"]) for kind in power.values()), "")
    return f"{found}, NumPy {numpy}" if numpy else found
