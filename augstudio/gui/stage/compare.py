"""Original and augmented side by side, zoomed and panned together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QToolTip, QVBoxLayout, QWidget

from augstudio.gui.parts import style
from augstudio.gui.parts.controls import ElidedLabel, as_tip, flat_button
from augstudio.gui.stage.marks import Marks, paint_layer
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


class ImageView(QWidget):
    """One picture. It shows the part that its viewport says and reports what the user does with it."""

    zoomed = Signal(float, float, float)
    panned = Signal(float, float)
    toggled = Signal()
    resized = Signal()

    def __init__(self, name: str, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(120, 100))
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setToolTip("Wheel to zoom, drag to move, double-click for 100 %")
        self._image: QImage | None = None
        self._size = (1, 1)
        self._scale = 1.0
        self._caption = ""
        self._centre = (0.5, 0.5)
        self._message = ""
        self._grabbed: QPointF | None = None
        self._marks: Marks | None = None
        self._layer: QImage | None = None
        self._labels_shown = True

    # -- setters -------------------------------------------------------------------------------------------------

    def set_picture(self, image: QImage | None, size: tuple[int, int]) -> None:
        """Show an image that stands for a picture of `size` (width, height)."""
        self._image, self._size, self._message = image, size, ""
        self.setAccessibleDescription("")
        self.update()

    def set_message(self, message: str) -> None:
        """Say something instead of showing a picture."""
        self._image, self._marks, self._layer, self._message = None, None, None, message
        self.setAccessibleDescription(message)
        self.update()

    def set_marks(self, marks: Marks | None) -> None:
        """Draw labels over the picture, or none."""
        if marks is not self._marks:
            self._marks = marks
            self.update()

    def set_layer(self, layer: QImage | None) -> None:
        """Draw masks over the picture, or none."""
        if layer is not self._layer:
            self._layer = layer
            self.update()

    def set_labels_shown(self, on: bool) -> None:
        """Draw the labels there are, or leave the picture bare."""
        self._labels_shown = on
        self.update()

    def set_caption(self, text: str) -> None:
        """Say something over the picture, or nothing."""
        if text != self._caption:
            self._caption = text
            self.setAccessibleDescription(text)
            self.update()

    def set_viewport(self, scale: float, x: float, y: float) -> None:
        """Show this part; `scale` is in screen pixels per pixel of this picture."""
        if (scale, (x, y)) != (self._scale, self._centre):
            self._scale, self._centre = scale, (x, y)
            self.update()

    @property
    def marks(self) -> Marks | None:
        """What is drawn over the picture now."""
        return self._marks if self._labels_shown and self._image is not None else None

    # -- what is shown -------------------------------------------------------------------------------------------

    def image(self) -> QImage | None:
        """The image in view."""
        return self._image

    @property
    def picture_size(self) -> tuple[int, int]:
        """Width and height of the real picture."""
        return self._size

    def room(self) -> tuple[float, float]:
        """Width and height that a picture has, in screen pixels."""
        ratio = self.devicePixelRatioF()
        return max(1, self.width() - 16) * ratio, max(1, self.height() - 16) * ratio

    def scale(self) -> float:
        """Screen pixels per pixel of this picture, now."""
        return self._scale

    @property
    def caption(self) -> str:
        """What is said over the picture."""
        return self._caption

    def picture_rect(self) -> QRectF:
        """Where the whole picture lies in the widget, in device pixels."""
        ratio = self.devicePixelRatioF()
        width, height = (side * self.scale() for side in self._size)
        left = self.width() * ratio / 2 - self._centre[0] * width
        top = self.height() * ratio / 2 - self._centre[1] * height
        return QRectF(round(left), round(top), width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture on the stage; when enlarged, the real picture's pixels as squares."""
        painter = QPainter(self)
        colours = style.theme()
        painter.fillRect(self.rect(), QColor(colours.stage))
        if self._image is None:
            painter.setPen(QColor(colours.muted))
            box = self.rect().adjusted(24, 24, -24, -24)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._message)
            painter.end()
            return
        ratio = self.devicePixelRatioF()
        painter.scale(1 / ratio, 1 / ratio)
        where = self.picture_rect()
        if self._image.hasAlphaChannel():
            painter.fillRect(where, QColor("#ffffff"))
            painter.fillRect(where, QBrush(QColor("#b8bcc4"), Qt.BrushStyle.Dense4Pattern))
        reduced = self._image.width() < self._size[0]  # what it has, it has not in squares
        smooth = reduced or where.width() < 2 * self._image.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(where, self._image, QRectF(self._image.rect()))
        self._draw_labels(painter, where)
        if self._caption:
            painter.resetTransform()
            self._draw_caption(painter)
        painter.end()
        del event

    def _draw_labels(self, painter: QPainter, where: QRectF) -> None:
        if self._labels_shown and self._layer is not None:
            paint_layer(painter, self._layer, where)
        if self.marks is None:
            return
        ratio = self.devicePixelRatioF()
        view = QRectF(0, 0, self.width() * ratio, self.height() * ratio)
        self.marks.paint(painter, where, view, ratio)
        font = self.font()
        font.setPixelSize(max(9, round(0.85 * self.fontInfo().pixelSize() * ratio)))  # the painter is in device pixels
        painter.setFont(font)
        self.marks.paint_names(painter, where, view, ratio)
        painter.setFont(self.font())

    def _draw_caption(self, painter: QPainter) -> None:
        colours, metrics = style.theme(), self.fontMetrics()
        text = metrics.elidedText(self._caption, Qt.TextElideMode.ElideMiddle, self.width() - 40)  # the number stays
        width, height = metrics.horizontalAdvance(text) + 24, metrics.height() + 10
        pill = QRectF((self.width() - width) / 2, 12, width, height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.accent))
        painter.drawRoundedRect(pill, height / 2, height / 2)
        painter.setPen(QColor(colours.on_accent))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)

    # -- the user's doing ------------------------------------------------------------------------------------------

    def _share_at(self, place: QPointF) -> tuple[float, float]:
        where, ratio = self.picture_rect(), self.devicePixelRatioF()
        x = (place.x() * ratio - where.left()) / max(1e-9, where.width())
        y = (place.y() * ratio - where.top()) / max(1e-9, where.height())
        return x, y

    def event(self, event: QEvent) -> bool:
        """Tell what lies under the pointer, where labels say it."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            words = self.words_at(QPointF(event.pos()))
            if words:
                QToolTip.showText(event.globalPos(), as_tip(words), self)
                return True
        return super().event(event)

    def words_at(self, place: QPointF) -> str:
        """The object at a place in the widget, and what became of it; empty where there is none."""
        if self.marks is None:
            return ""
        (x, y), (width, height) = self._share_at(place), self._size
        item = self.marks.overlay.at(x * width, y * height)
        if item is None:
            return ""
        lost = "" if item.kept else "not in the copy: "
        return f"{item.name}: {lost}{item.words}" if item.words else item.name

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer."""
        delta = event.angleDelta().y() or event.angleDelta().x()
        if delta:
            self.zoomed.emit(1.25 ** (delta / 120), *self._share_at(event.position()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the picture."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._grabbed = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the picture."""
        if self._grabbed is not None and self._image is not None:
            moved, ratio = event.position() - self._grabbed, self.devicePixelRatioF()
            self._grabbed = event.position()
            where = self.picture_rect()
            self.panned.emit(-moved.x() * ratio / where.width(), -moved.y() * ratio / where.height())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of it."""
        self._grabbed = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        del event

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Switch between fit and 100 %."""
        self.toggled.emit()
        del event

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom by plus and minus; move by arrow keys."""
        moves = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
        if event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoomed.emit(1.25, *self._centre)
        elif event.key() == Qt.Key.Key_Minus:
            self.zoomed.emit(0.8, *self._centre)
        elif event.key() in moves:
            x, y = moves[Qt.Key(event.key())]
            where = self.picture_rect()
            self.panned.emit(40 * x / max(1.0, where.width()), 40 * y / max(1.0, where.height()))
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell that what fits has changed."""
        self.resized.emit()
        super().resizeEvent(event)


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
