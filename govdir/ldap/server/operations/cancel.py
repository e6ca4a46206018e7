"""Cancel (RFC 3909)."""

from __future__ import annotations

from typing import Final

from govdir.directory.errors import ProtocolError
from govdir.ldap.codec.cancel import decode_cancel
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.messages import ExtendedRequest, LdapResult
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.server.session import Outstanding, Session

CANCELED: Final = LdapResult(ResultCode.CANCELED)
"""What the operation that was canceled is answered."""


def cancel(request: ExtendedRequest, session: Session, message_id: int) -> Outstanding:
    """Cancels the operation that the request (of `message_id`) names; it is to be stopped and answered.

    Raises ProtocolError, NoSuchOperation, CannotCancel. What has begun to change something is never too late
    but cannot be canceled: it is carried out, and answered as ever.
    """
    try:
        wanted = decode_cancel(request.value)
    except DecodeError as error:
        raise ProtocolError(error.why) from error
    return session.cancel(wanted, message_id)
