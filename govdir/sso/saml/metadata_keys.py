"""Keys in metadata: certificates as carriers of keys (metadata interoperability profile §2.6.1)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from lxml import etree

from govdir.sso.saml import metadata_texts as texts
from govdir.sso.saml.errors import UnusableMetadata
from govdir.sso.saml.keys import public_key
from govdir.sso.saml.names import ds, md
from govdir.sso.saml.values import said

_ARMOUR: Final = re.compile(r"-----(?:BEGIN|END) (?:X509 |TRUSTED )?CERTIFICATE-----")


class Use(StrEnum):
    """What a key is for (metadata §2.4.1.1); a KeyDescriptor without `use` is for both."""

    SIGNING = "signing"
    ENCRYPTION = "encryption"


def certificates(role: etree._Element, use: Use) -> tuple[bytes, ...]:
    """DER of the certificates of a role whose keys can be used so, in their order, each once.

    Those for encryption that are not RSA are passed over; short and strange ones only beside a good one.
    Raises UnusableMetadata when one cannot be read, and when keys are given without any certificate.
    """
    descriptors = [
        descriptor
        for descriptor in role.iterchildren(md("KeyDescriptor"))
        if said(descriptor.get("use")) in {None, use}
    ]
    found = dict.fromkeys(
        certificate for descriptor in descriptors for certificate in _of_key_info(descriptor)
    )
    if descriptors and not found:
        raise UnusableMetadata(texts.NO_CERTIFICATE.filled(use=use.value))
    return _usable(found, use)


def remove_armour(entity: etree._Element) -> None:
    """Takes the lines of PEM out of certificates: people paste them, and the schema has no room for them.

    To be called once signatures were checked: it changes the document.
    """
    for element in entity.iter(ds("X509Certificate")):
        element.text = _ARMOUR.sub("", element.text or "")


def _usable(found: Iterable[bytes], use: Use) -> tuple[bytes, ...]:
    usable = []
    trouble = ""
    for certificate in found:
        try:
            key = public_key(certificate)
        except ValueError as unusable:
            trouble = str(unusable)
            continue
        if use is Use.SIGNING or isinstance(key, RSAPublicKey):
            usable.append(certificate)
    if trouble and not usable:
        raise UnusableMetadata(texts.BAD_KEY.filled(detail=trouble))
    return tuple(usable)


def _of_key_info(descriptor: etree._Element) -> Iterator[bytes]:
    for data in descriptor.iterfind(f"{ds('KeyInfo')}/{ds('X509Data')}"):
        ders = [_der(element.text or "") for element in data.iterchildren(ds("X509Certificate"))]
        yield from _without_authorities(ders)


def _without_authorities(ders: Iterable[bytes]) -> Iterator[bytes]:
    """The certificates of one X509Data but those that issued another of them: in a chain only the last
    one holds the service provider's own key (XML signatures §4.4.4)."""
    try:
        loaded = [(der, x509.load_der_x509_certificate(der)) for der in ders]
        issuers = {
            certificate.issuer for _, certificate in loaded if certificate.issuer != certificate.subject
        }
        yield from (der for der, certificate in loaded if certificate.subject not in issuers)
    except ValueError:
        raise UnusableMetadata(texts.BAD_CERTIFICATE) from None


def _der(text: str) -> bytes:
    """Base64 with white space anywhere."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise UnusableMetadata(texts.BAD_CERTIFICATE) from None
