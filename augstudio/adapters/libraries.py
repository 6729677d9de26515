"""Other people's libraries: asked for where they are needed, and not before."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any


def needed(module: str, *, by: str, title: str, package: str) -> Any:
    """Import a library.

    Parameters
    ----------
    module : str
        Its name in Python.
    by : str
        The module of ours that needs it.
    title, package : str
        What people call it, and what pip does.

    Raises
    ------
    ImportError
        If it is not installed, in one line that says how to install it. One that is there and broken says so itself.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise ImportError(f"{by} needs {title}: pip install {package}", name=module) from None


def is_a(thing: object, module: str, name: str) -> bool:
    """Whether a thing is of a class of a library; of one that nobody has imported there is no thing."""
    kind = getattr(sys.modules.get(module), name, None)
    return isinstance(kind, type) and isinstance(thing, kind)
