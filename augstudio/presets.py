"""Presets: a pipeline in a file, in a public, versioned format.

A preset is a JSON object: `augstudio_preset` is the format's version, the other fields are those of `Pipeline`. A file
of an older version is brought up to date step by step (`MIGRATIONS`); one of a newer version is refused.

Run as a program (`python -m augstudio.presets`), it writes the JSON Schema to `resources/preset.schema.json`.
"""

from __future__ import annotations

import contextlib
import difflib
import itertools
import json
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from augstudio import files
from augstudio.files import write_atomically
from augstudio.label_rules import LabelRules
from augstudio.pipeline import Output, Pipeline
from augstudio.transforms import Transform, registry
from augstudio.wording import one_line, shown

VERSION = 1
VERSION_FIELD = "augstudio_preset"
MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From each version to the next; the first format needs none yet."""
MAX_BYTES = 1_000_000
MAX_VALUES, MAX_DEPTH = 10_000, 12
"""Values that a preset has at most, names of fields included, and how deeply they may lie in one another."""
MAX_LISTED = 500
"""Files of a folder that are looked at, to be chosen by name."""
FIRST = "gentle"
"""The shipped preset to begin with."""
_SHOWN_PROBLEMS = 5
_TOLD_PROBLEMS = 20
"""Problems that are put into words; of a file with thousands nobody reads more."""
_COMMAS = 2_500
"""Commas that name and description may hold, at most."""
_HEAD = 10_000
"""Letters in which the first wrong fields are looked for."""
_LONGEST_NAME = 60
"""Letters of a name that are shown, or held against other names."""
_DEVICES = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9¹²³]")
"""What Windows takes for something else than a file, whatever stands behind the dot."""
_KINDS = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "string_type": "a text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "string_too_long": "a text of at most {max_length} characters",
    "too_long": "a list of at most {max_length}",
    "greater_than_equal": "{ge:g} or more",
    "less_than_equal": "{le:g} or less",
    "finite_number": "a finite number",
}
"""What is allowed, for each type of pydantic's errors that a preset can raise."""


class PresetError(Exception):
    """A preset that cannot be used.

    Attributes
    ----------
    where : str
        The file, or the name that was asked for.
    problems : tuple of str
        One plain line each: the place, what was found, what is allowed. Of very many, the first ones.
    """

    def __init__(self, where: str, problems: Iterable[str], more: int = 0) -> None:
        self.where = _printable(where)
        self.problems = tuple(_printable(problem) for problem in problems)
        shown = "; ".join(self.problems[:_SHOWN_PROBLEMS])
        more += max(0, len(self.problems) - _SHOWN_PROBLEMS)
        super().__init__(f"{self.where}: {shown}" + (f"; and {more:,} more" if more > 0 else ""))


def _printable(text: str) -> str:
    """One line that every terminal can show, whatever a broken file holds."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


@dataclass(frozen=True)
class Entry:
    """A preset that can be chosen by name.

    Attributes
    ----------
    name, description : str
        As in the file; a file that cannot be read goes by its file name, and its description says why.
    path : Path
        The file.
    shipped : bool
        Whether it came with the program.
    valid : bool
        Whether it can be loaded.
    """

    name: str
    description: str
    path: Path
    shipped: bool
    valid: bool = True


# -- reading -----------------------------------------------------------------------------------------------------


def load(path: Path) -> Pipeline:
    """Read a preset file.

    Raises
    ------
    PresetError
        For anything that is wrong with it; the message names the file, the place, what was found and what is allowed.
    """
    name = path.name
    try:
        status = path.stat()
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):  # opening a pipe would wait for ever
            raise PresetError(str(path), ["it is no regular file"])
        if status.st_size > MAX_BYTES:
            raise PresetError(name, [f"it has {status.st_size:,} bytes; a preset has at most {MAX_BYTES:,}"])
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1).decode("utf-8-sig")
    except FileNotFoundError:
        raise PresetError(str(path), ["there is no such file"]) from None
    except IsADirectoryError:
        raise PresetError(str(path), ["it is a folder, not a preset file"]) from None
    except UnicodeDecodeError as error:
        raise PresetError(name, [f"it is not text in UTF-8 (byte {error.start}), so it is no preset"]) from None
    except OSError as error:
        raise PresetError(str(path), [f"it cannot be read: {error.strerror or error}"]) from None
    except ValueError as error:  # a null character in the name
        raise PresetError(str(path), [f"it cannot be read: {error}"]) from None
    return parse(text, name)


def parse(text: str, where: str) -> Pipeline:
    """Read a preset from its text; `where` names it in messages.

    Raises
    ------
    PresetError
        As of `load`.
    """
    if not text.strip():
        raise PresetError(where, ["the file is empty; a preset is a JSON object"])
    _check_length(text, where)
    try:
        data = json.loads(text, object_pairs_hook=no_doubles, parse_int=_number)
    except json.JSONDecodeError as error:
        raise PresetError(
            where,
            [f"it is not JSON: line {error.lineno}, column {error.colno}: {error.msg[:1].lower()}{error.msg[1:]}"],
        ) from None
    except RecursionError:
        raise PresetError(where, ["it is not a preset: its brackets are nested too deeply"]) from None
    except ValueError as error:
        raise PresetError(where, [str(error)]) from None
    _check_extent(data, text, where)
    if not isinstance(data, dict):
        raise PresetError(where, [f"found {shown(data)} at the top; a preset is a JSON object {{…}}"])
    data = _up_to_date(data, where)
    try:
        return Pipeline.model_validate_json(json.dumps(data), strict=True)
    except RecursionError:
        raise PresetError(where, ["it is not a preset: its brackets are nested too deeply"]) from None
    except ValidationError as error:
        told = error.errors(include_url=False)[:_TOLD_PROBLEMS]
        raise PresetError(where, map(_explain, told), error.error_count() - len(told)) from None


def parse_steps(text: str, where: str) -> tuple[str | None, tuple[Transform, ...]]:
    """Read what somebody pastes: one step, or a whole preset; a mail may have quoted it.

    Returns
    -------
    (str or None, tuple of Transform)
        The name of the whole preset, or None for one step; the steps, without ids.

    Raises
    ------
    PresetError
        If it is neither; the message says what was found.
    """
    plain = "\n".join(re.sub(r"^(> ?)+", "", line) for line in text.replace("\u00a0", " ").splitlines())
    start, end = plain.find("{"), plain.rfind("}")
    if not plain.strip():
        raise PresetError(where, ["there is no text to paste"])
    if start < 0 or end < start:
        raise PresetError(where, [f"found {shown(one_line(plain))}, which is no transform; one begins with {{"])
    plain = plain[start : end + 1]
    if re.search(rf'"{VERSION_FIELD}"\s*:', plain):
        pipeline = parse(plain, where)
        return pipeline.name or "Untitled", tuple(step.edited(id="") for step in pipeline.transforms)
    if not re.search(r'"op"\s*:', plain):
        raise PresetError(where, ['it is no transform: the field "op", which names one, is missing'])
    try:
        pipeline = parse(f'{{"{VERSION_FIELD}": {VERSION}, "transforms": [{plain}]}}', where)
    except PresetError as error:
        raise PresetError(where, [problem.removeprefix("transforms[0] ") for problem in error.problems]) from None
    return None, tuple(step.edited(id="") for step in pipeline.transforms)


def _check_length(text: str, where: str) -> None:
    """Refuse what has far more values than a preset before it is read: each wrong field costs some time."""
    if text.count(",") > MAX_VALUES + _COMMAS:
        raise _too_many(text, where)


def _check_extent(data: Any, text: str, where: str) -> None:
    """Refuse what has more values than a preset, or lies deeper."""
    values, level, depth = 1, [data], 0
    while level:
        depth += 1
        inside: list[Any] = []
        for value in level:
            if isinstance(value, dict | list):
                values += len(value) * (2 if isinstance(value, dict) else 1)
                if values > MAX_VALUES:
                    raise _too_many(text, where)
                inside += value.values() if isinstance(value, dict) else value
        if depth > MAX_DEPTH:
            raise PresetError(where, ["it is not a preset: its brackets are nested too deeply"])
        level = inside


def _too_many(text: str, where: str) -> PresetError:
    """With the first few fields that no preset has."""
    fields = {VERSION_FIELD, *Pipeline.model_fields, *Output.model_fields, *LabelRules.model_fields}
    for transform in registry().values():
        fields |= {*transform.model_fields}
    found = (name for name in re.findall(r'"([^"\\]+)"\s*:', text[:_HEAD]) if name not in fields)
    unknown = [f'unknown field "{_short(name)}"' for name in itertools.islice(found, 3)]
    return PresetError(where, [f"it has more than the {MAX_VALUES:,} values of a preset", *unknown])


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of JSON; a field that stands twice is refused, since whoever wrote it meant one of the two.

    Raises
    ------
    ValueError
        If one does.
    """
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise ValueError(f'the field "{_short(key)}" stands twice in one object')
        result[key] = value
    return result


def _number(digits: str) -> float:
    """A whole number; one of hundreds of digits, which Python would refuse to read, as infinity."""
    return int(digits) if len(digits) < 400 else float(digits)


def _up_to_date(data: dict[str, Any], where: str) -> dict[str, Any]:
    version = data.get(VERSION_FIELD)
    if version is None:
        names = [name for name in itertools.islice(data, _TOLD_PROBLEMS) if len(name) <= _LONGEST_NAME]
        close = difflib.get_close_matches(VERSION_FIELD, names, n=1)
        hint = f' (found "{close[0]}")' if close else ""
        raise PresetError(
            where, [f'the field "{VERSION_FIELD}" is missing{hint}; a preset says "{VERSION_FIELD}": {VERSION}']
        )
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise PresetError(
            where, [f"{VERSION_FIELD}: found {shown(version)}; allowed is a whole number from 1 to {VERSION}"]
        )
    if version > VERSION:
        raise PresetError(
            where,
            [f"{VERSION_FIELD}: found {shown(version)}, which a newer augstudio wrote; this one reads up to {VERSION}"],
        )
    for old in range(version, VERSION):
        data = MIGRATIONS[old](data)
    return {key: value for key, value in data.items() if key != VERSION_FIELD}


# -- saying what is wrong ------------------------------------------------------------------------------------------


def _explain(problem: ErrorDetails) -> str:
    place = _place(problem["loc"])
    kind, found, context = problem["type"], problem["input"], problem.get("ctx", {})
    match kind:
        case "union_tag_invalid":
            tag = str(context["tag"])
            return f'{place}.op: unknown transform "{_short(tag)}"{_did_you_mean(tag, registry())}'
        case "union_tag_not_found":
            return f'{place}: the field "op" is missing; it names the transform, such as "rotate"'
        case "extra_forbidden":
            name = str(problem["loc"][-1])
            fields = _fields(problem["loc"][:-1])
            return f'{place}: unknown field "{_short(name)}"{_did_you_mean(name, fields)}'
        case "parameter" | "step_id" | "output":
            return f"{place}: {problem['msg']}" if place else problem["msg"]
        case "enum" | "literal_error":
            allowed = re.findall(r"'([^']*)'", str(context.get("expected", "")))
            return f"{place}: found {shown(found)}{_did_you_mean(str(found), allowed)}"
        case "missing" | "missing_argument":
            return f"{place}: the value is missing"
        case "string_pattern_mismatch":
            return f"{place}: found {shown(found)}; allowed are letters, digits, _ and -, at most 64"
        case "json_invalid":
            return "it is not a preset: its brackets are nested too deeply, or half a character stands in a text"
    if kind in _KINDS:
        return f"{place}: found {shown(found)}; allowed is {_KINDS[kind].format(**context)}"
    return f"{place}: found {shown(found)}; {problem['msg']}"


def _place(loc: tuple[int | str, ...]) -> str:
    """`transforms[2] (rotate).angle` for ("transforms", 2, "rotate", "angle")."""
    text = ""
    ops = registry()
    for i, part in enumerate(loc):
        if isinstance(part, int):
            text += f"[{part}]"
        elif i and isinstance(loc[i - 1], int) and part in ops:
            text += f" ({part})"
        else:
            text += f".{_short(part)}" if text else _short(part)
    return text


def _fields(loc: tuple[int | str, ...]) -> list[str]:
    """Names of the fields that are allowed at a place."""
    if loc and loc[-1] in registry():
        return list(registry()[str(loc[-1])].model_fields)
    parts: dict[tuple[int | str, ...], Any] = {("output",): Output.model_fields, ("labels",): LabelRules.model_fields}
    return list(parts.get(loc, Pipeline.model_fields))


def _did_you_mean(found: str, allowed: Iterable[str]) -> str:
    names = list(allowed)
    close = difflib.get_close_matches(found, names, n=1, cutoff=0.5) if len(found) <= _LONGEST_NAME else []
    hint = f'; did you mean "{close[0]}"?' if close else ";"
    return f"{hint} Allowed: {', '.join(names)}"


# -- writing -----------------------------------------------------------------------------------------------------


def dump(pipeline: Pipeline) -> str:
    """The text of a preset file: JSON, indented, one line per range.

    Rules for labels stand in it where they are others than by default: a preset without any is as it was before there
    were such rules.
    """
    plain = {"labels"} if pipeline.labels == LabelRules() else set()
    return _indented({VERSION_FIELD: VERSION, **pipeline.model_dump(mode="json", exclude=plain)})


def dump_step(step: Transform) -> str:
    """The text of one step, as in a preset file but without its id: a step gets one where it is put in."""
    return _indented(step.model_dump(mode="json", exclude={"id"}))


def _indented(data: dict[str, Any]) -> str:
    text = json.dumps(data, indent=2, ensure_ascii=False)
    # A range or a colour reads better on one line.
    # (Line breaks lie between values only: inside a text they are escaped.)
    return re.sub(r"\[\n\s+([^\[\]{}]*?)\n\s+\]", lambda m: "[" + re.sub(r"\n\s+", " ", m[1]) + "]", text) + "\n"


def save(pipeline: Pipeline, path: Path) -> None:
    """Write a preset file whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    write_atomically(dump(pipeline).encode(), path)


# -- choosing by name ----------------------------------------------------------------------------------------------


def user_folder() -> Path:
    """Where the user's own presets lie."""
    return files.user_data() / "presets"


def shipped() -> list[Entry]:
    """The presets that came with the program, the starting point first."""
    entries = _entries(files.presets(), shipped=True)
    return sorted(entries, key=lambda entry: (entry.path.stem != FIRST, entry.name))


def user() -> list[Entry]:
    """The user's own presets."""
    return _entries(user_folder(), shipped=False)


def user_path(name: str) -> Path:
    """The file that a user's preset of that name is kept in: never one that holds another preset.

    Names that differ only in what file systems fold or do not allow (case, accents in two parts, slashes) get files
    that differ by a number.
    """
    return next(path for path in _paths_for(name) if not os.path.lexists(path) or name_in(path) == name.strip())


def free_path(name: str) -> Path:
    """A file for a user's preset of that name where there is none yet, not even one of the same name."""
    return next(path for path in _paths_for(name) if not os.path.lexists(path))


def _paths_for(name: str) -> Iterator[Path]:
    stem = re.sub(r"[^\w-]+", "-", unicodedata.normalize("NFC", name.strip()).casefold()).strip("-")[:60] or "preset"
    if _DEVICES.fullmatch(stem):
        stem = f"preset-{stem}"
    for number in itertools.count(1):
        yield user_folder() / f"{stem if number == 1 else f'{stem}-{number}'}.json"


def name_in(path: Path) -> str | None:
    """The name of the preset in a file; None if there is none that can be read."""
    try:
        return load(path).name
    except PresetError:
        return None


def locate(name_or_file: str) -> Path:
    """Find the file of a preset: by the name that is listed, by its file's stem, or by its path.

    Raises
    ------
    PresetError
        If there is none of that name.
    """
    path = Path(name_or_file)
    with contextlib.suppress(RuntimeError):  # nobody has that home
        path = path.expanduser()
    if path.suffix == ".json" or _is_file(path):
        return path
    entries = [*user(), *shipped()]
    wanted = name_or_file.strip().casefold()
    # One of just this name first: others may differ from it in their case alone.
    for entry in (*(entry for entry in entries if entry.name == name_or_file.strip()), *entries):
        if wanted in (entry.name.casefold(), entry.path.stem.casefold()):
            return entry.path
    names = [entry.path.stem for entry in entries][:MAX_LISTED]
    raise PresetError(name_or_file, [f"there is no such file and no preset of that name{_did_you_mean(wanted, names)}"])


def find(name_or_file: str) -> Pipeline:
    """Load a preset that `locate` finds.

    Raises
    ------
    PresetError
        If there is none, or if it is not valid.
    """
    return load(locate(name_or_file))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # what is no possible file name may yet be a preset's
        return False


def _entries(folder: Path, *, shipped: bool) -> list[Entry]:
    try:
        found = sorted(folder.glob("*.json"))
    except OSError:
        return []
    entries = []
    for path in found[:MAX_LISTED]:
        try:
            pipeline = load(path)
            entries.append(Entry(pipeline.name or path.stem, pipeline.description, path, shipped))
        except PresetError as error:
            entries.append(Entry(path.stem, str(error), path, shipped, valid=False))
    if (more := len(found) - MAX_LISTED) > 0:
        what = f"{more:,} more in {folder}"
        entries.append(Entry(what, "Too many to list; they can be opened as files.", folder, shipped, valid=False))
    return entries


# -- schema ------------------------------------------------------------------------------------------------------


def schema() -> str:
    """The JSON Schema of a preset file, as text."""
    body = Pipeline.model_json_schema()
    version = {"const": VERSION, "title": "Format version", "description": "Version of the preset format."}
    body["properties"] = {VERSION_FIELD: version, **body["properties"]}
    body["required"] = [VERSION_FIELD, *body.get("required", [])]
    body["title"] = "augstudio preset"
    body = {"$schema": "https://json-schema.org/draft/2020-12/schema", **body}
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (files.resources() / "preset.schema.json").write_text(schema(), encoding="utf-8")
