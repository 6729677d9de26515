"""Colour profiles (ICC): 8-bit pictures become sRGB; 16-bit pictures keep their colours, and carry the profile along.

What a profile is, its numbers say: one that leaves every colour where sRGB has it is sRGB, by whatever name.

16-bit colours are not converted, since the library at hand (lcms through Pillow) knows 8 bits only.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from augstudio.images.colours import Colours

_MOST = 2**20  # bytes: more is not read again from a PNG by everybody
_SPACES = {1: "GRAY", 2: "GRAY", 3: "RGB", 4: "RGB"}
_STEP = 15  # between the colours that are looked at: all of 0, 15, … 255 in each channel
_TOLERANCE = 1  # level: what rounding does to sRGB's own curve and colorants


def _colours_looked_at() -> Image.Image:
    levels = np.arange(0, 256, _STEP, dtype=np.uint8)
    lattice = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    greys = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(-1, 3)
    return Image.fromarray(np.concatenate([lattice, greys])[None])


@lru_cache(maxsize=64)
def _described(profile: bytes) -> str | None:
    """Give a profile's name, empty if it has none; None for sRGB."""
    if _is_srgb(profile):
        return None
    try:
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    except Exception:
        return ""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())[:60]


def _is_srgb(profile: bytes) -> bool:
    try:
        space = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space.strip()
        if space == "GRAY":
            table = _transform(profile, "L")
            assert isinstance(table, list)
            return bool(np.abs(np.array(table) - np.arange(256)).max() <= _TOLERANCE)
        if space != "RGB":
            return False
        transform = _transform(profile, "RGB")
        assert isinstance(transform, ImageCms.ImageCmsTransform)
        before = _colours_looked_at()
        after = ImageCms.applyTransform(before, transform)
        assert after is not None
        return bool(np.abs(np.asarray(after).astype(int) - np.asarray(before)).max() <= _TOLERANCE)
    except Exception:  # whatever is wrong with it, it is found again where it is to be applied
        return False


def name_of(profile: Any, mode: str) -> str | None:
    """Give the name of a profile that has to be applied to pictures of this mode; None if there is nothing to do."""
    if not isinstance(profile, bytes) or not profile:
        return None
    name = _described(profile)
    return "" if name is None and mode == "CMYK" else name


def is_srgb(colours: Colours) -> bool:
    """Tell whether colours may be taken for sRGB, since they are, or nothing is said against it."""
    return colours.note is None and name_of(colours.profile, "") is None


def _called(name: str, called: str | None) -> str:
    if called is not None:
        return called
    return f"ICC profile {name}" if name else "ICC profile without a name"


@lru_cache(maxsize=16)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | list[int]:
    """Build the conversion to sRGB: a transform; for grey, a table of 256 values."""
    source, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    if mode != "L":
        return ImageCms.buildTransform(source, srgb, mode, "RGB" if mode == "CMYK" else mode)
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    # Without lcms's own shortcut, which is 7 levels off in the shadows of a linear curve; this is done once a profile.
    exact = ImageCms.buildTransform(source, srgb, "L", "RGB", flags=ImageCms.Flags.NOOPTIMIZE)
    as_rgb = ImageCms.applyTransform(ramp, exact)
    assert as_rgb is not None
    return [int(value) for value in np.asarray(as_rgb)[0, :, 1]]


def to_srgb(image: Image.Image, profile: Any, called: str | None = None) -> tuple[Image.Image, str | None]:
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
        return image, f"{_called(name, called)} ignored (it is damaged or does not fit the picture)"
    return converted, f"{_called(name, called)} converted to sRGB"


def carried(profile: Any, channels: int, called: str | None = None) -> tuple[bytes | None, str | None]:
    """Tell whether a 16-bit picture carries its profile along; also return a note, if there was anything to decide."""
    name = name_of(profile, "")
    if name is None:
        return None, None
    try:
        space = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space.strip()
    except Exception:
        space = ""
    if space != _SPACES[channels]:
        return None, f"{_called(name, called)} ignored (it is damaged or does not fit the picture)"
    if len(profile) > _MOST:
        return None, f"{_called(name, called)} ignored (it is larger than 1 MiB)"
    return profile, f"{_called(name, called)} carried (16-bit colours keep their own space)"
