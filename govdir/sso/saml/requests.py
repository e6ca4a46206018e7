"""samlp:AuthnRequest: what a service provider asks for when somebody is to sign in (core §3.4.1)."""

from __future__ import annotations

from typing import Final

from lxml import etree

from govdir.sso.saml import schemas
from govdir.sso.saml.errors import MalformedMessage
from govdir.sso.saml.model import (
    AuthnRequest,
    Comparison,
    NameId,
    NameIdPolicy,
    RequestedAuthnContext,
)
from govdir.sso.saml.names import saml, samlp
from govdir.sso.saml.parts import expect, read_head, read_name_id, text_of
from govdir.sso.saml.values import read_boolean, said

MAX_CLASSES: Final = 32
"""AuthnContextClassRefs of a request; there are 27 in the standard."""


def read_authn_request(root: etree._Element) -> AuthnRequest:
    """The request that `signatures.verified` or `xml.parse` gave; nothing outside this element is looked at.

    Left aside, as the core allows: Extensions, Conditions, Scoping, Consent, ProviderName and
    AttributeConsumingServiceIndex. ProtocolBinding beside an index is taken: the index still decides.
    Raises MalformedMessage.
    """
    expect(root, samlp("AuthnRequest"))
    schemas.check(root)
    head = read_head(root)
    acs_url = said(root.get("AssertionConsumerServiceURL"))
    index = said(root.get("AssertionConsumerServiceIndex"))
    if acs_url is not None and index is not None:
        raise MalformedMessage("both AssertionConsumerServiceURL and AssertionConsumerServiceIndex")
    return AuthnRequest(
        id=head.id,
        issuer=head.issuer,
        issued_at=head.issued_at,
        destination=head.destination,
        force_authn=read_boolean(root.get("ForceAuthn")),
        is_passive=read_boolean(root.get("IsPassive")),
        acs_url=acs_url,
        acs_index=None if index is None else int(index),
        protocol_binding=said(root.get("ProtocolBinding")),
        name_id_policy=_name_id_policy(root.find(samlp("NameIDPolicy"))),
        requested_context=_requested_context(root.find(samlp("RequestedAuthnContext"))),
        subject=_subject(root.find(saml("Subject"))),
    )


def _name_id_policy(element: etree._Element | None) -> NameIdPolicy | None:
    if element is None:
        return None
    return NameIdPolicy(
        said(element.get("Format")),
        said(element.get("SPNameQualifier")),
        read_boolean(element.get("AllowCreate")),
    )


def _requested_context(element: etree._Element | None) -> RequestedAuthnContext | None:
    """Classes in their order; declarations (AuthnContextDeclRef) are understood by nobody: no class."""
    if element is None:
        return None
    classes = tuple(text_of(child) for child in element.iterchildren(saml("AuthnContextClassRef")))
    if len(classes) > MAX_CLASSES:
        raise MalformedMessage("too many AuthnContextClassRefs")
    return RequestedAuthnContext(Comparison(said(element.get("Comparison")) or Comparison.EXACT), classes)


def _subject(element: etree._Element | None) -> NameId | None:
    """Whom the request is about. A SubjectConfirmation must not be there (profiles §4.1.4.1)."""
    if element is None:
        return None
    if element.find(saml("SubjectConfirmation")) is not None:
        raise MalformedMessage("SubjectConfirmation in an AuthnRequest")
    name_id = element.find(saml("NameID"))
    if name_id is None:
        raise MalformedMessage("Subject is not named by a NameID")
    return read_name_id(name_id)
