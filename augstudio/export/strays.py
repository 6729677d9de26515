"""Files that no manifest will list, as whoever wrote them was killed, or failed: they are removed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from augstudio.export.job import SUFFIXES, Job, Result
from augstudio.export.labelled import label_files, roots_in
from augstudio.export.manifest import Entry, files_of
from augstudio.storage import TEMPORARY, Key, Storage, at


def remove_abandoned(jobs: Iterable[Job]) -> None:
    """Remove what jobs without a result may have written."""
    for job in jobs:
        storage = at(job.out)
        with contextlib.suppress(OSError):
            paths = [Key(path) for path in _paths(job)]
            storage.remove(paths)
            if storage.root is not None:
                for folder in {(storage.root / path).parent for path in paths}:
                    for path in folder.glob(f"{TEMPORARY}*.tmp"):
                        path.unlink(missing_ok=True)


def remove_earlier(job: Job, result: Result) -> None:
    """Remove files of a job that an earlier run may have written, and that its result does not list."""
    storage, listed = at(job.out), _written(result)
    for path in _paths(job):
        if path not in listed:
            with contextlib.suppress(OSError):
                storage.remove([Key(path)])


def remove_outdated(storage: Storage, entries: Iterable[Entry], result: Result) -> None:
    """Remove files that an earlier run has listed for a source, and that a later one has made no more.

    A mask that is no longer there, say, or a picture that is now of another format.
    """
    earlier = {path for entry in entries for path, _, _ in files_of(entry)}
    with contextlib.suppress(OSError):
        storage.remove([Key(path) for path in sorted(earlier - _written(result))])


def remove_written(storage: Storage, result: Result) -> None:
    """Remove what a job has written, as no manifest can list it."""
    with contextlib.suppress(OSError):
        storage.remove([Key(path) for path in sorted(_written(result))])


def _written(result: Result) -> set[str]:
    """All files of a result."""
    of_labels = {artefact.path for output in result.outputs for artefact in output.artefacts}
    return {output.path for output in result.outputs} | of_labels


def sweep(storage: Storage) -> None:
    """Remove temporary files that killed workers have left among the pictures and their labels."""
    for root in roots_in(storage):
        with contextlib.suppress(OSError):
            strays = (Key(path) for path, _ in storage.files(root) if path.rpartition("/")[2].startswith(TEMPORARY))
            storage.remove(list(strays))


def _paths(job: Job) -> Iterator[str]:
    """All files that a job may write."""
    for copy in job.copies:
        yield from (job.path(copy, suffix) for suffix in SUFFIXES)
        yield from label_files(job.labellings, job.records, job.path(copy, SUFFIXES[0]))
