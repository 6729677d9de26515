from __future__ import annotations

import contextlib
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from pycocotools import mask as oracle

from augstudio.labels.rle import decode, encode, listed, packed, unpacked

MASKS = st.tuples(st.integers(1, 24), st.integers(1, 24)).flatmap(lambda size: arrays.arrays(np.bool_, size))


def theirs(mask: NDArray[np.bool_]) -> str:
    return str(oracle.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"], "ascii")


@given(MASKS)
def test_strings_are_those_of_the_coco_tools(mask: NDArray[np.bool_]) -> None:
    assert packed(encode(mask)) == theirs(mask)


@given(MASKS)
def test_strings_of_the_coco_tools_are_read(mask: NDArray[np.bool_]) -> None:
    height, width = mask.shape
    assert np.array_equal(decode(unpacked(theirs(mask)), width, height), mask)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # NumPy's, about how the tools read lists
@given(MASKS)
def test_lists_are_read_by_the_coco_tools(mask: NDArray[np.bool_]) -> None:
    height, width = mask.shape
    counts = encode(mask).tolist()
    rle = oracle.frPyObjects({"size": [height, width], "counts": counts}, height, width)
    assert np.array_equal(oracle.decode(rle).astype(bool), mask)
    assert np.array_equal(decode(listed(counts), width, height), mask)


@given(st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=40))
def test_long_runs_are_packed_and_unpacked(counts: list[int]) -> None:
    assert unpacked(packed(listed(counts))).tolist() == counts


def test_a_large_mask_takes_no_time() -> None:
    mask = np.zeros((3000, 4000), np.bool_)
    mask[100:2000, 50:3000:7] = True
    assert packed(encode(mask)) == theirs(mask)
    assert np.array_equal(decode(unpacked(packed(encode(mask))), 4000, 3000), mask)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("5 ", "sign"),
        ("5ä", "sign"),
        ("5~", "sign"),
        ("P", "breaks off"),
        ("P" * 40 + "0", "too many signs"),
    ],
)
def test_strings_that_are_none_are_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        unpacked(text)


@pytest.mark.parametrize("counts", [[1.0], ["1"], [True], [None], [[1]], [10**30]])
def test_counts_that_are_none_are_refused(counts: list[object]) -> None:
    with pytest.raises(ValueError, match="count"):
        listed(counts)


@pytest.mark.parametrize("counts", [[], [5], [7], [-1, 7], [7, -1], [2**62, 2**62, 2**62, 2**62, 6]])
def test_counts_that_do_not_add_up_are_refused(counts: list[int]) -> None:
    with pytest.raises(ValueError, match=re.compile("run")):
        decode(np.array(counts, np.int64), 2, 3)


@given(st.text(alphabet=[chr(sign) for sign in range(48, 112)], max_size=60))
def test_any_string_is_a_mask_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert decode(unpacked(text), 5, 4).shape == (4, 5)
