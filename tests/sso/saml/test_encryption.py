"""Encryption: others read what we encrypt, and we read what they do, or say nothing about why not."""

from __future__ import annotations

import base64
import copy
import shutil
import subprocess
from pathlib import Path

import pytest
import xmlsec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from govdir.sso.saml import encryption, schemas, signatures, xml
from govdir.sso.saml.encryption import EncryptionKey, EncryptionMethod
from govdir.sso.saml.errors import CannotEncrypt, DecryptionRefused
from tests.sso.saml.samples import certificate, rsa_certificate
from tests.sso.saml.signed import key, keys, pem, rsa_key, secret_of

constants = xmlsec.constants
ASSERTION = (
    '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a" Version="2.0"'
    ' IssueInstant="2026-03-02T01:30:00Z"><saml:Issuer>https://mail.example.vn/ộ</saml:Issuer>'
    "<saml:Subject><saml:NameID>zzname</saml:NameID></saml:Subject></saml:Assertion>"
).encode()
NAME_ID = b'<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">zzname</saml:NameID>'
REFUSED = "what is encrypted cannot be read"
CIPHER_VALUE = xml.name(xml.XENC, "CipherValue")


def encrypted(octets: bytes = NAME_ID, method: str = EncryptionMethod.AES256_GCM) -> etree._Element:
    return encryption.encrypt(octets, EncryptionKey.of(key().certificate), method)


def signed_assertion() -> bytes:
    root = xml.parse(ASSERTION)
    signatures.sign(root, key("idp"))
    return xml.serialize(root)


@pytest.mark.parametrize("method", EncryptionMethod)
def test_what_is_encrypted_is_read_back(method: EncryptionMethod) -> None:
    element = encrypted(ASSERTION, method)

    assert b"zzname" not in xml.serialize(element)
    assert xml.serialize(encryption.decrypt(element, [key()])) == ASSERTION


@given(text=st.text(st.characters(min_codepoint=32, blacklist_categories=["Cs", "Cn"])))
def test_any_length_is_read_back_in_blocks(text: str) -> None:
    root = etree.Element("a")
    root.text = text

    element = encrypted(xml.serialize(root), EncryptionMethod.AES128_CBC)

    assert (encryption.decrypt(element, [key()]).text or "") == text


def test_no_two_encryptions_are_alike() -> None:
    assert xml.serialize(encrypted()) != xml.serialize(encrypted())


@pytest.mark.parametrize("method", EncryptionMethod)
def test_python3_saml_reads_what_we_encrypt(method: EncryptionMethod) -> None:
    element = xml.parse(xml.serialize(encrypted(signed_assertion(), method)))

    read = OneLogin_Saml2_Utils.decrypt_element(element[0], pem(rsa_key()).decode())

    alone = xml.parse(etree.tostring(read))
    assert signatures.verified(alone, keys("idp")) is alone


def test_the_program_xmlsec1_reads_what_we_encrypt(tmp_path: Path) -> None:
    program = shutil.which("xmlsec1")
    if program is None:
        pytest.skip("xmlsec1 is not installed")
    (tmp_path / "key.pem").write_bytes(pem(rsa_key()))
    (tmp_path / "encrypted.xml").write_bytes(xml.serialize(encrypted()))

    command = [program, "--decrypt", "--privkey-pem", str(tmp_path / "key.pem")]
    finished = subprocess.run([*command, str(tmp_path / "encrypted.xml")], capture_output=True, check=False)

    assert finished.returncode == 0, finished.stderr
    assert b"zzname" in finished.stdout


def test_an_encrypted_assertion_is_by_the_schema() -> None:
    schemas.check(encrypted(ASSERTION))


def test_nothing_but_rsa_oaep_carries_the_key() -> None:
    methods = [found.get("Algorithm") for found in encrypted().iter(xml.name(xml.XENC, "EncryptionMethod"))]

    assert methods == [
        "http://www.w3.org/2009/xmlenc11#aes256-gcm",
        "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
    ]


@pytest.mark.parametrize("method", ["", "urn:unknown", "http://www.w3.org/2001/04/xmlenc#tripledes-cbc"])
def test_an_unknown_method_is_refused_and_not_replaced(method: str) -> None:
    with pytest.raises(CannotEncrypt, match="unknown method"):
        encrypted(method=method)


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (b"junk", "not a certificate"),
        (rsa_certificate(1024), "fewer than 2048"),
        (certificate(key=ec.generate_private_key(ec.SECP256R1())), "not RSA"),
    ],
    ids=["junk", "short", "curve"],
)
def test_a_certificate_of_no_use_for_encryption_is_refused(made: bytes, reason: str) -> None:
    with pytest.raises(CannotEncrypt, match=reason):
        EncryptionKey.of(made)


def by_xmlsec(
    method: object = constants.TransformAes128Gcm,
    transport: object = constants.TransformRsaOaep,
    *,
    size: int = 128,
) -> etree._Element:
    """saml:EncryptedID as other software makes it, with xmlsec."""
    outer = etree.Element(xml.name(xml.SAML, "EncryptedID"))
    data = xmlsec.template.encrypted_data_create(outer, method, type=constants.TypeEncElement, ns="xenc")
    outer.append(data)
    xmlsec.template.encrypted_data_ensure_cipher_value(data)
    information = xmlsec.template.encrypted_data_ensure_key_info(data, ns="ds")
    wrapped = xmlsec.template.add_encrypted_key(information, transport)
    xmlsec.template.encrypted_data_ensure_cipher_value(wrapped)
    manager = xmlsec.KeysManager()
    manager.add_key(secret_of(rsa_key()))
    context = xmlsec.EncryptionContext(manager)
    context.key = xmlsec.Key.generate(constants.KeyDataAes, size, constants.KeyDataTypeSession)
    context.encrypt_binary(data, NAME_ID)
    return xml.parse(xml.serialize(outer))


@pytest.mark.parametrize(
    ("method", "size"),
    [
        (constants.TransformAes128Gcm, 128),
        (constants.TransformAes256Gcm, 256),
        (constants.TransformAes128Cbc, 128),
        (constants.TransformAes256Cbc, 256),
    ],
)
def test_we_read_what_xmlsec_encrypts(method: object, size: int) -> None:
    assert encryption.decrypt(by_xmlsec(method, size=size), [key()]).text == "zzname"


def test_a_key_beside_the_data_is_found() -> None:
    element = by_xmlsec()
    wrapped = element.find(f".//{xml.name(xml.XENC, 'EncryptedKey')}")
    assert wrapped is not None
    element.append(wrapped)

    assert encryption.decrypt(element, [key()]).text == "zzname"


def test_any_of_our_keys_will_do() -> None:
    assert encryption.decrypt(by_xmlsec(), [key("next"), key()]).text == "zzname"


def by_oaep(
    digest: hashes.HashAlgorithm, mask: hashes.HashAlgorithm, method: str, inner: str
) -> etree._Element:
    element = encrypted()
    secret = b"k" * 32
    values = list(element.iter(CIPHER_VALUE))
    public = rsa_key().public_key()
    wrapped = public.encrypt(secret, padding.OAEP(padding.MGF1(mask), digest, None))
    values[0].text = base64.b64encode(wrapped).decode()
    values[1].text = base64.b64encode(b"n" * 12 + AESGCM(secret).encrypt(b"n" * 12, NAME_ID, None)).decode()
    transport = list(element.iter(xml.name(xml.XENC, "EncryptionMethod")))[1]
    transport.clear()
    transport.set("Algorithm", method)
    transport.extend(etree.fromstring(f'<x xmlns:ds="{xml.DS}" xmlns:e="{xml.XENC11}">{inner}</x>'))
    return element


SHA256 = '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
MGF256 = '<e:MGF Algorithm="http://www.w3.org/2009/xmlenc11#mgf1sha256"/>'


@pytest.mark.parametrize(
    ("digest", "mask", "method", "inner"),
    [
        (hashes.SHA1(), hashes.SHA1(), f"{xml.XENC}rsa-oaep-mgf1p", ""),
        (hashes.SHA256(), hashes.SHA1(), f"{xml.XENC}rsa-oaep-mgf1p", SHA256),
        (hashes.SHA1(), hashes.SHA1(), f"{xml.XENC11}rsa-oaep", ""),
        (hashes.SHA256(), hashes.SHA256(), f"{xml.XENC11}rsa-oaep", SHA256 + MGF256),
    ],
)
def test_each_form_of_oaep_is_read(
    digest: hashes.HashAlgorithm, mask: hashes.HashAlgorithm, method: str, inner: str
) -> None:
    assert encryption.decrypt(by_oaep(digest, mask, method, inner), [key()]).text == "zzname"


def test_a_prefix_that_the_surroundings_declare_is_known_within() -> None:
    element = encrypted(b"<saml:NameID>zzname</saml:NameID>")

    assert encryption.decrypt(element, [key()]).tag == "{urn:oasis:names:tc:SAML:2.0:assertion}NameID"


def reason(element: etree._Element) -> str:
    with pytest.raises(DecryptionRefused) as refused:
        encryption.decrypt(element, [key()])
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    return str(refused.value)


def test_pkcs1_transport_is_refused() -> None:
    assert reason(by_xmlsec(transport=constants.TransformRsaPkcs1)) == REFUSED


def test_a_key_of_somebody_else_is_refused() -> None:
    stranger = EncryptionKey.of(key("stranger").certificate)

    assert reason(encryption.encrypt(NAME_ID, stranger)) == REFUSED


@pytest.mark.parametrize("method", [EncryptionMethod.AES256_GCM, EncryptionMethod.AES128_CBC])
@pytest.mark.parametrize("which", [0, 1], ids=["key", "data"])
@pytest.mark.parametrize("place", [0, 20, -1])
def test_a_changed_octet_is_refused_in_the_same_words(method: str, which: int, place: int) -> None:
    element = encrypted(NAME_ID, method)
    value = list(element.iter(CIPHER_VALUE))[which]
    octets = bytearray(base64.b64decode(value.text or ""))
    octets[place] ^= 0x55
    value.text = base64.b64encode(octets).decode()

    assert reason(element) == REFUSED


@pytest.mark.parametrize("value", ["", "AAAA", "not base64!", "A" * 64])
@pytest.mark.parametrize("which", [0, 1], ids=["key", "data"])
@pytest.mark.parametrize("method", [EncryptionMethod.AES256_GCM, EncryptionMethod.AES256_CBC])
def test_other_octets_are_refused_in_the_same_words(method: str, which: int, value: str) -> None:
    element = encrypted(NAME_ID, method)
    list(element.iter(CIPHER_VALUE))[which].text = value

    assert reason(element) == REFUSED


@pytest.mark.parametrize(
    "local", ["EncryptedData", "EncryptedKey", "CipherData", "CipherValue", "EncryptionMethod"]
)
def test_a_part_that_is_missing_is_refused_in_the_same_words(local: str) -> None:
    for number in range(2):
        element = encrypted()
        found = list(element.iter(xml.name(xml.XENC, local)))[number : number + 1]
        for part in found:
            parent = part.getparent()
            assert parent is not None
            parent.remove(part)
            assert reason(element) == REFUSED


@pytest.mark.parametrize(
    "content", [b"", b"text", b"<a/><b/>", b"<a>", b"x<a/>", b"</frame><frame>", b"<!DOCTYPE a><a/>"]
)
def test_a_content_that_is_not_one_element_is_refused_in_the_same_words(content: bytes) -> None:
    assert reason(encrypted(content)) == REFUSED


def test_no_more_than_four_keys_are_tried() -> None:
    element = encrypted()
    wrapped = element.find(f".//{xml.name(xml.XENC, 'EncryptedKey')}")
    assert wrapped is not None
    for _ in range(4):
        spoilt = copy.deepcopy(wrapped)
        next(spoilt.iter(CIPHER_VALUE)).text = base64.b64encode(b"x" * 256).decode()
        wrapped.addprevious(spoilt)

    assert reason(element) == REFUSED


def test_a_label_is_refused() -> None:
    element = encrypted()
    transport = list(element.iter(xml.name(xml.XENC, "EncryptionMethod")))[1]
    etree.SubElement(transport, xml.name(xml.XENC, "OAEPparams")).text = "AAAA"

    assert reason(element) == REFUSED
