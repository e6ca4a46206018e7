"""Writing assertions."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from msgspec.structs import replace

from govdir.sso.saml import schemas, xml
from govdir.sso.saml.assertions import assertion, merged
from govdir.sso.saml.model import Attribute, NameId
from govdir.sso.saml.names import NAME_FORMAT_BASIC, NAME_FORMAT_URI, saml
from govdir.sso.saml.values import clean
from tests.sso.saml.samples import ASSERTION, MAIL, MAIL_OID

ANYTHING = st.text(st.characters(categories=None), max_size=20)


def with_values(*values: str) -> etree._Element:
    return assertion(replace(ASSERTION, attributes=(Attribute("n", values, NAME_FORMAT_BASIC),)))


def values_of(element: etree._Element) -> list[str | None]:
    return [value.text for value in element.iter(saml("AttributeValue"))]


def test_an_assertion_says_everything_in_the_order_of_the_schema() -> None:
    written = xml.serialize(assertion(ASSERTION)).decode()

    assert written.replace("><", ">\n<").splitlines() == [
        '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'ID="_a1" Version="2.0" IssueInstant="2026-03-02T01:30:00Z">',
        "<saml:Issuer>https://mail.example.vn/saml/metadata</saml:Issuer>",
        "<saml:Subject>",
        '<saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress" '
        'NameQualifier="https://mail.example.vn/saml/metadata" '
        'SPNameQualifier="https://portal.example.vn/metadata">an.nguyen@example.vn</saml:NameID>',
        '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">',
        '<saml:SubjectConfirmationData InResponseTo="_q1" NotOnOrAfter="2026-03-02T01:35:00Z" '
        'Recipient="https://portal.example.vn/acs"/>',
        "</saml:SubjectConfirmation>",
        "</saml:Subject>",
        '<saml:Conditions NotBefore="2026-03-02T01:29:00Z" NotOnOrAfter="2026-03-02T01:35:00Z">',
        "<saml:AudienceRestriction>",
        "<saml:Audience>https://portal.example.vn/metadata</saml:Audience>",
        "</saml:AudienceRestriction>",
        "</saml:Conditions>",
        '<saml:AuthnStatement AuthnInstant="2026-03-02T01:20:00Z" SessionIndex="_s1" '
        'SessionNotOnOrAfter="2026-03-02T09:30:00Z">',
        "<saml:AuthnContext>",
        "<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
        "</saml:AuthnContextClassRef>",
        "</saml:AuthnContext>",
        "</saml:AuthnStatement>",
        "<saml:AttributeStatement>",
        '<saml:Attribute Name="urn:oid:0.9.2342.19200300.100.1.3" '
        'NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" FriendlyName="mail">',
        '<saml:AttributeValue xsi:type="xs:string">an.nguyen@example.vn</saml:AttributeValue>',
        "</saml:Attribute>",
        "</saml:AttributeStatement>",
        "</saml:Assertion>",
    ]


def test_an_unsolicited_one_answers_no_request_and_may_leave_the_session_open() -> None:
    written = xml.serialize(assertion(replace(ASSERTION, in_response_to=None, session_ends=None))).decode()

    assert "InResponseTo" not in written
    assert "SessionNotOnOrAfter" not in written


def test_without_attributes_there_is_no_statement_of_them() -> None:
    for attributes in ((), (Attribute(MAIL_OID, ("", "\x00"), NAME_FORMAT_URI),)):
        element = assertion(replace(ASSERTION, attributes=attributes))

        schemas.check(element)
        assert element.find(saml("AttributeStatement")) is None


def test_attributes_of_one_name_become_one_with_each_value_once() -> None:
    attributes = (
        Attribute("role", ("a", "b"), NAME_FORMAT_BASIC, "role"),
        MAIL,
        Attribute("role", ("b", "", "c"), NAME_FORMAT_URI, "other"),
    )

    assert merged(attributes) == (
        Attribute("role", ("a", "b", "c"), NAME_FORMAT_BASIC, "role"),
        MAIL,
    )


def test_values_that_are_one_text_in_nfc_stand_once() -> None:
    assert values_of(with_values("Nguyễn", unicodedata.normalize("NFD", "Nguyễn"))) == ["Nguyễn"]


@given(st.lists(st.lists(ANYTHING, max_size=3), max_size=3), ANYTHING)
def test_whatever_the_directory_holds_is_carried_clean_and_by_the_schema(
    values: list[list[str]], name: str
) -> None:
    attributes = tuple(
        Attribute(f"n{place}", tuple(group), NAME_FORMAT_BASIC) for place, group in enumerate(values)
    )
    element = assertion(replace(ASSERTION, name_id=NameId(f"x{name}"), attributes=attributes))

    carried = xml.parse(xml.serialize(element))

    schemas.check(carried)
    assert values_of(carried) == [
        value for group in values for value in dict.fromkeys(filter(None, map(clean, group)))
    ]
    (name_id,) = carried.iter(saml("NameID"))
    assert name_id.text == clean(f"x{name}")


def test_markup_in_a_value_stays_text() -> None:
    value = '</saml:AttributeValue><saml:Attribute Name="role"><!-- ]]> & <?x ?>'

    written = xml.serialize(with_values(value))

    elsewhere = ET.fromstring(written)  # a reader that shares no code with libxml2
    assert [one.text for one in elsewhere.iter(saml("AttributeValue"))] == [value]


def test_an_identifier_of_which_nothing_is_left_is_an_error() -> None:
    with pytest.raises(ValueError):
        assertion(replace(ASSERTION, name_id=NameId("\x00")))


def test_a_time_without_zone_is_an_error() -> None:
    with pytest.raises(ValueError):
        assertion(replace(ASSERTION, issued_at=datetime(2026, 3, 2)))  # noqa: DTZ001 - what is refused


@given(
    st.booleans(),
    st.sampled_from([None, datetime(2026, 3, 3, tzinfo=UTC)]),
    st.sampled_from([None, "mail"]),
    st.sampled_from([None, "https://x"]),
)
def test_an_assertion_is_by_the_schema_whatever_it_leaves_out(
    solicited: bool, ends: datetime | None, friendly: str | None, qualifier: str | None
) -> None:
    element = assertion(
        replace(
            ASSERTION,
            in_response_to="_q1" if solicited else None,
            session_ends=ends,
            name_id=NameId("x", name_qualifier=qualifier, sp_name_qualifier=qualifier),
            attributes=(Attribute("n", ("v",), NAME_FORMAT_BASIC, friendly),),
        )
    )

    schemas.check(xml.parse(xml.serialize(element)))
