"""Cancel (RFC 3909): ending an operation that is under way, with an answer to it and to this request."""

from __future__ import annotations

from typing import Final

from govdir.ldap.codec import ber
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.messages import ExtendedRequest

CANCEL: Final = "1.3.6.1.1.8"


def cancel_request(message_id: int) -> ExtendedRequest:
    """A request to end the operation with that message id."""
    return ExtendedRequest(CANCEL, ber.sequence(ber.integer(message_id)))


def decode_cancel(value: bytes | None) -> int:
    """The cancelID of a requestValue (RFC 3909 §2.1); raises DecodeError."""
    if value is None:
        raise DecodeError("Cancel: requestValue is missing")
    content = ber.only_sequence(value, "cancelRequestValue")
    message_id = content.integer(ber.INTEGER, "cancelID")
    content.ignore_extensions()
    return message_id
