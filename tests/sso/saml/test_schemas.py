"""OASIS' schemas: what is by them, and that nothing in a message has them fetch anything."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from govdir.sso.saml import schemas, xml
from govdir.sso.saml.errors import MalformedMessage
from tests.sso.saml.signed import REQUEST


def test_a_request_by_the_schema_passes() -> None:
    schemas.check(xml.parse(REQUEST))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b' Version="2.0"', b""),
        (b' ID="_true"', b""),
        (b'ID="_true"', b'ID="1 2"'),
        (b'AllowCreate="true"', b'AllowCreate="maybe"'),
        (b"2026-03-02T01:30:00Z", b"yesterday"),
        (b"<samlp:NameIDPolicy", b"<samlp:Unheard/><samlp:NameIDPolicy"),
        (b"AuthnRequest", b"AuthnRequests"),
    ],
)
def test_what_is_not_by_the_schema_is_refused(before: bytes, after: bytes) -> None:
    assert before in REQUEST

    with pytest.raises(MalformedMessage, match="schema"):
        schemas.check(xml.parse(REQUEST.replace(before, after)))


def test_a_refusal_quotes_no_value() -> None:
    with pytest.raises(MalformedMessage) as refused:
        schemas.check(xml.parse(REQUEST.replace(b'"true"', b'"zzmark"')))

    assert "zzmark" not in str(refused.value)


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        (b'ID="_true"', b'ID="8c6d2f1e"', "AuthnRequest/@ID"),  # a bare UUID, of which ten in sixteen do so
        (b' Version="2.0"', b"", "AuthnRequest/@Version"),
        (b"<samlp:NameIDPolicy", b"<samlp:Unheard/><samlp:NameIDPolicy", "Unheard"),
        (b'AllowCreate="true"', b'AllowCreate="maybe"', "NameIDPolicy/@AllowCreate"),
    ],
)
def test_a_refusal_names_what_it_is_about(before: bytes, after: bytes, named: str) -> None:
    with pytest.raises(MalformedMessage) as refused:
        schemas.check(xml.parse(REQUEST.replace(before, after)))

    assert str(refused.value).endswith(f": {named})")


def test_an_element_of_another_namespace_is_refused() -> None:
    with pytest.raises(MalformedMessage, match=r"not an element of SAML 2\.0"):
        schemas.check(xml.parse(b'<AuthnRequest xmlns="urn:other"/>'))


def test_a_message_names_no_schema_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "own.xsd").write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:own">'
        '<xs:element name="only" type="xs:integer"/></xs:schema>'
    )
    hint = (
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="urn:own file://{tmp_path}/own.xsd"'
    )
    extensions = f'<samlp:Extensions><only xmlns="urn:own" {hint}>no number</only></samlp:Extensions>'
    octets = REQUEST.replace(b"<samlp:NameIDPolicy", extensions.encode() + b"<samlp:NameIDPolicy")

    schemas.check(xml.parse(octets))


def test_an_element_within_a_document_is_checked_alone() -> None:
    root = xml.parse(b"<other>" + REQUEST + b"<rest/></other>")

    schemas.check(root[0])

    assert root[0].get("ID") == "_true"


def test_threads_check_at_once() -> None:
    def once(number: int) -> bool:
        octets = REQUEST if number % 2 else REQUEST.replace(b' Version="2.0"', b"")
        try:
            schemas.check(xml.parse(octets))
        except MalformedMessage:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(once, range(400)))

    assert found == [bool(number % 2) for number in range(400)]
