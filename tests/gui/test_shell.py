"""The shell: who is told of what, keys that work wherever the focus is, the order of the Tab key, themes, shortcuts."""

from __future__ import annotations

from dataclasses import fields

from augstudio.gui.intent.state import Scene
from augstudio.gui.shell.window import Window


def test_every_field_of_the_scene_has_its_setters(window: Window) -> None:
    assert list(window._table()) != []
    assert set(window._table()) == {field.name for field in fields(Scene)}
