"""Our own metadata, and what others read from it."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from msgspec.structs import replace
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser

from govdir.sso.saml import schemas, signatures, xml
from govdir.sso.saml.errors import SignatureRefused
from govdir.sso.saml.keys import VerificationKeys
from govdir.sso.saml.metadata_idp import IdpDescription, idp_metadata
from govdir.sso.saml.model import NameIdFormat
from govdir.sso.saml.names import ds, md
from interop.programs import require_program
from tests.sso.saml.samples import DESCRIPTION, IDP, SITE, signing_key

BARE = IdpDescription(
    entity_id=IDP,
    sso_redirect=f"{SITE}/sso",
    sso_post=f"{SITE}/sso",
    slo_redirect=f"{SITE}/slo",
    slo_post=f"{SITE}/slo",
    slo_soap=f"{SITE}/slo/soap",
    signing_certificates=(signing_key().certificate,),
)


@pytest.mark.parametrize("description", [DESCRIPTION, BARE], ids=["full", "bare"])
def test_it_is_by_the_schema_and_signed(description: IdpDescription) -> None:
    root = xml.parse(idp_metadata(description, signing_key()))

    schemas.check(root)
    assert root[0].tag == ds("Signature")
    signatures.verified_metadata(root, VerificationKeys.of([signing_key().certificate]))
    with pytest.raises(SignatureRefused):
        signatures.verified_metadata(root, VerificationKeys.of([signing_key("next").certificate]))


ELSEWHERE = """
import sys
import msgspec
from govdir.sso.saml.keys import SigningKey
from govdir.sso.saml.metadata_idp import IdpDescription, idp_metadata

description, pem = msgspec.json.decode(sys.stdin.buffer.read(), type=tuple[IdpDescription, bytes])
sys.stdout.buffer.write(idp_metadata(description, SigningKey.load(pem, pem)))
"""


@pytest.mark.parametrize("seed", ["1", "2"])
def test_every_process_writes_the_same_octets(seed: str) -> None:
    key = signing_key()
    private = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem = private + x509.load_der_x509_certificate(key.certificate).public_bytes(Encoding.PEM)
    there = subprocess.run(
        [sys.executable, "-c", ELSEWHERE],
        input=msgspec.json.encode((DESCRIPTION, pem)),
        capture_output=True,
        check=True,
        timeout=60,
        env=os.environ | {"PYTHONHASHSEED": seed},
    )

    assert there.stdout == idp_metadata(DESCRIPTION, key)


def test_another_content_has_another_id() -> None:
    other = replace(DESCRIPTION, contact="other@example.vn")

    first, second = (xml.parse(idp_metadata(each, signing_key())).get("ID") for each in (DESCRIPTION, other))

    assert first != second


def test_it_never_expires_and_is_asked_for_again_after_six_hours() -> None:
    root = xml.parse(idp_metadata(DESCRIPTION, signing_key()))

    assert (root.get("validUntil"), root.get("cacheDuration")) == (None, "PT6H")


def test_every_key_of_the_ring_is_published_the_current_one_first() -> None:
    root = xml.parse(idp_metadata(DESCRIPTION, signing_key()))

    keys = [
        (descriptor.get("use"), base64.b64decode(descriptor.findtext(f".//{ds('X509Certificate')}") or ""))
        for descriptor in root.iter(md("KeyDescriptor"))
    ]

    assert keys == [
        ("signing", signing_key().certificate),
        ("signing", signing_key("next").certificate),
        ("encryption", signing_key().certificate),
    ]


def test_what_stands_around_the_end_points() -> None:
    written = idp_metadata(DESCRIPTION, signing_key()).decode()

    for part in (
        '<alg:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>',
        '<alg:SigningMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
        '<alg:SigningMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"/>'
        '<alg:SigningMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"/>',
        '<shibmd:Scope regexp="false">example.vn</shibmd:Scope>',
        r'<shibmd:Scope regexp="true">^[a-z0-9.-]+\.example\.vn$</shibmd:Scope>',
        '<mdui:UIInfo><mdui:DisplayName xml:lang="vi">Thư điện tử tỉnh</mdui:DisplayName>'
        '<mdui:DisplayName xml:lang="en">Province mail</mdui:DisplayName></mdui:UIInfo>',
        '</ds:KeyInfo><md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/>'
        '<md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes128-gcm"/>'
        '<md:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/>'
        "</md:KeyDescriptor>",
        '<saml:Attribute Name="urn:oid:0.9.2342.19200300.100.1.3" '
        'NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" FriendlyName="mail"/>',
        '<md:ContactPerson contactType="technical"><md:EmailAddress>mailto:admin@example.vn</md:EmailAddress>'
        "</md:ContactPerson>",
        '<md:OrganizationURL xml:lang="vi">https://example.vn</md:OrganizationURL>',
    ):
        assert part in written


def test_python3_saml_finds_where_to_go_and_whom_to_believe() -> None:
    read = OneLogin_Saml2_IdPMetadataParser.parse(idp_metadata(DESCRIPTION, signing_key()))

    idp = read["idp"]
    assert idp["entityId"] == IDP
    assert idp["singleSignOnService"]["url"] == f"{SITE}/sso"
    assert idp["singleLogoutService"]["url"] == f"{SITE}/slo"
    assert idp["x509certMulti"]["signing"] == [
        base64.b64encode(key.certificate).decode() for key in (signing_key(), signing_key("next"))
    ]
    assert read["security"]["authnRequestsSigned"] is True
    assert read["sp"]["NameIDFormat"] == NameIdFormat.UNSPECIFIED


def test_shibboleths_tool_believes_the_signature(tmp_path: Path) -> None:
    samlsign = require_program("samlsign", "opensaml-tools")
    file, certificate = tmp_path / "idp.xml", tmp_path / "idp.pem"
    body = base64.encodebytes(signing_key().certificate).decode()
    certificate.write_text(f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n")
    octets = idp_metadata(DESCRIPTION, signing_key())

    verdicts = []
    for content in (octets, octets.replace(b"/slo/soap", b"/slo/saop")):
        file.write_bytes(content)
        run = subprocess.run(
            [samlsign, "-c", str(certificate), "-f", str(file)], capture_output=True, check=False
        )
        verdicts.append(run.returncode == 0)

    assert verdicts == [True, False]
