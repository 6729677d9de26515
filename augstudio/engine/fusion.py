"""Merge adjacent steps, without ever reordering them.

Small named passes run to a fixed point; each looks at one step or one adjacent pair.
"""

from __future__ import annotations

from collections.abc import Callable

from augstudio.engine.colour import Mix, Table
from augstudio.engine.step import Step
from augstudio.engine.warp import Warp

Steps = tuple[Step, ...]


def drop_identities(steps: Steps) -> Steps:
    """Remove what changes nothing."""
    return tuple([step for step in steps if not step.is_identity()])


def merge_warps(steps: Steps) -> Steps:
    """Make one warp of adjacent ones with the same border: one resampling instead of many."""
    return _merged(steps, Warp)


def merge_tables(steps: Steps) -> Steps:
    """Make one table of adjacent ones: exact."""
    return _merged(steps, Table)


def merge_mixes(steps: Steps) -> Steps:
    """Make one mix of adjacent ones, if no clamp lies between them."""
    return _merged(steps, Mix)


PASSES: tuple[Callable[[Steps], Steps], ...] = (drop_identities, merge_warps, merge_tables, merge_mixes)


def fuse(steps: Steps) -> Steps:
    """Run all passes until none of them changes anything.

    Every pass shortens the tuple or leaves it alone, so this ends after at most `len(steps)` rounds.
    """
    while True:
        before = len(steps)
        if before < 2:
            return drop_identities(steps)
        for run in PASSES:
            steps = run(steps)
        if len(steps) == before:
            return steps


def _merged(steps: Steps, kind: type[Warp | Table | Mix]) -> Steps:
    """Merge each step of a kind into the one before it, where they go together."""
    kept: list[Step] = []
    before: Step | None = None
    for step in steps:
        # Not isinstance, which asks an abstract class at length.
        if type(step) is kind and type(before) is kind:
            one: Step | None = before.then(step)  # type: ignore[arg-type]  # both are of the one kind
            if one is not None:
                kept[-1] = before = one
                continue
        kept.append(step)
        before = step
    return steps if len(kept) == len(steps) else tuple(kept)
