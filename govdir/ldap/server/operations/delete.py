"""Delete (RFC 4511 §4.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from govdir.ldap.codec.messages import DeleteRequest, DeleteResponse
from govdir.ldap.server.results import SUCCESS

if TYPE_CHECKING:
    from govdir.directory.service import Handle


async def delete(request: DeleteRequest, handle: Handle) -> DeleteResponse:
    """Deletes one leaf."""
    await handle.delete(request.entry)
    return DeleteResponse(SUCCESS)
