"""An application that asks the identity provider: its metadata, its AuthnRequests, how it believes answers.

Written apart from govdir's own SAML code, so that the two cannot be wrong in the same way.
"""

from __future__ import annotations

import base64
import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from re import compile as pattern
from typing import Final
from urllib.parse import quote

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from bench import web_wire

ENTITY_ID: Final = "https://bench.cantho.gov.vn/metadata"
ACS: Final = "https://bench.cantho.gov.vn/acs"
NAMESPACES: Final = {
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
}
RSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_POST: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
_MESSAGE: Final = pattern(rb'name="SAMLResponse" value="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Asked:
    """An AuthnRequest in a query, and the RelayState that must come back."""

    target: str
    relay_state: str


class Application:
    """A service provider with an RSA-2048 key; `name` is what `govdir sp` calls it."""

    name = "bench"

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bench")])
        now = datetime.now(UTC)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(self._key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .sign(self._key, hashes.SHA256())
        )

    def metadata(self) -> str:
        """With one place for answers, and the key that requests may be signed with."""
        certificate = base64.b64encode(self.certificate.public_bytes(Encoding.DER)).decode()
        return (
            f'<md:EntityDescriptor xmlns:md="{NAMESPACES["md"]}" xmlns:ds="{NAMESPACES["ds"]}"'
            f' entityID="{ENTITY_ID}"><md:SPSSODescriptor protocolSupportEnumeration="{NAMESPACES["samlp"]}">'
            '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data>'
            f"<ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
            f'</md:KeyDescriptor><md:AssertionConsumerService Binding="{_POST}" Location="{ACS}" index="0"/>'
            "</md:SPSSODescriptor></md:EntityDescriptor>"
        )

    def request(self, port: int, *, signed: bool) -> Asked:
        """A new AuthnRequest by Redirect (bindings §3.4), with an ID and a RelayState of its own."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        xml = (
            f'<samlp:AuthnRequest xmlns:samlp="{NAMESPACES["samlp"]}" xmlns:saml="{NAMESPACES["saml"]}"'
            f' ID="_{secrets.token_hex(20)}" Version="2.0" IssueInstant="{now}"'
            f' Destination="https://localhost:{port}/saml/sso" AssertionConsumerServiceURL="{ACS}"'
            f' ProtocolBinding="{_POST}"><saml:Issuer>{ENTITY_ID}</saml:Issuer></samlp:AuthnRequest>'
        )
        squeezer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        deflated = squeezer.compress(xml.encode()) + squeezer.flush()
        relay_state = f"https://bench.cantho.gov.vn/van-ban/{secrets.token_hex(8)}?trang=1"
        parts = [("SAMLRequest", base64.b64encode(deflated).decode()), ("RelayState", relay_state)]
        if signed:
            parts.append(("SigAlg", RSA_SHA256))
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in parts)
        if signed:
            signature = self._key.sign(query.encode(), padding.PKCS1v15(), hashes.SHA256())
            query += f"&Signature={quote(base64.b64encode(signature).decode(), safe='')}"
        return Asked(f"/saml/sso?{query}", relay_state)

    def ask(self, port: int, cookies: Mapping[str, str], *, signed: bool) -> tuple[bytes, bytes]:
        """A request as octets, and what the page must contain that answers it."""
        asked = self.request(port, signed=signed)
        return web_wire.get(port, asked.target, cookies), asked.relay_state.encode()


def believe(page: bytes, certificate: bytes) -> etree._Element:
    """The assertion in a page that posts a response, once the response and the assertion in it are both
    signed by the key of the DER `certificate`. Raises ValueError, xmlsec.Error."""
    found = _MESSAGE.search(page)
    if found is None:
        raise ValueError("the page posts no response")
    root = etree.fromstring(base64.b64decode(unescape(found[1].decode())))
    assertion = root.find("saml:Assertion", NAMESPACES)
    if root.find("samlp:Status/samlp:StatusCode", NAMESPACES).get("Value") != (
        "urn:oasis:names:tc:SAML:2.0:status:Success"
    ):
        raise ValueError("the response is no success")
    xmlsec.tree.add_ids(root, ["ID"])
    key = xmlsec.Key.from_memory(certificate, xmlsec.constants.KeyDataFormatCertDer)
    for element in (root, assertion):
        signature = element.find("ds:Signature", NAMESPACES)
        reference = signature.find("ds:SignedInfo/ds:Reference", NAMESPACES)
        if reference.get("URI") != f"#{element.get('ID')}":
            raise ValueError("a signature is of something else")
        context = xmlsec.SignatureContext()
        context.key = key
        context.verify(signature)
    return assertion


def certificate_in(metadata: bytes) -> bytes:
    """The first signing certificate of an identity provider's metadata, DER."""
    found = etree.fromstring(metadata).find(".//md:KeyDescriptor//ds:X509Certificate", NAMESPACES)
    return base64.b64decode("".join(found.text.split()))
