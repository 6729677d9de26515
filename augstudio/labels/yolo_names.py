"""What YOLO's classes are called: from `data.yaml`, or from lists of names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import yaml

from augstudio.labels.adapter import Read
from augstudio.labels.model import Category, Problem
from augstudio.labels.text import decoded
from augstudio.wording import count, shown

MOST_NAMES = 10_000
_MOST_FILES = 50  # that are looked at for names
_MOST_BYTES = 2**20
_MOST_NODES = 50_000
_MOST_ALIASES = 20
_DEEPEST = 20
_LONGEST = 1000  # characters of a name
_FIRST = ("data.yaml", "data.yml", "dataset.yaml", "dataset.yml")
_LISTS = ("obj.names", "classes.txt", "classes.names", "_darknet.labels", "predefined_classes.txt")
_BESIDE_NAMES = frozenset(("train", "val", "test", "nc", "path"))
"""One of these stands in a file of another name that tells YOLO's names."""
_NUMBER = re.compile(r"\d{1,6}", re.ASCII)
_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class UnusableError(ValueError):
    """A file that should tell names does not; its text says what was found."""


@dataclass
class Names:
    """What was found.

    Attributes
    ----------
    categories : tuple of Category
        By their numbers; empty where nothing tells names.
    file : str
        Key of the file that they are from; ``""`` for none.
    pose : bool
        Whether a `data.yaml` speaks of key points.
    problems : list of Problem
        Files that are of no use, or contradict the one that is used.
    """

    categories: tuple[Category, ...] = ()
    file: str = ""
    pose: bool = False
    problems: list[Problem] = field(default_factory=list)


def find_names(others: Iterable[str], read: Read, check: Callable[[], None]) -> Names:
    """Look for names: first in `data.yaml` and `dataset.yaml`, then in other YAML files, then in lists of names.

    Of several, the one nearest to the top of the dataset is used.
    """
    found = Names()
    for key in _candidates(others):
        check()
        try:
            data = read(key)
        except OSError:
            continue
        try:
            categories = _of_file(key, data, found)
        except UnusableError as error:
            found.problems.append(Problem("names of no use", key, str(error), "a list of names, or names by number"))
            continue
        if not categories:
            continue
        if not found.categories:
            found.categories, found.file = categories, key
        elif categories != found.categories:
            other = count(len(categories), "name")
            # Two sets side by side, each with names of its own: the same number is another class in one of them.
            sets = all(name.lower().endswith((".yaml", ".yml")) for name in (key, found.file))
            allowed = f"those in {found.file}; export each set by itself" if sets else f"those in {found.file}"
            found.problems.append(
                Problem("names that disagree", key, f"{other}, others than in {found.file}", allowed, forbids=sets)
            )
    return found


def _candidates(others: Iterable[str]) -> list[str]:
    ranked = []
    for key in others:
        name = key.rpartition("/")[2].lower()
        if name in _FIRST:
            rank = 0
        elif name.endswith((".yaml", ".yml")):
            rank = 1
        elif name in _LISTS:
            rank = 2 + _LISTS.index(name)
        elif name.endswith(".names"):
            rank = 2 + len(_LISTS)
        else:
            continue
        ranked.append((rank, key.count("/"), key))
    return [key for _, _, key in sorted(ranked)[:_MOST_FILES]]


def _of_file(key: str, data: bytes, found: Names) -> tuple[Category, ...]:
    name = key.rpartition("/")[2].lower()
    if not name.endswith((".yaml", ".yml")):
        return _of_list(key, data, found)
    try:
        content = members(data)
    except UnusableError:
        if name in _FIRST:
            raise
        return ()
    if name not in _FIRST and not content.keys() & _BESIDE_NAMES:
        return ()
    if "names" not in content:
        return ()
    found.pose |= "kpt_shape" in content
    categories = _of_node(content["names"])
    number = content.get("nc")
    if isinstance(number, yaml.ScalarNode) and number.value != str(len(categories)):
        names = count(len(categories), "name")
        found.problems.append(
            Problem("number of classes", key, f"nc: {shown(number.value)}", f"{names} as there are", left_out=False)
        )
    if [category.id for category in categories] != list(range(len(categories))):
        last = categories[-1].id
        found.problems.append(
            Problem("numbers without names", key, f"{len(categories)} of {last + 1}", f"0 to {last}", left_out=False)
        )
    return categories


def _of_list(key: str, data: bytes, found: Names) -> tuple[Category, ...]:
    if len(data) > _MOST_BYTES:
        raise UnusableError("longer than 1 MiB")
    lines = [line.strip() for line in decoded(data).rstrip().splitlines()]
    if "\0" in "".join(lines):
        raise UnusableError("no text")
    for number, line in enumerate(lines):
        if not line:
            found.problems.append(
                Problem("name missing", f"{key}, line {number + 1}", "an empty line", "a name", False)
            )
    return _checked(enumerate(lines))


def members(data: bytes) -> dict[str, yaml.Node]:
    """The members of a YAML file by their names; nothing is constructed, and nothing grows.

    Raises
    ------
    UnusableError
        If it is broken, too long or too deep, or is no mapping.
    """
    return _top(_composed(data))


def _composed(data: bytes) -> yaml.Node | None:
    """The nodes of a document; nothing is constructed, so that `no` stays a name, and nothing grows."""
    if len(data) > _MOST_BYTES:
        raise UnusableError("longer than 1 MiB")
    text = decoded(data)
    try:
        _bounded(text)
        return yaml.compose(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise UnusableError(f"broken YAML{f' in line {mark.line + 1}' if mark else ''}") from error
    except UnusableError:
        raise
    except ValueError as error:
        raise UnusableError("broken YAML") from error


def _bounded(text: str) -> None:
    """Refuse what would grow beyond measure, before anything is made of it."""
    aliases = depth = 0
    for nodes, event in enumerate(yaml.parse(text, Loader=_Loader)):
        if isinstance(event, yaml.AliasEvent):
            aliases += 1
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if nodes > _MOST_NODES or aliases > _MOST_ALIASES or depth > _DEEPEST:
            raise UnusableError("YAML with too many nodes, aliases or levels")


def _top(node: yaml.Node | None) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        raise UnusableError("no mapping of keys to values")
    return {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}


def _of_node(node: yaml.Node) -> tuple[Category, ...]:
    if isinstance(node, yaml.SequenceNode):
        return _checked(enumerate(_scalars(node.value)))
    if isinstance(node, yaml.MappingNode):
        keys, names = list(_scalars(key for key, _ in node.value)), list(_scalars(name for _, name in node.value))
        for key in keys:
            if not _NUMBER.fullmatch(key):
                raise UnusableError(f"names by {shown(key)}, which is no number")
        if len({int(key) for key in keys}) < len(keys):
            raise UnusableError("two names for one number")
        return _checked(sorted((int(key), name) for key, name in zip(keys, names, strict=True)))
    raise UnusableError("names that are neither a list nor a mapping")


def texts_of(node: yaml.Node) -> list[str]:
    """What a member says that is a text, or a list of texts.

    Raises
    ------
    UnusableError
        If it is neither.
    """
    return list(_scalars(node.value if isinstance(node, yaml.SequenceNode) else [node]))


def _scalars(nodes: Iterable[yaml.Node]) -> Iterator[str]:
    for node in nodes:
        if not isinstance(node, yaml.ScalarNode):
            raise UnusableError("a value that is no text")
        yield str(node.value)


def _checked(names: Iterable[tuple[int, str]]) -> tuple[Category, ...]:
    categories = tuple(Category(number, name or str(number)) for number, name in names)
    if any(len(category.name) > _LONGEST for category in categories):
        raise UnusableError(f"a name of more than {_LONGEST:,} characters")
    if categories and (categories[-1].id >= MOST_NAMES or len(categories) > MOST_NAMES):
        raise UnusableError(f"more than {MOST_NAMES:,} names")
    return categories
