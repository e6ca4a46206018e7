"""Modify (RFC 4511 §4.6)."""

from __future__ import annotations

from govdir.directory.handle import Handle
from govdir.ldap.codec.messages import ModifyRequest, ModifyResponse
from govdir.ldap.server.results import SUCCESS


async def modify(request: ModifyRequest, handle: Handle) -> ModifyResponse:
    """All changes or none."""
    await handle.modify(request)
    return ModifyResponse(SUCCESS)
