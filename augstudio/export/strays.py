"""Files that no manifest will list, as whoever wrote them was killed, or failed: they are removed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from augstudio.export.job import SUFFIXES, Job, Result
from augstudio.marks import IMAGES
from augstudio.storage import TEMPORARY, Key, Storage, at


def remove_abandoned(jobs: Iterable[Job]) -> None:
    """Remove what jobs without a result may have written."""
    for job in jobs:
        storage = at(job.out)
        with contextlib.suppress(OSError):
            folder = Key(f"{IMAGES}/{job.folder}" if job.folder else IMAGES)
            storage.remove(Key(job.path(copy, suffix)) for copy in job.copies for suffix in SUFFIXES)
            if storage.root is not None:
                for path in (storage.root / folder).glob(f"{TEMPORARY}*.tmp"):
                    path.unlink(missing_ok=True)


def remove_earlier(job: Job, result: Result) -> None:
    """Remove files of a job that an earlier run may have written, and that its result does not list."""
    storage, listed = at(job.out), {output.path for output in result.outputs}
    for path in (job.path(copy, suffix) for copy in job.copies for suffix in SUFFIXES):
        if path not in listed:
            with contextlib.suppress(OSError):
                storage.remove([Key(path)])


def sweep(storage: Storage) -> None:
    """Remove temporary files that killed workers have left among the pictures."""
    strays = (Key(path) for path, _ in storage.files(IMAGES) if path.rpartition("/")[2].startswith(TEMPORARY))
    with contextlib.suppress(OSError):
        storage.remove(list(strays))
