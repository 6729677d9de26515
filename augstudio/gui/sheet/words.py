"""What the sheet says of a picture, in words."""

from __future__ import annotations

from augstudio.dataset import Source
from augstudio.gui.intent.state import describe_draws
from augstudio.gui.sheet.making import Part
from augstudio.gui.sheet.tiles import Tiles
from augstudio.label_rules import Objects
from augstudio.wording import count, printable


def count_words(shown: int, total: int) -> str:
    """How many pictures a section shows: "8 of 40"."""
    return f"{shown:,} of {total:,}" if shown < total else f"{total:,}"


def heading_words(shown: int, total: int, *, judges: bool) -> str:
    """What stands beside a section's title."""
    words = count_words(shown, total)
    return f"{words} · exported without copies, unless you ask for them" if judges else words


def spoken(source: Source, title: str, place: int, total: int, *, excluded: bool) -> str:
    """Which picture it is, for a screen reader."""
    of = f"{printable(title)}: " if title else ""
    left_out = ", excluded" if excluded else ""
    return f"Sheet, {of}{printable(source.name)}, {place:,} of {count(total, 'picture')}{left_out}"


def tip_of(tiles: Tiles, source: Source, *, excluded: bool) -> str:
    """What is known of a picture: its key, what was drawn, how much that changes; or why there is none."""
    lines = [printable(source.key)]
    found = [made for part in tiles.parts if (made := tiles.held(source, part)) is not None]
    reason = next((made.reason for made in found if made.reason), "")
    if reason:
        lines.append(reason)
    elif (view := tiles.view(source, Part.COPY)) is not None:
        copy = tiles.held(source, Part.COPY)
        told = copy.told if copy is not None else None
        objects = Objects(names=told.names if told else (), label=source.label)
        draws = view.draws(objects, told.again if told else 0)
        lines.append(describe_draws(view.pipeline, draws, view.shown))
        if told is not None and told.words:
            lines.append(told.words)
        change = tiles.changes.get(source)
        if change is not None:
            lines.append(f"Change: {change.words}" if change.words else "No change but where things lie")
    if excluded:
        lines.append("Excluded: it is in no export (X takes it back)")
    return "\n".join(lines)
