"""Keys and messages that tests of SAML begin with; each test changes one thing of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree

from govdir.sso.saml import contexts, statuses, xml
from govdir.sso.saml.keys import SigningKey, make_signing_key
from govdir.sso.saml.metadata_idp import IdpDescription, OfferedAttribute, Organization
from govdir.sso.saml.model import Assertion, Attribute, NameId, NameIdFormat, Response
from govdir.sso.saml.names import NAME_FORMAT_URI

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
IDP = "https://mail.example.vn/saml/metadata"
SP = "https://portal.example.vn/metadata"
ACS = "https://portal.example.vn/acs"
MAIL_OID = "urn:oid:0.9.2342.19200300.100.1.3"
NAMESPACES = (
    'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" '
    'xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" '
    'xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui" xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"'
)


@cache
def signing_key(name: str = "idp.example.vn") -> SigningKey:
    return SigningKey.load(*make_signing_key(name))


def certificate(
    subject: str = "sp",
    issuer: str | None = None,
    *,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None = None,
    began: datetime = NOW - timedelta(days=1),
    ended: datetime = NOW + timedelta(days=365),
) -> bytes:
    """DER of a certificate that says it is of `issuer`; the key that signs it is its own all the same."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    return (
        x509.CertificateBuilder()
        .subject_name(common_name(subject))
        .issuer_name(common_name(issuer or subject))
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(ended)
        .sign(own, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )


def common_name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


@cache
def rsa_certificate(bits: int = 2048) -> bytes:
    return certificate(key=rsa.generate_private_key(65537, bits))


def document(text: str) -> etree._Element:
    """The element, its prefixes declared, as `xml.parse` gives it."""
    name, rest = text.split(maxsplit=1)
    return xml.parse(f"{name} {NAMESPACES} {rest}".encode())


MAIL = Attribute(MAIL_OID, ("an.nguyen@example.vn",), NAME_FORMAT_URI, "mail")

ASSERTION = Assertion(
    id="_a1",
    issuer=IDP,
    issued_at=NOW,
    audience=SP,
    recipient=ACS,
    name_id=NameId("an.nguyen@example.vn", NameIdFormat.EMAIL, IDP, SP),
    not_before=NOW - timedelta(seconds=60),
    not_on_or_after=NOW + timedelta(minutes=5),
    authenticated_at=NOW - timedelta(minutes=10),
    context_class=contexts.PASSWORD_PROTECTED_TRANSPORT,
    session_index="_s1",
    in_response_to="_q1",
    session_ends=NOW + timedelta(hours=8),
    attributes=(MAIL,),
)
RESPONSE = Response(
    id="_r1",
    issuer=IDP,
    issued_at=NOW,
    destination=ACS,
    status=statuses.OK,
    in_response_to="_q1",
)

SITE = "https://mail.example.vn/saml"
DESCRIPTION = IdpDescription(
    entity_id=IDP,
    sso_redirect=f"{SITE}/sso",
    sso_post=f"{SITE}/sso",
    slo_redirect=f"{SITE}/slo",
    slo_post=f"{SITE}/slo",
    slo_soap=f"{SITE}/slo/soap",
    signing_certificates=(signing_key().certificate, signing_key("next").certificate),
    encryption_certificates=(signing_key().certificate,),
    scope="example.vn",
    display_names=(("vi", "Thư điện tử tỉnh"), ("en", "Province mail")),
    organization=Organization((("vi", "Ủy ban nhân dân tỉnh"), ("en", "The province")), "https://example.vn"),
    contact="admin@example.vn",
    wants_signed_requests=True,
    attributes=(OfferedAttribute(MAIL_OID, NAME_FORMAT_URI, "mail"),),
)
