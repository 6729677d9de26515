"""Which versions decide about the bytes of a file."""

from __future__ import annotations

import zlib
from functools import cache

import cv2
import numpy as np
import PIL

import augstudio


@cache
def versions() -> dict[str, str]:
    """Versions of everything that decides about the bytes of an exported file, here and now."""
    return {
        "augstudio": augstudio.__version__,
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        "pillow": PIL.__version__,
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
    }


def differing(found: dict[str, str]) -> str:
    """What differs between other versions and those here, such as "opencv 5.0.0 (here 5.1.0)"; empty if nothing."""
    here = versions()
    if found == here:  # asked for every picture
        return ""
    return ", ".join(
        f"{name} {found.get(name, 'unknown')} (here {here.get(name, 'unknown')})"
        for name in sorted(here.keys() | found.keys())
        if found.get(name) != here.get(name)
    )
