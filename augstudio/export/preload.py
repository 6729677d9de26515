"""Imported by the process that workers are forked from, and by nobody else."""

from __future__ import annotations

from augstudio.pool.preloading import import_once

import_once("augstudio.advice", "augstudio.export.job", "augstudio.export.worker")
