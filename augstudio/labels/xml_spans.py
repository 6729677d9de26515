"""XML whose bytes can be changed in places: elements know where they stand, and all else stays as it is.

A document is turned into UTF-8 to be read and changed, and back into its own encoding to be written, its byte order
mark and declaration included; nothing is indented, quoted or sorted anew.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from augstudio.wording import one_line, shown

MOST_BYTES = 2**25
"""Of a file that speaks of one picture."""
_MOST_ELEMENTS = 300_000  # of twenty thousand objects
_DEEPEST = 5  # levels that are kept: annotation, object, polygon, pt, x
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*[\"']([A-Za-z][\w.-]{0,60})[\"']")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_KNOWN = re.compile(r"utf|ascii|iso|latin|cp\d|mac|koi8|gb|big5|shift_jis|euc|hz|johab|ptcp|tis|kz|viscii")
_START_TAG = re.compile(rb"<(?:[^\"'>]|\"[^\"]*\"|'[^']*')*>")
_SPACES = b" \t\r\n"
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class UnreadableError(ValueError):
    """The XML is broken, or is refused; the text says why."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element. Places are numbers of bytes of the document in UTF-8.

    Attributes
    ----------
    tag : str
        Its name.
    start, end : int
        Where it begins, and where it ends.
    inner, close : int
        Where its content begins, and where its end tag does; both `end` where it is closed in itself.
    text : str
        Its text without spaces around; empty where it has children.
    children : tuple of Element
        In order.
    """

    tag: str
    start: int
    inner: int
    close: int
    end: int
    text: str
    children: tuple[Element, ...] = ()

    def find(self, tag: str) -> Element | None:
        """The first child of that name."""
        return next((child for child in self.children if child.tag == tag), None)

    def all(self, *tags: str) -> list[Element]:
        """All children of those names."""
        return [child for child in self.children if child.tag in tags]

    def value(self, tag: str) -> str | None:
        """The text of the first child of that name."""
        child = self.find(tag)
        return None if child is None else child.text


@dataclass(frozen=True)
class Document:
    """A document.

    Attributes
    ----------
    data : bytes
        In UTF-8, without a byte order mark.
    mark : bytes
        The byte order mark that it had.
    encoding : str
        That it came in.
    root : Element
        Its root.
    """

    data: bytes
    mark: bytes
    encoding: str
    root: Element

    def spaces_before(self, place: int) -> bytes:
        """The white space before a place."""
        begin = place
        while begin > 0 and self.data[begin - 1] in _SPACES:
            begin -= 1
        return self.data[begin:place]


def text_of(data: bytes) -> tuple[str, bytes, str]:
    """The text of a file, its byte order mark and its encoding: by that mark, else as declared, else UTF-8.

    Raises
    ------
    UnreadableError
        If it is too long, in an unknown encoding, or not in the one that it says.
    """
    if len(data) > MOST_BYTES:
        raise UnreadableError(f"longer than {MOST_BYTES >> 20} MiB")
    mark, encoding = _encoding(data)
    try:
        return data[len(mark) :].decode(encoding), mark, encoding
    except UnicodeError as error:
        raise UnreadableError(f"it is not in {encoding}, as it says") from error


def _encoding(data: bytes) -> tuple[bytes, str]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return mark, encoding
    if data.startswith((b"<\0", b"\0<")):
        return b"", "utf-16-le" if data[0] else "utf-16-be"
    declared = _DECLARED.match(data)
    name = declared[1].decode() if declared else "utf-8"
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        encoding = ""
    if not _KNOWN.match(encoding):
        raise UnreadableError(f"the encoding {shown(name)} is unknown")
    return b"", encoding.removesuffix("-sig")


def read_document(data: bytes) -> Document:
    """Read a document; entities are refused, and nothing outside of it is looked for.

    Raises
    ------
    UnreadableError
        If it is broken or refused.
    """
    text, mark, encoding = text_of(data)
    content = text.encode()
    builder = _Builder(content)
    parser: Any = DefusedXMLParser(target=builder, encoding="utf-8")
    builder.parser = parser.parser
    try:
        parser.feed(content)
        parser.close()
    except DefusedXmlException as error:
        raise UnreadableError("it declares entities") from error
    except (ParseError, ExpatError) as error:
        raise UnreadableError(one_line(str(error))) from error
    if builder.root is None:
        raise UnreadableError("no element")
    return Document(content, mark, encoding, builder.root)


@dataclass
class _Open:
    """An element that has begun."""

    tag: str
    start: int
    inner: int
    text: list[str] = field(default_factory=list)
    children: list[Element] = field(default_factory=list)


class _Builder:
    """Is told of elements by the parser, which knows where it is."""

    def __init__(self, data: bytes) -> None:
        self.parser: Any = None
        self.root: Element | None = None
        self._data = data
        self._open: list[_Open] = []
        self._deeper = 0
        self._count = 0

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        """An element begins."""
        self._count += 1
        if self._count > _MOST_ELEMENTS:
            raise UnreadableError(f"more than {_MOST_ELEMENTS:,} elements")
        if self._deeper or len(self._open) >= _DEEPEST:
            self._deeper += 1
            return
        place = self.parser.CurrentByteIndex
        found = _START_TAG.match(self._data, place)
        if found is None:  # the parser has read it
            raise UnreadableError(f"a tag at {place} that does not end")
        self._open.append(_Open(tag, place, found.end()))

    def data(self, text: str) -> None:
        """Text within the element that has begun last."""
        if self._open and not self._deeper:
            self._open[-1].text.append(text)

    def end(self, _tag: str) -> None:
        """An element ends."""
        if self._deeper:
            self._deeper -= 1
            return
        one = self._open.pop()
        if self._data[one.inner - 2 : one.inner] == b"/>":  # closed in itself
            close = end = one.inner
        else:
            close = self.parser.CurrentByteIndex
            end = self._data.index(b">", close) + 1
        text = "" if one.children else "".join(one.text).strip()
        element = Element(one.tag, one.start, one.inner, close, end, text, tuple(one.children))
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element

    def close(self) -> None:
        """The document ends."""


class Edits:
    """Changes to a document, which do not overlap.

    Parameters
    ----------
    document : Document
        Stays as it is.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._edits: list[tuple[int, int, bytes]] = []

    def set_text(self, element: Element | None, text: str) -> None:
        """Give an element another text; spaces around it stay. Nothing where there is no element, or no change."""
        if element is None or (element.text == text and not element.children):
            return
        data = self._document.data
        if element.close == element.end:  # closed in itself
            tag = data[element.start : element.end].rstrip(b"/>" + _SPACES)
            name = re.split(rb"[\s/>]", tag[1:], maxsplit=1)[0]
            self._edits.append(
                (element.start, element.end, tag + b">" + plain_xml(text).encode() + b"</" + name + b">")
            )
            return
        raw = data[element.inner : element.close]
        start = element.inner + len(raw) - len(raw.lstrip(_SPACES))
        end = max(start, element.close - (len(raw) - len(raw.rstrip(_SPACES))))
        self._edits.append((start, end, plain_xml(text).encode()))

    def remove(self, element: Element) -> None:
        """Take an element away, with the white space before it."""
        spaces = self._document.spaces_before(element.start)
        self._edits.append((element.start - len(spaces), element.end, b""))

    def insert(self, place: int, markup: bytes) -> None:
        """Put markup in a place."""
        self._edits.append((place, place, markup))

    def replace(self, start: int, end: int, markup: bytes) -> None:
        """Put markup in place of what stands there."""
        self._edits.append((start, end, markup))

    def result(self) -> bytes:
        """The changed document, in its own encoding."""
        document = self._document
        parts = []
        at = 0
        for start, end, markup in sorted(self._edits, key=lambda edit: edit[:2]):
            parts += [document.data[at:start], markup]
            at = end
        parts.append(document.data[at:])
        text = b"".join(parts).decode()
        return document.mark + text.encode(document.encoding, "xmlcharrefreplace")


def plain_xml(text: str) -> str:
    """Text as it stands in XML; what XML cannot hold becomes the sign for unknown ones."""
    return escape(_NO_XML.sub("\ufffd", text))
