"""Exporting a dataset: settings, plan, estimate, the run, its report; resuming, verifying and making files again."""

from __future__ import annotations

from augstudio.export.destination import Destination, check
from augstudio.export.estimate import Estimate, foresee
from augstudio.export.planning import LooksAugmentedError, Plan, Row, plan
from augstudio.export.report import Failure, Progress, Report, State
from augstudio.export.resuming import Unfinished
from augstudio.export.resuming import load as load_unfinished
from augstudio.export.runner import run_export
from augstudio.export.settings import (
    LARGEST,
    MAX_BALANCE,
    MAX_COPIES,
    ExportError,
    Settings,
    available_workers,
    parse_augment,
    parse_balance,
    parse_split,
    show_split,
)
from augstudio.export.verifying import Remade, Verdict, reproduce, verify

__all__ = [
    "LARGEST",
    "MAX_BALANCE",
    "MAX_COPIES",
    "Destination",
    "Estimate",
    "ExportError",
    "Failure",
    "LooksAugmentedError",
    "Plan",
    "Progress",
    "Remade",
    "Report",
    "Row",
    "Settings",
    "State",
    "Unfinished",
    "Verdict",
    "available_workers",
    "check",
    "foresee",
    "load_unfinished",
    "parse_augment",
    "parse_balance",
    "parse_split",
    "plan",
    "reproduce",
    "run_export",
    "show_split",
    "verify",
]
