"""Add (RFC 4511 §4.7)."""

from __future__ import annotations

from govdir.directory.handle import Handle
from govdir.ldap.codec.messages import AddRequest, AddResponse, LdapResult
from govdir.ldap.codec.result_codes import ResultCode


async def add(request: AddRequest, handle: Handle) -> AddResponse:
    """Adds the entry; where the province's rules name it otherwise, the diagnostic tells the name it got."""
    stored = await handle.add(request)
    told = "" if stored == request.entry else f"stored as {stored}"
    return AddResponse(LdapResult(ResultCode.SUCCESS, diagnostic_message=told))
