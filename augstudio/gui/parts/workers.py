"""Threads that work for the window.

Each has one thread and a list of requests. Asking anew replaces what waits, so the latest wins; results come in the
order of the requests, and the receiver drops those that no longer fit what is shown. What can wait gives way to what
the user looks at.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QObject, Signal


class Worker(QObject):
    """One background thread with a list of requests.

    Parameters
    ----------
    run : callable
        Does the work for a request.
    name : str
        Of the thread.
    first : Worker or None
        Nothing is begun while this one has anything to do: until its results have been delivered.
    patience : float
        Seconds after which it is begun all the same.

    Signals
    -------
    done(request, result)
        In the window's thread.
    failed(request, error)
        The same, with the exception.
    """

    done = Signal(object, object)
    failed = Signal(object, object)
    _came = Signal(object, object, bool)

    def __init__(
        self,
        run: Callable[[Any], Any],
        name: str,
        parent: QObject | None = None,
        *,
        first: Worker | None = None,
        patience: float | None = None,
    ) -> None:
        super().__init__(parent)
        self._run = run
        self._first, self._patience = first, patience
        self._pending: list[Any] = []
        self._undelivered: list[Any] = []
        self._came.connect(self._deliver)
        self._stopping = False
        self._busy = False
        self._behind: list[Worker] = []
        self._lock: threading.RLock = threading.RLock() if first is None else first._lock
        self._wake = threading.Condition(self._lock)
        if first is not None:
            first._behind.append(self)
        self._thread = threading.Thread(target=self._loop, name=f"augstudio-{name}", daemon=True)
        self._thread.start()

    def ask(self, requests: Iterable[Any]) -> None:
        """Work on these, in order, instead of what waits; what is under way is finished and delivered."""
        with self._lock:
            self._pending = list(requests)
            self._wake.notify()
            self._let_pass()

    def add(self, request: Any, *, most: int) -> None:
        """Work on this next; of what waits, only the newest `most` are kept."""
        with self._lock:
            if request not in self._pending and request not in self._undelivered:
                self._pending.insert(0, request)
                del self._pending[most:]
                self._wake.notify()

    @property
    def idle(self) -> bool:
        """Whether nothing waits, nothing is under way, and all results are delivered."""
        with self._lock:
            return not self._pending and not self._busy and not self._undelivered

    def give_way(self) -> None:
        """Wait, in the middle of long work, as before beginning with it."""
        first = self._first
        if first is not None:
            with self._lock:
                self._wake.wait_for(lambda: self._stopping or first._at_rest, self._patience)

    @property
    def _at_rest(self) -> bool:
        return not (self._pending or self._undelivered)

    def _let_pass(self) -> None:
        """Wake who gives way, once there is no more need to; those who have nothing to do sleep on."""
        if self._at_rest:
            for worker in self._behind:
                if not worker._at_rest:
                    worker._wake.notify()

    def stop(self, patience: float = 30.0) -> None:
        """End the thread, after the request under way; so many seconds later it is left to end by itself."""
        with self._lock:
            self._stopping = True
            self._pending.clear()
            self._wake.notify()
        self._thread.join(patience)

    def _next(self) -> tuple[bool, Any]:
        with self._lock:
            self._busy = False
            while True:
                self._wake.wait_for(lambda: self._pending or self._stopping)
                self.give_way()
                if self._stopping:
                    return False, None
                if self._pending:  # it may have been taken back meanwhile
                    break
            self._busy = True
            request = self._pending.pop(0)
            self._undelivered.append(request)
            return True, request

    def _deliver(self, request: object, result: object, well: bool) -> None:
        # In the window's thread. Only when everybody has the result may it be asked for again: each connection of a
        # signal from another thread is an event of its own, and anything may come between two of them.
        (self.done if well else self.failed).emit(request, result)
        with self._lock:
            self._undelivered.remove(request)
            self._let_pass()

    def _loop(self) -> None:
        while True:
            going, request = self._next()
            if not going:
                return
            try:
                result = self._run(request)
            except Exception as error:  # whatever went wrong is said in the window; the thread goes on
                self._tell(request, error, False)
            else:
                self._tell(request, result, True)

    def _tell(self, request: object, result: object, well: bool) -> None:
        with self._lock:
            if not self._stopping:
                self._came.emit(request, result, well)


class Task(QObject):
    """One long piece of work in a thread of its own, which can be cancelled.

    Parameters
    ----------
    run : callable
        Gets a function to report progress with, and one that tells whether to stop; both may be called in the thread.
    name : str
        Of the thread.

    Signals
    -------
    progressed(value)
        In the window's thread, as is the other.
    ended(result)
        What came of it, or the exception.
    """

    progressed = Signal(object)
    ended = Signal(object)

    def __init__(
        self,
        run: Callable[[Callable[[Any], None], Callable[[], bool]], object],
        name: str,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._run = run
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"augstudio-{name}", daemon=True)

    def start(self) -> None:
        """Begin; connect the signals first, since short work may end at once."""
        self._thread.start()

    def cancel(self) -> None:
        """Ask it to stop."""
        self._stop.set()

    def wait(self) -> None:
        """Wait for the end."""
        self._thread.join()

    def _work(self) -> None:
        try:
            ending = self._run(self.progressed.emit, self._stop.is_set)
        except Exception as error:  # said in the window, whatever it is
            ending = error
        self.ended.emit(ending)
