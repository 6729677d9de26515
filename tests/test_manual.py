"""What README and manual name is there: pages, headings, commands and their options, targets, tests, files."""

from __future__ import annotations

import importlib
import re
import shlex
import sys
import types
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import typer

from augstudio import presets
from augstudio.cli import program
from augstudio.gui.shell.actions import ENTRIES
from augstudio.transforms import registry

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
MANUAL = ROOT / "resources" / "manual"
PEERS = ROOT / "tests" / "bench" / "PEERS.md"
PAGES = [README, *sorted(MANUAL.glob("*.md")), PEERS]

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


# -- reading a page ------------------------------------------------------------------------------------------------


class Block(NamedTuple):
    """A fenced block: its language, which may be none, and its lines."""

    language: str
    lines: list[str]


@cache
def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path) -> list[Block]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", read(page), re.MULTILINE | re.DOTALL)
    return [Block(language, body.splitlines()) for language, body in found]


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", read(page), flags=re.MULTILINE | re.DOTALL)


def spans(page: Path) -> list[str]:
    """What stands between backquotes; a span may be broken over two lines."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose(page))]


def commands(page: Path) -> Iterator[list[str]]:
    """Every command line, in words. Where a block shows answers, too, the commands have a "$" before them."""
    lines = spans(page)
    for block in blocks(page):
        if block.language == "":
            asked = [line[2:] for line in block.lines if line.startswith("$ ")]
            lines += asked or block.lines
    for line in lines:
        if re.match(r"(augstudio|make|pytest)( |$)", line):
            for part in line.split(" && "):
                yield shlex.split(part, comments=True)


def commands_of(tool: str) -> list[tuple[Path, list[str]]]:
    """What is given to a tool, wherever something is."""
    return [(page, words[1:]) for page in PAGES for words in commands(page) if words[0] == tool and words[1:]]


def anchors(page: Path) -> set[str]:
    """The names that headings are linked by, as GitHub makes them."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE):
        name = re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        assert name not in found, f"{page.name}: two headings are called {heading!r}"
        found.add(name)
    return found


def links(page: Path) -> list[str]:
    text = re.sub(r"`[^`]*`", "", prose(page))
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"[a-z]+:", link)]


# -- links ---------------------------------------------------------------------------------------------------------


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    wrong = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.is_file() or (anchor and anchor not in anchors(target)):
            wrong.append(link)
    assert not wrong, f"{page.name} links to what is not there"


def test_the_readme_leads_to_every_page() -> None:
    linked = {(ROOT / link.partition("#")[0]).resolve() for link in links(README)}
    assert {*PAGES[1:], ROOT / "resources" / "LICENSE"} <= linked


def test_links_are_seen() -> None:
    """The patterns above find what is there: a page without a link would pass every test."""
    assert len(links(README)) > 10
    assert "it-survives" in anchors(MANUAL / "rely.md")
    assert len(spans(README)) > 10
    assert {"make", "augstudio"} <= {words[0] for words in commands(README)}


# -- commands ------------------------------------------------------------------------------------------------------


@cache
def command_line() -> Any:
    return typer.main.get_command(program.app)


@pytest.mark.parametrize(
    ("page", "words"), commands_of("augstudio"), ids=lambda value: getattr(value, "name", None) or " ".join(value)
)
def test_the_command_line_takes_every_command(page: Path, words: list[str]) -> None:
    """Taken apart as the program does it, and not run."""
    if words[0] in ("--help", "--version"):
        return
    name, *rest = program._balanced(words)
    assert name in command_line().commands, f"{page.name}: augstudio has no command {name!r}"
    if rest:  # a command that is only named needs no arguments
        command_line().commands[name].make_context(name, rest)


def test_every_command_has_an_example() -> None:
    shown = {name for page, (name, *rest) in commands_of("augstudio") if page.name == "commands.md"}
    assert {*command_line().commands} <= shown, "resources/manual/commands.md lacks one"


@each_page
def test_every_option_named_alone_exists(page: Path) -> None:
    known = {"--help", "--version", "--write"}  # the last is that of `make bench-peers ARGS=--write`
    for command in command_line().commands.values():
        known |= {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    named = {span.split()[0] for span in spans(page) if span.startswith("--")}
    assert named <= known, f"{page.name} names options that no command has"


@each_page
def test_every_target_is_in_the_makefile(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = {word for words in commands(page) if words[0] == "make" for word in words[1:] if "=" not in word}
    assert named <= targets, f"{page.name} names targets that the Makefile lacks"
    variables = {word.split("=")[0] for words in commands(page) if words[0] == "make" for word in words if "=" in word}
    assert all(f"$({name})" in makefile for name in variables)


@each_page
def test_every_test_named_exists(page: Path) -> None:
    paths = [word for words in commands(page) if words[0] == "pytest" for word in words[1:] if not word.startswith("-")]
    for path in paths:
        place = ROOT / path
        tests = [place] if place.is_file() else list(place.glob("test_*.py"))
        assert any("def test_" in test.read_text(encoding="utf-8") for test in tests), f"{page.name}: {path}"


# -- files, keys, numbers ------------------------------------------------------------------------------------------

_OURS = re.compile(r"(?<![\w./])(?:augstudio|tests|resources|presets|\.ci)/[\w./-]*")


@each_page
def test_every_file_named_exists(page: Path) -> None:
    """Those in blocks without a "$", such as the map of the house, and those between backquotes."""
    text = [line for block in blocks(page) for line in block.lines if not re.match(r"\$ |augstudio ", line)]
    text += [span for span in spans(page) if not re.match(r"(augstudio|make) ", span)]
    named = {name for part in text for name in _OURS.findall(part)}
    assert not [name for name in named if not (ROOT / name).exists()], f"{page.name} names what is not there"


def test_the_map_of_the_house_has_every_room() -> None:
    shown = {
        name.strip("/").removesuffix(".py")
        for block in blocks(README)
        for name in _OURS.findall("\n".join(block.lines))
    }
    package = ROOT / "augstudio"
    rooms = {path.name.removesuffix(".py") for path in package.iterdir() if re.fullmatch(r"[a-z]\w*(\.py)?", path.name)}
    assert {f"augstudio/{room}" for room in rooms} <= shown, "README.md's map lacks a room"
    [inner] = re.findall(r"^augstudio/gui/ (.*\n(?: .*\n)*)", read(README), re.MULTILINE)
    floors = {path.name for path in (package / "gui").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert set(re.findall(r"(\w+)/", inner)) == floors


def test_every_key_of_the_window_is_named() -> None:
    named = set(spans(MANUAL / "window.md"))
    assert not {key for entry in ENTRIES for key in entry.keys.split()} - named


def test_every_key_named_does_something() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "augstudio" / "gui").rglob("*.py"))
    named = [span for span in spans(MANUAL / "window.md") if re.match(r"(Ctrl|Alt|Shift)\+|F\d", span)]
    assert len(named) > 10
    assert not [key for key in named if key not in source]


@pytest.mark.parametrize("page", [README, MANUAL / "window.md"], ids=lambda page: page.name)
def test_numbers_are_those_of_the_program(page: Path) -> None:
    assert f"{len(registry())} transforms" in read(page)
    words = {6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten"}
    assert f"{words[len(presets.shipped())]} that ship" in read(page)


def test_the_presets_that_ship_are_named() -> None:
    assert {entry.path.stem for entry in presets.shipped()} <= set(spans(MANUAL / "window.md"))


@pytest.mark.parametrize("block", [b for page in PAGES for b in blocks(page) if b.language == "python"])
def test_the_lines_of_python_run(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    image = np.full((40, 50, 3), 128, np.uint8)
    names: dict[str, Any] = {"image": image}
    file = types.ModuleType("augment")  # what the page on code says to write
    monkeypatch.setitem(sys.modules, "augment", file)
    exec(presets.find("gentle").code("numpy"), vars(file))
    exec("\n".join(block.lines), names)
    if "code" in names:
        compile(names["code"], "augment.py", "exec")
        return
    augmented = names["augmented"]
    assert getattr(augmented, "pixels", augmented).dtype == np.uint8
    assert np.all(image == 128)


# -- the page of the peers -----------------------------------------------------------------------------------------


@pytest.fixture
def peers(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The program that writes the page; it measures nothing unless it is asked to."""
    monkeypatch.syspath_prepend(str(PEERS.parent))
    monkeypatch.setenv("NO_ALBUMENTATIONS_UPDATE", "1")
    return importlib.import_module("peers")


def test_the_page_of_the_peers_is_as_the_command_writes_it(
    peers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its rows, given to the command as if they had just been measured, come to the same page."""
    text = read(PEERS)
    titles = {f"## {heading}": section for section, heading in peers.HEADINGS.items()}
    section, measured = "machine", []
    for line in text.removeprefix(peers.HEAD + "\n").removesuffix("\n").split("\n"):
        if line in titles:
            assert measured.pop()[1] == "", "a heading has an empty line before it"
            section = titles[line]
        else:
            measured.append((section, line))
    assert {name for name, _ in measured} == {"machine", *peers.HEADINGS}

    asked = []

    def page(*arguments: object) -> Iterator[tuple[str, str]]:
        asked.append(arguments)
        yield from sorted(measured, key=lambda pair: pair[0])  # they are measured in another order than they are shown

    monkeypatch.setattr(peers, "page", page)
    monkeypatch.setattr(peers, "PAGE", tmp_path / "PEERS.md")
    monkeypatch.setattr(peers, "ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["peers.py", "--write", "--seconds", "2"])
    assert peers.main() == 0
    assert (tmp_path / "PEERS.md").read_text(encoding="utf-8") == text
    assert asked == [(peers.PARTS, 2.0, 5, 2)]
    assert capsys.readouterr().out.count("\n") == len(measured)


def test_a_part_is_not_written_in_the_place_of_the_whole(
    peers: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = PEERS.read_bytes()
    monkeypatch.setattr("sys.argv", ["peers.py", "--write", "--only", "export"])
    with pytest.raises(SystemExit):
        peers.main()
    assert "leave out --only" in capsys.readouterr().err
    assert PEERS.read_bytes() == before
