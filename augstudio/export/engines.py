"""Where the jobs of an export run: in processes of this machine, or on a cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from augstudio.export import worker
from augstudio.export.job import seconds_allowed
from augstudio.export.plan import ExportPlan
from augstudio.export.settings import ExportError
from augstudio.pool import processes
from augstudio.pool.retrying import Engine, PoolError


@contextlib.contextmanager
def engine_for(plan: ExportPlan, *, gently: bool = False) -> Iterator[Engine]:
    """The engine that an export's settings ask for; the destination must exist.

    Parameters
    ----------
    plan : ExportPlan
        What is to be exported.
    gently : bool
        Whether worker processes on this machine give way to all other programs.

    Raises
    ------
    ExportError
        If a cluster cannot be reached, or cannot do the jobs.
    """
    settings = plan.settings
    if not settings.cluster:
        yield local(min(settings.workers, plan.total), gently=gently)
        return
    from augstudio.export.fitness import on_cluster

    try:
        with on_cluster(settings.cluster, settings, plan.dataset) as engine:
            yield engine
    except PoolError as error:
        raise ExportError(str(error)) from error


def local(workers: int, *, gently: bool = False) -> Engine:
    """Run jobs on this machine: in so many processes, which may give way to others, or with 0 in the calling thread."""
    return processes.local(workers, seconds_allowed, first=worker.begin, preload=worker.PRELOAD, gently=gently)
