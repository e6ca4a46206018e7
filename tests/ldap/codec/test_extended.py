"""The values of extended operations, both directions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec import extended
from govdir.ldap.codec.decode import decode_message
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.extended import PasswordModify
from govdir.ldap.codec.messages import ExtendedResponse, LdapResult
from govdir.ldap.codec.result_codes import ResultCode
from tests.ldap.codec import strategies

password_changes = st.builds(
    PasswordModify, st.none() | strategies.dns, st.none() | strategies.values, st.none() | strategies.values
)


def test_a_password_change_is_these_octets() -> None:
    modify = PasswordModify("uid=a", b"old", b"new")
    octets = b"\x30\x11\x80\x05uid=a\x81\x03old\x82\x03new"

    assert extended.password_modify_request(modify).value == octets
    assert extended.decode_password_modify(octets) == modify


@given(password_changes)
def test_decoding_a_password_change_undoes_encoding(modify: PasswordModify) -> None:
    request = extended.password_modify_request(modify)

    assert request.name == extended.PASSWORD_MODIFY
    assert extended.decode_password_modify(request.value) == modify


@given(st.none() | strategies.values)
def test_decoding_a_generated_password_undoes_encoding(generated: bytes | None) -> None:
    response = extended.password_modify_response(generated)

    assert extended.decode_password_modify_response(response.value) == generated


@given(st.binary(max_size=20))
def test_any_value_is_a_password_change_or_a_decode_error(value: bytes) -> None:
    for decode in (extended.decode_password_modify, extended.decode_password_modify_response):
        try:
            decode(value)
        except DecodeError as error:
            assert error.why  # noqa: PT017 (either outcome is right)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (b"", "PasswdModifyRequestValue: missing"),
        (b"\x30\x03\x80\x01\xff", "userIdentity: not UTF-8"),
        (b"\x30\x00\x00", "octets left over"),
    ],
)
def test_malformed_password_changes_are_refused(value: bytes, why: str) -> None:
    with pytest.raises(DecodeError, match=why):
        extended.decode_password_modify(value)


def test_no_password_shows_in_a_representation() -> None:
    modify = PasswordModify("uid=a", b"secret", b"secret")

    assert "secret" not in repr(modify) + repr(extended.password_modify_request(modify))


def test_start_tls_and_who_am_i_requests_have_no_value() -> None:
    assert extended.start_tls_request().value is None
    assert extended.who_am_i_request().value is None
    extended.check_start_tls(None)
    extended.check_who_am_i(None)

    with pytest.raises(DecodeError, match="StartTLS: requestValue must be absent"):
        extended.check_start_tls(b"")
    with pytest.raises(DecodeError, match="must be absent"):
        extended.check_who_am_i(b"x")


def test_the_start_tls_answer_names_the_operation() -> None:
    result = LdapResult(ResultCode.SUCCESS)

    assert extended.start_tls_response(result) == ExtendedResponse(result, "1.3.6.1.4.1.1466.20037")


@pytest.mark.parametrize("identity", ["", "dn:uid=nvminh,dc=vn", "u:nvminh"])
def test_an_authorization_identity_comes_back(identity: str) -> None:
    assert extended.decode_who_am_i_response(extended.who_am_i_response(identity).value) == identity


@pytest.mark.parametrize("value", [None, b"\xff"])
def test_an_answer_without_identity_is_refused(value: bytes | None) -> None:
    with pytest.raises(DecodeError):
        extended.decode_who_am_i_response(value)


def test_the_notice_of_disconnection_is_unsolicited() -> None:
    notice = extended.notice_of_disconnection(ResultCode.PROTOCOL_ERROR, "indefinite length")

    assert decode_message(encode_message(notice)) == notice
    assert notice.message_id == 0
