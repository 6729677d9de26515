"""Which transforms there are: every file in the folders of `GROUPS` is looked at, so adding one is adding a file."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from augstudio.transforms.base import GROUPS, Bordered, Transform


@cache
def registry() -> Mapping[str, type[Transform]]:
    """Every transform by its op, group by group, then by label."""
    found: dict[str, type[Transform]] = {}
    for group in GROUPS:
        package = importlib.import_module(f"augstudio.transforms.{group}")
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")
    for transform in (*_leaves(Transform), *_leaves(Bordered)):  # type: ignore[type-abstract]
        found[transform.name()] = transform
    return dict(sorted(found.items(), key=lambda pair: (GROUPS.index(pair[1].group()), pair[1].label)))


def _leaves(base: type[Transform]) -> list[type[Transform]]:
    return [sub for sub in base.__subclasses__() if "op" in sub.__annotations__]
