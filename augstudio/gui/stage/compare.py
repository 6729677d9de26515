"""Original and augmented side by side, zoomed and panned together."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from augstudio.gui.parts import style
from augstudio.gui.parts.controls import ElidedLabel, flat_button
from augstudio.gui.stage.rendering import Rendered

MOST_ZOOM = 32.0


@dataclass(frozen=True)
class Viewport:
    """What both views show.

    Attributes
    ----------
    scale : float or None
        Screen pixels per pixel of the augmented picture; None fits it into the view.
    x, y : float
        The point in the middle, as shares of width and height.
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
        self._scale: float | None = None
        self._centre = (0.5, 0.5)
        self._message = ""
        self._grabbed: QPointF | None = None

    # -- setters -------------------------------------------------------------------------------------------------

    def set_picture(self, image: QImage | None, size: tuple[int, int]) -> None:
        """Show an image that stands for a picture of `size` (width, height)."""
        self._image, self._size, self._message = image, size, ""
        self.setAccessibleDescription("")
        self.update()

    def set_message(self, message: str) -> None:
        """Say something instead of showing a picture."""
        self._image, self._message = None, message
        self.setAccessibleDescription(message)
        self.update()

    def set_viewport(self, scale: float | None, x: float, y: float) -> None:
        """Show this part; `scale` is in screen pixels per pixel of this picture, None fits it."""
        if (scale, (x, y)) != (self._scale, self._centre):
            self._scale, self._centre = scale, (x, y)
            self.update()

    # -- what is shown -------------------------------------------------------------------------------------------

    def image(self) -> QImage | None:
        """The image in view."""
        return self._image

    @property
    def picture_size(self) -> tuple[int, int]:
        """Width and height of the real picture."""
        return self._size

    def fit_scale(self) -> float:
        """The scale at which the picture just fits; never above 100 % for a picture larger than an icon."""
        width, height = self._size
        room = min(max(1, self.width() - 16) / width, max(1, self.height() - 16) / height)
        scale = room * self.devicePixelRatioF()
        return min(scale, 1.0) if min(width, height) >= 64 and scale < 2 else min(scale, 8.0)

    def scale(self) -> float:
        """Screen pixels per pixel of this picture, now."""
        return self.fit_scale() if self._scale is None else self._scale

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
        painter.end()
        del event

    # -- the user's doing ------------------------------------------------------------------------------------------

    def _share_at(self, place: QPointF) -> tuple[float, float]:
        where, ratio = self.picture_rect(), self.devicePixelRatioF()
        x = (place.x() * ratio - where.left()) / max(1e-9, where.width())
        y = (place.y() * ratio - where.top()) / max(1e-9, where.height())
        return x, y

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
    """Two views with one viewport, a heading over each, and the zoom buttons."""

    scale_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewport = Viewport()
        self.original = ImageView("compare.original", "Original picture")
        self.augmented = ImageView("compare.augmented", "Augmented picture")
        self._original_title = _heading("Original")
        self._augmented_title = _heading("Augmented")
        self._exact = QLabel()
        self._exact.setProperty("muted", True)
        self._zoom = QLabel()
        self._zoom.setObjectName("compare.zoom")
        self._zoom.setProperty("muted", True)
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
        self._whole.setToolTip("One screen pixel per pixel: exactly what is exported (Ctrl+1)")
        self._whole.setAccessibleName("Zoom to 100 %")
        self._whole.setShortcut("Ctrl+1")
        self._whole.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._whole.clicked.connect(self.show_whole)
        sides = QHBoxLayout(self)
        sides.setContentsMargins(0, 0, 0, 0)
        sides.setSpacing(8)
        for title, view, extra in (
            (self._original_title, self.original, ()),
            (self._augmented_title, self.augmented, (self._exact, self._zoom, self._fit, self._whole)),
        ):
            column, head = QVBoxLayout(), QHBoxLayout()
            head.setSpacing(4)
            head.addWidget(title, 1)
            for widget in extra:
                head.addWidget(widget)
            line = QWidget()
            line.setLayout(head)
            line.setFixedHeight(32)
            head.setContentsMargins(2, 0, 2, 0)
            column.setSpacing(4)
            column.addWidget(line)
            column.addWidget(view, 1)
            sides.addLayout(column, 1)
            view.zoomed.connect(self._zoom_by)
            view.panned.connect(self._pan_by)
            view.toggled.connect(self._toggle)
            view.resized.connect(self._apply)

    # -- setters -------------------------------------------------------------------------------------------------

    def set_original(self, rendered: Rendered) -> None:
        """Show the original."""
        self._original_title.setText(f"Original · {rendered.size[0]} × {rendered.size[1]}")
        self._original_title.setToolTip("\n".join(rendered.notes))
        self.original.set_picture(rendered.image, rendered.size)
        self._apply()

    def set_thumbnail(self, image: QImage, size: tuple[int, int]) -> None:
        """Show, enlarged, what there is of an original of `size` until it has been read."""
        self._original_title.setText(f"Original · {size[0]} × {size[1]}")
        self.original.set_picture(image, size)
        self._apply()

    def set_augmented(self, rendered: Rendered, label: str) -> None:
        """Show the augmented version."""
        self._augmented_title.setText(f"Augmented · {rendered.size[0]} × {rendered.size[1]} · {label}")
        self._augmented_title.setToolTip(rendered.plan.explain() if rendered.plan else "")
        self._exact.setText("" if rendered.exact else "reduced preview")
        self._exact.setToolTip("Zoom to 100 % to see exactly what is exported")
        self.augmented.set_picture(rendered.image, rendered.size)
        self._apply()

    def set_message(self, message: str) -> None:
        """Say something instead of showing pictures."""
        self._original_title.setText("Original")
        self._augmented_title.setText("Augmented")
        self._exact.setText("")
        self.original.set_message(message)
        self.augmented.set_message("")
        self._zoom.setText("")

    def set_trouble(self, message: str) -> None:
        """Say why there is no augmented version; the original stays."""
        self._exact.setText("")
        self.augmented.set_message(message)

    # -- zoom ------------------------------------------------------------------------------------------------------

    @property
    def viewport(self) -> Viewport:
        """What both views show."""
        return self._viewport

    def wants_full(self, side: int) -> bool:
        """Whether a preview with that longer side is too coarse for the zoom in force."""
        longest = max(self.augmented.picture_size)
        return self._viewport.scale is not None and self.augmented.scale() * longest > side * 1.02

    def fit(self) -> None:
        """Fit the picture into the view."""
        self._set(Viewport())

    def show_whole(self) -> None:
        """Show one screen pixel per pixel of the augmented picture."""
        self._set(replace(self._viewport, scale=1.0))

    def _toggle(self) -> None:
        if self._viewport.scale is None:
            self.show_whole()
        else:
            self.fit()

    def _zoom_by(self, factor: float, x: float, y: float) -> None:
        """Zoom, and keep the point at shares (x, y) where it is."""
        old = self.augmented.scale()
        least = min(0.05, self.augmented.fit_scale())
        new = min(max(old * factor, least), MOST_ZOOM)
        keep = old / new
        view = self._viewport
        self._set(Viewport(new, x + (view.x - x) * keep, y + (view.y - y) * keep))

    def _pan_by(self, x: float, y: float) -> None:
        view = self._viewport
        scale = view.scale if view.scale is not None else self.augmented.fit_scale()
        self._set(Viewport(scale, view.x + x, view.y + y))

    def _set(self, viewport: Viewport) -> None:
        x, y = (min(max(share, 0.0), 1.0) for share in (viewport.x, viewport.y))
        self._viewport = replace(viewport, x=x, y=y)
        self._apply()
        self.scale_changed.emit()

    def _apply(self) -> None:
        view = self._viewport
        self.augmented.set_viewport(view.scale, view.x, view.y)
        scale = None
        if view.scale is not None:  # the original keeps step, whatever its own size
            scale = view.scale / self.augmented.fit_scale() * self.original.fit_scale()
            if self.original.picture_size == self.augmented.picture_size:
                scale = view.scale
        self.original.set_viewport(scale, view.x, view.y)
        if self.augmented.image() is not None:
            self._zoom.setText(f"{self.augmented.scale():.0%}".replace("%", " %"))


def _heading(text: str) -> ElidedLabel:
    label = ElidedLabel(text)
    label.setProperty("heading", True)
    return label
