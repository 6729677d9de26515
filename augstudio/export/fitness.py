"""Whether workers of a cluster are fit for an export: they have its versions, read its source, and write where it goes.

Imported only when a cluster is asked for.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import cv2

from augstudio.dataset.scanning import Dataset
from augstudio.export.job import seconds_allowed
from augstudio.export.settings import ExportError, Settings
from augstudio.export.versions import differing, processor, versions
from augstudio.pool.cluster import Cluster, connected
from augstudio.pool.retrying import Engine, PoolError
from augstudio.storage import TEMPORARY, Key, Storage, at
from augstudio.wording import said


@contextlib.contextmanager
def on_cluster(address: str, settings: Settings, dataset: Dataset) -> Iterator[Engine]:
    """Connect to a Dask scheduler and give the engine that runs jobs on its workers; the destination must exist.

    A worker gets jobs only when it has the versions of this process and has shown that it reads the source and both
    reads and writes the destination. Those that are there now are looked at now, those that join later when they do.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://host:8786``.
    settings, dataset
        What is to be exported.

    Raises
    ------
    ExportError
        If the destination does not exist.
    PoolError
        If Dask is not installed, the scheduler does not answer or has no workers, or a worker cannot do the jobs.
    """
    with connected(address) as cluster:
        try:
            out = at(settings.out)
            if out.root is not None and not out.exists():
                raise ExportError(f"{out.location}: there is no such folder")
            source = _one_source(dataset)
        except OSError as error:
            raise ExportError(said(error)) from error
        engine = cluster.engine(partial(_examined, out=out, source=source), seconds_allowed)
        yield Engine(engine.start, engine.window, _unlike(cluster.ask(processor)))


@dataclass(frozen=True)
class Needs:
    """What a worker must find; called in one, it tells why that can do no jobs, if so, and makes it ready for them.

    Attributes
    ----------
    out, token, content
        A file in the destination, and what it holds.
    root, key, size
        A picture of the source, and its bytes; an empty key if there is none to look at.
    versions
        Those that matter.
    """

    out: str
    token: str
    content: str
    root: str
    key: str
    size: int
    versions: tuple[tuple[str, str], ...]

    def __call__(self) -> str:
        """Why this process can do no jobs, or nothing."""
        cv2.setNumThreads(1)
        if differs := differing(dict(self.versions)):
            return f"its versions differ: {differs}"
        found = seen(self)
        if not found.startswith(TEMPORARY):
            return found
        with contextlib.suppress(OSError):
            at(self.out).remove([Key(found)])
        return ""


@dataclass(frozen=True)
class _Source:
    root: str
    key: str
    size: int


def _one_source(dataset: Dataset) -> _Source:
    storage = dataset.storage
    for source in dataset.sources[:10]:
        with contextlib.suppress(OSError):  # reported when its turn comes; workers are not to blame
            return _Source(storage.location, source.key, storage.size(Key(source.key)))
    return _Source(storage.location, "", 0)


@contextlib.contextmanager
def _examined(cluster: Cluster, out: Storage, source: _Source) -> Iterator[Needs]:
    """Look at all workers; what they were to find stays while the context is open."""
    token = f"{TEMPORARY}{secrets.token_hex(8)}.tmp"
    needs = Needs(
        out.location, token, secrets.token_hex(16), source.root, source.key, source.size, tuple(versions().items())
    )
    try:
        try:
            out.write(Key(token), needs.content.encode())
        except OSError as error:
            raise PoolError(f"{out.location}: cannot be written ({said(error)})") from error
        _same_versions(cluster.ask(versions))
        _see_the_same(cluster.ask(seen, needs), needs, out)
        yield needs
    finally:
        with contextlib.suppress(OSError):
            out.remove([Key(token)])


def _same_versions(found: dict[str, dict[str, str]]) -> None:
    wrong = {worker: told for worker, theirs in found.items() if (told := differing(theirs))}
    for worker, told in wrong.items():
        raise PoolError(
            f"worker {worker}{_and_others(wrong)} has {told}; the files would not be the same: "
            "install the same versions on every worker"
        )


def _unlike(found: dict[str, str]) -> tuple[str, ...]:
    """What to know of workers whose processors may round unlike one another."""
    kinds: dict[str, list[str]] = {}
    for worker, told in found.items():
        kinds.setdefault(told, []).append(worker)
    if len(kinds) < 2:
        return ()
    named = "; ".join(
        f"{workers[0]}{_and_others(dict.fromkeys(workers, ''))} has {told}"
        for told, workers in sorted(kinds.items(), key=lambda kind: (-len(kind[1]), kind[0]))
    )
    return (
        f"The workers' processors are of {len(kinds)} kinds ({named}): which of them makes a file decides how it is "
        "rounded, so another run may differ in it by a few levels. The manifest says which it was.",
    )


def _see_the_same(found: dict[str, str], needs: Needs, out: Storage) -> None:
    written = {worker: told for worker, told in found.items() if told.startswith(TEMPORARY)}
    wrong = {worker: told for worker, told in found.items() if worker not in written}
    try:
        for worker, name in written.items():
            try:
                arrived = out.read(Key(name)).decode("ascii", "replace") == needs.content
            except OSError:
                arrived = False
            if not arrived:
                wrong[worker] = f"writes to another {out.location} than the one seen here"
    finally:
        with contextlib.suppress(OSError):
            out.remove(map(Key, written.values()))
    for worker, told in wrong.items():
        raise PoolError(
            f"worker {worker}{_and_others(wrong)} {told}; name a place that every worker reaches, such as a shared "
            "folder or an s3:// URL"
        )


def _and_others(workers: dict[str, str]) -> str:
    return f" (and {len(workers) - 1:,} more)" if len(workers) > 1 else ""


def seen(needs: Needs) -> str:
    """What keeps this process from doing jobs; or else the name of a file that it wrote into the destination."""
    try:
        out = at(needs.out)
        content = out.read(Key(needs.token)).decode("ascii", "replace")
    except OSError as error:
        return f"does not see the destination {needs.out} ({said(error)})"
    if content != needs.content:
        return f"sees another {needs.out} than the one here"
    try:
        size = at(needs.root).size(Key(needs.key)) if needs.key else needs.size
    except OSError as error:
        return f"does not see the source {needs.root} ({said(error)})"
    if size != needs.size:
        return f"sees another {needs.root} than the one here"
    written = f"{needs.token.removesuffix('.tmp')}-{secrets.token_hex(4)}.tmp"
    try:
        out.write(Key(written), needs.content.encode())
    except OSError as error:
        return f"cannot write to the destination {needs.out} ({said(error)})"
    return written
