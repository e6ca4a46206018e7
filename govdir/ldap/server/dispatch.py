"""From the type of an update to what performs it."""

from __future__ import annotations

from govdir.directory.handle import Handle
from govdir.ldap.codec.extended import PASSWORD_MODIFY
from govdir.ldap.codec.messages import (
    AddRequest,
    DeleteRequest,
    ExtendedRequest,
    ModifyDnRequest,
    ModifyRequest,
    Request,
    Response,
)
from govdir.ldap.server.answers import Answer
from govdir.ldap.server.controls import NOTHING_ASKED, Asked
from govdir.ldap.server.operations.add import add
from govdir.ldap.server.operations.delete import delete
from govdir.ldap.server.operations.modify import modify
from govdir.ldap.server.operations.modify_dn import modify_dn
from govdir.ldap.server.operations.password_modify import password_modify
from govdir.ldap.server.password_policy import told_of_success
from govdir.ldap.server.refusals import SessionViolation


async def update(
    request: Request | Response,
    handle: Handle,
    asked: Asked = NOTHING_ASKED,
    *,
    passwords_allowed: bool,
) -> Answer:
    """Performs an operation of Manner.UPDATE; raises DirectoryError."""
    answer = await _performed(request, handle, asked, passwords_allowed=passwords_allowed)
    told = told_of_success(asked)
    return Answer(answer.response, answer.controls + told) if told else answer


async def _performed(
    request: Request | Response, handle: Handle, asked: Asked, *, passwords_allowed: bool
) -> Answer:
    match request:
        case AddRequest():
            return await add(request, handle, asked)
        case ModifyRequest():
            return await modify(request, handle, asked)
        case ModifyDnRequest():
            return await modify_dn(request, handle, asked)
        case DeleteRequest():
            return await delete(request, handle, asked)
        case ExtendedRequest(name=name) if name == PASSWORD_MODIFY:
            return await password_modify(request, handle, passwords_allowed=passwords_allowed)
        case _:
            raise SessionViolation("not an update")
