"""Large pictures side by side, zoomed and panned together: an original, or A, and a copy, or a few."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from augstudio.gui.parts.controls import as_tip
from augstudio.gui.stage.panes import Content, Pane
from augstudio.gui.stage.rendering import Labelled, Rendered

MOST_ZOOM = 32.0
MOST_COPIES = 3
_GAP = 8


@dataclass(frozen=True)
class Viewport:
    """What all views show.

    Attributes
    ----------
    scale : float or None
        Screen pixels per pixel of the copy; None fits all pictures into their views.
    x, y : float
        The point in the middle, as shares of the copy's width and height.
    """

    scale: float | None = None
    x: float = 0.5
    y: float = 0.5


class Compare(QWidget):
    """Views with one viewport, a heading over each.

    What is the same in all is of one size and in one place, whatever sizes the pictures have.
    """

    scale_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewport = Viewport()
        self._exact, self._zoom = QLabel(), QLabel()
        self._exact.setObjectName("compare.exact")
        self._zoom.setObjectName("compare.zoom")
        for label in (self._exact, self._zoom):
            label.setProperty("muted", True)
        self._zoom.setMinimumWidth(self.fontMetrics().horizontalAdvance("0000 %"))
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._left = Pane("compare.original", "Original picture", "Original")
        self._right = Pane("compare.augmented", "Augmented picture", "Copy", (self._zoom, self._exact))
        self._more = [
            Pane(f"compare.copy.{number}", f"Augmented picture, {number} further on", "Copy")
            for number in range(1, MOST_COPIES)
        ]
        self.original, self.augmented = self._left.view, self._right.view
        self._copy = Content()  # the right view may show something else for a moment
        self._original, self._pinned = Content(), Content()
        self._comparing = self._flipped = False
        self._copies = 0
        self._showing = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        for pane in self._panes():
            pane.setParent(self)
            view = pane.view
            view.zoomed.connect(partial(self._zoom_by, pane))
            view.panned.connect(partial(self._pan_by, pane))
            view.toggled.connect(self._toggle)
            view.resized.connect(self._apply)
            view.pointed.connect(partial(self._tell_pixels, pane))
            view.unpointed.connect(self._tell_nothing)
        self.set_copies(1)

    def _panes(self) -> tuple[Pane, ...]:
        return self._left, self._right, *self._more

    # -- setters -------------------------------------------------------------------------------------------------

    def set_original(self, rendered: Rendered) -> None:
        """Take the original."""
        labelled = rendered.labelled
        first = self._copy.image is None  # nothing to be in step with yet
        marks = (labelled.marks if labelled else None) if first else self._original.marks
        layer = labelled.marks.layer if labelled else None
        self._original = replace(Content.of(rendered), link=1.0).marked(marks, layer)
        if first:
            self._copy = Content(None, rendered.size)
        if not self._left_is_pinned:
            self._left.title.setToolTip(as_tip("\n".join((_size(rendered.size), *rendered.notes))))
        self._show()

    def set_thumbnail(self, image: QImage, size: tuple[int, int]) -> None:
        """Show, enlarged, what there is of an original of `size` until it has been read."""
        self._original, self._copy = Content(image, size), Content(None, size)
        self._show()

    def set_heading(self, title: str) -> None:
        """Say which version is shown."""
        self._right.title.setText(title)
        self._fit_heads()

    def set_augmented(self, rendered: Rendered) -> None:
        """Show the augmented version."""
        title = self._right.title.text()
        steps = [rendered.plan.explain()] if rendered.plan else []
        self._right.title.setToolTip(as_tip("\n".join((title, _size(rendered.size), *steps))))
        self._exact.setText("" if rendered.exact else "reduced")
        self._exact.setToolTip("Shown from a reduced picture; zoom to 100 % to see exactly what is exported")
        old = self._copy
        self._copy = Content.of(rendered).marked(old.marks, old.layer)
        if rendered.late:  # until they come, those of a moment ago are over it
            self._show()
        else:
            self.set_labelled(rendered.labelled)

    def set_labelled(self, labelled: Labelled | None) -> None:
        """Draw the labels of the copy, and over the original what the copy loses of them."""
        marks = labelled.marks if labelled else None
        self._copy = self._copy.marked(marks, marks.layer if marks else None)
        self._original = self._original.marked(labelled.source if labelled else None, self._original.layer)
        self._show()

    def set_pinned(self, rendered: Rendered | None) -> None:
        """Take what the pinned pipeline makes of the picture, or nothing."""
        self._pinned = Content.of(rendered) if rendered is not None else Content()
        self._show()

    def set_more(self, number: int, rendered: Rendered | None, title: str) -> None:
        """Show a further copy; `number` counts them from 0."""
        pane = self._more[number]
        pane.title.setText(title)
        pane.show_content(Content.of(rendered) if rendered is not None else Content())
        self._apply()

    def set_beside_trouble(self, number: int | None, message: str) -> None:
        """Say why there is no A, or no further copy of that number."""
        if number is None:
            self._pinned = Content()
            self._show()
        (self._left if number is None else self._more[number]).say(message)

    def set_copies(self, number: int) -> None:
        """Show so many copies at once."""
        if number == self._copies:
            return
        self._copies = number
        for at, pane in enumerate(self._more, 2):
            pane.setVisible(number >= at)
            if number < at:
                pane.show_content(Content())
        self.updateGeometry()
        self._arrange()

    def _arrange(self) -> None:
        """Put the panes side by side, all of one size; or in two rows where the pictures are larger so."""
        panes = self._shown()
        across, down = self._extents()

        def room(columns: int) -> tuple[int, int]:
            rows = -(-len(panes) // columns)
            return (self.width() - (columns - 1) * _GAP) // columns, (self.height() - (rows - 1) * _GAP) // rows

        def scale(columns: int) -> float:
            width, height = room(columns)
            return min(width / across, (height - panes[0].head.height()) / down)

        columns = len(panes) if len(panes) <= 2 or scale(len(panes)) >= scale(2) else 2
        width, height = room(columns)
        for number, pane in enumerate(panes):
            row, column = divmod(number, columns)
            pane.setGeometry(column * (width + _GAP), row * (height + _GAP), width, height)

    def minimumSizeHint(self) -> QSize:
        """Two panes side by side, or two by two."""
        panes = self._shown()
        least, rows = panes[0].minimumSizeHint(), 1 if len(panes) <= 2 else 2
        return QSize(2 * least.width() + _GAP, rows * least.height() + (rows - 1) * _GAP)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There is another room."""
        super().resizeEvent(event)
        self._arrange()

    def set_comparing(self, on: bool, title: str = "A") -> None:
        """Show what the pinned pipeline makes of the picture in place of the original."""
        self._comparing = on
        self._left.title.setText(title if on else "Original")
        self._left.title.setToolTip("")
        self.original.setAccessibleName("Picture A" if on else "Original picture")
        self._show()

    def set_flipped(self, on: bool) -> None:
        """Show what the copy is held against in its place."""
        if on != self._flipped:
            self._flipped = on
            self._show()

    def set_labels_shown(self, on: bool) -> None:
        """Draw labels over all pictures, or leave them bare."""
        for pane in self._panes():
            pane.view.set_labels_shown(on)

    def set_names_shown(self, on: bool) -> None:
        """Write the names of labels, or leave them out."""
        for pane in self._panes():
            pane.view.set_names_shown(on)

    def set_pixels_told(self, on: bool) -> None:
        """Tell the values of the pixel under the pointer, or not."""
        for pane in self._panes():
            pane.view.setMouseTracking(on)
            pane.view.set_readout(())

    def set_showing(self, text: str) -> None:
        """Say over the augmented picture what is held; nothing if it is what was drawn."""
        self._showing = text
        self._caption()

    def set_message(self, message: str) -> None:
        """Say something instead of showing pictures."""
        self._original = self._pinned = self._copy = Content()
        for label in (self._exact, self._zoom):
            label.setText("")
        for pane in self._panes():
            pane.say("")
        self.original.set_message(message)
        self._fit_heads()

    def set_trouble(self, message: str) -> None:
        """Say why there is no augmented version; the original stays."""
        self._copy = replace(self._copy, image=None)
        self._exact.setText("")
        self._fit_heads()
        self.augmented.set_message(message)

    # -- what is shown where -----------------------------------------------------------------------------------------

    @property
    def _left_is_pinned(self) -> bool:
        return self._comparing

    def _other(self) -> Content:
        """What the copy is held against."""
        return self._pinned if self._left_is_pinned else self._original

    def _show(self) -> None:
        other = self._other()
        self._left.show_content(other)
        flipped = self._flipped and other.image is not None
        self._right.show_content(other if flipped else self._copy)
        self._caption()
        self._arrange()
        self._apply()

    def _caption(self) -> None:
        flipped = self._flipped and self._other().image is not None
        self.augmented.set_caption(("A" if self._left_is_pinned else "Original") if flipped else self._showing)

    def _fit_heads(self) -> None:
        for pane in self._panes():
            pane.head.fit()

    def _tell_pixels(self, of: Pane, x: float, y: float) -> None:
        """Tell the pixel at shares of a view's picture, and those of the others at the same place of the screen."""
        across, down = self._shares(of)
        x, y = 0.5 + (x - 0.5) * across, 0.5 + (y - 0.5) * down
        for pane in self._panes():
            own = self._shares(pane)
            pane.view.set_readout(pane.content.pixel(0.5 + (x - 0.5) / own[0], 0.5 + (y - 0.5) / own[1]))

    def _tell_nothing(self) -> None:
        for pane in self._panes():
            pane.view.set_readout(())

    # -- zoom ------------------------------------------------------------------------------------------------------

    @property
    def viewport(self) -> Viewport:
        """What all views show."""
        return self._viewport

    def wants_full(self, rendered: Rendered) -> bool:
        """Whether a copy's image is too coarse for the zoom in force."""
        if self._viewport.scale is None:
            return False
        side = max(rendered.image.width(), rendered.image.height())
        return self._scale() * self._copy.link / rendered.link * max(rendered.size) > side * 1.02

    def fit_scale(self) -> float:
        """Screen pixels per pixel of the copy at which all pictures just fit into their views, enlarged too."""
        rooms = [pane.view.room() for pane in self._shown()]
        across, down = self._extents()
        return min(min(width for width, _ in rooms) / across, min(height for _, height in rooms) / down)

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

    def _shown(self) -> list[Pane]:
        """The panes that there is anything to fit into."""
        return [self._left, self._right, *(pane for pane in self._more if not pane.isHidden())]

    def _scale(self) -> float:
        return self.fit_scale() if self._viewport.scale is None else self._viewport.scale

    def _link(self, pane: Pane) -> float:
        """Pixels of the copy per pixel of the picture in a pane, before any transform."""
        return self._copy.link / pane.content.link

    def _extents(self) -> tuple[float, float]:
        """Width and height of the largest of all pictures, in pixels of the copy."""
        sizes = [(1.0, self._copy.size)]
        sizes += [(self._copy.link / other.link, other.size) for other in (self._other(),) if other.size != (1, 1)]
        sizes += [(self._link(pane), pane.content.size) for pane in self._more if pane.content.image is not None]
        return max(size[0] * link for link, size in sizes), max(size[1] * link for link, size in sizes)

    def _shares(self, pane: Pane) -> tuple[float, float]:
        """What a share of the picture in a pane comes to, in shares of the copy."""
        (width, height), link = pane.content.size, self._link(pane)
        return width * link / self._copy.size[0], height * link / self._copy.size[1]

    def _zoom_by(self, pane: Pane, factor: float, x: float, y: float) -> None:
        """Zoom, and keep the point at shares (x, y) of a pane's picture where it is."""
        across, down = self._shares(pane)
        x, y = 0.5 + (x - 0.5) * across, 0.5 + (y - 0.5) * down
        old, fit = self._scale(), self.fit_scale()
        new = min(max(old * factor, min(0.05, fit)), max(MOST_ZOOM, fit))
        keep, now = old / new, self._clamped(old)
        self._set(Viewport(new, x + (now[0] - x) * keep, y + (now[1] - y) * keep))

    def _pan_by(self, pane: Pane, x: float, y: float) -> None:
        if self._viewport.scale is None:
            return  # all of it is seen
        across, down = self._shares(pane)
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
        for share, room, extent, side in zip((view.x, view.y), widget, self._extents(), self._copy.size, strict=True):
            most = max(0.0, (extent * scale - room) / 2) / (side * scale)
            found.append(0.5 + min(max(share - 0.5, -most), most))
        return found[0], found[1]

    def _apply(self) -> None:
        scale = self._scale()
        x, y = self._clamped(scale) if self._viewport.scale is not None else (0.5, 0.5)
        for pane in self._panes():
            across, down = self._shares(pane)
            pane.view.set_viewport(scale * self._link(pane), 0.5 + (x - 0.5) / across, 0.5 + (y - 0.5) / down)
        if self._copy.image is not None:
            self._zoom.setText(f"{scale:.0%}".replace("%", " %"))
        self._fit_heads()


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]:,} × {size[1]:,}"
