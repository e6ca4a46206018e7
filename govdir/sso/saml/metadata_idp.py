"""Our own metadata: what service providers take over of the identity provider (metadata §2.4.3)."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final

from lxml import etree
from msgspec import Struct

from govdir.sso.saml import signatures
from govdir.sso.saml.keys import SignatureMethod, SigningKey
from govdir.sso.saml.metadata_keys import Use
from govdir.sso.saml.model import Binding, NameIdFormat
from govdir.sso.saml.names import ALG, MDUI, SHIBMD, XML, ds, md, saml
from govdir.sso.saml.parts import child
from govdir.sso.saml.values import clean, write_boolean
from govdir.sso.saml.xml import DS, MD, SAML, SAMLP, serialize

CACHE_DURATION: Final = "PT6H"
"""How long service providers may keep it: a new key is published days before it signs."""

_ENCRYPTION_METHODS: Final = (
    "http://www.w3.org/2009/xmlenc11#aes256-gcm",
    "http://www.w3.org/2009/xmlenc11#aes128-gcm",
    "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
)
# What is taken from everybody, the usual one first.
_DIGESTS: Final = (
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
)
_SIGNATURES: Final = (SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA384, SignatureMethod.RSA_SHA512)


class Organization(Struct, frozen=True):
    """md:Organization (metadata §2.3.2.1): (language, text) of its names, and its site."""

    names: tuple[tuple[str, str], ...]
    url: str


class OfferedAttribute(Struct, frozen=True):
    """saml:Attribute as our metadata names it, without values."""

    name: str
    name_format: str | None = None
    friendly_name: str | None = None


class IdpDescription(Struct, frozen=True):
    """What the identity provider's EntityDescriptor says. Certificates are DER, the current key's first.

    `scope` is the domain after the @ of scoped attributes (shibmd:Scope), agencies' being below it;
    `contact` a mail address or ""; `attributes` are those that can be released.
    """

    entity_id: str
    sso_redirect: str
    sso_post: str
    slo_redirect: str
    slo_post: str
    slo_soap: str
    signing_certificates: tuple[bytes, ...]
    encryption_certificates: tuple[bytes, ...] = ()
    scope: str = ""
    display_names: tuple[tuple[str, str], ...] = ()
    organization: Organization | None = None
    contact: str = ""
    wants_signed_requests: bool = False
    name_id_formats: tuple[str, ...] = tuple(NameIdFormat)
    attributes: tuple[OfferedAttribute, ...] = ()


def idp_metadata(
    description: IdpDescription,
    key: SigningKey,
    method: SignatureMethod = SignatureMethod.RSA_SHA256,
) -> bytes:
    """The signed EntityDescriptor. The same description and key give the same octets, in every process.

    It has no validUntil: service providers that were given a copy once go on working.
    """
    entity = etree.Element(
        md("EntityDescriptor"),
        nsmap={"md": MD, "ds": DS, "saml": SAML, "mdui": MDUI, "shibmd": SHIBMD, "alg": ALG},
    )
    entity.set("entityID", description.entity_id)
    entity.set("cacheDuration", CACHE_DURATION)
    _add_role(entity, description)
    if description.organization is not None:
        _add_organization(entity, description.organization)
    if description.contact:
        contact = child(entity, md("ContactPerson"))
        contact.set("contactType", "technical")
        child(contact, md("EmailAddress"), f"mailto:{description.contact}")
    entity.set("ID", f"_{hashlib.sha256(serialize(entity)).hexdigest()}")
    signatures.sign(entity, key, method)
    return serialize(entity)


def _add_role(entity: etree._Element, description: IdpDescription) -> None:
    role = child(entity, md("IDPSSODescriptor"))
    role.set("protocolSupportEnumeration", SAMLP)
    role.set("WantAuthnRequestsSigned", write_boolean(description.wants_signed_requests))
    _add_extensions(role, description)
    for certificate in description.signing_certificates:
        _add_key(role, Use.SIGNING, certificate)
    for certificate in description.encryption_certificates:
        _add_key(role, Use.ENCRYPTION, certificate)
    _add_endpoint(role, "SingleLogoutService", Binding.REDIRECT, description.slo_redirect)
    _add_endpoint(role, "SingleLogoutService", Binding.POST, description.slo_post)
    _add_endpoint(role, "SingleLogoutService", Binding.SOAP, description.slo_soap)
    for name_id_format in description.name_id_formats:
        child(role, md("NameIDFormat"), name_id_format)
    _add_endpoint(role, "SingleSignOnService", Binding.REDIRECT, description.sso_redirect)
    _add_endpoint(role, "SingleSignOnService", Binding.POST, description.sso_post)
    for attribute in description.attributes:
        element = child(role, saml("Attribute"))
        element.set("Name", attribute.name)
        if attribute.name_format is not None:
            element.set("NameFormat", attribute.name_format)
        if attribute.friendly_name is not None:
            element.set("FriendlyName", attribute.friendly_name)


def _add_extensions(role: etree._Element, description: IdpDescription) -> None:
    """Algorithms that are taken, without which Shibboleth service providers sign some messages with SHA-1
    (SAML V2.0 Metadata Profile for Algorithm Support); shibmd:Scope, without which they drop scoped
    attributes; and mdui:UIInfo.
    """
    extensions = child(role, md("Extensions"))
    for name, algorithms in (("DigestMethod", _DIGESTS), ("SigningMethod", _SIGNATURES)):
        for algorithm in algorithms:
            child(extensions, f"{{{ALG}}}{name}").set("Algorithm", algorithm)
    if description.scope:
        child(extensions, f"{{{SHIBMD}}}Scope", description.scope).set("regexp", "false")
        below = rf"^[a-z0-9.-]+\.{re.escape(description.scope)}$"
        child(extensions, f"{{{SHIBMD}}}Scope", below).set("regexp", "true")
    if description.display_names:
        info = child(extensions, f"{{{MDUI}}}UIInfo")
        for language, text in description.display_names:
            _add_localized(info, f"{{{MDUI}}}DisplayName", language, text)


def _add_key(role: etree._Element, use: Use, certificate: bytes) -> None:
    descriptor = child(role, md("KeyDescriptor"))
    descriptor.set("use", use.value)
    data = child(child(descriptor, ds("KeyInfo")), ds("X509Data"))
    child(data, ds("X509Certificate"), base64.b64encode(certificate).decode("ascii"))
    if use is Use.ENCRYPTION:
        for algorithm in _ENCRYPTION_METHODS:
            child(descriptor, md("EncryptionMethod")).set("Algorithm", algorithm)


def _add_endpoint(role: etree._Element, name: str, binding: Binding, location: str) -> None:
    endpoint = child(role, md(name))
    endpoint.set("Binding", binding.value)
    endpoint.set("Location", location)


def _add_organization(entity: etree._Element, organization: Organization) -> None:
    element = child(entity, md("Organization"))
    for name in ("OrganizationName", "OrganizationDisplayName"):
        for language, text in organization.names:
            _add_localized(element, md(name), language, text)
    for language, _ in organization.names:
        _add_localized(element, md("OrganizationURL"), language, organization.url)


def _add_localized(parent: etree._Element, name: str, language: str, text: str) -> None:
    child(parent, name, clean(text)).set(f"{{{XML}}}lang", language)
