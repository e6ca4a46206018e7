"""Delete (RFC 4511 §4.8)."""

from __future__ import annotations

from govdir.directory.handle import Handle
from govdir.ldap.codec.messages import DeleteRequest, DeleteResponse
from govdir.ldap.server.answers import Answer
from govdir.ldap.server.controls import Asked
from govdir.ldap.server.operations.written import answer_of


async def delete(request: DeleteRequest, handle: Handle, asked: Asked) -> Answer:
    """Deletes one leaf, or with the tree delete control an entry and all that is below it."""
    return answer_of(await handle.delete(request.entry, asked.write), DeleteResponse)
