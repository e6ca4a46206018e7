"""Status codes (core §3.2.2.2): four top-level ones, and below them what went wrong in particular."""

from __future__ import annotations

from typing import Final

from govdir.sso.saml.model import Status

_PREFIX: Final = "urn:oasis:names:tc:SAML:2.0:status:"

SUCCESS: Final = _PREFIX + "Success"
REQUESTER: Final = _PREFIX + "Requester"
"""The request could not be met because of the one who asked."""
RESPONDER: Final = _PREFIX + "Responder"
"""The request could not be met because of us, or of the person."""
VERSION_MISMATCH: Final = _PREFIX + "VersionMismatch"

AUTHN_FAILED: Final = _PREFIX + "AuthnFailed"
INVALID_ATTR_NAME_OR_VALUE: Final = _PREFIX + "InvalidAttrNameOrValue"
INVALID_NAME_ID_POLICY: Final = _PREFIX + "InvalidNameIDPolicy"
NO_AUTHN_CONTEXT: Final = _PREFIX + "NoAuthnContext"
NO_AVAILABLE_IDP: Final = _PREFIX + "NoAvailableIDP"
NO_PASSIVE: Final = _PREFIX + "NoPassive"
NO_SUPPORTED_IDP: Final = _PREFIX + "NoSupportedIDP"
PARTIAL_LOGOUT: Final = _PREFIX + "PartialLogout"
PROXY_COUNT_EXCEEDED: Final = _PREFIX + "ProxyCountExceeded"
REQUEST_DENIED: Final = _PREFIX + "RequestDenied"
REQUEST_UNSUPPORTED: Final = _PREFIX + "RequestUnsupported"
UNKNOWN_PRINCIPAL: Final = _PREFIX + "UnknownPrincipal"
UNSUPPORTED_BINDING: Final = _PREFIX + "UnsupportedBinding"

TOP_LEVEL: Final = frozenset({SUCCESS, REQUESTER, RESPONDER, VERSION_MISMATCH})
"""What may stand in the outer StatusCode."""

OK: Final = Status(SUCCESS)


def by_requester(second: str, message: str | None = None) -> Status:
    """The service provider asked for what cannot be; `second` says what."""
    return Status(REQUESTER, second, message)


def by_responder(second: str, message: str | None = None) -> Status:
    """We, or the person, could not; `second` says what."""
    return Status(RESPONDER, second, message)


def is_complete_success(status: Status) -> bool:
    """Whether everything was done: Success, and not PartialLogout below it (core §3.7.3.2)."""
    return status.code == SUCCESS and status.second != PARTIAL_LOGOUT
