"""Layers of Albumentations that bring pictures to a size, as the output of a preset."""

from __future__ import annotations

from collections.abc import Sequence

from augstudio.code.generated import Standing
from augstudio.code.importing.borders import BORDERS, colour_of
from augstudio.code.importing.imported import BadValueError, Builder
from augstudio.code.importing.values import Values
from augstudio.engine import BorderMode
from augstudio.pipeline import Output

_LARGEST = 16_384


def take_output(builder: Builder, layers: Sequence[tuple[str, Values]]) -> int:
    """Take the next layers as the output's size, if that is what they are.

    Parameters
    ----------
    builder : Builder
        Gets the output.
    layers : sequence of (str, Values)
        The next one or two.

    Returns
    -------
    int
        How many were taken: 0, 1 or 2.
    """
    names = tuple(name for name, values in layers if values.share("p", 1) == 1)
    match names:
        case ("Resize", *_):
            width, height = _size(layers[0][1], "width", "height")
            return _taken(builder, 1, "Resize", Output(fit="stretch", width=width, height=height))
        case ("SmallestMaxSize", "CenterCrop"):
            width, height = _size(layers[1][1], "width", "height")
            return _taken(builder, 2, "SmallestMaxSize, CenterCrop", Output(fit="crop", width=width, height=height))
        case ("LongestMaxSize", "PadIfNeeded"):
            values = layers[1][1]
            width, height = _size(values, "min_width", "min_height")
            border = BORDERS.get(values.whole("border_mode", 0, 0, 16), BorderMode.MIRROR)
            colour = colour_of(values, "fill")
            output = Output(fit="pad", width=width, height=height, border=border, border_colour=colour)
            return _taken(builder, 2, "LongestMaxSize, PadIfNeeded", output)
    return 0


def _size(values: Values, width: str, height: str) -> tuple[int, int]:
    for name in (width, height):
        if name not in values:
            raise BadValueError(f"{values.where}.{name}", f"the value is missing; allowed is 1 to {_LARGEST:,} pixels")
    return values.whole(width, 1, 1, _LARGEST), values.whole(height, 1, 1, _LARGEST)


def _taken(builder: Builder, number: int, title: str, output: Output) -> int:
    if builder.output == output:  # once more, after quarter turns
        return number
    if builder.output.size is not None:
        builder.leave_out(title, "a preset has one size of output")
        return number
    builder.output = output
    words = "here it is done together with the first moves, by a filter of its own"
    if builder.steps:
        words += "; and before all steps, not after some"
    builder.say(title, Standing.CLOSE, words)
    return number
