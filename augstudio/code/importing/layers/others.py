"""Layers of Albumentations that look at neighbours, add noise, or hide."""

from __future__ import annotations

import math
from collections.abc import Mapping

from augstudio.code.importing.imported import Builder
from augstudio.code.importing.layers.reading import Reader, joined
from augstudio.code.importing.values import Values


def _gaussian_blur(builder: Builder, values: Values, p: float) -> None:
    words = "edges are mirrored without the outermost pixels there, with them here"
    if "blur_limit" in values and values.pair("blur_limit", (0, 0))[1] > 0:
        words += "; kernels of a few whole sizes there"
    builder.add("GaussianBlur", "blur", words, probability=p, sigma=values.pair("sigma_limit", (0.5, 3)))


def _box_blur(name: str, what: str) -> Reader:
    def read(builder: Builder, values: Values, p: float) -> None:
        low, high = values.pair("blur_limit", (3, 7))
        sigma = tuple(math.sqrt(max(0.0, (size**2 - 1) / 12)) for size in (low, high))  # of a mean of so many pixels
        words = f"{what} there; here a Gaussian of the same deviation"
        builder.add(name, "blur", words, probability=p, sigma=sigma)

    return read


def _sharpen(builder: Builder, values: Values, p: float) -> None:
    low, high = values.pair("alpha", (0.2, 0.5))
    blurred = values.text("method", "kernel") == "gaussian"
    words = [
        f"{'an unsharp mask of another width' if blurred else 'a kernel of 3 × 3 pixels'} is mixed in there; here an "
        "unsharp mask of one pixel"
    ]
    lightness = values.pair("lightness", (0.5, 1.0))
    if not blurred and lightness != (1.0, 1.0):
        darker, lighter = (high * (end - 1) for end in lightness)
        words.append(f"which there changes brightness, too, by {darker:+.0%} to {lighter:+.0%}")
    builder.add("Sharpen", "sharpen", "; ".join(words), probability=p, amount=(low, high))


def _unsharp(builder: Builder, values: Values, p: float) -> None:
    words = "detail of a blur of other strength there, and only where it is strong; here of one pixel, everywhere"
    builder.add("UnsharpMask", "sharpen", words, probability=p, amount=values.pair("alpha", (0.2, 0.5)))


def _compression(builder: Builder, values: Values, p: float) -> None:
    if "quality_range" in values or "quality_lower" not in values:
        quality = values.whole_pair("quality_range", (99, 100))
    else:
        quality = values.whole("quality_lower", 99, 1, 100), values.whole("quality_upper", 100, 1, 100)
    if str(values.given.get("compression_type", "jpeg")).lower() not in ("jpeg", "0"):
        builder.leave_out("ImageCompression", "WebP there; here there is JPEG alone")
        return
    words = "red is taken for blue there, so that it keeps less of the colours"
    builder.add("ImageCompression", "jpeg", words, probability=p, quality=quality)


def _gauss_noise(builder: Builder, values: Values, p: float) -> None:
    if "var_limit" in values and "std_range" not in values:  # version 1: variance in levels
        low, high = values.pair("var_limit", (10, 50))
        sigma = math.sqrt(max(0.0, low)) / 255, math.sqrt(max(0.0, high)) / 255
    else:
        sigma = values.pair("std_range", (0.2, 0.44))
    found = ["cut to whole levels towards 0 there, which takes up to half a level of it"]
    if values.pair("mean_range", (0, 0)) != (0, 0):
        found.append("it brightens or darkens as well there")
    if values.number("noise_scale_factor", 1, 0, 1) < 1:
        found.append("coarser grains there")
    channels = "each" if values.flag("per_channel", True) else "grey"
    builder.add("GaussNoise", "gaussian_noise", joined(found), probability=p, sigma=sigma, channels=channels)


def _salt(builder: Builder, values: Values, p: float) -> None:
    ratio = values.pair("salt_vs_pepper", (0.4, 0.6))
    words = ["just that share of the pixels there; here each pixel by chance"]
    if ratio != (0.5, 0.5):
        words.append("half of them white here")
    builder.add(
        "SaltAndPepper", "salt_and_pepper", joined(words), probability=p, share=values.pair("amount", (0.01, 0.06))
    )


def _morphology(builder: Builder, values: Values, p: float) -> None:
    low, high = values.pair("scale", (2, 3))
    ops = {"dilation": "dilate", "erosion": "erode"}
    operation = values.text("operation", "dilation")
    if operation not in ops:
        raise values.wrong("operation", "allowed is dilation or erosion")
    words = "an ellipse of whole pixels there; here a disc of any radius"
    radius = max(0.0, (low - 1) / 2), max(0.0, (high - 1) / 2)
    builder.add("Morphological", ops[operation], words, probability=p, radius=radius)


def _dropout(builder: Builder, values: Values, p: float) -> None:
    count = values.whole_pair("num_holes_range", (1, 2))
    heights, widths = values.pair("hole_height_range", (0.1, 0.2)), values.pair("hole_width_range", (0.1, 0.2))
    if max(*heights, *widths) > 1:
        builder.leave_out("CoarseDropout", "holes in pixels there, in shares of the shorter side here")
        return
    side = min(heights[0], widths[0]), max(heights[1], widths[1])
    fill = values.given.get("fill", 0)
    named = {"random": "noise", "random_uniform": "noise"}.get(fill) if isinstance(fill, str) else None
    words = "rectangles, each of its own size, there; here squares of one size"
    if named is None:
        named = "black" if fill in (0, [0, 0, 0], (0, 0, 0)) else "grey"
        if named == "grey":
            words += "; filled otherwise there, with grey here"
    builder.add("CoarseDropout", "cutout", words, probability=p, count=count, side=side, fill=named)


def _erasing(builder: Builder, values: Values, p: float) -> None:
    low, high = values.pair("scale", (0.02, 0.33))
    side = math.sqrt(max(0.0, low)), math.sqrt(max(0.0, high))
    words = "a rectangle there, drawn evenly by area; here a square, drawn evenly by side"
    builder.add("Erasing", "cutout", words, probability=p, count=(1, 1), side=side, fill="black")


LAYERS: Mapping[str, Reader] = {
    "GaussianBlur": _gaussian_blur,
    "Blur": _box_blur("Blur", "a mean of a square"),
    "MedianBlur": _box_blur("MedianBlur", "a median of a square"),
    "MotionBlur": _box_blur("MotionBlur", "a mean along one direction"),
    "Sharpen": _sharpen,
    "UnsharpMask": _unsharp,
    "ImageCompression": _compression,
    "GaussNoise": _gauss_noise,
    "SaltAndPepper": _salt,
    "Morphological": _morphology,
    "CoarseDropout": _dropout,
    "Erasing": _erasing,
}
