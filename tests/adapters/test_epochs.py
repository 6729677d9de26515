"""The number of an epoch: what one process sets, the others see."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import sys
from multiprocessing.connection import Connection
from typing import Any

import pytest

from augstudio.adapters.epoch import Epoch

WAYS = [way for way in ("fork", "spawn", "forkserver") if way in multiprocessing.get_all_start_methods()]


def tell(epoch: Epoch, pipe: Connection) -> None:
    """Answer each question with the number, until there are no more."""
    while pipe.recv():
        pipe.send(epoch.value)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")  # tests run beside threads; a loader's user decides
@pytest.mark.parametrize("way", WAYS)
def test_a_process_that_runs_sees_what_is_set_later(way: str) -> None:
    context = multiprocessing.get_context(way)
    epoch = Epoch()
    ours, theirs = context.Pipe()
    process = context.Process(target=tell, args=(epoch, theirs), daemon=True)  # type: ignore[attr-defined]
    process.start()
    try:
        for number in (0, 3, 2**40):
            epoch.value = number
            ours.send(True)
            assert ours.poll(60)
            assert ours.recv() == number
        ours.send(False)
        process.join(60)
        assert process.exitcode == 0
    finally:
        process.kill()


def test_pickled_to_anywhere_else_it_is_a_number_of_its_own() -> None:
    epoch = Epoch(3)
    other = pickle.loads(pickle.dumps(epoch))
    epoch.value = 4
    assert (epoch.value, other.value) == (4, 3)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_is_the_same_number(copied: Any) -> None:
    epoch = Epoch()
    other = copied({"epoch": epoch})["epoch"]
    epoch.value = 4
    assert other.value == 4


@pytest.mark.parametrize("value", [-1, 1.5, "2", None])
def test_another_number_is_refused_and_nothing_changes(value: Any) -> None:
    epoch = Epoch(3)
    with pytest.raises((TypeError, ValueError), match="epoch must be"):
        epoch.value = value
    assert epoch.value == 3


def test_numbers_of_other_libraries_are_taken() -> None:
    numpy = sys.modules.get("numpy") or __import__("numpy")
    epoch = Epoch()
    epoch.value = numpy.int64(5)
    assert epoch.value == 5
