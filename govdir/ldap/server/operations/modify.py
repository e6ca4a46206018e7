"""Modify (RFC 4511 §4.6)."""

from __future__ import annotations

from govdir.directory.handle import Handle
from govdir.ldap.codec.messages import ModifyRequest, ModifyResponse
from govdir.ldap.server.answers import Answer
from govdir.ldap.server.controls import Asked
from govdir.ldap.server.operations.written import answer_of


async def modify(request: ModifyRequest, handle: Handle, asked: Asked) -> Answer:
    """All changes or none."""
    return answer_of(await handle.modify(request, asked.write), ModifyResponse)
