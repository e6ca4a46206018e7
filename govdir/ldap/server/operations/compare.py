"""Compare (RFC 4511 §4.10)."""

from __future__ import annotations

from govdir.directory.handle import Handle
from govdir.ldap.codec.messages import CompareRequest, CompareResponse, LdapResult
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.server.root_dse import OwnEntries

_TRUE = CompareResponse(LdapResult(ResultCode.COMPARE_TRUE))
_FALSE = CompareResponse(LdapResult(ResultCode.COMPARE_FALSE))


def compare(request: CompareRequest, handle: Handle, own: OwnEntries) -> CompareResponse:
    """compareTrue or compareFalse; raises DirectoryError."""
    held = own.compare(request, handle)
    if held is None:
        held = handle.compare(request.entry, request.attribute, request.assertion_value)
    return _TRUE if held else _FALSE
