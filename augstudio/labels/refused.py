"""Pictures that labels speak of which cannot be taken: to export them as if they showed nothing would teach that."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from augstudio.labels.adapter import Adapter, Ground, LabelSet, Read
from augstudio.labels.found import LabelFormat
from augstudio.labels.model import Copy, Facts, Labelled, Labelling, Problem, Written

_MARK = "//refused "
"""What the record of such a picture begins with, as no key and no JSON does."""


def refused(problem: Problem) -> str:
    """Make the record of a picture whose labels cannot be taken, for `LabelSet.records`."""
    return _MARK + json.dumps([problem.kind, problem.where, problem.found, problem.allowed])


def is_refused(record: str) -> bool:
    """Whether a record is such a one."""
    return record.startswith(_MARK)


class Refused(Adapter):
    """Reads such records, in a set of whichever format: there is nothing but the problem."""

    format = LabelFormat.OTHER

    def collect(self, ground: Ground) -> LabelSet | None:  # noqa: ARG002
        """Find nothing."""
        return None

    def parse(self, record: str, labelling: Labelling, read: Read, facts: Facts) -> Labelled:  # noqa: ARG002
        """Tell the problem."""
        return Labelled(problems=(Problem(*json.loads(record.removeprefix(_MARK))),))

    def render(self, labelled: Labelled, labelling: Labelling, copy: Copy) -> Written:  # noqa: ARG002
        """Write nothing."""
        return Written()


class WithRefused(Mapping[str, str]):
    """The records of a set, and those of pictures that it refuses."""

    def __init__(self, records: Mapping[str, str], more: Mapping[str, str]) -> None:
        self._records, self._more = records, more

    __eq__ = object.__eq__  # as of the records themselves, which may be long
    __hash__ = object.__hash__

    def __len__(self) -> int:
        return len(self._records) + len(self._more)

    def __iter__(self) -> Iterator[str]:
        yield from self._records
        yield from self._more

    def __contains__(self, key: object) -> bool:
        return key in self._records or key in self._more

    def __getitem__(self, key: str) -> str:
        return self._more[key] if key in self._more else self._records[key]
