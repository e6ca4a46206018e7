"""Reading an AuthnRequest."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from govdir.sso.saml.errors import MalformedMessage
from govdir.sso.saml.model import (
    AuthnRequest,
    Comparison,
    NameId,
    NameIdFormat,
    NameIdPolicy,
    RequestedAuthnContext,
)
from govdir.sso.saml.requests import MAX_CLASSES, read_authn_request
from tests.sso.saml.samples import ACS, SP, document

ISSUER = f"<saml:Issuer>{SP}</saml:Issuer>"
INSTANT = 'IssueInstant="2026-03-02T08:30:00.25+07:00"'
HEAD = f'ID="_q1" Version="2.0" {INSTANT}'
PPT = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"


def read(attributes: str = "", content: str = "", *, issuer: str = ISSUER, head: str = HEAD) -> AuthnRequest:
    return read_authn_request(
        document(f"<samlp:AuthnRequest {head} {attributes}>{issuer}{content}</samlp:AuthnRequest>")
    )


def test_a_request_may_say_nothing_but_who_asks() -> None:
    assert read() == AuthnRequest(
        id="_q1", issuer=SP, issued_at=datetime(2026, 3, 2, 1, 30, 0, 250_000, tzinfo=UTC)
    )


def test_everything_a_request_may_say_is_read() -> None:
    request = read(
        f'Destination="https://idp/sso" ForceAuthn="1" IsPassive="true" AssertionConsumerServiceURL="{ACS}" '
        'ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" ProviderName="Portal" '
        'Consent="x:y"',
        f"""<samlp:Extensions><x xmlns="e:x"/></samlp:Extensions>
        <saml:Subject><saml:NameID Format="{NameIdFormat.EMAIL.value}" NameQualifier="a" SPNameQualifier="b">
            an@example.vn </saml:NameID></saml:Subject>
        <samlp:NameIDPolicy Format="{NameIdFormat.PERSISTENT.value}" SPNameQualifier="g" AllowCreate="true"/>
        <saml:Conditions NotOnOrAfter="2026-03-02T09:30:00Z"/>
        <samlp:RequestedAuthnContext Comparison="minimum"><saml:AuthnContextClassRef> {PPT}
            </saml:AuthnContextClassRef><saml:AuthnContextClassRef>x:y</saml:AuthnContextClassRef>
        </samlp:RequestedAuthnContext>
        <samlp:Scoping ProxyCount="0"/>""",
    )

    assert request == AuthnRequest(
        id="_q1",
        issuer=SP,
        issued_at=datetime(2026, 3, 2, 1, 30, 0, 250_000, tzinfo=UTC),
        destination="https://idp/sso",
        force_authn=True,
        is_passive=True,
        acs_url=ACS,
        protocol_binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
        name_id_policy=NameIdPolicy(NameIdFormat.PERSISTENT, "g", True),
        requested_context=RequestedAuthnContext(Comparison.MINIMUM, (PPT, "x:y")),
        subject=NameId("an@example.vn", NameIdFormat.EMAIL, "a", "b"),
    )


def test_an_index_says_where_the_answer_goes() -> None:
    assert read('AssertionConsumerServiceIndex="7"').acs_index == 7


def test_a_binding_beside_an_index_is_taken() -> None:
    request = read('AssertionConsumerServiceIndex="7" ProtocolBinding="x:y"')

    assert (request.acs_index, request.protocol_binding) == (7, "x:y")


def test_classes_are_meant_exactly_unless_it_is_said() -> None:
    content = (
        "<samlp:RequestedAuthnContext><saml:AuthnContextClassRef>x:y</saml:AuthnContextClassRef>"
        "</samlp:RequestedAuthnContext>"
    )

    assert read(content=content).requested_context == RequestedAuthnContext(Comparison.EXACT, ("x:y",))


def test_declarations_are_a_request_for_what_nobody_understands() -> None:
    content = (
        "<samlp:RequestedAuthnContext><saml:AuthnContextDeclRef>x:y</saml:AuthnContextDeclRef>"
        "</samlp:RequestedAuthnContext>"
    )

    assert read(content=content).requested_context == RequestedAuthnContext(Comparison.EXACT, ())


def test_an_empty_policy_leaves_the_format_open() -> None:
    assert read(content="<samlp:NameIDPolicy/>").name_id_policy == NameIdPolicy(None, None, False)


def test_empty_addresses_are_not_said() -> None:
    request = read('Destination="" AssertionConsumerServiceURL=" " ProtocolBinding=""')

    assert (request.destination, request.acs_url, request.protocol_binding) == (None, None, None)


@pytest.mark.parametrize(
    "issuer",
    [
        f'<saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">{SP}</saml:Issuer>',
        f"<saml:Issuer>\n  {SP}\n</saml:Issuer>",
        f"<saml:Issuer><!-- x -->{SP}</saml:Issuer>",
        f"<saml:Issuer>{SP[:9]}<!-- x -->{SP[9:]}</saml:Issuer>",
    ],
)
def test_the_issuer_is_its_text(issuer: str) -> None:
    assert read(issuer=issuer).issuer == SP


@pytest.mark.parametrize(
    "issuer",
    [
        "",
        "<saml:Issuer/>",
        "<saml:Issuer> </saml:Issuer>",
        f'<saml:Issuer Format="{NameIdFormat.EMAIL.value}">a@b.vn</saml:Issuer>',
        f"<saml:Issuer>https://{'a' * 1024}</saml:Issuer>",
    ],
)
def test_a_request_without_the_name_of_an_entity_is_refused(issuer: str) -> None:
    with pytest.raises(MalformedMessage):
        read(issuer=issuer)


@pytest.mark.parametrize(
    "head",
    [
        f'ID="_q1" Version="1.1" {INSTANT}',
        f'ID="_q1" Version="2.1" {INSTANT}',
        f'ID="_q1" {INSTANT}',
        f'Version="2.0" {INSTANT}',
        'ID="_q1" Version="2.0"',
        'ID="_q1" Version="2.0" IssueInstant="2026-03-02T08:30:00"',
        'ID="_q1" Version="2.0" IssueInstant="yesterday"',
        f'ID="1q" Version="2.0" {INSTANT}',
        f'ID="a:b" Version="2.0" {INSTANT}',
        f'ID="" Version="2.0" {INSTANT}',
        f'ID=" _q1" Version="2.0" {INSTANT}',
        f'ID="_{"q" * 256}" Version="2.0" {INSTANT}',
    ],
)
def test_a_head_that_is_not_of_saml_2_is_refused(head: str) -> None:
    with pytest.raises(MalformedMessage):
        read(head=head)


@pytest.mark.parametrize(
    ("attributes", "content"),
    [
        (f'AssertionConsumerServiceURL="{ACS}" AssertionConsumerServiceIndex="0"', ""),
        ('AssertionConsumerServiceIndex="-1"', ""),
        ('AssertionConsumerServiceIndex="65536"', ""),
        ('ForceAuthn="yes"', ""),
        ('Unknown="1"', ""),
        ("", "<saml:Subject/>"),
        ("", "<saml:Subject><saml:NameID/></saml:Subject>"),
        ("", f"<saml:Subject><saml:NameID>{'a' * 1025}</saml:NameID></saml:Subject>"),
        (
            "",
            "<saml:Subject><saml:NameID>a</saml:NameID>"
            '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"/></saml:Subject>',
        ),
        (
            "",
            '<saml:Subject><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"/>'
            "</saml:Subject>",
        ),
        ("", "<samlp:RequestedAuthnContext/>"),
        ("", "<samlp:NameIDPolicy/><samlp:NameIDPolicy/>"),
        ("", "<samlp:Scoping/><samlp:NameIDPolicy/>"),
    ],
)
def test_a_request_against_schema_or_profile_is_refused(attributes: str, content: str) -> None:
    with pytest.raises(MalformedMessage):
        read(attributes, content)


def test_more_classes_than_there_are_is_refused() -> None:
    one = "<saml:AuthnContextClassRef>x:y</saml:AuthnContextClassRef>"

    with pytest.raises(MalformedMessage):
        read(content=f"<samlp:RequestedAuthnContext>{one * (MAX_CLASSES + 1)}</samlp:RequestedAuthnContext>")


def test_another_message_is_no_request() -> None:
    with pytest.raises(MalformedMessage, match="this is no AuthnRequest"):
        read_authn_request(document(f"<samlp:LogoutRequest {HEAD}>{ISSUER}</samlp:LogoutRequest>"))
