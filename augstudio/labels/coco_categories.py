"""The categories of one or several COCO files, as one list with their ids."""

from __future__ import annotations

from typing import Any

from augstudio.labels.coco_index import Index
from augstudio.labels.json_values import TooDeepError, whole_number, writable
from augstudio.labels.model import Category
from augstudio.labels.problem_list import ProblemList
from augstudio.wording import shown


class Categories:
    """Gathers them file by file. Where files give an id two names, or a name two ids, the name tells which it is."""

    def __init__(self, problems: ProblemList) -> None:
        self._problems = problems
        self._names: dict[int, str] = {}
        self.records: list[dict[str, Any]] = []
        """As they are written, in the order of the source."""

    @property
    def found(self) -> tuple[Category, ...]:
        """All, in the order of the source."""
        return tuple(Category(number, name) for number, name in self._names.items())

    def take(self, index: Index) -> dict[int, int]:
        """Add those of a file; returns the new ids of those that other files give another name or another id."""
        if index.categories is None:
            own: dict[int, dict[str, Any]] = {number: {"id": number, "name": str(number)} for number in index.used}
            own = {number: record for number, record in sorted(own.items()) if number not in self._names}
        else:
            own = self._read(index)
        known, by_name = dict(self._names), dict[str, int]()
        for number, name in known.items():
            by_name.setdefault(name, number)
        new: dict[int, int] = {}
        taken: list[int] = []
        for number, record in own.items():
            name = record["name"]
            if known.get(number) == name:
                continue
            if name in by_name:
                new[number] = by_name[name]
            elif number in known:
                taken.append(number)
            else:
                self._add(number, record)
        for number in taken:
            new[number] = max(self._names) + 1
            self._add(new[number], {**own[number], "id": new[number]})
        for number, other in new.items():
            self._tell(index.file, number, own[number]["name"], known.get(number), other)
        return new

    def _add(self, number: int, record: dict[str, Any]) -> None:
        self._names[number] = record["name"]
        self.records.append(record)

    def _tell(self, file: str, number: int, name: str, elsewhere: str | None, new: int) -> None:
        if elsewhere is None:
            found, allowed = f"{shown(name)} has the id {number}, elsewhere {new}", "one id for a name"
        else:
            found, allowed = f"id {number} is {shown(name)}, elsewhere {shown(elsewhere)}", "one name for an id"
        allowed = f"{allowed}; written with the id {new}"
        self._problems.add("categories that disagree", file, "categories", found, allowed, left_out=False)

    def _read(self, index: Index) -> dict[int, dict[str, Any]]:
        own: dict[int, dict[str, Any]] = {}
        for at, record in enumerate(index.categories or ()):
            checked = self._checked(index.file, f"categories[{at}]", record)
            if checked is None:
                continue
            if (number := checked["id"]) not in own:
                own[number] = checked
            elif own[number] != checked:
                found, allowed = f"id {number} again", "each once; the first counts"
                self._problems.add("two categories of one id", index.file, f"categories[{at}]", found, allowed)
        return own

    def _checked(self, file: str, place: str, record: object) -> dict[str, Any] | None:
        number = whole_number(record.get("id")) if isinstance(record, dict) else None
        if not isinstance(record, dict) or number is None or number.bit_length() > 62:
            allowed = "a record with a whole number as id"
            self._problems.add("category without an id", file, place, shown(record), allowed)
            return None
        try:
            clean: dict[str, Any] = writable(record)
        except TooDeepError:
            self._problems.add("brackets within brackets", file, place, "more than 40", "up to 40")
            return None
        if clean is not record:
            allowed = "finite numbers and whole signs; written as null or �"
            self._problems.add("value that JSON has none for", file, place, shown(record), allowed)
        if not isinstance(clean.get("name"), str) or not clean["name"].strip():
            allowed = "a name; it is called by its number"
            self._problems.add(
                *("category without a name", file, place, shown(clean.get("name")), allowed), left_out=False
            )
            clean = {**clean, "name": str(number)}
        return {**clean, "id": number}
