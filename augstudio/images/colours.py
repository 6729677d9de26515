"""What a file says about its colours, by whatever means: all of it becomes an ICC profile, or a note.

Spaces told by number (primaries, white point, curve) are built into a profile, so that there is one way to convert
colours, and one to carry them along. What cannot be told that way, such as HDR's curves, is named in a note.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
"""Chromaticity: CIE x and y."""


class Colours(NamedTuple):
    """What a file says about its colours."""

    profile: bytes | None = None  # ICC, from the file or built; None where nothing is said, or nothing can be done
    called: str | None = None  # a built one's name in notes
    note: str | None = None  # why nothing can be done


class Gamut(NamedTuple):
    """Chromaticities of red, green, blue and white."""

    red: Point
    green: Point
    blue: Point
    white: Point


_D65 = (0.3127, 0.329)
_C = (0.31, 0.316)
SRGB = Gamut((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), _D65)
_ADOBE_RGB = Gamut((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), _D65)  # Adobe RGB (1998), 4.3.1

# ITU-T H.273, table 2, by number.
_PRIMARIES: Mapping[int, tuple[str, Gamut]] = {
    1: ("BT.709", SRGB),
    4: ("BT.470 M", Gamut((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), _C)),
    5: ("BT.470 B/G", Gamut((0.64, 0.33), (0.29, 0.6), (0.15, 0.06), _D65)),
    6: ("BT.601", Gamut((0.63, 0.34), (0.31, 0.595), (0.155, 0.07), _D65)),
    7: ("SMPTE 240M", Gamut((0.63, 0.34), (0.31, 0.595), (0.155, 0.07), _D65)),
    8: ("film", Gamut((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), _C)),
    9: ("BT.2020", Gamut((0.708, 0.292), (0.17, 0.797), (0.131, 0.046), _D65)),
    11: ("DCI P3", Gamut((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), (0.314, 0.351))),
    12: ("Display P3", Gamut((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), _D65)),
    22: ("EBU 3213", Gamut((0.63, 0.34), (0.295, 0.605), (0.155, 0.077), _D65)),
}
_UNSPECIFIED = 2
_HDR = {16: "HDR (PQ)", 18: "HDR (HLG)"}
# Table 3. Curves of video cameras (1, 6, 14, 15) are made to be looked at on screens of about sRGB's curve, so these
# are taken for that one, as everybody does; the inverse of the camera's curve would lift all shadows.
_LIKE_SRGB = {1, _UNSPECIFIED, 6, 13, 14, 15}
_GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0}

_PARAMETRIC = b"para\0\0\0\0"
SRGB_CURVE = _PARAMETRIC + struct.pack(
    ">HH5i", 3, 0, *(round(value * 65536) for value in (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
)


def gamma_curve(exponent: float) -> bytes:
    """Give light as a power of the stored value (an element of an ICC profile)."""
    return _PARAMETRIC + struct.pack(">HHi", 0, 0, round(exponent * 65536))


def table_curve(values: Sequence[int]) -> bytes:
    """Give light, 0 to 65535, for evenly spaced stored values (an element of an ICC profile)."""
    return b"curv\0\0\0\0" + struct.pack(f">I{len(values)}H", len(values), *values)


def by_number(primaries: int, transfer: int, *, full_range: bool = True, grey: bool = False) -> Colours:
    """Understand the code points of ITU-T H.273, as PNG (cICP), AVIF and HEIF (nclx) give them.

    Parameters
    ----------
    primaries, transfer : int
        ColourPrimaries and TransferCharacteristics; 2 means unspecified, and is taken for sRGB's.
    full_range : bool
        Whether black is 0 and white the greatest value, in RGB.
    grey : bool
        Whether the picture is grey.
    """
    if transfer in _HDR:
        return Colours(note=f"{_HDR[transfer]} colours are not converted")
    if primaries != _UNSPECIFIED and primaries not in _PRIMARIES:
        return Colours(note=f"colours of primaries {primaries} (H.273) are not converted")
    if transfer not in _LIKE_SRGB and transfer not in _GAMMAS:
        return Colours(note=f"colours of transfer {transfer} (H.273) are not converted")
    if not full_range:
        return Colours(note="colours of narrow range are not converted")
    name, gamut = _PRIMARIES.get(primaries, _PRIMARIES[1])
    curve = gamma_curve(_GAMMAS[transfer]) if transfer in _GAMMAS else SRGB_CURVE
    if transfer in _GAMMAS:
        name += " and linear light" if transfer == 8 else f" and gamma {_GAMMAS[transfer]}"
    return built(name, gamut, [curve], grey=grey)


def adobe_rgb(*, grey: bool = False) -> Colours:
    """Give the second space that cameras write (DCF: interoperability R03)."""
    return built("Adobe RGB (EXIF)", _ADOBE_RGB, [gamma_curve(563 / 256)], grey=grey)


def built(name: str, gamut: Gamut | None, curves: Sequence[bytes], *, grey: bool = False) -> Colours:
    """Build a profile.

    Parameters
    ----------
    name : str
        For notes.
    gamut : Gamut or None
        By default sRGB's; grey needs none.
    curves : sequence of bytes
        One, or one each for red, green and blue.
    grey : bool
        For grey pictures, of which the first curve counts.
    """
    try:
        with np.errstate(all="raise"):
            profile = _grey(name, curves[0]) if grey else _matrix(name, gamut or SRGB, curves)
    except (ValueError, ArithmeticError, np.linalg.LinAlgError, struct.error):
        return Colours(note=f"{name} ignored (these numbers are no colours)")
    return Colours(profile, name)


# --- ICC profiles (ICC.1:2010, version 4.3) ---------------------------------------------------------------------------

_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def colorants(gamut: Gamut) -> NDArray[np.float64]:
    """Give XYZ of red, green and blue as columns, adapted to D50 by Bradford's matrix."""
    white = _xyz(gamut.white) / gamut.white[1]
    chromaticities = np.column_stack([_xyz(point) for point in gamut[:3]])
    native = chromaticities * np.linalg.solve(chromaticities, white)
    scale = (_BRADFORD @ _D50) / (_BRADFORD @ white)
    adapted: NDArray[np.float64] = np.linalg.inv(_BRADFORD) @ (scale[:, None] * (_BRADFORD @ native))
    if not np.isfinite(adapted).all() or np.abs(adapted).max() > 4:
        raise ValueError("no gamut")
    return adapted


def _xyz(point: Point) -> NDArray[np.float64]:
    return np.array([point[0], point[1], 1 - point[0] - point[1]])


def _matrix(name: str, gamut: Gamut, curves: Sequence[bytes]) -> bytes:
    columns = colorants(gamut)
    three = [curves[0]] * 3 if len(curves) == 1 else list(curves)
    return _profile(
        b"RGB ",
        name,
        {f"{letter}XYZ".encode(): _xyz_element(columns[:, k]) for k, letter in enumerate("rgb")}
        | {f"{letter}TRC".encode(): three[k] for k, letter in enumerate("rgb")},
    )


def _grey(name: str, curve: bytes) -> bytes:
    return _profile(b"GRAY", name, {b"kTRC": curve})


def _profile(space: bytes, name: str, elements: Mapping[bytes, bytes]) -> bytes:
    tags = {b"desc": _text(name), b"cprt": _text("No copyright"), b"wtpt": _xyz_element(_D50), **elements}
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for tag, element in tags.items():
        table += tag + struct.pack(">II", start + len(body), len(element))
        body += element + b"\0" * (-len(element) % 4)
    head = struct.pack(">I4sI4s4s4s", start + len(body), b"\0\0\0\0", 0x04300000, b"mntr", space, b"XYZ ")
    head += struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + _fixed(_D50)
    return head.ljust(128, b"\0") + table + body


def _text(text: str) -> bytes:
    encoded = text.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(encoded), 28) + encoded


def _xyz_element(values: NDArray[np.float64]) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(values)


def _fixed(values: NDArray[np.float64]) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(float(value) * 65536) for value in values))
