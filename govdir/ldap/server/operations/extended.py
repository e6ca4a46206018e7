"""Extended operations that answer at once (RFC 4511 §4.12)."""

from __future__ import annotations

from govdir.directory.errors import ProtocolError
from govdir.ldap.codec.extended import WHO_AM_I
from govdir.ldap.codec.messages import ExtendedRequest, ExtendedResponse
from govdir.ldap.server.operations.who_am_i import who_am_i


def extended(request: ExtendedRequest, authz_id: str) -> ExtendedResponse:
    """Performs it for the caller with this authorization identity.

    Raises ProtocolError for a name that is not known, as RFC 4511 §4.12 demands.
    """
    if request.name == WHO_AM_I:
        return who_am_i(request, authz_id)
    raise ProtocolError("unsupported extended operation")
