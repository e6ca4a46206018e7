"""A signed AuthnRequest, hands to change it with, and what a careless reader would make of it."""

from __future__ import annotations

import copy
import ssl
from collections.abc import Callable
from functools import cache

import xmlsec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree

from govdir.sso.saml import signatures, xml
from govdir.sso.saml.keys import SigningKey, VerificationKeys
from tests.sso.saml.samples import certificate

REQUEST = (
    b'<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_true" Version="2.0"'
    b' IssueInstant="2026-03-02T01:30:00Z" AssertionConsumerServiceURL="https://portal.example.vn/acs">'
    b'<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://portal.example.vn</saml:Issuer>'
    b'<samlp:NameIDPolicy AllowCreate="true"/></samlp:AuthnRequest>'
)
EVIL_ACS = "https://evil.example/acs"
SIGNATURE = xml.name(xml.DS, "Signature")
EXTENSIONS = xml.name(xml.SAMLP, "Extensions")


def rsa_key(who: str = "portal") -> rsa.RSAPrivateKey:
    return _made(who)


@cache
def _made(who: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return private.private_bytes(encoding, form, serialization.NoEncryption())


def certificate_pem(der: bytes) -> bytes:
    return ssl.DER_cert_to_PEM_cert(der).encode()


def key(who: str = "portal") -> SigningKey:
    return _loaded(who)


@cache
def _loaded(who: str) -> SigningKey:
    return SigningKey.load(pem(rsa_key(who)), certificate_pem(certificate(who, key=rsa_key(who))))


@cache
def keys(who: str = "portal", *, sha1: bool = False) -> VerificationKeys:
    return VerificationKeys.of([key(who).certificate], sha1=sha1)


@cache
def signed_request() -> bytes:
    root = xml.parse(REQUEST)
    signatures.sign(root, key())
    return xml.serialize(root)


def changed(change: Callable[[etree._Element], object], octets: bytes | None = None) -> etree._Element:
    """The signed request as it is read after somebody changed it on its way."""
    root = xml.parse(octets or signed_request())
    change(root)
    return xml.parse(xml.serialize(root))


def signature_of(root: etree._Element) -> etree._Element:
    found = root.find(f".//{SIGNATURE}")
    assert found is not None
    return found


def part(root: etree._Element, local: str) -> etree._Element:
    found = root.find(f".//{xml.name(xml.DS, local)}")
    assert found is not None
    return found


def sign_with(
    root: etree._Element,
    secret: xmlsec.Key,
    *,
    method: object = xmlsec.constants.TransformRsaSha256,
    digest: object = xmlsec.constants.TransformSha256,
    transforms: tuple[object, ...] = (
        xmlsec.constants.TransformEnveloped,
        xmlsec.constants.TransformExclC14N,
    ),
    c14n: object = xmlsec.constants.TransformExclC14N,
    uri: str = "#_true",
) -> bytes:
    """Signed as the caller likes, by xmlsec itself: what other software, or an attacker, could send."""
    signature = xmlsec.template.create(root, c14n, method, ns="ds")
    root.insert(1, signature)
    reference = xmlsec.template.add_reference(signature, digest, uri=uri)
    for transform in transforms:
        xmlsec.template.add_transform(reference, transform)
    context = xmlsec.SignatureContext()
    context.key = secret
    context.register_id(root, "ID")
    context.sign(signature)
    return xml.serialize(root)


def secret_of(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> xmlsec.Key:
    return xmlsec.Key.from_memory(pem(private), xmlsec.constants.KeyDataFormatPem, None)


def careless_check(root: etree._Element, public: xmlsec.Key) -> bool:
    """What libraries do that only ask whether something in the document is signed."""
    xmlsec.tree.add_ids(root, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = public
    try:
        context.verify(signature_of(root))
    except xmlsec.Error:
        return False
    return True


def wrapped(number: int) -> bytes:
    """The signed request within a forged one, in the places that are known as XSW 1 to 8."""
    true = xml.parse(signed_request())
    signature = signature_of(true)
    bare = copy.deepcopy(true)
    bare.remove(signature_of(bare))
    evil = copy.deepcopy(bare)
    evil.set("ID", "_evil")
    evil.set("AssertionConsumerServiceURL", EVIL_ACS)
    extended = etree.Element(EXTENSIONS)
    extensions = etree.SubElement(extended, "{urn:example:harmless}box")
    if number in {4, 6, 7}:
        evil.insert(1, extended)
    match number:
        case 1:
            evil.insert(1, signature)
            signature.append(bare)
        case 2:
            evil.insert(1, bare)
            evil.insert(2, signature)
        case 3:
            evil.insert(0, true)
        case 4:
            extensions.append(true)
        case 5:
            evil.insert(1, signature)
            evil.append(bare)
        case 6:
            extensions.append(signature)
            signature.append(bare)
        case 7:
            evil.set("ID", "_true")
            evil.insert(1, signature)
            extensions.append(bare)
        case 8:
            evil.insert(1, signature)
            etree.SubElement(signature, xml.name(xml.DS, "Object")).append(bare)
    return xml.serialize(evil)
