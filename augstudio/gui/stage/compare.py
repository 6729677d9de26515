"""Original and augmented side by side, zoomed and panned together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from augstudio.gui.parts.controls import ElidedLabel, as_tip, flat_button
from augstudio.gui.stage.image_view import ImageView
from augstudio.gui.stage.rendering import Labelled, Rendered

MOST_ZOOM = 32.0


@dataclass(frozen=True)
class Viewport:
    """What both views show.

    Attributes
    ----------
    scale : float or None
        Screen pixels per pixel of the copy; None fits both pictures into their views.
    x, y : float
        The point in the middle, as shares of the copy's width and height.
    """

    scale: float | None = None
    x: float = 0.5
    y: float = 0.5


class Compare(QWidget):
    """Two views with one viewport, a heading over each, and the zoom buttons.

    What is the same in both is of one size and in one place, whatever sizes the two pictures have.
    """

    scale_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewport = Viewport()
        self._link = 1.0  # pixels of the copy per pixel of the original, before any transform
        self.original = ImageView("compare.original", "Original picture")
        self.augmented = ImageView("compare.augmented", "Augmented picture")
        self._original_title, self._original_size = _title("Original"), QLabel()
        self._augmented_title, self._augmented_size = _title("Copy"), QLabel()
        self._exact = QLabel()
        self._exact.setObjectName("compare.exact")
        self._zoom = QLabel()
        self._zoom.setObjectName("compare.zoom")
        for label in (self._original_size, self._augmented_size, self._exact, self._zoom):
            label.setProperty("muted", True)
        self._zoom.setMinimumWidth(self.fontMetrics().horizontalAdvance("0000 %"))
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._fit = flat_button("fit", "Fit the picture into the view (Ctrl+0)")
        self._fit.setObjectName("compare.fit")
        self._fit.setShortcut("Ctrl+0")
        self._fit.clicked.connect(self.fit)
        self._whole = QToolButton()
        self._whole.setProperty("flat", True)
        self._whole.setText("100 %")
        self._whole.setObjectName("compare.100")
        self._whole.setToolTip("One screen pixel per pixel of the copy: exactly what is exported (Ctrl+1)")
        self._whole.setAccessibleName("Zoom to 100 %")
        self._whole.setShortcut("Ctrl+1")
        self._whole.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._whole.clicked.connect(self.show_whole)
        sides = QHBoxLayout(self)
        sides.setContentsMargins(0, 0, 0, 0)
        sides.setSpacing(8)
        self._heads = (
            _Head(self._original_title, self._original_size),
            _Head(self._augmented_title, self._augmented_size, (self._zoom, self._exact), (self._fit, self._whole)),
        )
        for head, view in zip(self._heads, (self.original, self.augmented), strict=True):
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addWidget(head)
            column.addWidget(view, 1)
            sides.addLayout(column, 1)
            view.zoomed.connect(partial(self._zoom_by, view))
            view.panned.connect(partial(self._pan_by, view))
            view.toggled.connect(self._toggle)
            view.resized.connect(self._apply)

    # -- setters -------------------------------------------------------------------------------------------------

    def set_original(self, rendered: Rendered) -> None:
        """Show the original."""
        self._original_size.setText(_size(rendered.size))
        self._original_title.setToolTip(as_tip("\n".join((_size(rendered.size), *rendered.notes))))
        self.original.set_picture(rendered.image, rendered.size)
        labelled = rendered.labelled
        self.original.set_layer(labelled.marks.layer if labelled else None)
        if self.augmented.image() is None:  # nothing to be in step with yet
            self.original.set_marks(labelled.marks if labelled else None)
            self.augmented.set_picture(None, rendered.size)
            self._link = 1.0
        self._apply()

    def set_thumbnail(self, image: QImage, size: tuple[int, int]) -> None:
        """Show, enlarged, what there is of an original of `size` until it has been read."""
        self._original_size.setText(_size(size))
        self.original.set_picture(image, size)
        self.original.set_layer(None)
        self.original.set_marks(None)
        self.augmented.set_picture(None, size)
        self._link = 1.0
        self._apply()

    def set_augmented(self, rendered: Rendered, title: str) -> None:
        """Show the augmented version."""
        self._augmented_title.setText(title)
        self._augmented_size.setText(_size(rendered.size))
        steps = [rendered.plan.explain()] if rendered.plan else []
        self._augmented_title.setToolTip(as_tip("\n".join((title, _size(rendered.size), *steps))))
        self._exact.setText("" if rendered.exact else "reduced")
        self._exact.setToolTip("Shown from a reduced picture; zoom to 100 % to see exactly what is exported")
        self.augmented.set_picture(rendered.image, rendered.size)
        if not rendered.late:  # until they come, those of a moment ago are over it
            self.set_labelled(rendered.labelled)
        self._link = rendered.link
        self._apply()

    def set_labelled(self, labelled: Labelled | None) -> None:
        """Draw the labels of the copy, and over the original what the copy loses of them."""
        self.augmented.set_layer(labelled.marks.layer if labelled else None)
        self.augmented.set_marks(labelled.marks if labelled else None)
        self.original.set_marks(labelled.source if labelled else None)

    def set_labels_shown(self, on: bool) -> None:
        """Draw labels over both pictures, or leave them bare."""
        for view in (self.original, self.augmented):
            view.set_labels_shown(on)

    def set_showing(self, text: str) -> None:
        """Say over the augmented picture what is held; nothing if it is what was drawn."""
        self.augmented.set_caption(text)

    def set_message(self, message: str) -> None:
        """Say something instead of showing pictures."""
        self._augmented_title.setText("Copy")
        for label in (self._original_size, self._augmented_size, self._exact, self._zoom):
            label.setText("")
        for title in (self._original_title, self._augmented_title):
            title.setToolTip("")
        self._fit_heads()
        self.original.set_message(message)
        self.augmented.set_message("")

    def set_trouble(self, message: str) -> None:
        """Say why there is no augmented version; the original stays."""
        self._exact.setText("")
        self._fit_heads()
        self.augmented.set_message(message)

    def _fit_heads(self) -> None:
        for head in self._heads:
            head.fit()

    # -- zoom ------------------------------------------------------------------------------------------------------

    @property
    def viewport(self) -> Viewport:
        """What both views show."""
        return self._viewport

    def wants_full(self, side: int) -> bool:
        """Whether a preview with that longer side is too coarse for the zoom in force."""
        longest = max(self.augmented.picture_size)
        return self._viewport.scale is not None and self.augmented.scale() * longest > side * 1.02

    def fit_scale(self) -> float:
        """Screen pixels per pixel of the copy at which both pictures just fit into their views, enlarged too."""
        room = [min(sides) for sides in zip(self.original.room(), self.augmented.room(), strict=True)]
        return min(most / side for most, side in zip(room, self._extents(), strict=True))

    def fit(self) -> None:
        """Fit the pictures into the views."""
        self._set(Viewport())

    def show_whole(self) -> None:
        """Show one screen pixel per pixel of the copy."""
        self._set(replace(self._viewport, scale=1.0))

    def _toggle(self) -> None:
        if self._viewport.scale is None:
            self.show_whole()
        else:
            self.fit()

    def _extents(self) -> tuple[float, float]:
        """Width and height of the larger of both pictures, in pixels of the copy."""
        copy, original = self.augmented.picture_size, self.original.picture_size
        return max(copy[0], original[0] * self._link), max(copy[1], original[1] * self._link)

    def _shares(self, view: ImageView) -> tuple[float, float]:
        """What a share of the picture in a view comes to, in shares of the copy."""
        if view is self.augmented:
            return 1.0, 1.0
        copy, original = self.augmented.picture_size, view.picture_size
        return original[0] * self._link / copy[0], original[1] * self._link / copy[1]

    def _zoom_by(self, view: ImageView, factor: float, x: float, y: float) -> None:
        """Zoom, and keep the point at shares (x, y) of a view's picture where it is."""
        across, down = self._shares(view)
        x, y = 0.5 + (x - 0.5) * across, 0.5 + (y - 0.5) * down
        old = self.augmented.scale()
        fit = self.fit_scale()
        new = min(max(old * factor, min(0.05, fit)), max(MOST_ZOOM, fit))
        keep, now = old / new, self._clamped(old)
        self._set(Viewport(new, x + (now[0] - x) * keep, y + (now[1] - y) * keep))

    def _pan_by(self, view: ImageView, x: float, y: float) -> None:
        if self._viewport.scale is None:
            return  # all of it is seen
        across, down = self._shares(view)
        now = self._clamped(self._viewport.scale)
        self._set(replace(self._viewport, x=now[0] + x * across, y=now[1] + y * down))

    def _set(self, viewport: Viewport) -> None:
        self._viewport = viewport
        if viewport.scale is not None:
            x, y = self._clamped(viewport.scale)
            self._viewport = replace(viewport, x=x, y=y)
        self._apply()
        self.scale_changed.emit()

    def _clamped(self, scale: float) -> tuple[float, float]:
        """The point in the middle, moved so that no picture that fits is pushed out, and none away from its view."""
        view, ratio, found = self._viewport, self.augmented.devicePixelRatioF(), []
        widget = self.augmented.width() * ratio, self.augmented.height() * ratio
        for share, room, extent, side in zip(
            (view.x, view.y), widget, self._extents(), self.augmented.picture_size, strict=True
        ):
            most = max(0.0, (extent * scale - room) / 2) / (side * scale)
            found.append(0.5 + min(max(share - 0.5, -most), most))
        return found[0], found[1]

    def _apply(self) -> None:
        scale = self.fit_scale() if self._viewport.scale is None else self._viewport.scale
        x, y = self._clamped(scale) if self._viewport.scale is not None else (0.5, 0.5)
        self.augmented.set_viewport(scale, x, y)
        across, down = self._shares(self.original)
        self.original.set_viewport(scale * self._link, 0.5 + (x - 0.5) / across, 0.5 + (y - 0.5) / down)
        if self.augmented.image() is not None:
            self._zoom.setText(f"{scale:.0%}".replace("%", " %"))
        self._fit_heads()


class _Head(QWidget):
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
        self.setFixedHeight(32)
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


def _wide(widget: QWidget) -> int:
    return max(widget.sizeHint().width(), widget.minimumWidth())


def _title(text: str) -> ElidedLabel:
    label = ElidedLabel(text)
    label.setProperty("heading", True)
    label.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
    label.setMinimumWidth(label.fontMetrics().averageCharWidth() * 3)  # the buttons beside it stay whole
    return label


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]:,} × {size[1]:,}"
