"""Importing once, in the process that workers are forked from, what all of them need."""

from __future__ import annotations

import gc
import importlib
import os


def import_once(*modules: str) -> None:
    """Import modules, and what every worker needs, for all workers that are forked from this process.

    Nothing is called here that could start a thread, since threads do not survive a fork.
    """
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # NumPy's and OpenCV's algebra starts threads as it is imported
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # else it looks through all that is installed
    gc.disable()
    for name in ("concurrent.futures.process", "augstudio.pool.worker", *modules):
        importlib.import_module(name)
    gc.freeze()  # what is there now stays: nobody needs to look through it again, here or in a worker
    gc.enable()
