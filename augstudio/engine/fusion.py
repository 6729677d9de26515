"""Merge adjacent steps, without ever reordering them.

- Adjacent geometries with the same border become one: one resampling instead of many.
- Adjacent tables become one: exact, a table of a table.
- Adjacent mixes become one, if no clamp lies between them.
- What changes nothing is dropped, and what stood on its two sides is adjacent then.
"""

from __future__ import annotations

from collections.abc import Iterable

from augstudio.engine.step import Step

Steps = tuple[Step, ...]


def fuse(steps: Iterable[Step]) -> Steps:
    """Merge what can be merged, until nothing more can: each step is asked whether it takes the next one (`Step.then`).

    One sweep suffices: each step is merged into the one before it, and what comes of that again into the one before.
    """
    kept: list[Step] = []
    for step in steps:
        while not step.is_identity():
            one = kept[-1].then(step) if kept else None
            if one is None:
                kept.append(step)
                break
            kept.pop()
            step = one  # noqa: PLW2901
    return tuple(kept)


def traced(steps: Steps) -> tuple[Steps, tuple[int | None, ...]]:
    """What `fuse` makes of steps, and in which of them each of those went; None for what changes nothing."""
    kept: list[tuple[Step, list[int]]] = []
    for number, step in enumerate(steps):
        own = [number]
        while not step.is_identity():
            one = kept[-1][0].then(step) if kept else None
            if one is None:
                kept.append((step, own))
                break
            own = kept.pop()[1] + own
            step = one  # noqa: PLW2901
    places: list[int | None] = [None] * len(steps)
    for place, (_, own) in enumerate(kept):
        for number in own:
            places[number] = place
    return tuple(step for step, _ in kept), tuple(places)
