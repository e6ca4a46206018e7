"""The one error that octets from the network can cause in this package."""

from __future__ import annotations

from govdir.ldap.codec.result_codes import ResultCode


class DecodeError(Exception):
    """The octets are not what RFC 4511 allows, or are more than the limits allow.

    `why` says which field broke which rule and never holds the octets themselves. `message_id` is that of
    the offending message, None when it could not be read. `code` is what to say in the notice of
    disconnection: protocolError, adminLimitExceeded for a limit, authMethodNotSupported for such a bind.
    """

    def __init__(
        self, why: str, message_id: int | None = None, *, code: ResultCode = ResultCode.PROTOCOL_ERROR
    ) -> None:
        super().__init__(why)
        self.why = why
        self.message_id = message_id
        self.code = code


class Unacceptable(DecodeError):
    """The encoding is right, and a value is out of its range or there is more than the limits allow.

    Such a request "MUST" be answered (RFC 4511 §4.1.1), and what follows it can be read. `operation` is the
    tag of its protocolOp; it and `message_id` are None where the error lies before them, and then it ends the
    connection as any DecodeError.
    """

    def __init__(
        self,
        why: str,
        message_id: int | None = None,
        operation: int | None = None,
        *,
        code: ResultCode = ResultCode.PROTOCOL_ERROR,
    ) -> None:
        super().__init__(why, message_id, code=code)
        self.operation = operation


def limit_exceeded(what: str, limit: int) -> Unacceptable:
    """The error for more of `what` than `limit`."""
    return Unacceptable(f"{what}: more than the limit of {limit}", code=ResultCode.ADMIN_LIMIT_EXCEEDED)
