"""What holds for the whole pipeline: output size, training size, and what the pictures are like."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from augstudio.engine import BorderMode, Fit
from augstudio.gui.cards.editors import make_editor
from augstudio.gui.parts import style
from augstudio.gui.parts.number_field import NumberField, Refusal
from augstudio.gui.parts.quantity import Quantity
from augstudio.pipeline import Output, Pipeline
from augstudio.transforms import Bordered

_FITS = {
    Fit.KEEP: "Keep each picture's size",
    Fit.CROP: "Crop to fill",
    Fit.PAD: "Pad to fit",
    Fit.STRETCH: "Stretch",
}


class OutputCard(QFrame):
    """Folded, it is one line that says what is set."""

    edited = Signal(str, object)
    originals_edited = Signal(bool)
    finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings: tuple[object, ...] = ()
        self.setProperty("card", True)
        self._output = Output()
        self._body = QWidget(self)
        self._head = QToolButton()
        self._head.setObjectName("output.fold")
        self._head.setProperty("flat", True)
        self._head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._head.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._head.setAccessibleName("Output and training size: show or hide")
        self._head.clicked.connect(self._toggle)
        self._fit = QComboBox(self._body)
        self._fit.setObjectName("output.fit")
        self._fit.setAccessibleName("Output size: how pictures are brought to it")
        for fit, label in _FITS.items():
            self._fit.addItem(label, fit.value)
        self._fit.activated.connect(self._edit_output)
        self._width, self._height = (
            self._number(f"output.{side}", f"Output {side}", 1, 16384) for side in ("width", "height")
        )
        for field in (self._width, self._height):
            field.set_value(224)
            field.typed.connect(self._type_size)
        size, upright = (Pipeline.model_fields[name] for name in ("training_size", "any_orientation"))
        self._training = self._number("training_size", f"{size.title}: training size", 8, 8192)
        self._training.typed.connect(lambda value: self.edited.emit("training_size", int(value)))
        training = QLabel(size.title)
        training.setBuddy(self._training)
        for part in (training, self._training):
            part.setToolTip(f"{size.description}\n{self._training.quantity.bounds} is allowed")
        self._any = QCheckBox(upright.title)
        self._any.setObjectName("any_orientation")
        self._any.setToolTip(upright.description or "")
        self._any.clicked.connect(lambda on: self._edit("any_orientation", on))
        self._exact = QCheckBox("Read large JPEGs in full")
        self._exact.setObjectName("output.exact")
        self._exact.setToolTip(
            "By default a JPEG much larger than the output is decoded at 1/2, 1/4 or 1/8 of its size,\n"
            "which is faster, and hardly to be told from this"
        )
        self._exact.clicked.connect(lambda on: self._edit("output", _with(self._output, exact=on)))
        self._originals = QCheckBox("Originals are exported too")
        self._originals.setObjectName("originals")
        self._originals.setToolTip(
            "With the originals in the dataset, a transform may change every copy:\n"
            "the model still meets pictures as they are"
        )
        self._originals.clicked.connect(self.originals_edited)
        border, colour = (Bordered.parameters()[name] for name in ("border", "border_colour"))
        self._border = make_editor("output.border", "Output", border, BorderMode.BLANK, self._body)
        self._colour = make_editor("output.border_colour", "Output", colour, (0, 0, 0), self._body)
        self._border.edited.connect(lambda mode: self._edit("output", _with(self._output, border=mode)))
        self._colour.edited.connect(lambda rgb: self._edit("output", _with(self._output, border_colour=rgb)))
        sizes = QHBoxLayout()
        sizes.setSpacing(4)
        sizes.addWidget(self._width)
        sizes.addWidget(QLabel("×"))
        sizes.addWidget(self._height)
        sizes.addStretch(1)
        form = QFormLayout(self._body)
        form.setContentsMargins(8, 0, 4, 4)
        form.setVerticalSpacing(6)
        form.addRow("Output", self._fit)
        form.addRow("Size", sizes)
        form.addRow(Refusal(self._width, self._body))
        form.addRow(Refusal(self._height, self._body))
        form.addRow(self._border)
        form.addRow(self._colour)
        row = QHBoxLayout()
        row.addWidget(training)
        row.addStretch(1)
        row.addWidget(self._training)
        form.addRow(row)
        form.addRow(Refusal(self._training, self._body))
        form.addRow(self._exact)
        form.addRow(self._any)
        form.addRow(self._originals)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(4)
        layout.addWidget(self._head)
        layout.addWidget(self._body)
        self._set_folded(True)

    def set_pipeline(self, pipeline: Pipeline) -> None:
        """Show a pipeline's settings."""
        settings = pipeline.output, pipeline.training_size, pipeline.any_orientation
        if settings == self._settings:
            return
        self._settings, self._output = settings, pipeline.output
        self._fit.setCurrentIndex(self._fit.findData(pipeline.output.fit.value))
        sized = pipeline.output.size is not None
        for box, value in ((self._width, pipeline.output.width), (self._height, pipeline.output.height)):
            box.setEnabled(sized)
            if value is not None:
                box.set_value(value)
        self._exact.setVisible(sized)
        self._exact.setChecked(pipeline.output.exact)
        padded = pipeline.output.fit is Fit.PAD
        self._border.set_value(pipeline.output.border)
        self._colour.set_value(pipeline.output.border_colour)
        self._border.setVisible(padded)
        self._colour.setVisible(padded and pipeline.output.border is BorderMode.BLANK)
        self._training.set_value(pipeline.trained_at)
        self._training.setEnabled(not sized)
        self._any.setChecked(pipeline.any_orientation)
        what = (
            f"Output {pipeline.output.width} × {pipeline.output.height}, {pipeline.output.fit}"
            if sized
            else f"Output keeps each size · trained at {pipeline.training_size} px"
        )
        self._head.setText(what)

    def set_originals(self, on: bool) -> None:
        """Show whether originals are exported."""
        self._originals.setChecked(on)

    def _number(self, name: str, label: str, low: int, high: int) -> NumberField:
        field = NumberField(Quantity(low=low, high=high, unit="px", decimals=0, whole=True), 1.0)
        field.setObjectName(name)
        field.setAccessibleName(label)
        field.setFixedWidth(84)
        field.began.connect(self.finished)
        field.ended.connect(self.finished)
        return field

    def _toggle(self) -> None:
        self._set_folded(not self._body.isHidden())

    def _set_folded(self, folded: bool) -> None:
        self._body.setVisible(not folded)
        name = "collapsed" if folded else "expanded"
        self._head.setProperty("icon_name", name)
        self._head.setIcon(style.icon(name))

    def _edit_output(self) -> None:
        self._type_size()
        self.finished.emit()

    def _type_size(self) -> None:
        fit = Fit(self._fit.currentData())
        width, height = (None, None) if fit is Fit.KEEP else (int(self._width.value()), int(self._height.value()))
        self.edited.emit("output", _with(self._output, fit=fit, width=width, height=height))

    def _edit(self, name: str, value: object) -> None:
        self.edited.emit(name, value)
        self.finished.emit()


def _with(output: Output, **changes: object) -> Output:
    return Output.model_validate({**dict(output), **changes})
