"""What stands over a large picture, and what a view shows of one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from augstudio.engine import Pixels
from augstudio.gui.parts.controls import ElidedLabel
from augstudio.gui.stage.image_view import ImageView
from augstudio.gui.stage.marks import Marks
from augstudio.gui.stage.rendering import Rendered


@dataclass(frozen=True, eq=False)
class Content:
    """What a view shows.

    Attributes
    ----------
    image : QImage or None
        8 bits per channel; None where there is nothing.
    size : (int, int)
        Width and height of the real picture that it stands for.
    link : float
        Pixels of it per pixel of its original, before any transform.
    marks, layer
        Labels over it.
    exact : bool
        Whether the image is the real picture, pixel for pixel.
    pixels : ndarray or None
        As of `Rendered`.
    """

    image: QImage | None = None
    size: tuple[int, int] = (1, 1)
    link: float = 1.0
    marks: Marks | None = None
    layer: QImage | None = None
    exact: bool = False
    pixels: Pixels | None = None

    @classmethod
    def of(cls, rendered: Rendered) -> Content:
        """What a view shows of a rendered picture, with its labels."""
        marks = rendered.labelled.marks if rendered.labelled else None
        layer = marks.layer if marks else None
        return cls(rendered.image, rendered.size, rendered.link, marks, layer, rendered.exact, rendered.pixels)

    def marked(self, marks: Marks | None, layer: QImage | None) -> Content:
        """The same with other labels over it."""
        return replace(self, marks=marks, layer=layer)

    def put_on(self, view: ImageView) -> None:
        """Let a view show it."""
        if view.image() is not self.image or view.picture_size != self.size:
            view.set_picture(self.image, self.size)
        view.set_layer(self.layer)
        view.set_marks(self.marks)

    def pixel(self, x: float, y: float) -> tuple[str, ...]:
        """Place and values of the pixel at shares of width and height, in ever fewer words; none beside the picture."""
        if self.image is None or not (0 <= x < 1 and 0 <= y < 1):
            return ()
        levels = self._levels(int(x * self.image.width()), int(y * self.image.height()))
        named = "  ".join(f"{name} {level}" for name, level in levels.items())
        place = f"{int(x * self.size[0]):,}, {int(y * self.size[1]):,}"
        about = "" if self.exact else "about "
        return f"{place}:  {about}{named}", named, " ".join(map(str, levels.values()))

    def _levels(self, x: int, y: int) -> dict[str, int]:
        assert self.image is not None
        if self.pixels is not None:
            found = self.pixels[y, x : x + 1].ravel().tolist()
            return dict(zip({1: ("Grey",), 2: ("Grey", "A")}.get(len(found), "RGBA"), found, strict=False))
        colour = self.image.pixelColor(x, y)
        levels = {"R": colour.red(), "G": colour.green(), "B": colour.blue()}
        return {**levels, "A": colour.alpha()} if self.image.hasAlphaChannel() else levels


class Head(QWidget):
    """A title over a view; right of it there is what has room there, each of it whole or not at all.

    Parameters
    ----------
    title, size : QLabel
        The title is shortened only where nothing else is left out.
    more, buttons : tuple of QWidget
        On the right; the buttons are always there.
    """

    _SPACING = 6

    def __init__(
        self, title: QLabel, size: QLabel, more: tuple[QLabel, ...] = (), buttons: tuple[QToolButton, ...] = ()
    ) -> None:
        super().__init__()
        self._always = (title, *buttons)
        self._optional = (*more[:1], size, *more[1:])
        self.setFixedHeight(26)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # both views are of one width
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 0, 2, 0)
        row.setSpacing(self._SPACING)
        row.addWidget(title)
        row.addWidget(size)
        row.addStretch(1)
        for widget in (*reversed(more), *buttons):
            row.addWidget(widget)

    def fit(self) -> None:
        """Show what there is room for, the most important first."""
        left = self.width() - 4 - sum(_wide(widget) + self._SPACING for widget in self._always)
        for label in self._optional:
            wide = _wide(label) + self._SPACING if label.text() else 0
            label.setVisible(0 < wide <= left)
            left = left - wide if wide <= left else -1

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There is another room."""
        super().resizeEvent(event)
        self.fit()


class Pane(QWidget):
    """A view with a title over it, and the size of its picture.

    Parameters
    ----------
    name, spoken : str
        The view's object name, and what a screen reader calls it.
    title : str
        Over it at first.
    more : tuple of QLabel
        On the right of the title.
    """

    def __init__(self, name: str, spoken: str, title: str, more: tuple[QLabel, ...] = ()) -> None:
        super().__init__()
        self.view = ImageView(name, spoken)
        self.title, self.size_label = heading_label(title), QLabel()
        self.size_label.setProperty("muted", True)
        self.head = Head(self.title, self.size_label, more)
        self.content = Content()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.head)
        column.addWidget(self.view, 1)

    def show_content(self, content: Content) -> None:
        """Show a picture."""
        self.content = content
        self.size_label.setText(f"{content.size[0]:,} × {content.size[1]:,}" if content.image is not None else "")
        content.put_on(self.view)

    def say(self, message: str) -> None:
        """Say something instead of showing a picture."""
        self.content = Content()
        self.size_label.setText("")
        self.title.setToolTip("")
        self.view.set_message(message)


def _wide(widget: QWidget) -> int:
    return max(widget.sizeHint().width(), widget.minimumWidth())


def heading_label(text: str) -> ElidedLabel:
    """A title that is shortened where there is no room for it."""
    label = ElidedLabel(text)
    label.setProperty("heading", True)
    label.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
    label.setMinimumWidth(label.fontMetrics().averageCharWidth() * 3)  # the buttons beside it stay whole
    return label
