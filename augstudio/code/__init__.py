"""A preset in other people's words: code that runs without this program, and the way back."""

from __future__ import annotations

from augstudio.code.generated import Generated, Line, Standing, Target
from augstudio.code.targets import generate

__all__ = ["Generated", "Line", "Standing", "Target", "generate"]
