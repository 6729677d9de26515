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
    return tuple(step for step in steps if not step.is_identity())


def merge_warps(steps: Steps) -> Steps:
    """Make one warp of two adjacent ones with the same border: one resampling instead of two."""
    return _merge_first_pair(steps, lambda a, b: a.then(b) if isinstance(a, Warp) and isinstance(b, Warp) else None)


def merge_tables(steps: Steps) -> Steps:
    """Make one table of two adjacent ones: exact."""
    return _merge_first_pair(steps, lambda a, b: a.then(b) if isinstance(a, Table) and isinstance(b, Table) else None)


def merge_mixes(steps: Steps) -> Steps:
    """Make one mix of two adjacent ones, if no clamp lies between them."""
    return _merge_first_pair(steps, lambda a, b: a.then(b) if isinstance(a, Mix) and isinstance(b, Mix) else None)


PASSES: tuple[Callable[[Steps], Steps], ...] = (drop_identities, merge_warps, merge_tables, merge_mixes)


def fuse(steps: Steps) -> Steps:
    """Run all passes until none of them changes anything.

    Every pass shortens the tuple or leaves it alone, so this ends after at most `len(steps)` rounds.
    """
    while True:
        before = len(steps)
        for run in PASSES:
            steps = run(steps)
        if len(steps) == before:
            return steps


def _merge_first_pair(steps: Steps, merge: Callable[[Step, Step], Step | None]) -> Steps:
    for i in range(len(steps) - 1):
        merged = merge(steps[i], steps[i + 1])
        if merged is not None:
            return (*steps[:i], merged, *steps[i + 2 :])
    return steps
