"""Which end point of a service provider is answered: only those of its metadata, compared as they stand.

Metadata was held to safe locations when it was taken over. They are asked again where a browser is sent
there, for the database may have been written by others.
"""

from __future__ import annotations

from collections.abc import Iterable

from govdir.sso.saml.locations import is_safe_location
from govdir.sso.saml.metadata_sp import default_endpoint
from govdir.sso.saml.model import AuthnRequest, Binding, Endpoint, ServiceMetadata

FRONT_BINDINGS = (Binding.REDIRECT, Binding.POST)


def answering(metadata: ServiceMetadata, request: AuthnRequest) -> Endpoint | None:
    """The AssertionConsumerService for the answer (profiles §4.1.4.1): the one the request names by URL or
    index, else the default; None when metadata has no such one, whether the request is signed or not."""
    if request.acs_url is not None:
        return _first(end for end in metadata.acs if end.location == request.acs_url)
    if request.acs_index is not None:
        return _first(end for end in metadata.acs if end.index == request.acs_index)
    return default_acs(metadata)


def default_acs(metadata: ServiceMetadata) -> Endpoint | None:
    """The one for answers to requests that name none (metadata §2.4.4), of those that can be used."""
    usable = [end for end in metadata.acs if is_safe_location(end.location)]
    return default_endpoint(usable) if usable else None


def logout_endpoint(metadata: ServiceMetadata, *bindings: Binding) -> Endpoint | None:
    """The SingleLogoutService of the first of these bindings that there is one for."""
    for binding in bindings:
        for end in metadata.slo:
            if end.binding == binding and is_safe_location(end.location):
                return end
    return None


def logout_answer(metadata: ServiceMetadata, arrived_by: Binding) -> tuple[Binding, str] | None:
    """Where a LogoutResponse goes: preferably by the binding of the request, to ResponseLocation where there
    is one (metadata §2.2.2)."""
    others = (binding for binding in FRONT_BINDINGS if binding is not arrived_by)
    end = logout_endpoint(metadata, arrived_by, *others)
    if end is None:
        return None
    location = end.response_location or end.location
    return (Binding(end.binding), location) if is_safe_location(location) else None


def _first(ends: Iterable[Endpoint]) -> Endpoint | None:
    return next((end for end in ends if is_safe_location(end.location)), None)
