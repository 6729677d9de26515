"""Merge adjacent steps, without ever reordering them.

- Adjacent warps with the same border become one: one resampling instead of many.
- Adjacent tables become one: exact, a table of a table.
- Adjacent mixes become one, if no clamp lies between them.
- What changes nothing is dropped, and what stood on its two sides is adjacent then.
"""

from __future__ import annotations

from augstudio.engine.colour import Mix, Table
from augstudio.engine.step import Step
from augstudio.engine.warp import Warp

Steps = tuple[Step, ...]
_MERGED = (Warp, Table, Mix)


def fuse(steps: Steps) -> Steps:
    """Merge what can be merged, until nothing more can.

    One sweep suffices: each step is merged into the one before it, and what comes of that again into the one before.
    """
    kept: list[Step] = []
    for step in steps:
        while not step.is_identity():
            one = _merged(kept[-1], step) if kept else None
            if one is None:
                kept.append(step)
                break
            kept.pop()
            step = one  # noqa: PLW2901
    return tuple(kept)


def _merged(before: Step, step: Step) -> Step | None:
    """Two adjacent steps in one, or None where they do not go together."""
    # Not isinstance, which asks an abstract class at length.
    if type(before) is type(step) and type(step) in _MERGED:
        return before.then(step)  # type: ignore[attr-defined, no-any-return]  # all of the three can
    return None
