"""All steps that move nothing, as layers of Keras or of the file's own."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from augstudio.code.generated import Line
from augstudio.code.heading import close, exact, literal
from augstudio.code.keras_code.calls import Call
from augstudio.transforms import Transform

LIBRARY = {"dtype": '"float32"', "seed": "next(own)"}
"""What layers of the library are given, too: float16, which a mixed policy would have, is too coarse for levels."""


def layer(step: Transform) -> Call:
    """The layer of a step; without its probability, unless `has_probability`."""
    return _LAYERS[step.name()](step)


def knows(op: str) -> bool:
    """Whether there is a layer for an op."""
    return op in _LAYERS


def has_probability(step: Transform) -> bool:
    """Whether the layer itself draws which pictures it changes."""
    return step.name() in ("grayscale", "invert")


def line(step: Transform) -> Line:
    """What is said of a step."""
    words = _CLOSE.get(step.name())
    if words is not None:
        return close(step, words)
    if step.name() == "blur" and step.range_of("sigma").high > 12:
        return exact(step, "up to sigma 12; above, within two levels")
    return exact(step)


def discs(step: Transform) -> dict[int, tuple[int, ...]]:
    """The discs that a step's radii are mixed of: how far each row reaches, from the middle row outwards."""
    if step.name() not in ("dilate", "erode"):
        return {}
    low, high = step.range_of("radius")
    return {radius: _rows(radius) for radius in range(math.floor(low), math.ceil(high) + 1)}


def _rows(radius: int) -> tuple[int, ...]:
    """Of a disc, or above radius 4 of an octagon: a square grown by a diamond (see `augstudio.engine.filters`)."""
    if radius <= 4:
        return tuple(math.isqrt(radius * radius - down * down) for down in range(radius + 1))
    diamond = round(math.sqrt(((2 * radius + 1) ** 2 - math.pi * radius**2) / 2 + 0.25) - 0.5)
    return tuple(radius - max(0, down - (radius - diamond)) for down in range(radius + 1))


def _ranged(name: str, field: str) -> Callable[[Transform], Call]:
    """A layer of the file's own that draws between two numbers."""
    return lambda step: Call.of(name, literal(step.range_of(field)), seed="next(own)")


def _whole(step: Transform, field: str) -> str:
    low, high = step.range_of(field)
    return literal((int(low), int(high)))


def _noise(step: Transform) -> Call:
    grey = {"grey": "True"} if step.channels == "grey" else {}  # type: ignore[attr-defined]
    return Call.of("GaussianNoise", literal(step.range_of("sigma")), **grey, seed="next(own)")


def _cutout(step: Transform) -> Call:
    chosen = {"count": _whole(step, "count"), "side": literal(step.range_of("side")), "fill": literal(step.fill)}  # type: ignore[attr-defined]
    return Call.of("Cutout", **chosen, seed="next(own)")


def _invert(step: Transform) -> Call:
    return Call.of("keras.layers.RandomInvert", literal((step.probability, step.probability)), **LIBRARY)


_LAYERS: Mapping[str, Callable[[Transform], Call]] = {
    "brightness": lambda step: Call.of("keras.layers.RandomBrightness", literal(step.range_of("amount")), **LIBRARY),
    "channel_gain": lambda step: Call.of(
        "ChannelGain", **{name: literal(step.range_of(name)) for name in ("red", "green", "blue")}, seed="next(own)"
    ),
    "contrast": _ranged("Contrast", "factor"),
    "gamma": _ranged("Gamma", "exponent"),
    "grayscale": lambda step: Call.of("keras.layers.RandomGrayscale", literal(step.probability), **LIBRARY),
    "hue": _ranged("Hue", "angle"),
    "invert": _invert,
    "saturation": _ranged("Saturation", "factor"),
    "solarize": _ranged("Solarise", "threshold"),
    "swap_colours": lambda step: Call.of("SwapColours", literal(step.orders), seed="next(own)"),  # type: ignore[attr-defined]
    "blur": _ranged("Blur", "sigma"),
    "dilate": _ranged("Dilate", "radius"),
    "erode": _ranged("Erode", "radius"),
    "jpeg": lambda step: Call.of("Jpeg", _whole(step, "quality"), seed="next(own)"),
    "sharpen": _ranged("Sharpen", "amount"),
    "gaussian_noise": _noise,
    "salt_and_pepper": _ranged("SaltAndPepper", "share"),
    "cutout": _cutout,
}

_CLOSE = {"jpeg": "reckoned in floats, where libjpeg takes whole numbers: by up to 1 level on average"}
