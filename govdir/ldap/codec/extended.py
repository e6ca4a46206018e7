"""The extended operations we serve and their values, both directions.

StartTLS (RFC 4511 §4.14), Password Modify (RFC 3062), Who am I? (RFC 4532) and the notice of disconnection
(RFC 4511 §4.4.1).
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from govdir.ldap.codec import ber
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.messages import ExtendedRequest, ExtendedResponse, LdapMessage, LdapResult
from govdir.ldap.codec.result_codes import ResultCode

START_TLS: Final = "1.3.6.1.4.1.1466.20037"
NOTICE_OF_DISCONNECTION: Final = "1.3.6.1.4.1.1466.20036"
PASSWORD_MODIFY: Final = "1.3.6.1.4.1.4203.1.11.1"  # noqa: S105 (an OID)
WHO_AM_I: Final = "1.3.6.1.4.1.4203.1.11.3"


class PasswordModify(Struct, frozen=True):
    """RFC 3062 §2: whose password (None: of who is bound), the old one, the new one (None: make one up)."""

    user_identity: str | None = None
    old: bytes | None = None
    new: bytes | None = None

    def __repr__(self) -> str:
        return f"PasswordModify(user_identity={self.user_identity!r}, old=<hidden>, new=<hidden>)"


def start_tls_request() -> ExtendedRequest:
    """A request to go on under TLS."""
    return ExtendedRequest(START_TLS)


def check_start_tls(value: bytes | None) -> None:
    """Raises DecodeError unless the requestValue is absent (RFC 4511 §4.14.1)."""
    _expect_absent(value, "StartTLS")


def start_tls_response(result: LdapResult) -> ExtendedResponse:
    """The answer names the operation (RFC 4511 §4.14.2)."""
    return ExtendedResponse(result, START_TLS)


def who_am_i_request() -> ExtendedRequest:
    """A request for the authorization identity."""
    return ExtendedRequest(WHO_AM_I)


def check_who_am_i(value: bytes | None) -> None:
    """Raises DecodeError unless the requestValue is absent (RFC 4532 §2.1)."""
    _expect_absent(value, "Who am I?")


def who_am_i_response(authorization_id: str) -> ExtendedResponse:
    """`authorization_id` is "dn:…", "u:…", or empty for anonymous (RFC 4532 §2.2; RFC 4513 §5.2.1.8)."""
    return ExtendedResponse(LdapResult(ResultCode.SUCCESS), value=authorization_id.encode())


def decode_who_am_i_response(value: bytes | None) -> str:
    """The authorization identity of a successful answer; raises DecodeError."""
    if value is None:
        raise DecodeError("Who am I?: responseValue is missing")
    return ber.decode_text(value, "authzId")


def password_modify_request(modify: PasswordModify) -> ExtendedRequest:
    """The request that carries `modify`, without a value when that would be empty."""
    fields = (
        b"" if modify.user_identity is None else ber.text(modify.user_identity, 0x80),
        b"" if modify.old is None else ber.octet_string(modify.old, 0x81),
        b"" if modify.new is None else ber.octet_string(modify.new, 0x82),
    )
    return ExtendedRequest(PASSWORD_MODIFY, ber.sequence(*fields) if any(fields) else None)


def decode_password_modify(value: bytes | None) -> PasswordModify:
    """The requestValue, absent meaning all fields are; raises DecodeError."""
    if value is None:
        return PasswordModify()
    fields = ber.only_sequence(value, "PasswdModifyRequestValue")
    user_identity = fields.text(0x80, "userIdentity") if fields.next_tag() == 0x80 else None
    old = fields.octets(0x81, "oldPasswd") if fields.next_tag() == 0x81 else None
    new = fields.octets(0x82, "newPasswd") if fields.next_tag() == 0x82 else None
    fields.ignore_extensions()
    return PasswordModify(user_identity, old, new)


def password_modify_response(generated: bytes | None) -> ExtendedResponse:
    """The answer to a change that was made; `generated` is the password made up, None if it was given."""
    value = None if generated is None else ber.sequence(ber.octet_string(generated, 0x80))
    return ExtendedResponse(LdapResult(ResultCode.SUCCESS), value=value)


def decode_password_modify_response(value: bytes | None) -> bytes | None:
    """The password the server made up, None if it did not; raises DecodeError."""
    if value is None:
        return None
    fields = ber.only_sequence(value, "PasswdModifyResponseValue")
    generated = fields.octets(0x80, "genPasswd") if fields.next_tag() == 0x80 else None
    fields.ignore_extensions()
    return generated


def notice_of_disconnection(code: ResultCode, diagnostic: str) -> LdapMessage:
    """The unsolicited notification after which the server closes the connection."""
    return LdapMessage(0, ExtendedResponse(LdapResult(code, "", diagnostic), NOTICE_OF_DISCONNECTION))


def _expect_absent(value: bytes | None, operation: str) -> None:
    if value is not None:
        raise DecodeError(f"{operation}: requestValue must be absent")
