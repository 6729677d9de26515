"""Exporting a dataset: settings, plan, estimate, the run, its report; resuming, verifying and making files again."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from augstudio.export.destination import Destination, EarlierExportError, check
    from augstudio.export.estimate import Estimate, foresee
    from augstudio.export.plan import ExportPlan, Row
    from augstudio.export.planning import LooksAugmentedError, UnclearFoldersError, plan_export
    from augstudio.export.report import Failure, Progress, Report, Status
    from augstudio.export.resuming import Unfinished, UnknownSourceError
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
    "EarlierExportError",
    "Estimate",
    "ExportError",
    "ExportPlan",
    "Failure",
    "LooksAugmentedError",
    "Progress",
    "Remade",
    "Report",
    "Row",
    "Settings",
    "Status",
    "UnclearFoldersError",
    "Unfinished",
    "UnknownSourceError",
    "Verdict",
    "available_workers",
    "check",
    "foresee",
    "load_unfinished",
    "parse_augment",
    "parse_balance",
    "parse_split",
    "plan_export",
    "reproduce",
    "run_export",
    "show_split",
    "verify",
]

_ELSEWHERE = {
    **dict.fromkeys(("Destination", "EarlierExportError", "check"), "destination"),
    **dict.fromkeys(("Estimate", "foresee"), "estimate"),
    **dict.fromkeys(("ExportPlan", "Row"), "plan"),
    **dict.fromkeys(("LooksAugmentedError", "UnclearFoldersError", "plan_export"), "planning"),
    **dict.fromkeys(("Failure", "Progress", "Report", "Status"), "report"),
    **dict.fromkeys(("Unfinished", "UnknownSourceError", "load_unfinished"), "resuming"),
    "run_export": "runner",
    **dict.fromkeys(("Remade", "Verdict", "reproduce", "verify"), "verifying"),
}
"""Modules of the names above; those of all others are in `settings`."""


def __getattr__(name: str) -> Any:
    # Imported when asked for: a worker needs a fraction of it, and the command line starts workers before all else.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_ELSEWHERE.get(name, 'settings')}")
    return getattr(module, "load" if name == "load_unfinished" else name)
