"""Add (RFC 4511 §4.7)."""

from __future__ import annotations

from govdir.directory.handle import Handle
from govdir.ldap.codec.messages import AddRequest, AddResponse
from govdir.ldap.server.answers import Answer
from govdir.ldap.server.controls import Asked
from govdir.ldap.server.operations.written import answer_of


async def add(request: AddRequest, handle: Handle, asked: Asked) -> Answer:
    """Adds the entry; where the province's rules name it otherwise, the diagnostic tells the name it got."""
    written = await handle.add(request, asked.write)
    told = "" if written.dn == request.entry else f"stored as {written.dn}"
    return answer_of(written, AddResponse, told)
