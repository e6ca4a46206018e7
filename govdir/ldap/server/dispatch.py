"""From the type of a request to what performs it, and the controls each operation takes.

The tables here are also what the root DSE announces, so it cannot claim what is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct

from govdir.directory.errors import ProtocolError
from govdir.directory.handle import Handle
from govdir.directory.matches import PageRequest
from govdir.ldap.codec import operation_tags
from govdir.ldap.codec.controls import MANAGE_DSA_IT, PAGED_RESULTS, decode_paged_results, expect_no_value
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.extended import PASSWORD_MODIFY, START_TLS, WHO_AM_I
from govdir.ldap.codec.messages import (
    AbandonRequest,
    AddRequest,
    AddResponse,
    BindRequest,
    BindResponse,
    CompareRequest,
    CompareResponse,
    Control,
    DeleteRequest,
    DeleteResponse,
    ExtendedRequest,
    ExtendedResponse,
    LdapResult,
    ModifyDnRequest,
    ModifyDnResponse,
    ModifyRequest,
    ModifyResponse,
    Request,
    Response,
    SearchRequest,
    SearchResultDone,
    UnbindRequest,
)
from govdir.ldap.server.operations.add import add
from govdir.ldap.server.operations.delete import delete
from govdir.ldap.server.operations.modify import modify
from govdir.ldap.server.operations.modify_dn import modify_dn
from govdir.ldap.server.operations.password_modify import password_modify
from govdir.ldap.server.refusals import SessionViolation, UnavailableCriticalExtension
from govdir.ldap.server.session import Manner

NO_CONTROLS: Final[frozenset[str]] = frozenset()
# No entry here is a referral, so ManageDsaIT (RFC 3296) asks for what happens anyway.
ENTRY_CONTROLS: Final = frozenset({MANAGE_DSA_IT})
SEARCH_CONTROLS: Final = ENTRY_CONTROLS | {PAGED_RESULTS}


ResultResponse = (
    BindResponse
    | SearchResultDone
    | ModifyResponse
    | AddResponse
    | DeleteResponse
    | ModifyDnResponse
    | CompareResponse
    | ExtendedResponse
)
"""A response that ends an operation: it holds a result."""


class Trait(Struct, frozen=True):
    """What the server knows of an operation before it looks at one: its name in the access log, its place in
    the session, how to wrap its result (None when it has no response) and the controls it takes."""

    name: str
    manner: Manner
    respond: Callable[[LdapResult], ResultResponse] | None
    controls: frozenset[str] = NO_CONTROLS


TRAITS: Final[Mapping[type, Trait]] = {
    BindRequest: Trait("bind", Manner.BIND, BindResponse),
    UnbindRequest: Trait("unbind", Manner.IMMEDIATE, None),
    SearchRequest: Trait("search", Manner.READ, SearchResultDone, SEARCH_CONTROLS),
    ModifyRequest: Trait("modify", Manner.UPDATE, ModifyResponse, ENTRY_CONTROLS),
    AddRequest: Trait("add", Manner.UPDATE, AddResponse, ENTRY_CONTROLS),
    DeleteRequest: Trait("delete", Manner.UPDATE, DeleteResponse, ENTRY_CONTROLS),
    ModifyDnRequest: Trait("modify_dn", Manner.UPDATE, ModifyDnResponse, ENTRY_CONTROLS),
    CompareRequest: Trait("compare", Manner.READ, CompareResponse, ENTRY_CONTROLS),
    AbandonRequest: Trait("abandon", Manner.IMMEDIATE, None),
    ExtendedRequest: Trait("extended", Manner.READ, ExtendedResponse),  # one that is not known
}
# Requests that can be refused before they are read to the end. A bind is none: it would keep its identity.
REFUSABLE: Final[Mapping[int, Trait]] = {
    operation_tags.SEARCH_REQUEST: TRAITS[SearchRequest],
    operation_tags.MODIFY_REQUEST: TRAITS[ModifyRequest],
    operation_tags.ADD_REQUEST: TRAITS[AddRequest],
    operation_tags.DELETE_REQUEST: TRAITS[DeleteRequest],
    operation_tags.MODIFY_DN_REQUEST: TRAITS[ModifyDnRequest],
    operation_tags.COMPARE_REQUEST: TRAITS[CompareRequest],
    operation_tags.EXTENDED_REQUEST: TRAITS[ExtendedRequest],
}
EXTENDED: Final[Mapping[str, Trait]] = {
    START_TLS: Trait("start_tls", Manner.IMMEDIATE, ExtendedResponse),
    WHO_AM_I: Trait("who_am_i", Manner.READ, ExtendedResponse),
    PASSWORD_MODIFY: Trait("password_modify", Manner.UPDATE, ExtendedResponse),
}
SUPPORTED_CONTROLS: Final = frozenset[str]().union(*(trait.controls for trait in TRAITS.values()))


def trait_of(request: Request | Response) -> Trait:
    """The trait of a request.

    Raises:
        SessionViolation: it is a response, which no client may send.
    """
    trait = TRAITS.get(type(request))
    if trait is None:
        raise SessionViolation("a response is not a request")
    if type(request) is ExtendedRequest:
        return EXTENDED.get(request.name, trait)
    return trait


def check_controls(controls: tuple[Control, ...], trait: Trait) -> PageRequest | None:
    """Checks all controls of a request before it has any effect (RFC 4511 §4.1.11).

    Returns the page asked for, if any.

    Raises:
        UnavailableCriticalExtension: a critical control that the operation does not take.
        ProtocolError: a control twice, or with a value that is not its own.
    """
    page = None
    seen = set()
    for control in controls:
        if control.oid in seen:
            raise ProtocolError(f"control {control.oid} appears twice")
        seen.add(control.oid)
        if control.oid not in trait.controls:
            if control.critical:
                raise UnavailableCriticalExtension(f"critical control {control.oid} is not available here")
        else:
            page = _read_control(control) or page
    return page


def _read_control(control: Control) -> PageRequest | None:
    """The meaning of a control that is known; raises ProtocolError."""
    try:
        if control.oid == PAGED_RESULTS:
            asked = decode_paged_results(control)
            return PageRequest(asked.size, asked.cookie)
        if control.value != b"":  # Studio and JNDI send ManageDsaIT with an empty value
            expect_no_value(control)
    except DecodeError as error:
        raise ProtocolError(error.why) from error
    return None


async def update(request: Request | Response, handle: Handle, *, passwords_allowed: bool) -> ResultResponse:
    """Performs an operation of Manner.UPDATE; raises DirectoryError."""
    match request:
        case AddRequest():
            return await add(request, handle)
        case ModifyRequest():
            return await modify(request, handle)
        case ModifyDnRequest():
            return await modify_dn(request, handle)
        case DeleteRequest():
            return await delete(request, handle)
        case ExtendedRequest(name=name) if name == PASSWORD_MODIFY:
            return await password_modify(request, handle, passwords_allowed=passwords_allowed)
        case _:
            raise SessionViolation("not an update")
