"""Compare (RFC 4511 §4.10)."""

from __future__ import annotations

from govdir.directory.assertions import ASSERTION_FAILED
from govdir.directory.errors import AssertionFailed
from govdir.directory.handle import Handle
from govdir.ldap.codec.filters import Filter
from govdir.ldap.codec.messages import (
    CompareRequest,
    CompareResponse,
    DerefAliases,
    LdapResult,
    Scope,
    SearchRequest,
)
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.server.controls import Asked
from govdir.ldap.server.own_entries import OwnEntries

_TRUE = CompareResponse(LdapResult(ResultCode.COMPARE_TRUE))
_FALSE = CompareResponse(LdapResult(ResultCode.COMPARE_FALSE))


def compare(request: CompareRequest, handle: Handle, own: OwnEntries, asked: Asked) -> CompareResponse:
    """compareTrue or compareFalse; raises DirectoryError."""
    if asked.search.assertion is not None:
        _check_own(request.entry, asked.search.assertion, handle, own)
    held = own.compare(request, handle)
    if held is None:
        held = handle.compare(request.entry, request.attribute, request.assertion_value, asked.search)
    return _TRUE if held else _FALSE


def _check_own(dn: str, asserted: Filter, handle: Handle, own: OwnEntries) -> None:
    """Raises AssertionFailed for an entry of the server's own that the filter does not find."""
    search = SearchRequest(dn, Scope.BASE_OBJECT, DerefAliases.NEVER, 0, 0, False, asserted, ("1.1",))
    found = own.search(search, handle)
    if found is not None and not any(found):
        raise AssertionFailed(ASSERTION_FAILED)
