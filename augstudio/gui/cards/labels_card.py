"""What copies keep of labelled objects, and which classes are never mirrored: the preset's rules for labels."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from augstudio.dataset import Dataset
from augstudio.gui.cards.class_list import ClassList
from augstudio.gui.cards.classes import asked_about, classes_of, has_objects, rules_in_short
from augstudio.gui.cards.editors import RESET_TIP, Editor, Name, OptionEditor
from augstudio.gui.cards.mirror_question import MirrorQuestion
from augstudio.gui.cards.number_editors import NumberEditor, ShareEditor
from augstudio.gui.parts import style
from augstudio.gui.parts.controls import ElidedLabel, flat_button
from augstudio.gui.parts.quantity import Quantity
from augstudio.label_rules import BoxFit, Empty, LabelRules
from augstudio.labels.model import Labelling
from augstudio.pipeline import Pipeline
from augstudio.transforms import Option

_TITLE = "Labels"
_USUAL = LabelRules()
_CHOICES: dict[str, dict[StrEnum, str]] = {
    "box_fit": {BoxFit.ELLIPSE: "Ellipse inside", BoxFit.CORNERS: "All corners"},
    "without_objects": {Empty.KEEP: "Keep", Empty.REDRAW: "Draw anew"},
}


class LabelsCard(QFrame):
    """Shown where there are labels, or rules that are not the usual ones; folded, it says them in one line.

    Attributes
    ----------
    question : MirrorQuestion
        Asks about classes that a mirror image might make something else; to be placed where it is always seen.

    Signals
    -------
    edited(dict)
        Other values of these rules.
    finished()
        What belongs to one gesture is over.
    allowed(tuple)
        Of these classes the user said that they may be mirrored.
    """

    edited = Signal(dict)
    finished = Signal()
    allowed = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.setObjectName("card.labels")
        self.setAccessibleName(_TITLE)
        self._pipeline = Pipeline()
        self._asked: tuple[str, ...] | None = None
        self._dataset: Dataset | None = None
        self._labellings: tuple[Labelling, ...] = ()
        self._allowed: frozenset[str] = frozenset()
        self._classes: tuple[str, ...] = ()
        self._body = QWidget(self)
        self.question = MirrorQuestion()
        self.question.answered.connect(self._answered)
        self._editors = {name: self._make(name) for name in ("smallest_share", "smallest_side", *_CHOICES)}
        self._make_list()
        self._lay_out()
        self._set_folded(False)
        self._show_all()

    # -- parts -------------------------------------------------------------------------------------------------------

    def _make(self, name: str) -> Editor:
        field = LabelRules.model_fields[name]
        path, label, tip = f"labels.{name}", field.title or name, field.description or ""
        editor: Editor
        if name == "smallest_share":
            editor = ShareEditor(path, _TITLE, label, tip, "25 % may be typed as 25 or as 0.25; 1 % is 1 %", self._body)
        elif name == "smallest_side":
            editor = NumberEditor(path, _TITLE, label, tip, _quantity(field.metadata), 1.0, self._body)
        else:
            choices = _CHOICES[name]
            option = Option(label=label, help=tip, labels={value.value: text for value, text in choices.items()})
            editor = OptionEditor(path, _TITLE, option, type(next(iter(choices))), self._body)
        editor.edited.connect(lambda value: self.edited.emit({name: value}))
        editor.finished.connect(self.finished)
        editor.reset.connect(lambda: self._edit({name: getattr(_USUAL, name)}))
        return editor

    def _make_list(self) -> None:
        field = LabelRules.model_fields["not_mirrored"]
        self._list_name = Name(field.title or "")
        self._list_name.setToolTip(f"{field.description}\n{RESET_TIP}")
        self._list_name.double_clicked.connect(lambda: self._edit({"not_mirrored": _USUAL.not_mirrored}))
        self._list = ClassList()
        self._list.setObjectName("labels.not_mirrored")
        self._list.setAccessibleName(f"{_TITLE}, {field.title}: classes")
        self._list.setAccessibleDescription(field.description or "")
        self._list.ticked.connect(self._tick)
        self._list_name.setBuddy(self._list)

    def _lay_out(self) -> None:
        self._fold = QToolButton()
        self._fold.setObjectName("labels.fold")
        self._fold.setProperty("flat", True)
        self._fold.setText(_TITLE)
        font = self._fold.font()
        font.setBold(True)
        self._fold.setFont(font)
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._fold.setAccessibleName("Rules for labels: show or hide")
        self._fold.setToolTip("What copies keep of labelled objects; saved with the preset")
        self._fold.clicked.connect(lambda: self._set_folded(not self._body.isHidden()))
        self._reset = flat_button("reset", f"Set {_TITLE} back to its defaults")
        self._reset.setObjectName("labels.reset")
        self._reset.clicked.connect(lambda: self._edit(dict(_USUAL)))
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self._fold)
        head.addStretch(1)
        head.addWidget(self._reset)
        self._summary = ElidedLabel()
        self._summary.setObjectName("labels.summary")
        self._summary.setProperty("muted", True)
        self._summary.setContentsMargins(26, 0, 0, 2)
        body = QVBoxLayout(self._body)
        body.setContentsMargins(8, 0, 4, 4)
        body.setSpacing(6)
        for widget in (*self._editors.values(), self._list_name, self._list):
            body.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self._summary)
        layout.addWidget(self._body)

    def tab_chain(self) -> list[QWidget]:
        """Give the controls in the order in which Tab reaches them."""
        editors = [part for editor in self._editors.values() for part in editor.controls()]
        return [self._fold, self._reset, *editors, self._list]

    # -- setters -----------------------------------------------------------------------------------------------------

    def set_pipeline(self, pipeline: Pipeline) -> None:
        """Show a pipeline's rules, and ask by what it flips."""
        old, self._pipeline = self._pipeline, pipeline
        if pipeline.labels != old.labels or self._to_ask() != self._asked:
            self._show_all()

    def set_dataset(self, dataset: Dataset | None) -> None:
        """Take the open folder, for its class folders, and for whether it has labels."""
        self._dataset = dataset
        self._name_classes()

    def set_labellings(self, labellings: tuple[Labelling, ...]) -> None:
        """Take how the folder's labels are read, for the classes of objects."""
        self._labellings = labellings
        self._name_classes()

    def set_allowed(self, names: Collection[str]) -> None:
        """Take the classes of which the user said that they may be mirrored."""
        self._allowed = frozenset(names)
        self._show_all()

    def _name_classes(self) -> None:
        self._classes = classes_of(self._dataset, self._labellings)
        self._show_all()

    def _show_all(self) -> None:
        rules = self._pipeline.labels
        objects = has_objects(self._dataset)
        for name, editor in self._editors.items():
            editor.set_value(getattr(rules, name))
            editor.setVisible(objects or getattr(rules, name) != getattr(_USUAL, name))
        known = self._dataset is not None and bool(self._labellings or not objects)
        self._list.set_classes(self._classes, rules.not_mirrored, known=known)
        listed = bool(self._classes or rules.not_mirrored)
        self._list_name.setVisible(listed)
        self._list.setVisible(listed)
        self._summary.setText(rules_in_short(rules, objects=objects or self._others_differ(rules)))
        self._reset.setEnabled(rules != _USUAL)
        self._asked = self._to_ask()
        self.question.ask(self._asked)
        self.setVisible(objects or rules != _USUAL or bool(self._asked))

    def _to_ask(self) -> tuple[str, ...]:
        return asked_about(self._pipeline, self._classes, self._allowed) if self._dataset else ()

    def _others_differ(self, rules: LabelRules) -> bool:
        return any(getattr(rules, name) != getattr(_USUAL, name) for name in self._editors)

    def refresh(self) -> None:
        """Draw marks in the colours in force."""
        self.question.refresh()

    # -- the user's doing --------------------------------------------------------------------------------------------

    def _set_folded(self, folded: bool) -> None:
        self._body.setVisible(not folded)
        self._summary.setVisible(folded)
        name = "collapsed" if folded else "expanded"
        self._fold.setProperty("icon_name", name)
        self._fold.setIcon(style.icon(name))

    def _edit(self, changes: dict[str, Any]) -> None:
        """Change what is undone on its own."""
        self.finished.emit()
        self.edited.emit(changes)
        self.finished.emit()

    def _tick(self, name: str, on: bool) -> None:
        others = tuple(other for other in self._pipeline.labels.not_mirrored if other != name)
        if not on:
            self.allowed.emit((name,))  # so that it is not asked about at once
        self._edit({"not_mirrored": (*others, name) if on else others})

    def _answered(self, names: tuple[str, ...], may: bool) -> None:
        if may:
            self.allowed.emit(names)
        else:
            self._edit({"not_mirrored": (*self._pipeline.labels.not_mirrored, *names)})


def _quantity(metadata: list[Any]) -> Quantity:
    """What may be typed, as the preset's own bounds say."""
    bounds = {name: float(getattr(bound, name)) for bound in metadata for name in ("ge", "le") if hasattr(bound, name)}
    return Quantity(low=bounds["ge"], high=bounds["le"], unit="px", decimals=1)
