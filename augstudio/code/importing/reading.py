"""Reading a file of another library's: JSON or YAML, of bounded size, and telling whose it is."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import yaml

from augstudio.code.importing import albumentations, ultralytics
from augstudio.code.importing.imported import BadValueError, Imported
from augstudio.presets import VERSION_FIELD, PresetError, no_doubles
from augstudio.wording import shown

MAX_BYTES = 256_000
"""Longest file: pipelines and arguments take some thousand."""
MAX_VALUES, MAX_DEPTH = 20_000, 40
"""Values of a file, those counted again that it says by reference, and how deeply they may lie in one another."""


def read(path: Path, size: int | None = None) -> Imported:
    """Make a preset of a file: a pipeline that Albumentations saved, or arguments of Ultralytics.

    Parameters
    ----------
    path : Path
        JSON or YAML.
    size : int, optional
        The training size, in pixels: the shorter side of the pictures that the file was made for. By default what the
        file says, else 224, or 640 for Ultralytics.

    Raises
    ------
    PresetError
        If there is no such file, if it is neither, or if a value in it is not allowed; the message says where.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise PresetError(str(path), ["it is a folder, not a file"])
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
            raise PresetError(str(path), ["it is no regular file"])
        if status.st_size > MAX_BYTES:
            raise PresetError(path.name, [f"it has {status.st_size:,} bytes; allowed are {MAX_BYTES:,}"])
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1).decode("utf-8-sig")
    except FileNotFoundError:
        raise PresetError(str(path), ["there is no such file"]) from None
    except UnicodeDecodeError as error:
        raise PresetError(path.name, [f"it is not text in UTF-8 (byte {error.start})"]) from None
    except OSError as error:
        raise PresetError(str(path), [f"it cannot be read: {error.strerror or error}"]) from None
    except ValueError as error:  # a null character in the name
        raise PresetError(str(path), [f"it cannot be read: {error}"]) from None
    return parse(text, path.name, size)


def parse(text: str, where: str, size: int | None = None) -> Imported:
    """Make a preset of the text of a file; see `read`. `where` names it in messages, and names the preset."""
    data = _loaded(text, where)
    _check_extent(data, where)
    if not isinstance(data, dict) or not all(isinstance(name, str) for name in data):
        raise PresetError(where, [f"found {shown(data)} at the top; {_ALLOWED}"])
    name = where.rsplit(".", 1)[0] or where
    try:
        if VERSION_FIELD in data:
            raise PresetError(where, ["it is a preset already; it can be opened as it is"])
        if albumentations.is_one(data):
            return albumentations.imported(data, name, size)
        if ultralytics.is_one(data):
            return ultralytics.imported(data, name, size)
    except BadValueError as problem:
        raise PresetError(where, [f"{problem.where}: {problem.words}"]) from None
    found = ", ".join(list(map(shown, data))[:3]) or "nothing"
    raise PresetError(where, [f"found {found} in it; {_ALLOWED}"])


_ALLOWED = (
    "allowed is a pipeline that Albumentations saved (A.save, or the JSON of A.to_dict), or arguments of Ultralytics "
    "(args.yaml, hyp.yaml)"
)


def _loaded(text: str, where: str) -> Any:
    """The values of JSON or of YAML, which may hold plain values alone."""
    if not text.strip():
        raise PresetError(where, ["the file is empty"])
    try:
        if text.lstrip().startswith(("{", "[")):
            try:
                return json.loads(text, object_pairs_hook=no_doubles)
            except json.JSONDecodeError as error:
                if where.lower().endswith(".json"):
                    why = f"line {error.lineno}, column {error.colno}: {error.msg[:1].lower()}{error.msg[1:]}"
                    raise PresetError(where, [f"it is not JSON: {why}"]) from None
        return yaml.load(text, Loader=_Loader)  # which is a safe one
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise PresetError(where, [f"it is not YAML: {place}{error.problem}"]) from None
    except yaml.YAMLError:
        raise PresetError(where, ["it is neither JSON nor YAML: it holds characters that are not allowed"]) from None
    except RecursionError:
        raise PresetError(where, ["its brackets are nested too deeply"]) from None
    except (ValueError, OverflowError) as error:  # a number of thousands of digits, a day that there is not
        raise PresetError(where, [f"a value in it cannot be read: {error}"]) from None
    except TypeError:
        raise PresetError(where, ["a name in it is no text"]) from None


class _Loader(yaml.SafeLoader):
    """Plain values alone, each name once, and no merging of mappings, which can say very much in few words."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse a name that stands twice: whoever wrote it meant one of the two."""
        named: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in named:
                    problem = f'the field "{key.value[:60]}" stands twice in one object'
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                named.add(key.value)
        return super().construct_mapping(node, deep)

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Refuse to merge."""
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                raise yaml.constructor.ConstructorError(None, None, "merging by << is not read", key.start_mark)


def _check_extent(data: Any, where: str) -> None:
    """Refuse what has too many values or lies too deep; what is said by reference is counted wherever it stands."""
    values, level, depth = 1, [data], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise PresetError(where, ["its values are nested too deeply"])
        inside: list[Any] = []
        for value in level:
            if isinstance(value, dict | list | tuple | set):
                values += len(value)
                if values > MAX_VALUES:
                    raise PresetError(where, [f"it has more than {MAX_VALUES:,} values"])
                inside += value.values() if isinstance(value, dict) else value
        level = inside
