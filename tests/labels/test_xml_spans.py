"""XML that is changed in places keeps all other bytes."""

from __future__ import annotations

import time
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from augstudio.labels.xml_spans import Edits, UnreadableError, plain_xml, read_document

SOURCE = (
    "<?xml version='1.0' encoding='{}'?>\r\n<!-- <name>no</name> -->\r\n<annotation verified = \"a>b\">\r\n"
    "  <name  x='/>' > Käfer &amp; Co <!-- c --></name><path/>\r\n\t<empty></empty>"
    "<a><b>1</b>\n<b > 2 </b></a><![CDATA[<b>]]>\n</annotation>\r\n<!-- end -->"
)


ENCODINGS = ["utf-8", "utf-8-sig", "iso-8859-1", "windows-1252", "utf-16", "UTF-16-LE", "cp850"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_is_not_changed_stays_byte_for_byte(encoding: str) -> None:
    data = SOURCE.format("utf-8" if "sig" in encoding else encoding).encode(encoding)
    document = read_document(data)
    edits = Edits(document)
    assert edits.result() == data
    name = document.root.find("name")
    assert name is not None
    assert name.text == "Käfer & Co"
    edits.set_text(name, "Käfer & Co")
    assert edits.result() == data
    edits.set_text(name, "<Öl> & Wasser")
    edits.set_text(document.root.find("path"), "a/b")
    edits.set_text(document.root.find("empty"), "full")
    edits.set_text(document.root.find("nothing"), "x")
    one, two = document.root.all("a")[0].all("b")
    edits.remove(one)
    edits.set_text(two, "3")
    text = SOURCE.format("utf-8" if "sig" in encoding else encoding)
    expected = (
        text.replace("Käfer &amp; Co <!-- c -->", "&lt;Öl&gt; &amp; Wasser")
        .replace("<path/>", "<path>a/b</path>")
        .replace("<empty></empty>", "<empty>full</empty>")
        .replace("<b>1</b>", "")
        .replace("<b > 2 </b>", "<b > 3 </b>")
    )
    assert edits.result() == expected.encode(encoding)


def test_what_the_encoding_lacks_is_written_by_number() -> None:
    edits = Edits(document := read_document(b"<?xml version='1.0' encoding='ascii'?><a><b>x</b></a>"))
    edits.set_text(document.root.find("b"), "€")
    assert edits.result().endswith(b"<a><b>&#8364;</b></a>")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no element found"),
        (b"<a><b></a>", "mismatched tag"),
        (b"<a>&nbsp;</a>", "undefined entity"),
        (b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "declares entities"),
        (b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", "declares entities"),
        (b"<!DOCTYPE a [<!ENTITY % x 'y'>%x;]><a/>", "declares entities"),
        (b"<?xml version='1.0' encoding='zip'?><a/>", "unknown"),
        (b"<?xml version='1.0' encoding='nonsense'?><a/>", "unknown"),
        (b"<?xml version='1.0' encoding='unicode_escape'?><a/>", "unknown"),
        (b"<?xml version='1.0' encoding='utf-8'?><a>\xff</a>", "not in utf-8"),
        (b"<a>" + b"<b/>" * 300_000 + b"</a>", "more than 300,000"),
        (b" " * (2**25 + 1), "longer than 32 MiB"),
    ],
)
def test_broken_and_hostile_xml_is_refused(data: bytes, said: str) -> None:
    begin = time.perf_counter()
    with pytest.raises(UnreadableError, match=said):
        read_document(data)
    assert time.perf_counter() - begin < 10


def test_a_declared_document_type_alone_is_harmless_and_deep_levels_are_passed_over() -> None:
    assert read_document(b"<!DOCTYPE annotation SYSTEM 'voc.dtd'><annotation/>").root.tag == "annotation"
    deep = read_document(b"<a>" * 100_000 + b"</a>" * 100_000).root
    depth = 0
    while deep.children:
        (deep,) = deep.children
        depth += 1
    assert depth == 4


@given(st.binary(max_size=60) | st.text("<>/ab&;!-[]'\"= \n?", max_size=60).map(str.encode))
def test_no_bytes_at_all_raise_anything_else(data: bytes) -> None:
    try:
        document = read_document(data)
    except UnreadableError:
        return
    assert Edits(document).result() == data


@given(st.text())
def test_any_text_becomes_xml(text: str) -> None:
    assert ET.fromstring(f"<a>{plain_xml(text)}</a>".encode()) is not None
