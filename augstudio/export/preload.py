"""Imported by the process that workers are forked from, and by nobody else: what they need is imported once.

Nothing is called here that could start a thread, since threads do not survive a fork.
"""

from __future__ import annotations

import gc
import importlib
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # NumPy's and OpenCV's algebra starts threads as it is imported
gc.disable()
for _name in ("concurrent.futures.process", "augstudio.export.job", "augstudio.export.worker"):
    importlib.import_module(_name)
gc.freeze()  # what is there now stays: nobody needs to look through it again, here or in a worker
gc.enable()
