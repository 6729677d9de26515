"""A contact sheet: one picture, both ends of a pipeline, and some of the copies that an export would write."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from augstudio.engine import Fit
from augstudio.images import DEFAULT_MAX_PIXELS, Pixels, read
from augstudio.pipeline import Pipeline
from augstudio.transforms import Draw, Range, Transform, describe

MAX_COPIES = 100
_COLUMNS = 4
_TILE = 300  # longer side of a picture on the sheet, in pixels
_NARROW = 216  # narrowest column: captions need some room beside pictures that stand upright
_GAP = 26
_MARGIN = 40
_PAPER, _INK, _SOFT, _LINE = (250, 250, 248), (28, 30, 36), (106, 110, 120), (206, 208, 212)
_TAG = (36, 92, 168)
_TITLE, _HEAD, _BODY = 28, 17, 13  # sizes of text, in pixels
_LEADING = 1.35
# Pillow's own font has ASCII and little more.
_SPELT = str.maketrans({"−": "-", "–": "-", "—": "-", "×": "x", "↔": "/", "↕": "/", "⁄": "/"})


@dataclass(frozen=True)
class _Cell:
    title: str
    lines: tuple[str, ...]
    image: Image.Image | None = None


def contact_sheet(
    path: Path, pipeline: Pipeline, *, copies: int = 8, seed: int = 0, max_pixels: int = DEFAULT_MAX_PIXELS
) -> Image.Image:
    """Draw the original, the lowest and highest end of every range, and copies 1 to `copies`, with their numbers.

    The pictures are made at full size, as an export makes them, and then reduced. Copy k is the one that an export
    with this seed writes if the picture lies directly in the source folder.

    Parameters
    ----------
    path : Path
        The picture.
    pipeline : Pipeline
        What makes the copies.
    copies : int
        0 to `MAX_COPIES`.
    seed : int
        0 or more.
    max_pixels : int
        A larger picture is refused.

    Returns
    -------
    Image
        RGB.

    Raises
    ------
    PictureError
        If the picture cannot be read.
    ValueError
        If `copies` is out of bounds.
    """
    if not 0 <= copies <= MAX_COPIES:
        raise ValueError(f"copies is {copies}; allowed is 0 to {MAX_COPIES}")
    picture = read(path, max_pixels=max_pixels, enough=pipeline.output.enough)
    height, width = picture.pixels.shape[:2]

    def cell(title: str, draws: tuple[Draw, ...]) -> _Cell:
        pixels = pipeline.plan(draws, width, height).apply(picture.pixels)
        lines = tuple(line for draw in draws if (line := describe(draw))) or ("nothing applied",)
        return _Cell(title, lines, _thumbnail(pixels))

    info = picture.info
    kind = f"{info.format}, {info.depth} bit, {('grey', 'grey + alpha', 'RGB', 'RGBA')[info.channels - 1]}"
    cells = [
        _Cell("Original", (f"{width} x {height} px", kind, *picture.notes), _thumbnail(picture.pixels)),
        cell("Lowest", pipeline.draw_ends(high=False, seed=seed)),
        cell("Highest", pipeline.draw_ends(high=True, seed=seed)),
        _Cell("Pipeline", tuple(_recipe(pipeline))),
        *(cell(f"Copy {copy}", pipeline.draw(seed, path.name, copy)) for copy in range(1, copies + 1)),
    ]
    title = pipeline.name or "Unnamed preset"
    return _page(title, f"{path.name}   ·   seed {seed}   ·   {pipeline.description}", cells)


def _recipe(pipeline: Pipeline) -> Iterator[str]:
    """What the pipeline does, a line per step."""
    for step in pipeline.transforms:
        if step.enabled:
            yield _step(step)
    if pipeline.output.size is not None:
        width, height = pipeline.output.size
        how = {Fit.CROP: "cropped", Fit.PAD: "padded", Fit.STRETCH: "stretched"}[pipeline.output.fit]
        yield f"Output {width} x {height} px, {how}"
    if any(knob.unit == "px" for step in pipeline.transforms if step.enabled for knob in step.knobs().values()):
        yield f"Lengths in pixels at {pipeline.trained_at} px"


def _step(step: Transform) -> str:
    spans = []
    for name, knob in step.knobs().items():
        span: Range = step.range_of(name)
        ends = knob.show(span.low) if span.low == span.high else f"{knob.show(span.low)} … {knob.show(span.high)}"
        spans.append(f"{knob.label.lower()} {ends}" if len(step.knobs()) > 1 else ends)
    share = "" if step.probability >= 1 else f" ({100 * step.probability:.0f} % of the copies)"
    return f"{step.label} {', '.join(spans)}".strip() + share


# -- drawing -------------------------------------------------------------------------------------------------------


def _page(title: str, subtitle: str, cells: list[_Cell]) -> Image.Image:
    rows = [cells[i : i + _COLUMNS] for i in range(0, len(cells), _COLUMNS)]
    column = max(_NARROW, *(cell.image.width for cell in cells if cell.image is not None))
    width = 2 * _MARGIN + _COLUMNS * column + (_COLUMNS - 1) * _GAP
    about = list(_wrapped([subtitle], width - 2 * _MARGIN, _HEAD, most=3, indent=""))
    top = _MARGIN + round(_TITLE * _LEADING) + 8 + len(about) * round(_HEAD * _LEADING) + 26
    heights = [_row_height(row, column) for row in rows]
    page = Image.new("RGB", (width, top + sum(heights) + _GAP * (len(rows) - 1) + _MARGIN), _PAPER)
    pen = ImageDraw.Draw(page)
    pen.text((_MARGIN, _MARGIN), _plain(title), _INK, _font(_TITLE))
    _write(pen, about, _MARGIN, _MARGIN + round(_TITLE * _LEADING) + 8, _HEAD, _SOFT)
    pen.line((_MARGIN, top - 16, width - _MARGIN, top - 16), _LINE)
    for row, height in zip(rows, heights, strict=True):
        for i, cell in enumerate(row):
            _draw_cell(page, pen, cell, _MARGIN + i * (column + _GAP), top, column, _picture_height(row))
        top += height + _GAP
    return page


def _picture_height(row: list[_Cell]) -> int:
    return max((cell.image.height for cell in row if cell.image is not None), default=0)


def _row_height(row: list[_Cell], column: int) -> int:
    captions = [len(_caption(cell, column)) for cell in row if cell.image is not None]
    under = round(_HEAD * _LEADING) + 4 + max(captions, default=0) * round(_BODY * _LEADING)
    return max(
        _picture_height(row) + 12 + under, *(_panel_height(cell, column) for cell in row if cell.image is None), 0
    )


def _panel_height(cell: _Cell, column: int) -> int:
    return round(_HEAD * _LEADING) + 8 + len(_caption(cell, column)) * round(_BODY * _LEADING)


def _caption(cell: _Cell, column: int) -> list[str]:
    return list(_wrapped(cell.lines, column, _BODY, most=40))


def _draw_cell(
    page: Image.Image, pen: ImageDraw.ImageDraw, cell: _Cell, left: int, top: int, column: int, pictures: int
) -> None:
    if cell.image is None:
        pen.text((left, top), _plain(cell.title), _TAG, _font(_HEAD))
        _write(pen, _caption(cell, column), left, top + round(_HEAD * _LEADING) + 8, _BODY, _INK)
        return
    # Pictures of one row stand on one line, whatever their shape.
    x, y = left, top + pictures - cell.image.height
    page.paste(cell.image, (x, y))
    pen.rectangle((x - 1, y - 1, x + cell.image.width, y + cell.image.height), outline=_LINE)
    below = top + pictures + 12
    pen.text((left, below), _plain(cell.title), _INK, _font(_HEAD))
    _write(pen, _caption(cell, column), left, below + round(_HEAD * _LEADING) + 4, _BODY, _SOFT)


def _write(
    pen: ImageDraw.ImageDraw, lines: list[str], left: int, top: int, size: int, colour: tuple[int, int, int]
) -> None:
    for i, line in enumerate(lines):
        pen.text((left, top + i * round(size * _LEADING)), line, colour, _font(size))


def _wrapped(lines: Iterable[str], width: int, size: int, *, most: int, indent: str = "   ") -> Iterator[str]:
    """Break lines to a width in pixels; the last of too many ends in an ellipsis."""
    font = _font(size)
    broken: list[str] = []
    for line in lines:
        current = ""
        for word in _plain(line).split(" "):
            longer = f"{current} {word}" if current else word
            if current.strip() and font.getlength(longer) > width:
                broken.append(current)
                longer = indent + word
            current = longer
        broken.append(current)
    for i, line in enumerate(broken[:most]):
        cut = line if i < most - 1 or len(broken) <= most else f"{line} …"
        while font.getlength(cut) > width and len(cut) > 2:
            cut = cut[:-2] + "…"
        yield cut


def _plain(text: str) -> str:
    """Text in letters that the font has; others become their base letter or a question mark."""
    known = " …·°«»‹›‘’“”™±"
    text = unicodedata.normalize("NFC", text.translate(_SPELT))
    letters = (c if c in known or " " <= c <= "~" else unicodedata.normalize("NFKD", c)[0] for c in text)
    return "".join(c if c in known or " " <= c <= "~" else "?" for c in letters)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _thumbnail(pixels: Pixels) -> Image.Image:
    """A picture that fits a tile: reduced, or enlarged in whole steps if it is tiny; alpha over a chequerboard."""
    eight: NDArray[np.uint8] = (
        pixels.astype(np.uint8)
        if pixels.dtype == np.uint8
        else ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
    )
    image = Image.fromarray(eight)
    longer = max(image.size)
    if longer > _TILE:
        size = max(1, round(image.width * _TILE / longer)), max(1, round(image.height * _TILE / longer))
        image = image.resize(size, Image.Resampling.BOX)
    elif longer * 2 <= _TILE:
        image = image.resize(
            (image.width * (_TILE // longer), image.height * (_TILE // longer)), Image.Resampling.NEAREST
        )
    if image.mode in ("LA", "RGBA"):
        y, x = np.mgrid[: image.height, : image.width] // 8
        board = Image.fromarray(np.where((x + y) % 2, np.uint8(232), np.uint8(255))).convert("RGBA")
        image = Image.alpha_composite(board, image.convert("RGBA"))
    return image.convert("RGB")
