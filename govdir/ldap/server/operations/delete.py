"""Delete (RFC 4511 §4.8)."""

from __future__ import annotations

from govdir.directory.handle import Handle
from govdir.ldap.codec.messages import DeleteRequest, DeleteResponse
from govdir.ldap.server.results import SUCCESS


async def delete(request: DeleteRequest, handle: Handle) -> DeleteResponse:
    """Deletes one leaf."""
    await handle.delete(request.entry)
    return DeleteResponse(SUCCESS)
