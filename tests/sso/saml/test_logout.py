"""LogoutRequest and LogoutResponse, read and written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from msgspec.structs import replace

from govdir.sso.saml import encryption, schemas, signatures, statuses, xml
from govdir.sso.saml.encryption import EncryptionKey
from govdir.sso.saml.errors import DecryptionRefused, MalformedMessage
from govdir.sso.saml.keys import VerificationKeys
from govdir.sso.saml.logout import (
    MAX_SESSION_INDEXES,
    logout_request,
    logout_response,
    read_logout_request,
    read_logout_response,
)
from govdir.sso.saml.model import LogoutRequest, LogoutResponse, NameId, NameIdFormat, Status
from govdir.sso.saml.names import REASON_USER
from tests.sso.saml.samples import IDP, NAMESPACES, NOW, SP, document, signing_key

HEAD = 'ID="_q1" Version="2.0" IssueInstant="2026-03-02T01:30:00Z"'
ISSUER = f"<saml:Issuer>{SP}</saml:Issuer>"
NAME = NameId("an.nguyen@example.vn", NameIdFormat.EMAIL, IDP, SP)

REQUEST = LogoutRequest(
    id="_q1",
    issuer=SP,
    issued_at=NOW,
    name_id=NAME,
    destination="https://idp/slo",
    not_on_or_after=NOW + timedelta(minutes=5),
    reason=REASON_USER,
    session_indexes=("_s1", "_s2"),
)
RESPONSE = LogoutResponse(
    id="_r1",
    issuer=SP,
    issued_at=NOW,
    status=Status(statuses.RESPONDER, statuses.PARTIAL_LOGOUT, "2 of 3"),
    in_response_to="_q1",
    destination="https://idp/slo",
)

STATUSES = st.builds(
    Status,
    st.sampled_from(sorted(statuses.TOP_LEVEL)),
    st.none() | st.just(statuses.REQUEST_DENIED),
    st.none() | st.just("vì sao"),
)


def passed_on(message: etree._Element) -> etree._Element:
    """The message as the other side has it."""
    return xml.parse(xml.serialize(message))


def encrypted_id(plain: str) -> str:
    element = encryption.encrypt(plain.encode(), EncryptionKey.of(signing_key().certificate))
    (data,) = element
    return f"<saml:EncryptedID>{xml.serialize(data).decode()}</saml:EncryptedID>"


@given(
    st.builds(
        replace,
        st.just(REQUEST),
        destination=st.none() | st.just("https://idp/slo"),
        not_on_or_after=st.none() | st.just(NOW),
        reason=st.none() | st.just(REASON_USER),
        session_indexes=st.sampled_from([(), ("_s1",), ("_s1", "_s2")]),
        name_id=st.sampled_from([NAME, NameId("x"), NameId("Nguyễn", NameIdFormat.PERSISTENT, None, SP)]),
    )
)
def test_a_request_is_read_as_it_was_written(request: LogoutRequest) -> None:
    message = passed_on(logout_request(request))

    schemas.check(message)
    assert read_logout_request(message, ()) == request


@given(
    st.builds(
        replace,
        st.just(RESPONSE),
        destination=st.none() | st.just("https://idp/slo"),
        in_response_to=st.none() | st.just("_q1"),
        status=STATUSES,
    )
)
def test_a_response_is_read_as_it_was_written(response: LogoutResponse) -> None:
    message = passed_on(logout_response(response))

    schemas.check(message)
    assert read_logout_response(message) == response


def test_signed_messages_are_still_by_the_schema() -> None:
    for message in (logout_request(REQUEST), logout_response(RESPONSE)):
        signatures.sign(message, signing_key())

        verified = signatures.verified(passed_on(message), VerificationKeys.of([signing_key().certificate]))

        schemas.check(verified)


def test_a_name_that_is_encrypted_for_us_is_read() -> None:
    plain = f'<saml:NameID {NAMESPACES} Format="{NameIdFormat.EMAIL.value}">an@example.vn</saml:NameID>'
    message = document(f"<samlp:LogoutRequest {HEAD}>{ISSUER}{encrypted_id(plain)}</samlp:LogoutRequest>")

    request = read_logout_request(message, (signing_key("next"), signing_key()))

    assert request.name_id == NameId("an@example.vn", NameIdFormat.EMAIL)


@pytest.mark.parametrize(
    "plain",
    [
        f"<saml:Issuer {NAMESPACES}>an@example.vn</saml:Issuer>",
        f"<saml:NameID {NAMESPACES}/>",
        f"<saml:NameID {NAMESPACES} Unknown='1'>an@example.vn</saml:NameID>",
        "no element",
    ],
)
def test_anything_else_that_was_encrypted_is_refused_like_what_cannot_be_decrypted(plain: str) -> None:
    message = document(f"<samlp:LogoutRequest {HEAD}>{ISSUER}{encrypted_id(plain)}</samlp:LogoutRequest>")

    with pytest.raises(DecryptionRefused) as ours:
        read_logout_request(message, (signing_key(),))
    with pytest.raises(DecryptionRefused) as others:
        read_logout_request(message, (signing_key("next"),))

    assert str(ours.value) == str(others.value)
    assert ours.value.__cause__ is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        '<saml:BaseID xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:e="e:x" xsi:type="e:t"/>',
        "<saml:NameID></saml:NameID>",
        "<saml:NameID>a<b/></saml:NameID>",
        "<saml:NameID>a</saml:NameID><saml:NameID>b</saml:NameID>",
        "<saml:NameID>a</saml:NameID>"
        + "<samlp:SessionIndex>x</samlp:SessionIndex>" * (MAX_SESSION_INDEXES + 1),
    ],
)
def test_a_request_that_does_not_say_who_is_meant_is_refused(content: str) -> None:
    with pytest.raises(MalformedMessage):
        read_logout_request(
            document(f"<samlp:LogoutRequest {HEAD}>{ISSUER}{content}</samlp:LogoutRequest>"), ()
        )


@pytest.mark.parametrize(
    "status",
    [
        "",
        "<samlp:Status/>",
        '<samlp:Status><samlp:StatusCode Value=""/></samlp:Status>',
        f'<samlp:Status><samlp:StatusCode Value="{statuses.PARTIAL_LOGOUT}"/></samlp:Status>',
    ],
)
def test_a_response_without_a_top_level_status_is_refused(status: str) -> None:
    with pytest.raises(MalformedMessage):
        read_logout_response(
            document(f"<samlp:LogoutResponse {HEAD}>{ISSUER}{status}</samlp:LogoutResponse>")
        )


@pytest.mark.parametrize(
    ("status", "complete"),
    [
        (statuses.OK, True),
        (Status(statuses.SUCCESS, statuses.PARTIAL_LOGOUT), False),
        (Status(statuses.RESPONDER, statuses.PARTIAL_LOGOUT), False),
        (Status(statuses.REQUESTER), False),
    ],
)
def test_a_logout_is_complete_when_nothing_was_left(status: Status, complete: bool) -> None:
    assert statuses.is_complete_success(status) is complete


def test_a_refusal_does_not_quote_the_name() -> None:
    message = document(
        f"<samlp:LogoutRequest {HEAD}>{ISSUER}<saml:NameID>secret-name<b/></saml:NameID>"
        "</samlp:LogoutRequest>"
    )

    with pytest.raises(MalformedMessage) as refused:
        read_logout_request(message, ())

    assert "secret-name" not in str(refused.value)


def test_times_are_those_of_the_message() -> None:
    message = document(
        f'<samlp:LogoutRequest {HEAD} NotOnOrAfter="2026-03-02T08:35:00+07:00">{ISSUER}'
        "<saml:NameID>a</saml:NameID></samlp:LogoutRequest>"
    )

    request = read_logout_request(message, ())

    assert request.not_on_or_after == datetime(2026, 3, 2, 1, 35, tzinfo=UTC)
