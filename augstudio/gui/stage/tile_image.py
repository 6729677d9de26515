"""Small pictures in the size in which they are painted, with their labels.

They are made in any thread, since thin lines about hundreds of objects take as long as the picture.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter

from augstudio.callbacks import ignore
from augstudio.gui.stage.marks import paint_layer
from augstudio.gui.stage.rendering import PictureCache, Rendered, Wanted, render

_FINE = 0.5
"""How wide lines of labels are here, of those over the large pictures."""


class Form(NamedTuple):
    """How pictures are made ready.

    Attributes
    ----------
    width, height : int
        Of the box that a picture is fitted into, in device pixels.
    ratio : float
        Device pixels per device independent one.
    labels : bool
        Whether labels are drawn over it.
    """

    width: int
    height: int
    ratio: float = 1.0
    labels: bool = True


class TileImage(NamedTuple):
    """A small picture, ready to be shown with its labels and without.

    Attributes
    ----------
    bare : QImage
        Without them.
    labelled : QImage or None
        With them; None where there are none.
    """

    bare: QImage
    labelled: QImage | None = None

    def shown(self, *, labels: bool) -> QImage:
        """The one that is wanted."""
        return self.bare if self.labelled is None or not labels else self.labelled


class WantedTile(NamedTuple):
    """A version for the strip, and the size of its tile."""

    wanted: Wanted
    form: Form


def make_tile(asked: WantedTile, cache: PictureCache, pause: Callable[[], None] = ignore) -> TileImage:
    """Make one; arguments as of `rendering.render`.

    Raises
    ------
    augstudio.images.PictureError
        If the source cannot be read.
    """
    rendered = render(asked.wanted, cache, pause)
    pause()
    return tile_of(rendered, asked.form)


def tile_of(rendered: Rendered, form: Form) -> TileImage:
    """A rendered picture as a tile shows it."""
    bare = _scaled(rendered.image, form)
    return TileImage(bare, None if rendered.labelled is None else _with_labels(bare.copy(), rendered, form))


def fitted(rendered: Rendered, form: Form) -> QImage:
    """A rendered picture in the size in which it is painted, with its labels or without."""
    image = _scaled(rendered.image, form)
    return _with_labels(image, rendered, form) if form.labels else image


def _scaled(whole: QImage, form: Form) -> QImage:
    times = min(form.width / whole.width(), form.height / whole.height())
    size = QSize(max(1, round(whole.width() * times)), max(1, round(whole.height() * times)))
    image = whole.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    if image.hasAlphaChannel():  # what is painted fastest
        image = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(form.ratio)
    return image


def _with_labels(image: QImage, rendered: Rendered, form: Form) -> QImage:
    if rendered.labelled is None:
        return image
    marks, where = rendered.labelled.marks, QRectF(image.rect())
    image.setDevicePixelRatio(1.0)  # lines are given in its own pixels
    painter = QPainter(image)
    if marks.layer is not None:
        paint_layer(painter, marks.layer, where)
    marks.paint(painter, where, where, _FINE * form.ratio)
    painter.end()
    image.setDevicePixelRatio(form.ratio)
    return image
