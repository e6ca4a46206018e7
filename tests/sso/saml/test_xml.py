"""XML from outside: what is read, what is refused before anything could be spent on it."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from govdir.sso.saml import xml
from govdir.sso.saml.errors import MalformedMessage
from tests.sso.saml.signed import REQUEST

VALID = st.text(st.characters(min_codepoint=32, blacklist_categories=["Cs", "Cn"]))


def test_a_document_is_read() -> None:
    root = xml.parse(REQUEST)

    assert root.tag == "{urn:oasis:names:tc:SAML:2.0:protocol}AuthnRequest"
    assert xml.parse(xml.serialize(root)).get("ID") == "_true"


@given(octets=st.binary(max_size=300) | st.text("<>/a &;![]-?xmlns:='\"").map(str.encode))
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    with contextlib.suppress(MalformedMessage):
        xml.parse(octets)


@given(text=VALID)
def test_text_goes_out_and_comes_back(text: str) -> None:
    root = etree.Element("a")
    root.text = text

    assert (xml.parse(xml.serialize(root)).text or "") == text


def test_an_element_is_serialised_alone() -> None:
    root = etree.fromstring("<a><b>đ</b>tail</a>")

    assert xml.serialize(root[0]) == "<b>đ</b>".encode()


@pytest.mark.parametrize(
    "octets", [b"", b" ", b"text", b"<a>", b"<a/><b/>", b"<a b=1/>", b"<x:a/>", b"<a>&no;</a>"]
)
def test_what_is_not_well_formed_is_refused(octets: bytes) -> None:
    with pytest.raises(MalformedMessage):
        xml.parse(octets)


ENTITIES = b'<!DOCTYPE a [<!ENTITY e "lol">]><a>&e;</a>'


@pytest.mark.parametrize(
    "octets",
    [
        b"<!DOCTYPE a><a/>",
        ENTITIES,
        b'<!DOCTYPE a SYSTEM "https://evil.example/a.dtd"><a/>',
        b'<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/hostname">]><a>&f;</a>',
        b'<?xml version="1.0"?><!-- c --><!DOCTYPE a><a/>',
        b"\xef\xbb\xbf<!DOCTYPE a><a/>",
    ],
)
def test_a_document_type_is_refused(octets: bytes) -> None:
    with pytest.raises(MalformedMessage, match="DOCTYPE"):
        xml.parse(octets)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-7", "cp037"])
def test_a_document_type_does_not_hide_in_another_encoding(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + ENTITIES.decode()

    with pytest.raises(MalformedMessage):
        xml.parse(text.encode(encoding))


def test_a_declaration_of_utf7_before_ascii_is_refused() -> None:
    octets = b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>'

    with pytest.raises(MalformedMessage, match="UTF-8"):
        xml.parse(octets)


@pytest.mark.parametrize("encoding", ["UTF-8", "utf-8", "US-ASCII"])
def test_a_declaration_of_utf8_is_taken(encoding: str) -> None:
    assert xml.parse(f'<?xml version="1.0" encoding="{encoding}"?><a/>'.encode()).tag == "a"


def test_latin_letters_in_another_encoding_are_refused() -> None:
    with pytest.raises(MalformedMessage, match="UTF-8"):
        xml.parse('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1"))
    with pytest.raises(MalformedMessage, match="UTF-8"):
        xml.parse("<a>é</a>".encode("latin-1"))


def test_a_billion_laughs_cost_nothing() -> None:
    lines = [b'<!ENTITY a0 "lol">']
    lines += [b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)]
    octets = b"<!DOCTYPE a [" + b"".join(lines) + b"]><a>&a9;</a>"
    began = time.perf_counter()

    with pytest.raises(MalformedMessage, match="DOCTYPE"):
        xml.parse(octets)

    assert time.perf_counter() - began < 0.1


def test_without_the_check_for_a_document_type_entities_would_still_not_be_resolved(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(xml, "no_doctype", lambda octets: None)
    (tmp_path / "secret").write_text("zzsecret")
    octets = f'<!DOCTYPE a [<!ENTITY f SYSTEM "file://{tmp_path}/secret">]><a>&f;</a>'.encode()

    root = xml.parse(octets)

    assert "zzsecret" not in "".join(root.itertext())


def test_text_does_not_end_at_a_comment_or_an_instruction() -> None:
    root = xml.parse(b"<a>admin@x.vn<!-- c -->.evil<?p i?>.vn<![CDATA[<]]></a>")

    assert root.text == "admin@x.vn.evil.vn<"
    assert xml.serialize(root) == b"<a>admin@x.vn.evil.vn&lt;</a>"


@pytest.mark.parametrize(
    "octets",
    [
        b'<a ID="x"><b ID="x"/></a>',
        b'<a ID="x"><b Id="x"/></a>',
        b'<a ID="x"><b id="x"/></a>',
        b'<a ID="x"><b xml:id="x"/></a>',
        b'<a ID="x" Id="x"/>',
    ],
)
def test_an_identifier_that_occurs_twice_is_refused(octets: bytes) -> None:
    with pytest.raises(MalformedMessage, match="twice"):
        xml.parse(octets)


def test_different_identifiers_are_taken() -> None:
    assert len(xml.parse(b'<a ID="x"><b Id="y"/><c id="z"/></a>')) == 2


def test_a_message_is_as_large_as_allowed_and_no_larger() -> None:
    def of(size: int) -> bytes:
        return b"<a>" + b"x" * (size - 7) + b"</a>"

    assert xml.parse(of(256 * 1024)).tag == "a"
    with pytest.raises(MalformedMessage, match="larger than 262144"):
        xml.parse(of(256 * 1024 + 1))
    assert xml.parse(of(1024 * 1024), limit=xml.MAX_METADATA_BYTES).tag == "a"


@pytest.mark.parametrize(
    "octets",
    [
        b"<a>" + b"<b/>" * 7000 + b"</a>",
        b"<a " + b" ".join(b'a%d=""' % n for n in range(300)) + b"/>",
        b"<a " + b" ".join(b'xmlns:a%d="urn:%d"' % (n, n) for n in range(65)) + b"/>",
        b'<a xmlns="urn:a">' * 65 + b"</a>" * 65,
        b"<a>" * 300 + b"</a>" * 300,
    ],
)
def test_a_document_of_a_shape_that_costs_is_refused(octets: bytes) -> None:
    with pytest.raises(MalformedMessage):
        xml.parse(octets)


def test_namespaces_that_are_declared_again_beside_each_other_are_taken() -> None:
    entity = b'<b xmlns="urn:b" xmlns:c="urn:c"><c:d/></b>'

    assert len(xml.parse(b"<a>" + entity * 300 + b"</a>")) == 300


def test_only_children_count_as_children() -> None:
    root = xml.parse(b'<a xmlns="urn:x"><b><c/></b><d/><d/></a>')

    assert xml.only_child(root, "urn:x", "c") is None
    assert xml.only_child(root, "urn:x", "b") is root[0]
    with pytest.raises(MalformedMessage, match="several d"):
        xml.only_child(root, "urn:x", "d")
