"""Layers of Albumentations that change levels and colours."""

from __future__ import annotations

from collections.abc import Mapping

from augstudio.code.importing.imported import Builder
from augstudio.code.importing.layers.reading import Reader, is_point, joined, plain
from augstudio.code.importing.values import Values


def _brightness_contrast(builder: Builder, values: Values, p: float) -> None:
    amount = values.pair("brightness_limit", (-0.2, 0.2), about=0)
    low, high = values.pair("contrast_limit", (-0.2, 0.2), about=0)
    both = amount != (0, 0) and (low, high) != (0, 0) and p < 1
    chance = f"{p:.0%} of the pictures get both there; here each by chance of its own" if both else ""
    if (low, high) != (0, 0):
        words = "about black there, about mid-grey here"
        factor = 1 + low, 1 + high
        builder.add("contrast_limit", "contrast", joined([words, chance]), probability=p, factor=factor)
    if amount != (0, 0):
        by_max = values.flag("brightness_by_max", True)
        words = "" if by_max else "a share of the picture's mean there, of full range here"
        builder.add("brightness_limit", "brightness", joined([words, chance]), probability=p, amount=amount)


def _gamma(builder: Builder, values: Values, p: float) -> None:
    low, high = values.pair("gamma_limit", (80, 120))
    builder.add("RandomGamma", "gamma", probability=p, exponent=(round(low / 100, 12), round(high / 100, 12)))


def _jitter(builder: Builder, values: Values, p: float) -> None:
    light, contrast, colour = (
        values.pair(name, (0.8, 1.2), about=1) for name in ("brightness", "contrast", "saturation")
    )
    hue = values.pair("hue", (-0.5, 0.5), about=0)
    number = sum((light != (1, 1), contrast != (1, 1), colour != (1, 1), hue != (0, 0)))
    several = "in any order there" if number > 1 else ""
    if number > 1 and p < 1:
        several += f", to the same {p:.0%} of the pictures"
    if light != (1, 1):
        words = "levels are multiplied there; here as much is added as mid-grey changes"
        amount = tuple((factor - 1) / 2 for factor in light)
        builder.add("ColorJitter.brightness", "brightness", joined([words, several]), probability=p, amount=amount)
    if contrast != (1, 1):
        words = "about the picture's mean grey there, about mid-grey here"
        builder.add("ColorJitter.contrast", "contrast", joined([words, several]), probability=p, factor=contrast)
    if colour != (1, 1):
        builder.add("ColorJitter.saturation", "saturation", several, probability=p, factor=colour)
    if hue != (0, 0):
        angle = tuple(max(-180.0, min(180.0, 360 * share)) for share in hue)
        words = "round the circle of HSV there, which changes the luma; here of YIQ"
        builder.add("ColorJitter.hue", "hue", joined([words, several]), probability=p, angle=angle)


def _hue_saturation(builder: Builder, values: Values, p: float) -> None:
    hue = values.pair("hue_shift_limit", (-20, 20), about=0)
    colour = values.pair("sat_shift_limit", (-30, 30), about=0)
    light = values.pair("val_shift_limit", (-20, 20), about=0)
    chance = f"the same {p:.0%} of the pictures get all of it there" if p < 1 else ""
    if hue != (0, 0):
        words = "round the circle of HSV there, which changes the luma; here of YIQ"
        angle = tuple(2 * step for step in hue)  # in OpenCV's steps of 2°
        builder.add("hue_shift_limit", "hue", joined([words, chance]), probability=p, angle=angle)
    if colour != (0, 0):
        words = "added to HSV's saturation there; here a factor that does as much to a half-saturated colour"
        factor = tuple(1 + step / 128 for step in colour)
        builder.add("sat_shift_limit", "saturation", joined([words, chance]), probability=p, factor=factor)
    if light != (0, 0):
        words = "added to HSV's value there, which keeps black; here to every level"
        amount = tuple(step / 255 for step in light)
        builder.add("val_shift_limit", "brightness", joined([words, chance]), probability=p, amount=amount)


def _rgb_shift(builder: Builder, values: Values, p: float) -> None:
    gains = {}
    for name in ("r", "g", "b"):
        low, high = values.pair(f"{name}_shift_limit", (-20, 20), about=0)
        if max(abs(low), abs(high)) <= 1:  # shares of full range, as they may be
            low, high = 255 * low, 255 * high
        gains[name] = (1 + low / 128, 1 + high / 128)
    words = "added there; here a factor that does as much to mid-grey"
    builder.add("RGBShift", "channel_gain", words, probability=p, red=gains["r"], green=gains["g"], blue=gains["b"])


def _multiply(builder: Builder, values: Values, p: float) -> None:
    gain = values.pair("multiplier", (0.9, 1.1))
    found = []
    if not values.flag("per_channel", False):
        found.append("the same factor for all colours there; here each has its own")
    if values.flag("elementwise", False):
        found.append("each pixel has a factor of its own there")
    builder.add("MultiplicativeNoise", "channel_gain", joined(found), probability=p, red=gain, green=gain, blue=gain)


def _grey(builder: Builder, values: Values, p: float) -> None:
    words = "" if values.text("method", "weighted_average") == "weighted_average" else "by another formula there"
    builder.add("ToGray", "grayscale", words, probability=p)


def _solarize(builder: Builder, values: Values, p: float) -> None:
    if "threshold" in values and "threshold_range" not in values:  # version 1: levels
        low, high = values.pair("threshold", (128, 128))
        threshold = low / 255, high / 255
    else:
        threshold = values.pair("threshold_range", (0.5, 0.5))
    level = is_point(threshold) and (255 * threshold[0]).is_integer()
    words = "a level just at the threshold is inverted there, not here" if level else ""
    builder.add("Solarize", "solarize", words, probability=p, threshold=threshold)


LAYERS: Mapping[str, Reader] = {
    "RandomBrightnessContrast": _brightness_contrast,
    "RandomGamma": _gamma,
    "ColorJitter": _jitter,
    "HueSaturationValue": _hue_saturation,
    "RGBShift": _rgb_shift,
    "MultiplicativeNoise": _multiply,
    "ToGray": _grey,
    "InvertImg": plain("InvertImg", "invert"),
    "Solarize": _solarize,
    "ChannelShuffle": plain("ChannelShuffle", "swap_colours", 5 / 6),  # of six orders, one is none
}
