"""Jobs that end their worker, for tests: imported by workers, so it lies in a module of its own."""

from __future__ import annotations

import os
import time

from augstudio.export.job import Job, Result, run_job


def die_of(job: Job) -> Result:
    """What a decoder that crashes does to a worker."""
    if "killer" in job.key:
        os._exit(3)
    return run_job(job)


def slowly(job: Job) -> Result:
    """A job that takes a while, so that something can happen meanwhile."""
    time.sleep(0.1)
    return run_job(job)
