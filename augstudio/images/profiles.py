"""Colour profiles (ICC): 8-bit pictures become sRGB; 16-bit pictures keep their colours, and carry the profile along.

16-bit colours are not converted, since the library at hand (lcms through Pillow) knows 8 bits only.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image, ImageCms

_MOST = 2**20  # bytes: more is not read again from a PNG
_SPACES = {1: "GRAY", 2: "GRAY", 3: "RGB", 4: "RGB"}


@lru_cache(maxsize=32)
def _described(profile: bytes) -> str | None:
    """Give a profile's name, empty if it has none; None for sRGB."""
    try:
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    except Exception:
        return ""
    name = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())[:60]
    return None if "srgb" in name.lower() else name


def name_of(profile: Any, mode: str) -> str | None:
    """Give the name of a profile that has to be applied to pictures of this mode; None if there is nothing to do."""
    if not isinstance(profile, bytes) or not profile:
        return None
    name = _described(profile)
    return "" if name is None and mode == "CMYK" else name


def _called(name: str) -> str:
    return f"ICC profile {name}" if name else "ICC profile without a name"


@lru_cache(maxsize=16)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | list[int]:
    """Build the conversion to sRGB: a transform; for grey, a table of 256 values."""
    source, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    if mode != "L":
        return ImageCms.buildTransform(source, srgb, mode, "RGB" if mode == "CMYK" else mode)
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    as_rgb = ImageCms.applyTransform(ramp, ImageCms.buildTransform(source, srgb, "L", "RGB"))
    assert as_rgb is not None
    return [int(value) for value in np.asarray(as_rgb)[0, :, 1]]


def to_srgb(image: Image.Image, profile: Any) -> tuple[Image.Image, str | None]:
    """Convert an RGB, RGBA, L, LA or CMYK picture to sRGB; also return a note, if there was anything to do."""
    name = name_of(profile, image.mode)
    if name is None:
        return image, None
    try:
        transform = _transform(profile, "L" if image.mode == "LA" else image.mode)
        if isinstance(transform, list):
            grey, *alpha = image.split()
            converted = Image.merge(image.mode, [grey.point(transform), *alpha])
        else:
            done = ImageCms.applyTransform(image, transform)
            assert done is not None
            converted = done
    except Exception:
        return image, f"{_called(name)} ignored (it is damaged or does not fit the picture)"
    return converted, f"{_called(name)} converted to sRGB"


def carried(profile: Any, channels: int) -> tuple[bytes | None, str | None]:
    """Tell whether a 16-bit picture carries its profile along; also return a note, if there was anything to decide."""
    name = name_of(profile, "")
    if name is None:
        return None, None
    try:
        space = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space.strip()
    except Exception:
        space = ""
    if space != _SPACES[channels]:
        return None, f"{_called(name)} ignored (it is damaged or does not fit the picture)"
    if len(profile) > _MOST:
        return None, f"{_called(name)} ignored (it is larger than 1 MiB)"
    return profile, f"{_called(name)} carried (16-bit colours keep their own space)"
