"""What the server knows of every operation before it looks at one, and the controls each takes.

The tables here are also what the root DSE announces, so it cannot claim what is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct

from govdir.ldap.codec import operation_tags
from govdir.ldap.codec.cancel import CANCEL
from govdir.ldap.codec.controls import oids
from govdir.ldap.codec.extended import PASSWORD_MODIFY, START_TLS, WHO_AM_I
from govdir.ldap.codec.messages import (
    AbandonRequest,
    AddRequest,
    AddResponse,
    BindRequest,
    BindResponse,
    CompareRequest,
    CompareResponse,
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
from govdir.ldap.codec.transactions import END_TRANSACTION, START_TRANSACTION
from govdir.ldap.server.refusals import SessionViolation
from govdir.ldap.server.session import Manner

EVERYWHERE: Final = frozenset({oids.PASSWORD_POLICY, oids.SESSION_TRACKING})
ENTRY_CONTROLS: Final = EVERYWHERE | {oids.MANAGE_DSA_IT, oids.PROXIED_AUTHORIZATION}
SEARCH_CONTROLS: Final = ENTRY_CONTROLS | {
    oids.ACCOUNT_USABLE,
    oids.ASSERTION,
    oids.DONT_USE_COPY,
    oids.EFFECTIVE_RIGHTS,
    oids.MATCHED_VALUES,
    oids.PAGED_RESULTS,
    oids.SORT_REQUEST,
    oids.SUBENTRIES,
    oids.VIRTUAL_LIST_VIEW_REQUEST,
}
COMPARE_CONTROLS: Final = ENTRY_CONTROLS | {oids.ASSERTION, oids.DONT_USE_COPY}
ADD_CONTROLS: Final = ENTRY_CONTROLS | {oids.ASSERTION, oids.NO_OP, oids.POST_READ, oids.TRANSACTION}
MODIFY_CONTROLS: Final = ADD_CONTROLS | {oids.PERMISSIVE_MODIFY, oids.PRE_READ}
MODIFY_DN_CONTROLS: Final = ADD_CONTROLS | {oids.PRE_READ}
DELETE_CONTROLS: Final = ENTRY_CONTROLS | {
    oids.ASSERTION,
    oids.NO_OP,
    oids.PRE_READ,
    oids.TRANSACTION,
    oids.TREE_DELETE,
}
BIND_CONTROLS: Final = EVERYWHERE
PASSWORD_MODIFY_CONTROLS: Final = EVERYWHERE | {oids.PROXIED_AUTHORIZATION}
WHO_AM_I_CONTROLS: Final = EVERYWHERE | {oids.PROXIED_AUTHORIZATION}

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
    controls: frozenset[str] = EVERYWHERE


TRAITS: Final[Mapping[type, Trait]] = {
    BindRequest: Trait("bind", Manner.BIND, BindResponse, BIND_CONTROLS),
    UnbindRequest: Trait("unbind", Manner.IMMEDIATE, None),
    SearchRequest: Trait("search", Manner.READ, SearchResultDone, SEARCH_CONTROLS),
    ModifyRequest: Trait("modify", Manner.UPDATE, ModifyResponse, MODIFY_CONTROLS),
    AddRequest: Trait("add", Manner.UPDATE, AddResponse, ADD_CONTROLS),
    DeleteRequest: Trait("delete", Manner.UPDATE, DeleteResponse, DELETE_CONTROLS),
    ModifyDnRequest: Trait("modify_dn", Manner.UPDATE, ModifyDnResponse, MODIFY_DN_CONTROLS),
    CompareRequest: Trait("compare", Manner.READ, CompareResponse, COMPARE_CONTROLS),
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
    CANCEL: Trait("cancel", Manner.IMMEDIATE, ExtendedResponse),
    START_TLS: Trait("start_tls", Manner.IMMEDIATE, ExtendedResponse),
    START_TRANSACTION: Trait("start_transaction", Manner.READ, ExtendedResponse),
    END_TRANSACTION: Trait("end_transaction", Manner.UPDATE, ExtendedResponse),
    WHO_AM_I: Trait("who_am_i", Manner.READ, ExtendedResponse, WHO_AM_I_CONTROLS),
    PASSWORD_MODIFY: Trait("password_modify", Manner.UPDATE, ExtendedResponse, PASSWORD_MODIFY_CONTROLS),
}
SUPPORTED_CONTROLS: Final = frozenset[str]().union(
    *(trait.controls for trait in (*TRAITS.values(), *EXTENDED.values()))
)


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
