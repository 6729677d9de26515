"""Looks: colours for light and dark, icons, and the style sheet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

from augstudio import files
from augstudio.advice import Level


@dataclass(frozen=True)
class Theme:
    """Colours of one scheme; text on each background has a contrast of at least 4.5 : 1."""

    window: str
    card: str
    stage: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    hover: str
    green: str
    amber: str
    red: str
    amber_back: str
    red_back: str


LIGHT = Theme(
    window="#f3f4f6",
    card="#ffffff",
    stage="#e3e5ea",
    line="#d0d4db",
    text="#1c2024",
    muted="#5a6270",
    accent="#2558c9",
    on_accent="#ffffff",
    hover="#e8ebf1",
    green="#2f8f57",
    amber="#9a6200",
    red="#b3261e",
    amber_back="#fff5dc",
    red_back="#fdeceb",
)
DARK = Theme(
    window="#1d2025",
    card="#282c33",
    stage="#15171b",
    line="#3d434d",
    text="#eceff3",
    muted="#a3acb9",
    accent="#7aa5ff",
    on_accent="#0c1a38",
    hover="#343a43",
    green="#5cc48a",
    amber="#f0b648",
    red="#ff8a80",
    amber_back="#3a3222",
    red_back="#40292a",
)


_fixed: Theme | None = None


def fix(theme: Theme | None) -> None:
    """Take these colours whatever the system says; None follows the system again. Call `apply` afterwards."""
    global _fixed
    _fixed = theme


def theme() -> Theme:
    """The colours in force."""
    if _fixed is not None:
        return _fixed
    return DARK if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT


def level_colour(level: Level | None) -> str:
    """Green, amber or red; never the only sign of a level."""
    if level is None:
        return theme().green
    return theme().red if level is Level.EXCESSIVE else theme().amber


def level_icon(level: Level | None, side: int = 18) -> QPixmap:
    """A ring, a triangle or an octagon: the shape tells the level too."""
    name = "fine" if level is None else level.value
    return _pixmap(name, level_colour(level), side, QGuiApplication.primaryScreen().devicePixelRatio())


def icon(name: str, *, primary: bool = False) -> QIcon:
    """An icon in the colour of text, paler when disabled; for a primary button in the colours of its own text."""
    colours, result = theme(), QIcon()
    ratio = QGuiApplication.primaryScreen().devicePixelRatio()
    result.addPixmap(_pixmap(name, colours.on_accent if primary else colours.text, 20, ratio))
    result.addPixmap(_pixmap(name, colours.muted if primary else colours.line, 20, ratio), QIcon.Mode.Disabled)
    return result


def arrow(name: str, *, chosen: bool, side: int = 14) -> QPixmap:
    """The small arrow of a line that unfolds, chosen or not."""
    colour = theme().on_accent if chosen else theme().text
    return _pixmap(name, colour, side, QGuiApplication.primaryScreen().devicePixelRatio())


def app_icon() -> QIcon:
    """The program's own icon."""
    return QIcon(_pixmap("app", "#2558c9", 64, 1.0))


def mark(widget: QWidget, **properties: object) -> None:
    """Set properties that the style sheet goes by, and let it look again."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


@cache
def _drawing(name: str) -> str:
    return (files.resources() / "icons" / f"{name}.svg").read_text(encoding="utf-8")


@cache
def _pixmap(name: str, colour: str, side: int, ratio: float) -> QPixmap:
    pixmap = QPixmap(QSize(round(side * ratio), round(side * ratio)))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    drawing = QSvgRenderer(QByteArray(_drawing(name).replace("#000", colour).encode()))
    drawing.render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def apply(app: QApplication) -> None:
    """Put the colours in force on the whole program."""
    colours = theme()
    palette = QPalette()
    group = QPalette.ColorGroup.Disabled
    roles = {
        QPalette.ColorRole.Window: colours.window,
        QPalette.ColorRole.Base: colours.card,
        QPalette.ColorRole.AlternateBase: colours.window,
        QPalette.ColorRole.Button: colours.card,
        QPalette.ColorRole.ToolTipBase: colours.card,
        QPalette.ColorRole.Highlight: colours.accent,
        QPalette.ColorRole.HighlightedText: colours.on_accent,
        QPalette.ColorRole.Accent: colours.accent,
        QPalette.ColorRole.PlaceholderText: colours.muted,
        QPalette.ColorRole.Mid: colours.line,
        QPalette.ColorRole.Link: colours.accent,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
        QPalette.ColorRole.ToolTipText,
    ):
        palette.setColor(role, QColor(colours.text))
        palette.setColor(group, role, QColor(colours.muted))
    app.setPalette(palette)
    app.setStyleSheet(_sheet(colours))


def _sheet(c: Theme) -> str:
    return f"""
    QToolBar {{ background: {c.card}; border: 0; border-bottom: 1px solid {c.line}; padding: 4px 8px; spacing: 4px; }}
    QToolBar QToolButton {{ padding: 4px 8px; border-radius: 6px; border: 1px solid transparent; }}
    QToolBar QToolButton:hover {{ background: {c.hover}; }}
    QToolBar QToolButton:focus {{ border-color: {c.accent}; }}
    QToolBar QToolButton::menu-indicator {{ width: 0; }}
    QLabel[pill="true"] {{ background: {c.accent}; color: {c.on_accent}; border-radius: 8px; padding: 2px 10px; }}
    QToolButton[segment] {{
        border: 1px solid {c.line}; border-right-width: 0; padding: 3px 11px; background: {c.window};
    }}
    QToolButton[segment="first"] {{ border-top-left-radius: 6px; border-bottom-left-radius: 6px; }}
    QToolButton[segment="last"] {{
        border-right-width: 1px; border-top-right-radius: 6px; border-bottom-right-radius: 6px;
    }}
    QToolButton[segment]:hover {{ background: {c.hover}; }}
    QToolButton[segment]:checked {{ background: {c.accent}; color: {c.on_accent}; border-color: {c.accent}; }}
    QToolButton[segment]:focus {{ border: 1px solid {c.accent}; }}
    QToolButton[segment]:checked:focus {{ border: 1px solid {c.text}; }}
    QToolButton[flat="true"] {{ border: 1px solid transparent; border-radius: 5px; padding: 2px; }}
    QToolButton[flat="true"]::menu-indicator {{ image: none; width: 0; }}
    QToolButton[flat="true"]:hover {{ background: {c.hover}; }}
    QToolButton[flat="true"]:focus {{ border-color: {c.accent}; }}
    QToolButton[flat="true"]:checked {{ background: {c.hover}; border-color: {c.line}; }}
    QPushButton {{ background: {c.card}; border: 1px solid {c.line}; border-radius: 6px; padding: 5px 12px; }}
    QPushButton[tight="true"] {{ padding: 5px 3px; }}
    QPushButton:hover {{ background: {c.hover}; }}
    QPushButton:focus {{ border-color: {c.accent}; }}
    QPushButton:disabled {{ color: {c.muted}; }}
    QPushButton[primary="true"], QToolBar QToolButton[primary="true"] {{
        background: {c.accent}; color: {c.on_accent}; border: 1px solid {c.accent}; font-weight: 600; }}
    QPushButton[primary="true"]:disabled, QToolBar QToolButton[primary="true"]:disabled {{
        background: {c.hover}; color: {c.muted}; border-color: {c.line}; }}
    QFrame[card="true"] {{ background: {c.card}; border: 1px solid {c.line}; border-radius: 8px; }}
    QFrame[card="true"]:focus {{ border-color: {c.accent}; background: {c.hover}; }}
    QFrame[card="true"][level="caution"] {{ border-color: {c.amber}; }}
    QFrame[card="true"][level="excessive"] {{ border-color: {c.red}; border-width: 2px; }}
    QFrame[card="true"][dimmed="true"] {{ background: {c.window}; border-style: dashed; }}
    QFrame[caution="caution"] {{ background: {c.amber_back}; border-radius: 6px; }}
    QFrame[caution="excessive"] {{ background: {c.red_back}; border-radius: 6px; }}
    QFrame[caution="note"] {{ background: {c.hover}; border-radius: 6px; }}
    QLabel[drop="taken"] {{ background: #e0{c.hover[1:]}; color: {c.text}; border: 3px solid {c.accent};
        border-radius: 10px; font-size: 16px; font-weight: 600; padding: 24px; }}
    QLabel[drop="refused"] {{ background: #e0{c.red_back[1:]}; color: {c.text}; border: 3px dashed {c.red};
        border-radius: 10px; font-size: 16px; padding: 24px; }}
    QLabel[muted="true"] {{ color: {c.muted}; }}
    QLabel[heading="true"] {{ font-weight: 600; }}
    QLabel[refusal="true"] {{ color: {c.red}; }}
    QLabel[level="caution"] {{ color: {c.amber}; font-weight: 600; }}
    QLabel[level="excessive"] {{ color: {c.red}; font-weight: 600; }}
    QCheckBox::indicator:unchecked, QListView::indicator:unchecked {{
        background: {c.card}; border: 1px solid {c.muted}; border-radius: 2px; }}
    QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: 0; }}
    QLabel[remark="true"] {{ color: {c.amber}; }}
    QListView, QTreeView, QTableView {{
        background: {c.card}; border: 1px solid {c.line}; border-radius: 6px; outline: 0; }}
    QListView:focus, QTreeView:focus, QTableView:focus {{ border-color: {c.accent}; }}
    QTableView::item {{ padding: 0 6px; }}
    QHeaderView {{ background: transparent; }}
    QHeaderView::section {{ background: {c.card}; color: {c.muted}; border: 0; border-bottom: 1px solid {c.line};
        padding: 3px 9px; }}
    QPlainTextEdit {{ background: {c.card}; border: 1px solid {c.line}; border-radius: 6px; }}
    QPlainTextEdit:focus {{ border-color: {c.accent}; }}
    QTreeView::item, QListWidget::item {{ padding: 3px 2px; }}
    QListView[ticks="true"]::item {{ padding: 3px 2px; }}
    QListView[ticks="true"]::item:selected {{ background: {c.hover}; color: {c.text}; }}
    QTabBar::tab {{ color: {c.muted}; border: 0; border-bottom: 2px solid transparent; padding: 4px 10px; }}
    QTabBar::tab:selected {{ color: {c.text}; border-bottom-color: {c.accent}; }}
    QTabBar::tab:hover, QTabBar::tab:focus {{ background: {c.hover}; }}
    QLineEdit {{ background: {c.card}; border: 1px solid {c.line};
        border-radius: 3px; padding: 1px 4px; selection-background-color: {c.accent};
        selection-color: {c.on_accent}; min-height: 20px; }}
    QLineEdit:focus {{ border-color: {c.accent}; }}
    QAbstractSpinBox[wrong="true"], QAbstractSpinBox[wrong="true"]:focus {{ border: 2px solid {c.red}; }}
    QLineEdit[wrong="true"], QLineEdit[wrong="true"]:focus {{ border: 2px solid {c.red}; padding: 0 3px; }}
    QPushButton[slim="true"] {{ padding: 1px 8px; }}
    QLineEdit:disabled {{ color: {c.muted};
        background: {c.window}; }}
    QAbstractSpinBox QLineEdit {{ border: 0; padding: 0; margin: 0; min-height: 0; background: transparent; }}
    QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
    QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
    QScrollBar::handle {{ background: {c.line}; border-radius: 4px; margin: 1px; }}
    QScrollBar::handle:vertical {{ min-height: 32px; }}
    QScrollBar::handle:horizontal {{ min-width: 32px; }}
    QScrollBar::handle:hover {{ background: {c.muted}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QSplitter::handle {{ background: transparent; }}
    QStatusBar {{ background: {c.card}; border-top: 1px solid {c.line}; color: {c.muted}; }}
    QStatusBar::item {{ border: 0; }}
    QToolTip {{ background: {c.card}; color: {c.text}; border: 1px solid {c.line}; padding: 4px; }}
    QProgressBar {{ border: 1px solid {c.line}; border-radius: 5px; background: {c.window}; text-align: center;
        min-height: 18px; color: {c.text}; }}
    QProgressBar::chunk {{ background: {c.green}; border-radius: 4px; }}
    QMenu {{ background: {c.card}; border: 1px solid {c.line}; padding: 4px; }}
    QMenu::item {{ padding: 5px 20px 5px 12px; border-radius: 4px; }}
    QMenu::item:selected {{ background: {c.accent}; color: {c.on_accent}; }}
    QMenu::item:disabled {{ color: {c.muted}; }}
    QMenu::separator {{ height: 1px; background: {c.line}; margin: 4px 8px; }}
    """
