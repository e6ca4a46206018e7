"""SAML 2.0 messages as values; element and attribute names are those of SAML core and metadata."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class Binding(StrEnum):
    """Bindings that are spoken (saml-bindings §3)."""

    REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
    POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
    SOAP = "urn:oasis:names:tc:SAML:2.0:bindings:SOAP"


class NameIdFormat(StrEnum):
    """Name identifier formats that are issued (core §8.3)."""

    UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
    EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
    PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
    TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"


class NameId(Struct, frozen=True):
    """saml:NameID (core §2.2.3). The representation hides the value: a persistent one must reach no log."""

    value: str
    format: str = NameIdFormat.UNSPECIFIED
    name_qualifier: str | None = None
    sp_name_qualifier: str | None = None

    def __repr__(self) -> str:
        return f"NameId(<hidden>, format={self.format!r})"


class NameIdPolicy(Struct, frozen=True):
    """samlp:NameIDPolicy (core §3.4.1.1); `format` None when it is not said."""

    format: str | None = None
    sp_name_qualifier: str | None = None
    allow_create: bool = False


class Comparison(StrEnum):
    """How RequestedAuthnContext's classes are meant (core §3.3.2.2.1)."""

    EXACT = "exact"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    BETTER = "better"


class RequestedAuthnContext(Struct, frozen=True):
    """samlp:RequestedAuthnContext; `classes` are AuthnContextClassRef URIs in order of preference."""

    comparison: Comparison
    classes: tuple[str, ...]


class AuthnRequest(Struct, frozen=True):
    """samlp:AuthnRequest (core §3.4.1); what it does not say is None."""

    id: str
    issuer: str
    issued_at: datetime
    destination: str | None = None
    force_authn: bool = False
    is_passive: bool = False
    acs_url: str | None = None
    acs_index: int | None = None
    protocol_binding: str | None = None
    name_id_policy: NameIdPolicy | None = None
    requested_context: RequestedAuthnContext | None = None
    subject: NameId | None = None


class LogoutRequest(Struct, frozen=True):
    """samlp:LogoutRequest (core §3.7.1); without `session_indexes` all sessions of the subject are meant."""

    id: str
    issuer: str
    issued_at: datetime
    name_id: NameId
    destination: str | None = None
    not_on_or_after: datetime | None = None
    reason: str | None = None
    session_indexes: tuple[str, ...] = ()


class Status(Struct, frozen=True):
    """samlp:Status: the top-level code, the second-level one and a text for the other side's log."""

    code: str
    second: str | None = None
    message: str | None = None


class LogoutResponse(Struct, frozen=True):
    """samlp:LogoutResponse (core §3.7.2)."""

    id: str
    issuer: str
    issued_at: datetime
    status: Status
    in_response_to: str | None = None
    destination: str | None = None


class Attribute(Struct, frozen=True):
    """saml:Attribute with all its values; `name_format` is a URI of core §8.2."""

    name: str
    values: tuple[str, ...]
    name_format: str
    friendly_name: str | None = None


class Assertion(Struct, frozen=True):
    """What an assertion says (profiles §4.1.4.2): who, to whom, until when, how proved, and with what data.

    `in_response_to` None: unsolicited. `session_ends` None: the service provider decides.
    """

    id: str
    issuer: str
    issued_at: datetime
    audience: str
    recipient: str
    name_id: NameId
    not_before: datetime
    not_on_or_after: datetime
    authenticated_at: datetime
    context_class: str
    session_index: str
    in_response_to: str | None = None
    session_ends: datetime | None = None
    attributes: tuple[Attribute, ...] = ()


class Response(Struct, frozen=True):
    """samlp:Response without its assertion (core §3.3.3)."""

    id: str
    issuer: str
    issued_at: datetime
    destination: str
    status: Status
    in_response_to: str | None = None


class Endpoint(Struct, frozen=True):
    """An end point of metadata (metadata §2.2.2); `index` and `is_default` are those of indexed ones."""

    binding: str
    location: str
    response_location: str | None = None
    index: int | None = None
    is_default: bool | None = None


class ServiceMetadata(Struct, frozen=True):
    """What a service provider's SPSSODescriptor says. Certificates are DER octets, only carriers of keys:
    neither their dates nor their issuers count (SAML metadata interoperability profile §2.6.1).

    `display_names` are (language, text), of mdui:DisplayName, else ServiceName, else OrganizationDisplayName.
    """

    entity_id: str
    acs: tuple[Endpoint, ...]
    slo: tuple[Endpoint, ...] = ()
    name_id_formats: tuple[str, ...] = ()
    signing_certificates: tuple[bytes, ...] = ()
    encryption_certificates: tuple[bytes, ...] = ()
    signs_requests: bool = False
    wants_assertions_signed: bool = False
    display_names: tuple[tuple[str, str], ...] = ()
    valid_until: datetime | None = None
