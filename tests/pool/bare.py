"""What the insides of Python's own pool are relied on for: run by the tests with every Python there is, by none else.

Nothing but Python's own modules and the package's folder; it says on each line what was seen.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import struct
import sys
import time
from concurrent.futures import BrokenExecutor, Future

if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])

from augstudio.pool import starting
from augstudio.pool.processes import Processes, local
from augstudio.pool.retrying import results

LONG = 60.0
"""Seconds after which what has not come never will, on a machine however busy."""


def double(number: int) -> int:
    """What is done in a worker; 13 kills it while half of its result is told, 14 never ends."""
    if number == 13:
        frame = sys._getframe()
        while "result_queue" not in frame.f_locals:
            assert frame.f_back
            frame = frame.f_back
        os.write(frame.f_locals["result_queue"]._writer.fileno(), struct.pack("!i", 1000) + b"half")
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 14:
        time.sleep(10 * LONG)
    return 2 * number


def allowed(args: tuple[object, ...]) -> float:
    return 1.0 if args == (14,) else LONG


def say(what: str, *seen: object) -> None:
    sys.stdout.write(f"{what} {' '.join(map(str, seen))}\n")
    sys.stdout.flush()


def processes() -> int:
    return len(multiprocessing.active_children())


def soon(number: int) -> bool:
    """Whether there are so many processes before long."""
    limit = time.monotonic() + LONG
    while processes() != number and time.monotonic() < limit:
        time.sleep(0.02)
    return processes() == number


def broken(future: Future[int]) -> bool:
    try:
        future.result(LONG)
    except BrokenExecutor:
        return True
    return False


def main() -> None:
    pool = Processes(2, allowed)
    pool.begin()
    say("begun:", processes(), len({pool.submit(os.getpid).result(LONG) for _ in range(200)}) <= 2)
    say("told:", [future.result(LONG) for future in [pool.submit(double, number) for number in range(5)]])
    say("half told:", broken(pool.submit(double, 13)), soon(0))
    pool.shutdown()

    pool = Processes(2, allowed)
    pool.begin()
    say("never ends:", broken(pool.submit(double, 14)), soon(0))
    pool.shutdown()

    # An idle worker holds the lock of the queue of jobs; killed, it takes it along.
    for which in (0, 1):
        pool = Processes(2, allowed)
        pool.begin()
        workers = multiprocessing.active_children()
        for worker in workers:
            os.kill(worker.pid or 0, signal.SIGSTOP)
        pool.shutdown(wait=False)
        os.kill(workers[which].pid or 0, signal.SIGKILL)
        for worker in workers:
            os.kill(worker.pid or 0, signal.SIGCONT)
        say("killed at the end:", soon(0))

    ended = [end for end in results(iter(range(10, 16)), double, local(2, allowed), lambda: False) if end is not None]
    say("given up:", sorted(end.job for end in ended if end.reason), sum(end.value or 0 for end in ended), soon(0))
    say("forked:", starting.context().get_start_method())


if __name__ == "__main__":
    main()
