"""Add (RFC 4511 §4.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from govdir.ldap.codec.messages import AddRequest, AddResponse, LdapResult
from govdir.ldap.codec.result_codes import ResultCode

if TYPE_CHECKING:
    from govdir.directory.service import Handle


async def add(request: AddRequest, handle: Handle) -> AddResponse:
    """Adds the entry; where the province's rules name it otherwise, the diagnostic tells the name it got."""
    stored = await handle.add(request)
    told = "" if stored == request.entry else f"stored as {stored}"
    return AddResponse(LdapResult(ResultCode.SUCCESS, diagnostic_message=told))
