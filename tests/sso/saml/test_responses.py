"""Whole answers: built, signed, encrypted; read back by software that shares no code with ours."""

from __future__ import annotations

import base64
import itertools
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from lxml import etree
from msgspec.structs import replace
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from saml2 import BINDING_HTTP_POST
from saml2.client import Saml2Client
from saml2.config import SPConfig

from govdir.sso.saml import encryption, schemas, signatures, statuses, xml
from govdir.sso.saml.encryption import EncryptionKey, EncryptionMethod
from govdir.sso.saml.errors import CannotEncrypt
from govdir.sso.saml.keys import SignatureMethod, VerificationKeys, make_signing_key
from govdir.sso.saml.metadata_idp import idp_metadata
from govdir.sso.saml.model import Assertion, Attribute, Response, Status
from govdir.sso.saml.names import NAME_FORMAT_URI, saml, samlp
from govdir.sso.saml.responses import response, signed_response
from interop.programs import require_program
from tests.sso.saml.samples import ACS, ASSERTION, DESCRIPTION, IDP, MAIL, MAIL_OID, RESPONSE, SP, signing_key

VIETNAMESE = Attribute("urn:oid:2.5.4.3", ("Nguyễn Văn An", "Phạm & <Sons>"), NAME_FORMAT_URI, "cn")
FAILURE = Status(statuses.RESPONDER, statuses.NO_PASSIVE, "cần đăng nhập")
SP_KEY = make_signing_key("sp.example.vn")
OURS = VerificationKeys.of([signing_key().certificate])


def pem(der: bytes) -> str:
    return x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM).decode()


def sp_encryption_key() -> EncryptionKey:
    certificate = x509.load_pem_x509_certificate(SP_KEY[1])
    return EncryptionKey.of(certificate.public_bytes(serialization.Encoding.DER))


def fresh(*, solicited: bool = True) -> tuple[Response, Assertion]:
    """An answer of this very minute, for libraries that look at the clock of the machine."""
    now = datetime.now(UTC)
    request = "_q1" if solicited else None
    return (
        replace(RESPONSE, issued_at=now, in_response_to=request),
        replace(
            ASSERTION,
            issued_at=now,
            not_before=now - timedelta(seconds=60),
            not_on_or_after=now + timedelta(minutes=5),
            authenticated_at=now,
            session_ends=now + timedelta(hours=1),
            in_response_to=request,
            attributes=(MAIL, VIETNAMESE),
        ),
    )


# what is in it


def test_a_response_says_everything_in_the_order_of_the_schema() -> None:
    written = xml.serialize(response(replace(RESPONSE, status=FAILURE), None)).decode()

    assert written.replace("><", ">\n<").splitlines() == [
        '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" '
        'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r1" Version="2.0" '
        'IssueInstant="2026-03-02T01:30:00Z" Destination="https://portal.example.vn/acs" '
        'InResponseTo="_q1">',
        "<saml:Issuer>https://mail.example.vn/saml/metadata</saml:Issuer>",
        "<samlp:Status>",
        '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder">',
        '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:NoPassive"/>',
        "</samlp:StatusCode>",
        "<samlp:StatusMessage>cần đăng nhập</samlp:StatusMessage>",
        "</samlp:Status>",
        "</samlp:Response>",
    ]


METHODS = [SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA384, SignatureMethod.RSA_SHA512]
SIGNED = [(True, True), (True, False), (False, True)]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("sign_assertion", "sign_response"), SIGNED)
def test_every_signature_is_over_its_own_element_and_holds(
    method: SignatureMethod, sign_assertion: bool, sign_response: bool
) -> None:
    octets = signed_response(
        RESPONSE,
        ASSERTION,
        key=signing_key(),
        method=method,
        sign_assertion=sign_assertion,
        sign_response=sign_response,
    )

    root = xml.parse(octets)
    schemas.check(root)
    assert octets.count(b"<ds:Signature ") == sign_assertion + sign_response
    if sign_response:
        signatures.verified_metadata(root, OURS)  # which allows for the assertion's own signature
    if sign_assertion:
        (inner,) = root.iter(saml("Assertion"))
        signatures.verified(xml.parse(xml.serialize(inner)), OURS)


@pytest.mark.parametrize("method", list(EncryptionMethod))
@pytest.mark.parametrize(("sign_assertion", "sign_response"), SIGNED)
def test_an_encrypted_assertion_is_read_again_on_its_own(
    method: EncryptionMethod, sign_assertion: bool, sign_response: bool
) -> None:
    octets = signed_response(
        RESPONSE,
        ASSERTION,
        key=signing_key(),
        sign_assertion=sign_assertion,
        sign_response=sign_response,
        encrypt_for=EncryptionKey.of(signing_key().certificate),
        encryption_method=method,
    )

    root = xml.parse(octets)
    schemas.check(root)
    assert b"an.nguyen@example.vn" not in octets
    (encrypted,) = root.iterchildren(saml("EncryptedAssertion"))
    plain = encryption.decrypt(encrypted, [signing_key()])
    schemas.check(plain)
    alone = xml.parse(xml.serialize(plain))
    assert alone.findtext(f".//{saml('AttributeValue')}") == "an.nguyen@example.vn"
    if sign_assertion:
        signatures.verified(alone, OURS)
    if sign_response:
        signatures.verified(root, OURS)


def test_an_assertion_within_declares_what_its_own_text_needs() -> None:
    root = xml.parse(signed_response(RESPONSE, ASSERTION, key=signing_key()))

    (inner,) = root.iter(saml("Assertion"))
    standing_alone = etree.fromstring(etree.tostring(inner))

    assert {"xs", "xsi", "saml"} <= set(standing_alone.nsmap)


@pytest.mark.parametrize("status", [FAILURE, Status(statuses.REQUESTER), statuses.OK])
@pytest.mark.parametrize("solicited", [True, False])
def test_an_answer_without_assertion_is_signed_and_by_the_schema(status: Status, solicited: bool) -> None:
    octets = signed_response(
        replace(RESPONSE, status=status, in_response_to="_q1" if solicited else None),
        None,
        key=signing_key(),
    )

    root = signatures.verified(xml.parse(octets), OURS)
    schemas.check(root)
    assert root.get("InResponseTo") == ("_q1" if solicited else None)
    assert root.find(samlp("Status")) is not None


def test_an_assertion_that_nothing_would_sign_is_never_sent() -> None:
    with pytest.raises(ValueError):
        signed_response(RESPONSE, ASSERTION, key=signing_key(), sign_assertion=False, sign_response=False)


def test_an_unknown_method_of_encryption_encrypts_nothing_and_sends_nothing() -> None:
    with pytest.raises(CannotEncrypt):
        signed_response(
            RESPONSE,
            ASSERTION,
            key=signing_key(),
            encrypt_for=sp_encryption_key(),
            encryption_method="http://www.w3.org/2001/04/xmlenc#tripledes-cbc",
        )


# what others make of it


def python3_saml(*, sign_assertion: bool, sign_response: bool, encrypted: bool) -> OneLogin_Saml2_Settings:
    return OneLogin_Saml2_Settings(
        {
            "strict": True,
            "sp": {
                "entityId": SP,
                "assertionConsumerService": {"url": ACS, "binding": BINDING_HTTP_POST},
                "x509cert": SP_KEY[1].decode(),
                "privateKey": SP_KEY[0].decode(),
            },
            "idp": {
                "entityId": IDP,
                "singleSignOnService": {"url": "https://mail.example.vn/saml/sso"},
                "x509cert": pem(signing_key().certificate),
            },
            "security": {
                "wantMessagesSigned": sign_response,
                "wantAssertionsSigned": sign_assertion,
                "wantAssertionsEncrypted": encrypted,
                "wantNameId": True,
                "rejectDeprecatedAlgorithm": True,
            },
        }
    )


REQUEST_DATA = {
    "https": "on",
    "http_host": "portal.example.vn",
    "script_name": "/acs",
    "get_data": {},
    "post_data": {},
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("sign_assertion", "sign_response"), SIGNED)
@pytest.mark.parametrize("encrypted", [False, True])
def test_python3_saml_takes_it(
    method: SignatureMethod, sign_assertion: bool, sign_response: bool, encrypted: bool
) -> None:
    octets = signed_response(
        *fresh(),
        key=signing_key(),
        method=method,
        sign_assertion=sign_assertion,
        sign_response=sign_response,
        encrypt_for=sp_encryption_key() if encrypted else None,
    )
    settings = python3_saml(sign_assertion=sign_assertion, sign_response=sign_response, encrypted=encrypted)

    answer = OneLogin_Saml2_Response(settings, base64.b64encode(octets).decode())

    assert answer.is_valid(REQUEST_DATA, request_id="_q1", raise_exceptions=True)
    assert answer.get_nameid() == "an.nguyen@example.vn"
    assert answer.get_attributes() == {
        MAIL_OID: ["an.nguyen@example.vn"],
        "urn:oid:2.5.4.3": ["Nguyễn Văn An", "Phạm & <Sons>"],
    }


@pytest.mark.parametrize("where", ["/samlp:Response/ds:Signature", None])
def test_python3_saml_refuses_it_once_it_was_changed(where: str | None) -> None:
    octets = signed_response(*fresh(), key=signing_key())

    assert OneLogin_Saml2_Utils.validate_sign(octets, pem(signing_key().certificate), xpath=where)
    assert not OneLogin_Saml2_Utils.validate_sign(
        octets.replace(b"an.nguyen@", b"be.nguyen@"), pem(signing_key().certificate), xpath=where
    )


@pytest.fixture
def pysaml2(tmp_path: Path) -> Callable[[str], Saml2Client]:
    """pysaml2 as a service provider; the path of xmlsec1 comes from the test."""
    (tmp_path / "idp.xml").write_bytes(idp_metadata(DESCRIPTION, signing_key()))
    (tmp_path / "key.pem").write_bytes(SP_KEY[0])
    (tmp_path / "cert.pem").write_bytes(SP_KEY[1])

    def client(xmlsec1: str) -> Saml2Client:
        own = {"key_file": str(tmp_path / "key.pem"), "cert_file": str(tmp_path / "cert.pem")}
        config = {
            "entityid": SP,
            "xmlsec_binary": xmlsec1,
            "metadata": {"local": [str(tmp_path / "idp.xml")]},
            "encryption_keypairs": [own],
            "allow_unknown_attributes": True,
            "service": {
                "sp": {
                    "endpoints": {"assertion_consumer_service": [(ACS, BINDING_HTTP_POST)]},
                    "want_response_signed": True,
                    "want_assertions_signed": True,
                }
            },
            **own,
        }
        return Saml2Client(SPConfig().load(config))

    return client


@pytest.mark.parametrize("encrypted", [False, True])
def test_pysaml2_takes_it(pysaml2: Callable[[str], Saml2Client], encrypted: bool) -> None:
    client = pysaml2(require_program("xmlsec1", "xmlsec1"))
    octets = signed_response(
        *fresh(), key=signing_key(), encrypt_for=sp_encryption_key() if encrypted else None
    )

    answer = client.parse_authn_request_response(
        base64.b64encode(octets).decode(), BINDING_HTTP_POST, outstanding={"_q1": "/"}
    )

    assert answer.name_id.text == "an.nguyen@example.vn"
    assert answer.ava["mail"] == ["an.nguyen@example.vn"]
    assert answer.ava["cn"] == ["Nguyễn Văn An", "Phạm & <Sons>"]


@pytest.mark.parametrize(
    ("sign_assertion", "sign_response", "changed"),
    [
        (*signed, changed)
        for signed, changed in itertools.product([(True, True), (False, True)], [False, True])
    ],
)
def test_shibboleths_and_libxmlsecs_tools_agree_about_the_signature(
    tmp_path: Path, sign_assertion: bool, sign_response: bool, changed: bool
) -> None:
    samlsign, xmlsec1 = require_program("samlsign", "opensaml-tools"), require_program("xmlsec1", "xmlsec1")
    octets = signed_response(
        *fresh(), key=signing_key(), sign_assertion=sign_assertion, sign_response=sign_response
    )
    if changed:
        octets = octets.replace(b"an.nguyen@", b"be.nguyen@")
    (tmp_path / "response.xml").write_bytes(octets)
    (tmp_path / "idp.pem").write_text(pem(signing_key().certificate))

    opensaml = subprocess.run(
        [samlsign, "-c", str(tmp_path / "idp.pem"), "-f", str(tmp_path / "response.xml")],
        capture_output=True,
        check=False,
    )
    libxmlsec = subprocess.run(
        [
            *(xmlsec1, "--verify", "--pubkey-cert-pem", str(tmp_path / "idp.pem")),
            *("--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:protocol:Response"),
            *("--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion"),
            str(tmp_path / "response.xml"),
        ],
        capture_output=True,
        check=False,
    )

    assert (opensaml.returncode == 0, libxmlsec.returncode == 0) == (not changed, not changed)
