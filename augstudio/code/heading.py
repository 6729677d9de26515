"""What every file of code begins with: what it is, how near each step comes, for which pictures, and how it is used."""

from __future__ import annotations

import textwrap
import unicodedata
from collections import Counter
from collections.abc import Sequence
from enum import Enum

from augstudio import __version__
from augstudio.code.generated import Line, Standing, Target
from augstudio.pipeline import Pipeline
from augstudio.transforms import Transform

NAMES = {
    Target.NUMPY: "NumPy and OpenCV",
    Target.KERAS: "Keras",
    Target.TORCHVISION: "torchvision",
    Target.ALBUMENTATIONS: "Albumentations",
}
"""What people call each target."""
WIDTH = 120
"""Columns of a line of code."""
_NAME_WIDTH = 36
"""Columns of a step's name; a longer one has a line of its own."""


def heading(pipeline: Pipeline, target: Target, lines: Sequence[Line], usage: str, size: str = "") -> str:
    '''Write the docstring that a file of code begins with.

    Parameters
    ----------
    pipeline : Pipeline
        What the code does.
    target : Target
        For which library.
    lines : sequence of Line
        The table, in the order of the steps.
    usage : str
        How the file is used, in lines of Python of at most 116 columns.
    size : str
        A paragraph on the size of pictures; by default that the code is for pictures of the training size.

    Returns
    -------
    str
        With its quotes (`"""` or `r"""`), and a line break at the end.
    '''
    words = [
        f"Augmentation for {NAMES[target]}, written by augstudio {__version__}.",
        *_titled(pipeline),
        _indented(
            "Steps, and how near each comes to the preset:", table(lines) or ["(none: pictures stay as they are)"]
        ),
        "\n".join(_wrapped(size or _for_one_size(pipeline))),
        _indented("Use:", textwrap.dedent(usage).strip("\n").splitlines()),
    ]
    text = "\n\n".join(words)
    raw = "r" if "\\" in text else ""
    return f'{raw}"""{_harmless(text)}\n"""\n'


def table(lines: Sequence[Line], width: int = WIDTH - 4) -> list[str]:
    """The lines as text: a step's title, with its id where others are called the same; then standing and words.

    Parameters
    ----------
    lines : sequence of Line
        In the order of the steps.
    width : int
        Columns that there are.
    """
    titles = Counter(line.title for line in lines)
    names = [f"{line.title} ({line.step})" if titles[line.title] > 1 and line.step else line.title for line in lines]
    column = max((len(name) for name in names if len(name) <= _NAME_WIDTH), default=0)
    rows = []
    for name, line in zip(names, lines, strict=True):
        said = f"{line.standing}: {line.words}" if line.words else f"{line.standing}"
        first, *others = _wrapped(said, width - column - 4)
        if len(name) > column:
            rows.append(name)
        rows.append(f"{name if len(name) <= column else '':<{column}}  {first}")
        rows += [f"{'':<{column}}    {other}" for other in others]
    return rows


def applicable(pipeline: Pipeline) -> tuple[Transform, ...]:
    """The steps that a copy can get at all, in order: neither switched off nor of probability 0."""
    return tuple(step for step in pipeline.transforms if step.enabled and step.probability > 0)


def literal(value: object) -> str:
    """A value of a preset as Python writes it: an enum by its value, a tuple or range of numbers, a text."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return '"' + "".join(_escaped(letter) for letter in value) + '"'
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    return repr(value)


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode()


def _titled(pipeline: Pipeline) -> list[str]:
    """What the preset is called, and what it says of itself."""
    paragraphs = (f"Preset: {pipeline.name}" if pipeline.name.strip() else "", pipeline.description)
    return ["\n".join(_wrapped(words)) for words in paragraphs if words.strip()]


def _for_one_size(pipeline: Pipeline) -> str:
    return (
        f"For pictures whose shorter side is {pipeline.trained_at} pixels, which is what the model sees: all lengths "
        "in pixels are meant at that size. Resize first."
    )


def _indented(title: str, lines: Sequence[str]) -> str:
    return "\n".join([title, "", *(f"    {line}".rstrip() for line in lines)])


def _wrapped(words: str, width: int = WIDTH) -> list[str]:
    """Words in lines of so many columns, by half of it where letters may be twice as wide."""
    plain = "".join(letter if letter.isprintable() else " " for letter in words)
    return textwrap.wrap(plain, width if plain.isascii() else width // 2 if _is_wide(plain) else width) or [""]


def _is_wide(text: str) -> bool:
    """Whether letters of it may take two columns: Chinese, Japanese, Korean, emoji."""
    return any(unicodedata.east_asian_width(letter) in "WF" for letter in text)


def _harmless(text: str) -> str:
    """Text that cannot end the docstring which it stands in."""
    return text.replace('"""', "'''")


def exact(step: Transform, words: str = "") -> Line:
    """The line of a step that is said exactly."""
    return Line(step.id, step.label, Standing.EXACT, words)


def close(step: Transform, words: str) -> Line:
    """The line of a step that something else stands for; the words say in what it differs, and by how much."""
    return Line(step.id, step.label, Standing.CLOSE, words)


def left_out(step: Transform, why: str) -> Line:
    """The line of a step that is missing."""
    return Line(step.id, step.label, Standing.LEFT_OUT, why)
