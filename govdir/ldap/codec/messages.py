"""The protocol data units of RFC 4511 §4 as immutable values.

Names (LDAPDN, RelativeLDAPDN), attribute descriptions, OIDs and diagnostics are `str`; attribute values,
assertion values, credentials and control values are `bytes`. Nothing here knows BER or the schema.
"""

from __future__ import annotations

from enum import IntEnum

from msgspec import Struct

from govdir.ldap.codec.filters import Filter
from govdir.ldap.codec.result_codes import ResultCode


class Control(Struct, frozen=True):
    """A control (RFC 4511 §4.1.11); `value` is None when absent, b"" when present and empty."""

    oid: str
    critical: bool = False
    value: bytes | None = None


class Attribute(Struct, frozen=True):
    """A PartialAttribute (RFC 4511 §4.1.7): a description and its values, possibly none."""

    type: str
    values: tuple[bytes, ...] = ()


class LdapResult(Struct, frozen=True):
    """The components every result shares (RFC 4511 §4.1.9); `referrals` empty means absent."""

    code: ResultCode
    matched_dn: str = ""
    diagnostic_message: str = ""
    referrals: tuple[str, ...] = ()


class SimpleAuthentication(Struct, frozen=True):
    """A password in clear; its representation never shows it."""

    password: bytes

    def __repr__(self) -> str:
        return "SimpleAuthentication(password=<hidden>)"


class SaslAuthentication(Struct, frozen=True):
    """A SASL mechanism and its credentials, None when absent; the representation hides them."""

    mechanism: str
    credentials: bytes | None

    def __repr__(self) -> str:
        return f"SaslAuthentication(mechanism={self.mechanism!r}, credentials=<hidden>)"


class BindRequest(Struct, frozen=True):
    """RFC 4511 §4.2."""

    version: int
    name: str
    authentication: SimpleAuthentication | SaslAuthentication


class BindResponse(Struct, frozen=True):
    """RFC 4511 §4.2.2."""

    result: LdapResult
    server_sasl_credentials: bytes | None = None


class UnbindRequest(Struct, frozen=True):
    """RFC 4511 §4.3."""


class Scope(IntEnum):
    """Search scope (RFC 4511 §4.5.1.2)."""

    BASE_OBJECT = 0
    SINGLE_LEVEL = 1
    WHOLE_SUBTREE = 2


class DerefAliases(IntEnum):
    """RFC 4511 §4.5.1.3."""

    NEVER = 0
    IN_SEARCHING = 1
    FINDING_BASE_OBJECT = 2
    ALWAYS = 3


class SearchRequest(Struct, frozen=True):
    """RFC 4511 §4.5.1; limits of 0 mean none asked; `attributes` empty means all user attributes."""

    base: str
    scope: Scope
    deref_aliases: DerefAliases
    size_limit: int
    time_limit_seconds: int
    types_only: bool
    filter: Filter
    attributes: tuple[str, ...] = ()


class SearchResultEntry(Struct, frozen=True):
    """RFC 4511 §4.5.2."""

    object_name: str
    attributes: tuple[Attribute, ...]


class SearchResultReference(Struct, frozen=True):
    """RFC 4511 §4.5.3."""

    uris: tuple[str, ...]


class SearchResultDone(Struct, frozen=True):
    """RFC 4511 §4.5.2."""

    result: LdapResult


class ModifyOperation(IntEnum):
    """RFC 4511 §4.6; INCREMENT is RFC 4525."""

    ADD = 0
    DELETE = 1
    REPLACE = 2
    INCREMENT = 3


class Change(Struct, frozen=True):
    """One change of a modify request."""

    operation: ModifyOperation
    modification: Attribute


class ModifyRequest(Struct, frozen=True):
    """RFC 4511 §4.6."""

    object: str
    changes: tuple[Change, ...]


class ModifyResponse(Struct, frozen=True):
    """RFC 4511 §4.6."""

    result: LdapResult


class AddRequest(Struct, frozen=True):
    """RFC 4511 §4.7. An attribute without values decodes; the operation refuses it, with an answer."""

    entry: str
    attributes: tuple[Attribute, ...]


class AddResponse(Struct, frozen=True):
    """RFC 4511 §4.7."""

    result: LdapResult


class DeleteRequest(Struct, frozen=True):
    """RFC 4511 §4.8."""

    entry: str


class DeleteResponse(Struct, frozen=True):
    """RFC 4511 §4.8."""

    result: LdapResult


class ModifyDnRequest(Struct, frozen=True):
    """RFC 4511 §4.9."""

    entry: str
    new_rdn: str
    delete_old_rdn: bool
    new_superior: str | None = None


class ModifyDnResponse(Struct, frozen=True):
    """RFC 4511 §4.9."""

    result: LdapResult


class CompareRequest(Struct, frozen=True):
    """RFC 4511 §4.10."""

    entry: str
    attribute: str
    assertion_value: bytes


class CompareResponse(Struct, frozen=True):
    """RFC 4511 §4.10."""

    result: LdapResult


class AbandonRequest(Struct, frozen=True):
    """RFC 4511 §4.11."""

    message_id: int


class ExtendedRequest(Struct, frozen=True):
    """RFC 4511 §4.12; the value may carry a password, so the representation hides it."""

    name: str
    value: bytes | None = None

    def __repr__(self) -> str:
        return f"ExtendedRequest(name={self.name!r}, value=<hidden>)"


class ExtendedResponse(Struct, frozen=True):
    """RFC 4511 §4.12; also the notice of disconnection (§4.4.1)."""

    result: LdapResult
    name: str | None = None
    value: bytes | None = None


class IntermediateResponse(Struct, frozen=True):
    """RFC 4511 §4.13."""

    name: str | None = None
    value: bytes | None = None


Request = (
    BindRequest
    | UnbindRequest
    | SearchRequest
    | ModifyRequest
    | AddRequest
    | DeleteRequest
    | ModifyDnRequest
    | CompareRequest
    | AbandonRequest
    | ExtendedRequest
)
Response = (
    BindResponse
    | SearchResultEntry
    | SearchResultReference
    | SearchResultDone
    | ModifyResponse
    | AddResponse
    | DeleteResponse
    | ModifyDnResponse
    | CompareResponse
    | ExtendedResponse
    | IntermediateResponse
)


class LdapMessage(Struct, frozen=True):
    """The envelope (RFC 4511 §4.1.1)."""

    message_id: int
    operation: Request | Response
    controls: tuple[Control, ...] = ()
