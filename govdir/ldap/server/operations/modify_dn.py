"""Modify DN (RFC 4511 §4.9)."""

from __future__ import annotations

from govdir.directory.handle import Handle
from govdir.ldap.codec.messages import ModifyDnRequest, ModifyDnResponse
from govdir.ldap.server.answers import Answer
from govdir.ldap.server.controls import Asked
from govdir.ldap.server.operations.written import answer_of


async def modify_dn(request: ModifyDnRequest, handle: Handle, asked: Asked) -> Answer:
    """Renames or moves an entry with all that is below it."""
    return answer_of(await handle.modify_dn(request, asked.write), ModifyDnResponse)
