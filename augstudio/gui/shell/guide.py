"""The guided start, over the stage: two questions about a new folder, and what was chosen for it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from augstudio import files
from augstudio.dataset import Dataset
from augstudio.gui.intent.guide import KINDS, Kind
from augstudio.gui.parts.controls import flat_button
from augstudio.pipeline import Pipeline

_WIDEST = 760
_ONE_ROW = 640
"""From this width on, all answers stand in one row."""


class GuidePanel(QFrame):
    """Hidden but for a new folder; it lies over the foot of the pictures, and moves nothing when it comes or goes.

    Parameters
    ----------
    over : tuple of QWidget
        What shows pictures: one at a time is in view.

    Signals
    -------
    answered(Kind, bool)
        What the pictures are, and whether a mirrored one still means the same.
    undo_wanted()
        The choice is to be taken back.
    left()
        It was closed by somebody who is in it: the focus is to go on elsewhere.
    """

    answered = Signal(object, bool)
    undo_wanted = Signal()
    left = Signal()

    def __init__(self, over: tuple[QWidget, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self._views, self._stage = over, parent
        for view in over:
            view.installEventFilter(self)
        self.setObjectName("guide")
        self.setProperty("caution", "note")
        self._kind: Kind | None = None
        self._chosen: Pipeline | None = None
        self._words = QLabel()
        self._words.setObjectName("guide.words")
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        skip = flat_button("remove", "Close the guided start")
        skip.setObjectName("guide.skip")
        skip.clicked.connect(self._leave)
        self._kinds = [self._button(kind.name, kind.label, partial(self._take, kind)) for kind in KINDS]
        self._mirrors = [
            self._button("yes", "Yes, the same", partial(self._finish, True)),
            self._button("no", "No, it would mean something else", partial(self._finish, False)),
        ]
        self._undo = [self._button("undo", "Undo", self._take_back)]
        self._grid = QGridLayout()
        self._grid.setSpacing(6)
        above = QHBoxLayout()
        above.addWidget(self._words, 1)
        above.addWidget(skip, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 6, 8)
        layout.setSpacing(6)
        layout.addLayout(above)
        layout.addLayout(self._grid)
        self._lay_out(3)
        self.hide()

    def ask(self) -> None:
        """Ask what the pictures are."""
        self._chosen = None
        self._say("What are these pictures? The answer chooses a preset to begin with.", self._kinds)
        self.show()

    def tell(self, words: str, chosen: Pipeline) -> None:
        """Say what was chosen, and why."""
        self._chosen = chosen
        self._say(words, self._undo)

    def set_pipeline(self, pipeline: Pipeline) -> None:
        """Go when the user has gone on: undo would take back something else."""
        if pipeline != self._chosen:
            self.go_on()

    def go_on(self) -> None:
        """Say no more what was chosen: the user has done something else since."""
        if self._chosen is not None:
            self._chosen = None
            self.hide()

    def _button(self, name: str, text: str, run: object) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(f"guide.{name}")
        button.setAutoDefault(False)
        button.clicked.connect(run)
        return button

    def _say(self, words: str, answers: list[QPushButton]) -> None:
        focused = self.isAncestorOf(self.focusWidget()) if self.focusWidget() else False
        self._words.setText(words)
        self.setAccessibleName(words)
        for button in (*self._kinds, *self._mirrors, *self._undo):
            button.setVisible(button in answers)
        self._place()
        if focused:
            answers[0].setFocus()

    def _take(self, kind: Kind, *_: object) -> None:
        self._kind = kind
        self._say(f"{kind.label}. Would a mirrored picture still mean the same?", self._mirrors)

    def _finish(self, mirrors: bool, *_: object) -> None:
        if self._kind is not None:
            self.answered.emit(self._kind, mirrors)

    def _leave(self) -> None:
        self.hide()
        self.left.emit()

    def _take_back(self) -> None:
        self._leave()
        self.undo_wanted.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in place."""
        if watched in self._views and event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show):
            self._place()
        return super().eventFilter(watched, event)

    @property
    def _over(self) -> QWidget:
        return next((view for view in self._views if not view.isHidden()), self._views[0])

    def _place(self) -> None:
        """Lie over the foot of the pictures; the answers stand in one row where there is room."""
        width = min(self._over.width() - 24, _WIDEST)
        self._lay_out(len(self._kinds) if width >= _ONE_ROW else 3)
        layout = self.layout()
        assert layout is not None
        layout.activate()
        height = max(layout.totalHeightForWidth(width), layout.minimumSize().height())
        foot = self._over.mapTo(self._stage, self._over.rect().bottomLeft())
        self.setGeometry(foot.x() + (self._over.width() - width) // 2, foot.y() - height - 12, width, height)
        self.raise_()

    def _lay_out(self, columns: int) -> None:
        for number, button in enumerate(self._kinds):
            self._grid.addWidget(button, number // columns, number % columns)
        for number, button in enumerate(self._mirrors):
            self._grid.addWidget(button, 2, number if number == 0 else 1, 1, 1 if number == 0 else columns - 1)
        self._grid.addWidget(self._undo[0], 3, 0)


def is_sample(dataset: Dataset) -> bool:
    """Whether these are the sample pictures, wherever they lie."""
    folder = files.resources() / "sample"
    shipped = {path.relative_to(folder).as_posix() for path in folder.glob("*/*")}
    return len(dataset.sources) <= len(shipped) and all(source.key in shipped for source in dataset.sources)
