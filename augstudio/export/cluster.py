"""Jobs on a Dask cluster: a look at every worker before it gets one, and an executor that does not hang."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import pickle
import re
import secrets
import threading
import time
import warnings
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from concurrent.futures import wait as wait_until_done
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, TypeVar

import cv2

from augstudio.dataset.scanning import Dataset
from augstudio.export.runner import Engine, seconds_allowed
from augstudio.export.settings import ExportError, Settings
from augstudio.export.versions import differing, processor, versions
from augstudio.storage import TEMPORARY, Key, Storage, at
from augstudio.wording import said

CONNECT = 10.0
"""Seconds that a scheduler may take to answer, at the start and when the connection breaks."""
FIRST_WORKER = 5.0
"""Seconds that a scheduler without workers may take to get one at the start."""
NO_WORKER = 60.0
"""Seconds that a cluster may be without workers later on, as while they are started again."""
ANSWER = 60.0
"""Seconds that a worker may take to look at source and destination, and a scheduler to say that it is still there."""
JOBS_PER_THREAD = 3
LEAST_JOBS, MOST_JOBS = 4, 10_000
"""Handed over at a time, whatever the cluster's size."""
_TRIES = 3
_TICK = 1.0
_SCHEMES = "tcp://, tls://, ws:// or wss://"
_ADDRESS = re.compile(r"(tcp|tls|wss?)://(\[[0-9A-Fa-f:.%]+\]|[^\s/:@\[\]]+):([0-9]{1,5})/?")
_CHATTER = ("distributed", "tornado", "asyncio")

T = TypeVar("T")


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
        If Dask is not installed, the scheduler does not answer or has no workers, or a worker cannot do the jobs.
    """
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise ExportError("a cluster needs dask: pip install 'augstudio[cluster]'") from None
    address = _checked(address.strip())
    try:
        out = at(settings.out)
        if out.root is not None and not out.exists():
            raise ExportError(f"{out.location}: there is no such folder")
        source = _one_source(dataset)
    except OSError as error:
        raise ExportError(said(error)) from error
    with _quiet(), _connected(address) as link, contextlib.ExitStack() as held:
        executor: _Workers | None = None

        def start() -> Executor:
            nonlocal executor
            held.close()
            if executor is not None and executor.broken:
                raise ExportError(executor.broken)
            _threads(link, NO_WORKER)
            executor = _Workers(link, held.enter_context(_examined(link, out, source)), held.close)
            return executor

        window = max(LEAST_JOBS, min(JOBS_PER_THREAD * _threads(link, FIRST_WORKER), MOST_JOBS))
        with _examined(link, out, source):
            pass  # whatever is wrong is said before anything is begun
        yield Engine(start, window, _unlike(_each(link, _processor)))


# -- reaching the cluster ------------------------------------------------------------------------------------------


def _checked(address: str) -> str:
    found = _ADDRESS.fullmatch(address)
    if found and 0 < int(found[3]) < 65_536:
        return address.rstrip("/")
    host, colon, port = address.rpartition("//")[2].partition(":")
    guess = f"tcp://{host}:{port if colon and port.isdecimal() and 0 < int(port) < 65_536 else 8786}"
    meant = f"; did you mean {guess}?" if _ADDRESS.fullmatch(guess) else f", beginning with {_SCHEMES}"
    raise ExportError(f"{address!r} is no scheduler's address; it must be like tcp://host:8786{meant}")


@dataclass(frozen=True)
class _Link:
    """A connection: the scheduler's address, Dask's client, and the event loop on which alone that may be used."""

    address: str
    client: Any
    loop: asyncio.AbstractEventLoop

    def ask(self, question: Callable[[], Coroutine[Any, Any, T]], seconds: float) -> T:
        """Await something on the loop, for so many seconds."""
        asked = asyncio.run_coroutine_threadsafe(question(), self.loop)
        try:
            return asked.result(seconds)
        except ExportError:
            raise
        except Exception as error:  # closed, refused, too late: Dask has many ways to say it
            asked.cancel()
            raise self.lost() from error

    def lost(self) -> ExportError:
        return ExportError(f"the connection to the scheduler at {self.address} was lost")


@contextlib.contextmanager
def _connected(address: str) -> Iterator[_Link]:
    with _loop() as loop:
        try:
            client = asyncio.run_coroutine_threadsafe(_connect(address), loop).result()
        except (OSError, MemoryError) as error:  # MemoryError: the answer of another kind of server, taken for a length
            raise ExportError(
                f"{address}: no Dask scheduler answers there; start one (dask scheduler) or check the address"
            ) from error
        except Exception as error:  # certificates that are missing, versions of Dask that cannot talk to each other
            raise ExportError(f"{address}: Dask cannot connect: {said(error)}") from error
        link = _Link(address, client, loop)
        try:
            yield link
        finally:

            async def close() -> None:
                await client.close()

            with contextlib.suppress(ExportError):  # a scheduler that has gone is no reason to fail at the end
                link.ask(close, CONNECT)


async def _connect(address: str) -> Any:
    from distributed import Client
    from distributed.versions import VersionMismatchWarning

    class Connection(Client):
        def __del__(self) -> None:
            pass  # Dask's closes, which has been done or cannot be done

    async def connect() -> Any:
        make: Any = Connection
        return await make(address, timeout=CONNECT, asynchronous=True, set_as_default=False)

    # What matters of it is looked at below. For good, since a client that connects again warns again.
    warnings.simplefilter("ignore", VersionMismatchWarning)
    connecting = asyncio.ensure_future(connect())
    # Dask's own timeout does not cover a peer that takes the connection and then says nothing.
    await asyncio.wait([connecting], timeout=CONNECT + _TICK)
    if not connecting.done():
        connecting.cancel()
        raise TimeoutError
    return connecting.result()


@contextlib.contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A thread with an event loop; Dask's own goes on for ever when a client does not come about or loses its way."""
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        end = asyncio.Event()
        started.set_result((asyncio.get_running_loop(), end))
        await end.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="cluster", daemon=True)
    thread.start()
    loop, end = started.result()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(CONNECT)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what Dask logs off the terminal: what matters of it comes as an error."""
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] in _CHATTER]
    before = [(logger, logger.level) for logger in map(logging.getLogger, names)]
    try:
        for logger, _ in before:
            logger.setLevel(logging.CRITICAL + 1)
        yield
    finally:
        for logger, level in before:
            logger.setLevel(level)


def _threads(link: _Link, patience: float) -> int:
    """Number of threads of all workers; waits for the first one."""
    limit = time.monotonic() + patience

    async def count() -> int:
        while True:
            if link.client.status == "running":
                threads = await asyncio.wait_for(link.client.nthreads(), CONNECT)
                if threads:
                    return int(sum(threads.values()))
            if link.client.status not in ("running", "connecting") or time.monotonic() > limit:
                return 0
            await asyncio.sleep(0.1)

    threads = link.ask(count, patience + CONNECT)
    if threads:
        return threads
    if link.client.status != "running":
        raise link.lost()
    raise ExportError(f"{link.address}: the scheduler has no workers; start some with: dask worker {link.address}")


# -- looking at the workers ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Look:
    """What a worker must find.

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


@dataclass(frozen=True)
class _Source:
    root: str
    key: str
    size: int


class UnfitWorker(Exception):  # noqa: N818  (a statement about a worker)
    """A worker was given a job and cannot do any: other versions, or it does not see source and destination."""


def _one_source(dataset: Dataset) -> _Source:
    storage = dataset.storage
    for source in dataset.sources[:10]:
        with contextlib.suppress(OSError):  # reported when its turn comes; workers are not to blame
            return _Source(storage.location, source.key, storage.size(Key(source.key)))
    return _Source(storage.location, "", 0)


@contextlib.contextmanager
def _examined(link: _Link, out: Storage, source: _Source) -> Iterator[_Look]:
    """Look at all workers; what they were to find stays while the context is open."""
    token = f"{TEMPORARY}{secrets.token_hex(8)}.tmp"
    look = _Look(
        out.location, token, secrets.token_hex(16), source.root, source.key, source.size, tuple(versions().items())
    )
    try:
        try:
            out.write(Key(token), look.content.encode())
        except OSError as error:
            raise ExportError(f"{out.location}: cannot be written ({said(error)})") from error
        _same_versions(_each(link, _versions))
        _see_the_same(_each(link, _seen_by_worker, look), look, out)
        yield look
    finally:
        with contextlib.suppress(OSError):
            out.remove([Key(token)])


def _each(link: _Link, function: Callable[..., Any], *args: Any) -> dict[str, Any]:
    """Call a function on every worker; instead of what it returns, there may be the exception that it raised."""

    async def one(worker: str) -> Any:
        asked = partial(link.client.run, function, *args, workers=[worker], on_error="return")
        try:
            answer = (await asyncio.wait_for(asked(), ANSWER))[worker]
        except TimeoutError:
            return ExportError(f"it did not answer within {ANSWER:g} seconds")
        except KeyError:
            return OSError("it has gone")
        return answer

    async def everyone() -> dict[str, Any]:
        for last in (False, True):
            workers = sorted(await link.client.nthreads())
            answers = dict(zip(workers, await asyncio.gather(*map(one, workers)), strict=True))
            if last or not any(isinstance(answer, OSError) for answer in answers.values()):
                break
            await asyncio.sleep(_TICK)  # a worker that has just died is soon no longer listed
        return answers

    answers = link.ask(everyone, 2 * ANSWER + CONNECT)
    for worker, answer in answers.items():
        if isinstance(answer, Exception):
            told, needed = said(answer), f"install augstudio {versions()['augstudio']} on every worker"
            if "No module named 'augstudio'" in told:  # Dask hands such errors on as mere text
                raise ExportError(f"worker {worker} has no augstudio; {needed}")
            if "augstudio.export" in told:
                raise ExportError(f"worker {worker} has another augstudio; {needed}")
            raise ExportError(f"worker {worker} cannot be used: {told}")
    return answers


def _same_versions(found: dict[str, dict[str, str]]) -> None:
    wrong = {worker: told for worker, theirs in found.items() if (told := differing(theirs))}
    for worker, told in wrong.items():
        raise ExportError(
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


def _see_the_same(found: dict[str, str], look: _Look, out: Storage) -> None:
    written = {worker: told for worker, told in found.items() if told.startswith(TEMPORARY)}
    wrong = {worker: told for worker, told in found.items() if worker not in written}
    try:
        for worker, name in written.items():
            try:
                arrived = out.read(Key(name)).decode("ascii", "replace") == look.content
            except OSError:
                arrived = False
            if not arrived:
                wrong[worker] = f"writes to another {out.location} than the one seen here"
    finally:
        with contextlib.suppress(OSError):
            out.remove(map(Key, written.values()))
    for worker, told in wrong.items():
        raise ExportError(
            f"worker {worker}{_and_others(wrong)} {told}; name a place that every worker reaches, such as a shared "
            "folder or an s3:// URL"
        )


def _and_others(workers: dict[str, str]) -> str:
    return f" (and {len(workers) - 1:,} more)" if len(workers) > 1 else ""


# -- what runs on a worker -----------------------------------------------------------------------------------------

_halted: set[str] = set()
"""Tokens of exports that are to begin nothing more in this process."""


async def _versions() -> dict[str, str]:
    return await asyncio.to_thread(versions)


async def _processor() -> str:
    return await asyncio.to_thread(processor)


async def _seen_by_worker(look: _Look) -> str:
    return await asyncio.to_thread(_seen, look)


async def _halt(token: str) -> None:
    _halted.add(token)


def _seen(look: _Look) -> str:
    """What keeps this process from doing jobs; or else the name of a file that it wrote into the destination."""
    try:
        out = at(look.out)
        content = out.read(Key(look.token)).decode("ascii", "replace")
    except OSError as error:
        return f"does not see the destination {look.out} ({said(error)})"
    if content != look.content:
        return f"sees another {look.out} than the one here"
    try:
        size = at(look.root).size(Key(look.key)) if look.key else look.size
    except OSError as error:
        return f"does not see the source {look.root} ({said(error)})"
    if size != look.size:
        return f"sees another {look.root} than the one here"
    written = f"{look.token.removesuffix('.tmp')}-{secrets.token_hex(4)}.tmp"
    try:
        out.write(Key(written), look.content.encode())
    except OSError as error:
        return f"cannot write to the destination {look.out} ({said(error)})"
    return written


@lru_cache(maxsize=16)
def _fit(look: _Look) -> str:
    """Why this process can do no jobs, or nothing; it is also made ready for them."""
    cv2.setNumThreads(1)
    if differs := differing(dict(look.versions)):
        return f"its versions differ: {differs}"
    seen = _seen(look)
    if not seen.startswith(TEMPORARY):
        return seen
    with contextlib.suppress(OSError):
        at(look.out).remove([Key(seen)])
    return ""


@dataclass(frozen=True)
class _Done:
    """What came of a call; nothing ran if there is no such value."""

    value: Any


@dataclass(frozen=True)
class _Work:
    """A call that is made where its pickle is loaded.

    So Dask is given a function that every Python has: its scheduler unpickles what it is given, and needs no augstudio.
    """

    look: _Look
    seconds: float
    function: Callable[..., Any]
    args: tuple[Any, ...]

    def __reduce__(self) -> tuple[Callable[..., _Done | None], tuple[Any, ...]]:
        return _work, (self.look, self.seconds, self.function, *self.args)


def _work(look: _Look, seconds: float, function: Callable[..., Any], *args: Any) -> _Done | None:
    if look.token in _halted:
        return None
    if reason := _fit(look):
        raise UnfitWorker(reason)
    # A thread cannot be ended, so a call that goes on for ever takes its worker with it; Dask does the rest.
    end = threading.Timer(seconds, os._exit, [1])
    end.daemon = True
    end.start()
    try:
        return _Done(function(*args))
    finally:
        end.cancel()


# -- the executor --------------------------------------------------------------------------------------------------


class _Pending(Future[Any]):
    """A call that is on its way; only workers can tell whether one has begun it, so it may be cancelled later on."""

    def __init__(self, halt: Callable[[], None]) -> None:
        super().__init__()
        self._halt = halt

    def cancel(self) -> bool:
        """Ask that nothing more is begun; True only once it is certain that this was not."""
        if not self.done():
            self._halt()
        return self.cancelled()

    def settle_as_cancelled(self) -> None:
        """End it: no worker has begun it, nor will."""
        super().cancel()
        self.set_running_or_notify_cancel()


@dataclass
class _Call:
    future: _Pending
    function: Callable[..., Any]
    args: tuple[Any, ...]
    tries: int = 0

    @property
    def seconds(self) -> float:
        """How long it may take."""
        return seconds_allowed(self.args)


class _Workers(Executor):
    """Calls on the cluster's workers.

    It breaks (all that is pending fails with `BrokenExecutor`) when the scheduler or all workers have gone for good;
    `broken` then says so. A call that workers died of, or that came to a worker which cannot do it, fails with
    `BrokenExecutor` alone, so that it is tried again by itself: Dask blames all that lay on a worker together.
    """

    def __init__(self, link: _Link, look: _Look, end: Callable[[], None]) -> None:
        self._link, self._client, self._look, self._end = link, link.client, look, end
        self._lock = threading.Lock()
        self._calls: dict[_Pending, _Call] = {}
        self._adrift: list[_Call] = []
        self._not_begun: list[_Call] = []
        self._tasks: set[asyncio.Task[None]] = set()  # the loop itself holds no task
        self.broken = ""
        self._shut = self._halting = False
        link.loop.call_soon_threadsafe(self._begin, self._watch)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run it on some worker."""
        call = _Call(_Pending(self._halt), partial(fn, **kwargs) if kwargs else fn, args)
        with self._lock:
            if self.broken:
                raise BrokenExecutor(self.broken)
            if self._shut:
                raise RuntimeError("cannot schedule new futures after shutdown")
            self._calls[call.future] = call
        self._link.loop.call_soon_threadsafe(self._begin, self._follow, call)
        return call.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls; with `cancel_futures`, begin none of those that no worker has begun."""
        with self._lock:
            self._shut = True
            pending = list(self._calls)
        if cancel_futures and pending:
            self._halt()
        if wait:
            wait_until_done(pending)
            self._link.loop.call_soon_threadsafe(self._cease)
            self._end()

    def _halt(self) -> None:
        with self._lock:
            if self._halting:
                return
            self._halting = True
        with contextlib.suppress(Exception):  # those that it does not reach do what they were given
            self._link.loop.call_soon_threadsafe(self._begin, self._tell_workers)

    # All below runs on the client's loop.

    def _begin(self, function: Callable[..., Any], *args: Any) -> None:
        task = asyncio.ensure_future(function(*args))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell_workers(self) -> None:
        with contextlib.suppress(Exception):
            await self._client.run(_halt, self._look.token, wait=False, on_error="ignore")

    async def _follow(self, call: _Call) -> None:
        """See a call through to its end, unless the connection breaks meanwhile."""
        from distributed import KilledWorker

        call.tries += 1
        try:
            if self._client.status != "running":
                raise CancelledError
            key = f"augstudio-{secrets.token_hex(16)}"
            work = pickle.dumps(_Work(self._look, call.seconds, call.function, call.args))
            task = self._client.submit(pickle.loads, work, key=key, pure=False)
            done = await self._client.gather(task, asynchronous=True)
        except KilledWorker:
            self._settle(call, BrokenExecutor("workers died of it (out of memory, or a crash in a decoder)"))
        except UnfitWorker as error:
            self._settle(call, BrokenExecutor(said(error)))
        except (CancelledError, OSError) as error:
            if call.tries < _TRIES or self._client.status != "running":
                self._adrift.append(call)
            else:
                self._settle(call, BrokenExecutor(said(error)))
        except Exception as error:
            self._settle(call, error)
        else:
            if done is None:
                self._not_begun.append(call)
            else:
                self._settle(call, done)

    def _settle(self, call: _Call, outcome: _Done | Exception | None) -> None:
        with self._lock:
            if self._calls.pop(call.future, None) is None:
                return
        if outcome is None:
            call.future.settle_as_cancelled()
        elif isinstance(outcome, Exception):
            call.future.set_exception(outcome)
        else:
            call.future.set_result(outcome.value)

    async def _watch(self) -> None:
        """Notice what would otherwise be waited for without end."""
        heard = worked = time.monotonic()
        workers: set[str] = set()
        one_died = False
        pause = 0.0
        while not (self._shut and not self._calls):
            await asyncio.sleep(pause)
            pause = _TICK
            if self._client.status == "running":
                adrift, self._adrift = self._adrift, []
                for call in adrift:
                    self._begin(self._follow, call)
            elif self._client.status != "connecting":
                self._break(str(self._link.lost()))
                return
            not_begun, self._not_begun = self._not_begun, []
            try:
                found = set(await asyncio.wait_for(self._client.nthreads(), ANSWER))
                heard = time.monotonic()
            except Exception:  # the client finds out for itself whether the connection is lost; silence it does not
                self._not_begun += not_begun
                if time.monotonic() - heard > ANSWER:
                    self._break(f"the scheduler at {self._link.address} does not answer")
                    return
                continue
            one_died = one_died or not workers <= found
            workers = found
            if found:
                worked = time.monotonic()
            elif self._halting:
                one_died, not_begun = True, list(self._calls.values())
            elif time.monotonic() - worked > NO_WORKER:
                self._break(f"{self._link.address}: the cluster has lost all its workers")
                return
            for call in not_begun:
                # A worker that has died may have begun it, before it came to one that would not begin it any more.
                self._settle(call, BrokenExecutor("its worker died") if one_died else None)

    def _break(self, reason: str) -> None:
        with self._lock:
            self.broken = reason
            calls = list(self._calls.values())
        self._cease()
        for call in calls:
            self._settle(call, BrokenExecutor(reason))

    def _cease(self) -> None:
        for task in self._tasks - {asyncio.current_task()}:
            task.cancel()
