"""Jobs on a Dask cluster: an executor on its workers that does not hang, and questions to each of them.

Imported only when a cluster is asked for; Dask itself comes with the extra `cluster`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import pickle
import re
import secrets
import threading
import time
import warnings
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from concurrent.futures import wait as wait_until_done
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import augstudio
from augstudio.pool.cluster_worker import Done, Fit, UnfitWorker, Work, answer, halt
from augstudio.pool.retrying import Allowed, Engine, PoolError
from augstudio.wording import said

CONNECT = 10.0
"""Seconds that a scheduler may take to answer, at the start and when the connection breaks."""
FIRST_WORKER = 5.0
"""Seconds that a scheduler without workers may take to get one at the start."""
NO_WORKER = 60.0
"""Seconds that a cluster may be without workers later on, as while they are started again."""
ANSWER = 60.0
"""Seconds that a worker may take to answer a question, and a scheduler to say that it is still there."""
JOBS_PER_THREAD = 3
LEAST_JOBS, MOST_JOBS = 4, 10_000
"""Handed over at a time, whatever the cluster's size."""
_TRIES = 3
_TICK = 1.0
_SCHEMES = "tcp://, tls://, ws:// or wss://"
_ADDRESS = re.compile(r"(tcp|tls|wss?)://(\[[0-9A-Fa-f:.%]+\]|[^\s/:@\[\]]+):([0-9]{1,5})/?")
_CHATTER = ("distributed", "tornado", "asyncio")

T = TypeVar("T")

Examine = Callable[["Cluster"], AbstractContextManager[Fit]]
"""Looks at all workers, and gives what those that join later are looked at by; that holds while the context is open.

It raises `PoolError` if one of them cannot do the jobs.
"""


@contextlib.contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """Connect to a Dask scheduler.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://host:8786``.

    Raises
    ------
    PoolError
        If Dask is not installed, or the scheduler does not answer.
    """
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise PoolError("a cluster needs dask: pip install 'augstudio[cluster]'") from None
    address = _checked(address.strip())
    with _quiet(), _linked(address) as link, contextlib.ExitStack() as held:
        yield Cluster(link, held)


class Cluster:
    """A cluster that is connected."""

    def __init__(self, link: _Link, held: contextlib.ExitStack) -> None:
        self._link, self._held = link, held
        self._executor: _Workers | None = None

    def engine(self, examine: Examine, seconds: Allowed) -> Engine:
        """Run jobs on the workers: a worker gets jobs only when it has been found fit for them.

        Those that are there now are looked at now, those that join later when they do.

        Parameters
        ----------
        examine : callable
            Looks at the workers.
        seconds : callable
            How long a call may take; one that takes longer ends its worker.

        Raises
        ------
        PoolError
            If there are no workers, or one of them cannot do the jobs.
        """
        window = max(LEAST_JOBS, min(JOBS_PER_THREAD * _threads(self._link, FIRST_WORKER), MOST_JOBS))
        with examine(self):
            pass  # whatever is wrong is said before anything is begun
        return Engine(partial(self._start, examine, seconds), window)

    def _start(self, examine: Examine, seconds: Allowed) -> Executor:
        self._held.close()
        if self._executor is not None and self._executor.broken:
            raise PoolError(self._executor.broken)
        _threads(self._link, NO_WORKER)
        fit = self._held.enter_context(examine(self))
        self._executor = _Workers(self._link, fit, seconds, self._held.close)
        return self._executor

    def ask(self, function: Callable[..., T], *args: Any) -> dict[str, T]:
        """Call a function on every worker.

        Returns
        -------
        dict of str to T
            What it returned, by the workers' addresses.

        Raises
        ------
        PoolError
            If one of them raised an error, or did not answer.
        """
        client = self._link.client

        async def one(worker: str) -> Any:
            asked = partial(client.run, answer, function, *args, workers=[worker], on_error="return")
            try:
                return (await asyncio.wait_for(asked(), ANSWER))[worker]
            except TimeoutError:
                return PoolError(f"it did not answer within {ANSWER:g} seconds")
            except KeyError:
                return OSError("it has gone")

        async def everyone() -> dict[str, Any]:
            for last in (False, True):
                workers = sorted(await client.nthreads())
                answers = dict(zip(workers, await asyncio.gather(*map(one, workers)), strict=True))
                if last or not any(isinstance(answer, OSError) for answer in answers.values()):
                    break
                await asyncio.sleep(_TICK)  # a worker that has just died is soon no longer listed
            return answers

        answers = self._link.ask(everyone, 2 * ANSWER + CONNECT)
        for worker, found in answers.items():
            if isinstance(found, Exception):
                told, needed = said(found), f"install augstudio {augstudio.__version__} on every worker"
                if "No module named 'augstudio'" in told:  # Dask hands such errors on as mere text
                    raise PoolError(f"worker {worker} has no augstudio; {needed}")
                if "'augstudio." in told:
                    raise PoolError(f"worker {worker} has another augstudio; {needed}")
                raise PoolError(f"worker {worker} cannot be used: {told}")
        return answers


# -- reaching the cluster ------------------------------------------------------------------------------------------


def _checked(address: str) -> str:
    found = _ADDRESS.fullmatch(address)
    if found and 0 < int(found[3]) < 65_536:
        return address.rstrip("/")
    host, colon, port = address.rpartition("//")[2].partition(":")
    guess = f"tcp://{host}:{port if colon and port.isdecimal() and 0 < int(port) < 65_536 else 8786}"
    meant = f"; did you mean {guess}?" if _ADDRESS.fullmatch(guess) else f", beginning with {_SCHEMES}"
    raise PoolError(f"{address!r} is no scheduler's address; it must be like tcp://host:8786{meant}")


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
        except PoolError:
            raise
        except Exception as error:  # closed, refused, too late: Dask has many ways to say it
            asked.cancel()
            raise self.lost() from error

    def lost(self) -> PoolError:
        return PoolError(f"the connection to the scheduler at {self.address} was lost")


@contextlib.contextmanager
def _linked(address: str) -> Iterator[_Link]:
    with _loop() as loop:
        try:
            client = asyncio.run_coroutine_threadsafe(_connect(address), loop).result()
        except (OSError, MemoryError) as error:  # MemoryError: the answer of another kind of server, taken for a length
            raise PoolError(
                f"{address}: no Dask scheduler answers there; start one (dask scheduler) or check the address"
            ) from error
        except Exception as error:  # certificates that are missing, versions of Dask that cannot talk to each other
            raise PoolError(f"{address}: Dask cannot connect: {said(error)}") from error
        link = _Link(address, client, loop)
        try:
            yield link
        finally:

            async def close() -> None:
                await client.close()

            with contextlib.suppress(PoolError):  # a scheduler that has gone is no reason to fail at the end
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
    raise PoolError(f"{link.address}: the scheduler has no workers; start some with: dask worker {link.address}")


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


class _Workers(Executor):
    """Calls on the cluster's workers.

    It breaks (all that is pending fails with `BrokenExecutor`) when the scheduler or all workers have gone for good;
    `broken` then says so. A call that workers died of, or that came to a worker which cannot do it, fails with
    `BrokenExecutor` alone, so that it is tried again by itself: Dask blames all that lay on a worker together.
    """

    def __init__(self, link: _Link, fit: Fit, seconds: Allowed, end: Callable[[], None]) -> None:
        self._link, self._client, self._fit, self._seconds, self._end = link, link.client, fit, seconds, end
        self._token = secrets.token_hex(16)
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
            await self._client.run(halt, self._token, wait=False, on_error="ignore")

    async def _follow(self, call: _Call) -> None:
        """See a call through to its end, unless the connection breaks meanwhile."""
        from distributed import KilledWorker

        call.tries += 1
        try:
            if self._client.status != "running":
                raise CancelledError
            key = f"augstudio-{secrets.token_hex(16)}"
            work = Work(self._token, self._fit, self._seconds(call.args), call.function, call.args)
            task = self._client.submit(pickle.loads, pickle.dumps(work), key=key, pure=False)
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

    def _settle(self, call: _Call, outcome: Done | Exception | None) -> None:
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
