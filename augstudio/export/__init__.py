"""Exporting a dataset: settings, checks, an estimate, the run, and its report."""

from __future__ import annotations

from augstudio.export.destination import Destination, check
from augstudio.export.estimate import Estimate, foresee
from augstudio.export.report import Failure, Progress, Report, State
from augstudio.export.runner import run_export
from augstudio.export.settings import MAX_COPIES, ExportError, Settings, available_workers

__all__ = [
    "MAX_COPIES",
    "Destination",
    "Estimate",
    "ExportError",
    "Failure",
    "Progress",
    "Report",
    "Settings",
    "State",
    "available_workers",
    "check",
    "foresee",
    "run_export",
]
