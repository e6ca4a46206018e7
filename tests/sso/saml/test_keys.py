"""Keys: ours, which belong to their certificates, and others', which count for their key alone."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from govdir.sso.saml import signatures, xml
from govdir.sso.saml.keys import SigningKey, VerificationKeys, make_signing_key, not_taken, public_key
from tests.sso.saml.samples import certificate, rsa_certificate
from tests.sso.saml.signed import certificate_pem, key, pem, rsa_key, signed_request

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


def test_a_key_that_was_made_is_loaded_and_shows_nothing() -> None:
    key_pem, certificate_text = make_signing_key("mail.example.vn", days=90)

    made = SigningKey.load(key_pem, certificate_text)

    found = x509.load_pem_x509_certificate(certificate_text)
    assert found.subject.rfc4514_string() == "CN=mail.example.vn"
    assert found.issuer == found.subject
    assert found.not_valid_after_utc - found.not_valid_before_utc == timedelta(days=90)
    assert made.private.key_size == 3072
    assert made.certificate == found.public_bytes(serialization.Encoding.DER)
    assert made.fingerprint == hashlib.sha256(made.certificate).hexdigest()
    assert repr(made) == f"SigningKey(fingerprint='{made.fingerprint}', <hidden>)"


def test_a_key_of_another_certificate_is_refused() -> None:
    with pytest.raises(ValueError, match="do not belong together"):
        SigningKey.load(pem(rsa_key("stranger")), certificate_pem(key().certificate))


def test_a_short_key_is_refused() -> None:
    short = rsa.generate_private_key(65537, 1024)

    with pytest.raises(ValueError, match="2048 bits or more"):
        SigningKey.load(pem(short), certificate_pem(certificate(key=short)))


def test_a_key_on_a_curve_is_not_one_to_sign_with() -> None:
    curved = ec.generate_private_key(ec.SECP256R1())

    with pytest.raises(ValueError, match="not RSA"):
        SigningKey.load(pem(curved), certificate_pem(certificate(key=curved)))


def test_what_is_not_pem_is_refused_and_not_quoted() -> None:
    good = certificate_pem(key().certificate)
    locked = rsa_key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"word"),
    )

    for bad in (b"zzmark", locked, good):
        with pytest.raises(ValueError, match="not a private key in PEM"):
            SigningKey.load(bad, good)
    with pytest.raises(ValueError, match="not one in PEM"):
        SigningKey.load(pem(rsa_key()), b"zzmark")


def test_neither_dates_nor_issuer_of_a_certificate_count() -> None:
    expired = certificate("sp", "nobody", key=rsa_key(), began=LONG_AGO, ended=LONG_AGO + timedelta(days=1))
    root = xml.parse(signed_request())

    assert signatures.verified(root, VerificationKeys.of([expired])) is root


def test_a_useless_certificate_does_not_spoil_the_good_one() -> None:
    root = xml.parse(signed_request())

    known = VerificationKeys.of([b"", b"junk", rsa_certificate(1024), key().certificate])

    assert len(known.keys) == 1
    assert signatures.verified(root, known) is root


def test_one_key_in_two_certificates_is_tried_once() -> None:
    known = VerificationKeys.of([certificate(key=rsa_key()), certificate("again", key=rsa_key())])

    assert len(known.keys) == 1


def test_keys_that_are_none_count_as_none() -> None:
    assert not VerificationKeys.of([])
    assert not VerificationKeys.of([b"junk"])
    assert VerificationKeys.of([key().certificate])


def test_no_more_than_eight_keys_are_tried() -> None:
    many = [certificate(key=ec.generate_private_key(ec.SECP256R1())) for _ in range(10)]

    assert len(VerificationKeys.of(many).keys) == 8


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (b"junk", "not a certificate"),
        (rsa_certificate(1024), "1024 bits, fewer than 2048"),
        (certificate(key=ec.generate_private_key(ec.SECP256K1())), "neither RSA nor"),
    ],
    ids=["junk", "short", "curve"],
)
def test_a_certificate_of_no_use_is_refused_with_the_reason(made: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        public_key(made)


def test_a_key_of_another_kind_is_refused() -> None:
    private = ed25519.Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sp")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(LONG_AGO)
        .not_valid_after(LONG_AGO + timedelta(days=1))
        .sign(private, None)
        .public_bytes(serialization.Encoding.DER)
    )

    with pytest.raises(ValueError, match="neither RSA nor"):
        public_key(made)


def test_a_method_fits_keys_of_its_kind_only() -> None:
    known = VerificationKeys.of([key().certificate, certificate(key=ec.generate_private_key(ec.SECP256R1()))])
    rsa_own, curved = known.keys

    assert known.fitting("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256") == (rsa_own,)
    assert known.fitting("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256") == (curved,)
    assert known.fitting("http://www.w3.org/2000/09/xmldsig#hmac-sha1") == ()
    assert not known.accepts("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")


def test_who_signs_with_sha1_is_told_that_it_is_sha1() -> None:
    told = "SHA-1, which is not taken unless the application's settings allow it"

    assert not_taken("http://www.w3.org/2000/09/xmldsig#rsa-sha1") == told
    assert not_taken("http://www.w3.org/2000/09/xmldsig#sha1") == told
    assert not_taken("http://www.w3.org/2000/09/xmldsig#hmac-sha1") == "a method that is not taken"
    assert not_taken(None) == "a method that is not taken"
