"""The number of an epoch, where the processes of a loader see it."""

from __future__ import annotations

import multiprocessing
from multiprocessing.context import get_spawning_popen
from typing import Any

from augstudio.adapters.counting import counted


class Epoch:
    """A whole number in shared memory: what one process sets, all see that were forked or spawned with it.

    It goes to a process that is being started as the same number. Pickled to anywhere else it is a number of its own,
    which begins with the value that it had. `copy.deepcopy` gives the same one, since a library that copies a data set
    (as Hugging Face's does) should not part it from the hand that sets the epoch.

    Examples
    --------
    >>> epoch = Epoch()
    >>> epoch.value = 3
    >>> epoch.value
    3
    """

    def __init__(self, value: int = 0) -> None:
        self._cell: Any = multiprocessing.RawValue("q", value)

    @property
    def value(self) -> int:
        """0 or more.

        Raises
        ------
        TypeError, ValueError
            If it is set to anything else.
        """
        return int(self._cell.value)

    @value.setter
    def value(self, value: int) -> None:
        self._cell.value = counted("epoch", value)

    def __deepcopy__(self, memo: object) -> Epoch:
        return self

    def __copy__(self) -> Epoch:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        if get_spawning_popen() is None:
            return Epoch, (self.value,)
        return _sharing, (self._cell,)


def _sharing(cell: object) -> Epoch:
    epoch = Epoch.__new__(Epoch)
    epoch._cell = cell
    return epoch
