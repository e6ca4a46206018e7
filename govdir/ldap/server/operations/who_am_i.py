"""Who Am I (RFC 4532)."""

from __future__ import annotations

from govdir.directory.errors import ProtocolError
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.extended import check_who_am_i, who_am_i_response
from govdir.ldap.codec.messages import ExtendedRequest, ExtendedResponse


def who_am_i(request: ExtendedRequest, authz_id: str) -> ExtendedResponse:
    """Answers with `authz_id`, empty for anonymous; raises ProtocolError when the request has a value."""
    try:
        check_who_am_i(request.value)
    except DecodeError as error:
        raise ProtocolError(error.why) from error
    return who_am_i_response(authz_id)
