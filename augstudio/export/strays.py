"""Files that no manifest will list, as whoever wrote them was killed, or failed: they are removed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from augstudio.export.job import SUFFIXES, Job, Result
from augstudio.export.labelled import ROOTS, label_files
from augstudio.marks import IMAGES
from augstudio.storage import TEMPORARY, Key, Storage, at


def remove_abandoned(jobs: Iterable[Job]) -> None:
    """Remove what jobs without a result may have written."""
    for job in jobs:
        storage = at(job.out)
        with contextlib.suppress(OSError):
            folder = Key(f"{IMAGES}/{job.folder}" if job.folder else IMAGES)
            storage.remove(map(Key, _paths(job)))
            if storage.root is not None:
                for path in (storage.root / folder).glob(f"{TEMPORARY}*.tmp"):
                    path.unlink(missing_ok=True)


def remove_earlier(job: Job, result: Result) -> None:
    """Remove files of a job that an earlier run may have written, and that its result does not list."""
    storage, listed = at(job.out), {output.path for output in result.outputs}
    listed |= {artefact.path for output in result.outputs for artefact in output.artefacts}
    for path in _paths(job):
        if path not in listed:
            with contextlib.suppress(OSError):
                storage.remove([Key(path)])


def sweep(storage: Storage) -> None:
    """Remove temporary files that killed workers have left among the pictures and their labels."""
    for root in ROOTS:
        with contextlib.suppress(OSError):
            strays = (Key(path) for path, _ in storage.files(root) if path.rpartition("/")[2].startswith(TEMPORARY))
            storage.remove(list(strays))


def _paths(job: Job) -> Iterator[str]:
    """All files that a job may write."""
    for copy in job.copies:
        yield from (job.path(copy, suffix) for suffix in SUFFIXES)
        yield from label_files(job.labellings, job.records, job.path(copy, SUFFIXES[0]))
