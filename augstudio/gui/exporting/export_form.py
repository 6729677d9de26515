"""What can be asked of an export, in plain words; what is seldom asked for is folded away."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QLocale, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from augstudio.dataset import Dataset
from augstudio.dataset.groups import Grouping, GroupingError, by_pattern, from_file, parse_grouping
from augstudio.dataset.splits import Role, role_of
from augstudio.dataset.stated_splits import in_words
from augstudio.export import (
    LARGEST,
    MAX_BALANCE,
    MAX_COPIES,
    ExportError,
    Settings,
    available_workers,
    parse_split,
    show_split,
)
from augstudio.export.remarks import MANY_COPIES
from augstudio.export.settings import MAX_WORKERS, Balance, Split
from augstudio.gui.exporting.labels_field import LabelsField
from augstudio.gui.exporting.labels_told import LabelsTold
from augstudio.gui.parts import style
from augstudio.gui.parts.notices import label
from augstudio.gui.parts.whole_box import WholeBox
from augstudio.images import DEFAULT_MAX_PIXELS, Encoding, Format
from augstudio.pipeline import Pipeline
from augstudio.storage import local_path
from augstudio.wording import listing

_FORMATS = {
    Format.SOURCE: "As each source",
    Format.JPEG: "JPEG",
    Format.PNG: "PNG (lossless)",
    Format.WEBP: "WebP",
}
_OTHER = "other"
_SPLITS = {
    "": "No split",
    "80/20": "Train and validation, 80/20",
    "80/10/10": "Train, validation and test, 80/10/10",
    _OTHER: "Other shares…",
}
_OFF, _NUMBER = "", "number"
_BALANCES = {_OFF: "Off", LARGEST: "As many files as the largest", _NUMBER: "A number of files each"}
_HERE, _CLUSTER = "here", "cluster"
_ALONE, _FOLDER, _PATTERN, _TABLE = "alone", "folder", "pattern", "table"
_GROUPS = {
    _ALONE: "Identical files only",
    _FOLDER: "All of a folder",
    _PATTERN: "What a pattern finds",
    _TABLE: "By a table (CSV)",
}
_PLACES = {_HERE: "This computer", _CLUSTER: "A Dask cluster"}
_MEGA = 1_000_000
_LARGEST_SEED = 2**31 - 1


class ExportForm(QScrollArea):
    """The controls of an export, but for its folder; scrolls where there is no room.

    Signals
    -------
    changed()
        Something else is asked for.
    grown()
        Controls were shown or hidden.
    """

    changed = Signal()
    grown = Signal()

    def __init__(self, dataset: Dataset, seed: int, originals: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("export.form")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._dataset = dataset
        self._kept: dict[str, Any] = {}
        self._rows = QFormLayout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setVerticalSpacing(8)
        self._rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._make_files(seed, originals)
        self._make_labels()
        self._make_split()
        self._make_balance()
        self._make_more()
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(6)
        column.addLayout(self._rows)
        column.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._folded)
        column.addStretch(1)
        self.setWidget(content)
        self._unfold(True)  # so wide that nothing is cut off, folded or not
        self.setMinimumWidth(content.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width())
        self._unfold(False)
        for combo in (self._format, self._split, self._group, self._balance, self._run_on):
            combo.currentIndexChanged.connect(self._edited)
        for box in (self._copies, self._seed, self._quality, self._each, self._at_most, self._workers, self._largest):
            box.valueChanged.connect(self._edited)
        for tick in (self._originals, self._capped, *self._roles.values()):
            tick.toggled.connect(self._edited)
        for field in (self._shares, self._pattern, self._cluster):
            field.textChanged.connect(self._edited)
        self._labels.changed.connect(self._edited)
        self._labels.grown.connect(self._grow)
        self._fit()

    # -- parts -------------------------------------------------------------------------------------------------------

    def _make_files(self, seed: int, originals: bool) -> None:
        self._copies = _number("export.copies", "Copies per picture", 1, MAX_COPIES, 4)
        self._seed = _number("export.seed", "Seed", 0, _LARGEST_SEED, min(seed, _LARGEST_SEED))
        self._seed.setToolTip("The window's seed exports the very copies that the window shows")
        self._format = _choice("export.format", "File format", {form.value: text for form, text in _FORMATS.items()})
        self._quality = _number("export.quality", "Quality of JPEG and WebP files", 1, 100, 95)
        self._quality.setPrefix("quality ")
        self._originals = QCheckBox("Export the originals too")
        self._originals.setObjectName("export.originals")
        self._originals.setChecked(originals)
        self._rows.addRow("Copies per picture", self._copies)
        self._rows.addRow("Seed", self._seed)
        self._rows.addRow("Format", _side_by_side(self._format, self._quality))
        self._rows.addRow("", self._originals)

    def _make_labels(self) -> None:
        self._labels = LabelsField()
        self._labels.set_dataset(self._dataset)
        self._rows.addRow("Labels", self._labels)
        self._rows.setRowVisible(self._labels, self._labels.wanted)

    def _make_split(self) -> None:
        self._split = _choice("export.split", "Split into train, validation and test", _SPLITS)
        self._split.setToolTip("Pictures are dealt out class by class; all copies stay where their picture goes")
        self._shares = QLineEdit("70/15/15")
        self._shares.setObjectName("export.shares")
        self._shares.setAccessibleName("Shares of train, validation and test, per cent")
        self._shares.setToolTip("Per cent of train, validation and, if you like, test: 70/15/15 or 75/25")
        self._wrong_shares = _wrong("export.shares.wrong", "What is wrong with the shares")
        self._roles: dict[Role, QCheckBox] = {}
        self._group = _choice("export.group", "Keep together", _GROUPS)
        self._group.setToolTip("Pictures that belong together go to one side; identical files always do")
        self._pattern = QLineEdit()
        self._pattern.setObjectName("export.group.text")
        self._browse = QPushButton("Choose…")
        self._browse.setObjectName("export.group.browse")
        self._browse.setAccessibleName("Choose the table of groups")
        self._browse.setAutoDefault(False)
        self._browse.clicked.connect(self._choose_table)
        self._grouped = _side_by_side(self._pattern, self._browse, stretched=True)
        self._wrong_group = _wrong("export.group.wrong", "What is wrong with the groups")
        self._rows.addRow("Split", self._split)
        self._rows.addRow("", self._shares)
        self._rows.addRow("", self._wrong_shares)
        self._rows.addRow("Keep together", self._group)
        self._rows.addRow("", self._grouped)
        self._rows.addRow("", self._wrong_group)
        names = list(self._dataset.splits)
        if not names:
            return
        self._rows.setRowVisible(self._split, False)
        folders = f"folders {listing(names)} are kept" if len(names) > 1 else f"folder {names[0]} is kept"
        if self._dataset.stated_by:
            folders = f"splits {listing(names)} are kept, as {in_words(self._dataset.stated_by)} them"
        kept = label("export.kept", "Splits", f"The {folders}. Copies are made for:")
        ticks = []
        for role in Role:
            of_role = [name for name in names if role_of(name) is role]
            if of_role:
                tick = QCheckBox(", ".join(of_role).replace("&", "&&"))
                tick.setObjectName(f"export.augment.{role.value}")
                tick.setAccessibleName(f"Make copies for {listing(of_role)}")
                tick.setChecked(role is Role.TRAIN)
                self._roles[role] = tick
                ticks.append(tick)
        self._wrong_roles = _wrong("export.augment.wrong", "What is wrong with the splits chosen")
        self._rows.addRow("Split", kept)
        self._rows.addRow("", _side_by_side(*ticks))
        self._rows.addRow("", self._wrong_roles)

    def _make_balance(self) -> None:
        self._balance = _choice("export.balance", "Balance classes", _BALANCES)
        self._each = _number("export.each", "Files of each class", 1, MAX_BALANCE, 1000)
        self._each.setSuffix(" files")
        self._rows.addRow("Balance classes", self._balance)
        self._rows.addRow("", self._each)
        self._told_balance = label("export.balance.told", "What balancing does to the smallest class")
        self._capped = QCheckBox("At most")
        self._capped.setObjectName("export.capped")
        self._capped.setAccessibleName("Limit the copies of one original")
        self._capped.setToolTip("Classes that would need more copies of each picture get fewer files")
        self._at_most = _number("export.at_most", "Copies of one original, at most", 1, MAX_COPIES, MANY_COPIES)
        self._at_most.setFixedWidth(72)
        self._rows.addRow("", self._told_balance)
        self._capped_row = _side_by_side(self._capped, self._at_most, QLabel("copies of one picture"))
        self._rows.addRow("", self._capped_row)
        classes = sum(1 for name in self._dataset.classes if name)
        why = ""
        if classes < 2:
            why = "there is one class only" if classes else "the pictures lie in no class folders"
            self._balance.setEnabled(False)
            self._balance.setAccessibleDescription(f"Not available: {why}")
        self._balance.setToolTip(
            f"There is nothing to balance: {why}" if why else "Small classes get more copies of each picture"
        )

    def _make_more(self) -> None:
        self._more = QToolButton()
        self._more.setObjectName("export.more")
        self._more.setText("More options")
        self._more.setAccessibleName("More options: show or hide")
        self._more.setProperty("flat", True)
        self._more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._more.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._more.clicked.connect(self._toggle)
        self._run_on = _choice("export.run_on", "Run on", _PLACES)
        self._workers = _number("export.workers", "Worker processes", 0, MAX_WORKERS, available_workers())
        self._workers.setSuffix(" workers")
        self._workers.setSpecialValueText("no workers")
        self._workers.setToolTip(
            "Processes that work side by side. With none, the window's own process does it all, more slowly"
        )
        self._cluster = QLineEdit()
        self._cluster.setObjectName("export.cluster")
        self._cluster.setAccessibleName("Address of the cluster's scheduler")
        self._cluster.setPlaceholderText("tcp://scheduler:8786")
        self._cluster.setToolTip("Its workers must reach the pictures and the destination under the same names")
        self._wrong_cluster = _wrong("export.cluster.wrong", "What is wrong with the address")
        self._largest = _number(
            "export.largest", "Largest picture, megapixels", 1, 100_000, DEFAULT_MAX_PIXELS // _MEGA
        )
        self._largest.setSuffix(" megapixels")
        self._largest.setToolTip("Larger pictures are left out and reported, since they may not fit into memory")
        self._folded = QWidget()
        self._folded_rows = QFormLayout(self._folded)
        self._folded_rows.setContentsMargins(20, 0, 0, 0)
        self._folded_rows.setVerticalSpacing(8)
        self._folded_rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._folded_rows.addRow("Run on", _side_by_side(self._run_on, self._workers))
        self._folded_rows.addRow("", self._cluster)
        self._folded_rows.addRow("", self._wrong_cluster)
        self._folded_rows.addRow("Largest picture", self._largest)

    def _toggle(self) -> None:
        self._unfold(self._folded.isHidden())

    def _unfold(self, on: bool) -> None:
        self._folded.setVisible(on)
        name = "expanded" if on else "collapsed"
        self._more.setIcon(style.icon(name))
        self._more.setProperty("icon_name", name)
        self._grow()

    def _grow(self) -> None:
        content = self.widget()
        layout = content.layout() if content else None
        if layout:
            layout.activate()
            self.updateGeometry()
            self.grown.emit()

    def sizeHint(self) -> QSize:
        """Ask for all that the controls need."""
        content = self.widget()
        return content.sizeHint() if content else super().sizeHint()

    # -- what is asked -----------------------------------------------------------------------------------------------

    def settings(self, out: str, pipeline: Pipeline) -> Settings:
        """What is asked for.

        Raises
        ------
        ExportError
            If it cannot be; what is wrong stands beside the control as well.
        """
        cluster = ""
        if self._run_on.currentData() == _CLUSTER:
            cluster = self._cluster.text().strip()
            if not cluster:
                raise ExportError("Give the address of the cluster's scheduler, or run on this computer.")
        if self._roles and not self._augmented():
            raise ExportError("Choose at least one split to make copies for.")
        return Settings(
            out=out,
            pipeline=pipeline,
            copies=self._copies.value(),
            seed=self._seed.value(),
            originals=self._originals.isChecked(),
            encoding=Encoding(Format(self._format.currentData()), self._quality.value()),
            max_pixels=self._largest.value() * _MEGA,
            workers=self._workers.value(),
            cluster=cluster,
            split=self._asked_split(),
            balance=self._asked_balance(),
            at_most=self._asked_cap(),
            augment=self._augmented() or Settings.augment,
            group=self._asked_group(),
            folders=self._dataset.folders,
            excluded=self._dataset.excluded,
            labels=self._labels.choice(),
        )

    def files(self) -> int | None:
        """How many files it comes to, where that needs no plan."""
        if self._roles or self._split.currentData() or self._balance.currentData():
            return None
        return len(self._dataset.sources) * (self._copies.value() + self._originals.isChecked())

    @property
    def originals(self) -> bool:
        """Whether originals are exported too."""
        return self._originals.isChecked()

    @property
    def workers(self) -> int:
        """How many processes to use here."""
        return self._workers.value()

    @property
    def cluster(self) -> str:
        """Address of the cluster to use; empty for this computer."""
        return self._cluster.text().strip() if self._run_on.currentData() == _CLUSTER else ""

    def _augmented(self) -> tuple[Role, ...]:
        return tuple(role for role, tick in self._roles.items() if tick.isChecked())

    def _asked_split(self) -> Split:
        if self._roles:
            return None
        chosen = self._split.currentData()
        return parse_split(self._shares.text() if chosen == _OTHER else chosen) if chosen else None

    def _asked_group(self) -> Grouping | None:
        chosen = self._group.currentData()
        if self._roles or not self._split.currentData() or chosen == _ALONE:
            return None
        if chosen == _FOLDER:
            return parse_grouping(_FOLDER)
        text = self._pattern.text().strip()
        if not text:
            table = chosen == _TABLE
            raise ExportError("choose the table of keys and groups" if table else "give a pattern with a group in it")
        try:
            return from_file(local_path(text)) if chosen == _TABLE else by_pattern(text)
        except GroupingError as error:
            raise ExportError(str(error)) from error

    def _choose_table(self) -> None:
        start = self._pattern.text().strip() or self._dataset.location
        chosen, _ = QFileDialog.getOpenFileName(
            self, "Choose a table of keys and groups", start, "Tables (*.csv *.tsv)"
        )
        if chosen:
            self._pattern.setText(chosen)

    def _asked_balance(self) -> Balance:
        chosen = self._balance.currentData()
        if not self._balance.isEnabled() or chosen == _OFF:
            return None
        return LARGEST if chosen == LARGEST else self._each.value()

    def _asked_cap(self) -> int | None:
        return self._at_most.value() if self._asked_balance() is not None and self._capped.isChecked() else None

    def tell_labels(self, told: LabelsTold) -> None:
        """Say beside the labels what becomes of them."""
        self._labels.say(told)

    def tell_balance(self, words: str, *, crowded: bool) -> None:
        """Say under the balance what it does to the smallest class."""
        if crowded:
            words += f". Above {MANY_COPIES} a model may learn those few by heart"
        style.mark(self._told_balance, remark=crowded, muted=not crowded)
        self._told_balance.setText(f"{words}." if words else "")
        self._fit()

    def follow(self, dataset: Dataset, old: tuple[int, bool], new: tuple[int, bool]) -> bool:
        """Take the window's folder, seed and originals, unless the last two differ from what the window had.

        Returns
        -------
        bool
            Whether that changed what is asked for, apart from the folder.
        """
        self._dataset = dataset
        other = self._labels.set_dataset(dataset)
        self._rows.setRowVisible(self._labels, self._labels.wanted)
        before = self._seed.value(), self._originals.isChecked()
        after = tuple(now if held == then else held for held, then, now in zip(before, old, new, strict=True))
        self._seed.setValue(min(after[0], _LARGEST_SEED))
        self._originals.setChecked(bool(after[1]))
        if other:
            self._edited()
        return other or before != (self._seed.value(), self._originals.isChecked())

    def _edited(self) -> None:
        self._fit()
        self.changed.emit()

    def _fit(self) -> None:
        """Show what goes with what is chosen, and what is wrong with it."""
        self._quality.setEnabled(self._format.currentData() != Format.PNG.value)
        wrong = ""
        try:
            self._asked_split()
        except ExportError as error:
            wrong = f"{str(error)[:1].upper()}{str(error)[1:]}."
        self._fit_group()
        self._rows.setRowVisible(self._shares, not self._roles and self._split.currentData() == _OTHER)
        _say(self._rows, self._wrong_shares, wrong)
        if self._roles:
            _say(self._rows, self._wrong_roles, "" if self._augmented() else "Choose at least one.")
        each = self._balance.currentData() == _NUMBER
        self._rows.setRowVisible(self._each, each)
        balanced = self._asked_balance() is not None
        self._rows.setRowVisible(self._told_balance, balanced and bool(self._told_balance.text()))
        self._rows.setRowVisible(self._capped_row, balanced)
        self._at_most.setEnabled(self._capped.isChecked())
        self._copies.setEnabled(not each)
        self._copies.setToolTip("The number of files of each class decides" if each else "")
        on_cluster = self._run_on.currentData() == _CLUSTER
        self._workers.setVisible(not on_cluster)
        self._folded_rows.setRowVisible(self._cluster, on_cluster)
        lacking = on_cluster and not self._cluster.text().strip()
        _say(self._folded_rows, self._wrong_cluster, "Give the address of its scheduler." if lacking else "")
        self._grow()

    def _fit_group(self) -> None:
        split = not self._roles and bool(self._split.currentData())
        chosen = self._group.currentData()
        written = split and chosen in (_PATTERN, _TABLE)
        self._rows.setRowVisible(self._group, split)
        self._rows.setRowVisible(self._grouped, written)
        self._browse.setVisible(chosen == _TABLE)
        if chosen == _TABLE:
            self._pattern.setAccessibleName("File of the table of groups")
            self._pattern.setPlaceholderText("groups.csv")
            self._pattern.setToolTip("CSV: in each row a picture's path in the folder, and its group")
        else:
            self._pattern.setAccessibleName("Pattern of the groups")
            self._pattern.setPlaceholderText(r"(patient\d+)_")
            self._pattern.setToolTip("A regular expression; what its brackets find in a path names the group")
        wrong = ""
        try:
            self._asked_group()
        except ExportError as error:
            wrong = f"{str(error)[:1].upper()}{str(error)[1:]}."
        _say(self._rows, self._wrong_group, wrong)

    # -- remembered --------------------------------------------------------------------------------------------------

    def remembered(self) -> dict[str, object]:
        """What the next form begins with; choices that this dataset does not offer stay as they were."""
        kept: dict[str, object] = {
            "copies": self._copies.value(),
            "format": self._format.currentData(),
            "quality": self._quality.value(),
            "workers": self._workers.value() if self._workers.value() != available_workers() else None,
            "cluster": self.cluster,
            "max_pixels": self._largest.value() * _MEGA,
            "labels": self._labels.remembered() if self._labels.wanted else self._kept.get("labels"),
            **{name: self._kept.get(name) for name in ("split", "group", "augment", "balance", "at_most")},
        }
        if self._roles:
            kept["augment"] = [role.value for role in self._augmented()]
        else:
            try:
                split = self._asked_split()
            except ExportError:
                split = None
            kept["split"] = None if split is None else show_split(split)
            kept["group"] = [self._group.currentData(), self._pattern.text().strip()]
        if self._balance.isEnabled():
            kept["balance"] = self._asked_balance()
            kept["at_most"] = self._asked_cap()
        return kept

    def recall(self, old: dict[str, Any]) -> None:
        """Begin with what was remembered, as far as it still makes sense; what is seldom used is then in view."""
        self._kept = old
        for name, box, unit in (
            ("copies", self._copies, 1),
            ("quality", self._quality, 1),
            ("workers", self._workers, 1),
            ("max_pixels", self._largest, _MEGA),
        ):
            number = _whole(old.get(name))
            if number is not None:
                box.setValue(min(max(number // unit, box.minimum()), box.maximum()))
        self._format.setCurrentIndex(max(0, self._format.findData(old.get("format"))))
        self._labels.recall(old.get("labels"))
        self._recall_split(old.get("split"))
        self._recall_group(old.get("group"))
        wanted = old.get("augment")
        if isinstance(wanted, list) and any(role.value in wanted for role in self._roles):
            for role, tick in self._roles.items():
                tick.setChecked(role.value in wanted)
        balance = old.get("balance")
        number = _whole(balance)
        if self._balance.isEnabled() and (balance == LARGEST or number is not None):
            self._balance.setCurrentIndex(self._balance.findData(_NUMBER if number is not None else LARGEST))
            self._each.setValue(min(max(number or 1000, 1), MAX_BALANCE))
            at_most = _whole(old.get("at_most"))
            if at_most is not None:
                self._capped.setChecked(True)
                self._at_most.setValue(min(max(at_most, 1), MAX_COPIES))
        cluster = old.get("cluster")
        if isinstance(cluster, str) and cluster.strip():
            self._cluster.setText(cluster)
            self._run_on.setCurrentIndex(self._run_on.findData(_CLUSTER))
        usual = (available_workers(), DEFAULT_MAX_PIXELS // _MEGA, "")
        if (self._workers.value(), self._largest.value(), self.cluster) != usual:
            self._unfold(True)

    def _recall_group(self, group: object) -> None:
        if isinstance(group, list) and len(group) == 2 and all(isinstance(part, str) for part in group):
            self._group.setCurrentIndex(max(0, self._group.findData(group[0])))
            self._pattern.setText(group[1])

    def _recall_split(self, split: object) -> None:
        if not isinstance(split, str) or not split:
            return
        try:
            split = show_split(parse_split(split))
        except ExportError:
            return
        found = self._split.findData(split)
        if found < 0:
            self._shares.setText(split)
            found = self._split.findData(_OTHER)
        self._split.setCurrentIndex(found)


def _number(name: str, spoken: str, low: int, high: int, value: int) -> QSpinBox:
    box = WholeBox(low, high)
    box.setObjectName(name)
    box.setAccessibleName(spoken)
    box.setValue(value)
    if name != "export.seed":  # a name, rather than a number of things
        box.setLocale(QLocale.c())  # with its groups, as labels write thousands; typed, they may be left out
        box.setGroupSeparatorShown(True)
    box.setFixedSize(130, 26)
    return box


def _choice(name: str, spoken: str, choices: dict[str, str]) -> QComboBox:
    combo = QComboBox()
    combo.setObjectName(name)
    combo.setAccessibleName(spoken)
    for value, text in choices.items():
        combo.addItem(text, value)
    return combo


def _wrong(name: str, spoken: str) -> QLabel:
    words = label(name, spoken)
    words.setProperty("level", "excessive")
    return words


def _say(rows: QFormLayout, words: QLabel, text: str) -> None:
    words.setText(text)
    rows.setRowVisible(words, bool(text))


def _side_by_side(*widgets: QWidget, stretched: bool = False) -> QHBoxLayout:
    """Widgets in a row; the first one may take all the room there is."""
    row = QHBoxLayout()
    row.setSpacing(8)
    for number, widget in enumerate(widgets):
        row.addWidget(widget, int(stretched and number == 0))
    if not stretched:
        row.addStretch(1)
    return row


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
