"""Keys of signatures: our own, and those that service providers publish in certificates.

A certificate is a carrier of a key and no more: its dates and issuer do not count (SAML metadata
interoperability profile §2.6.1). Keys are loaded once, for loading costs more than signing, and are shared by
all threads: xmlsec takes a reference of its own to the key for each signature.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

import xmlsec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

MIN_RSA_BITS: Final = 2048
MADE_RSA_BITS: Final = 3072
MAX_VERIFICATION_KEYS: Final = 8
"""Each is tried in turn; a service provider publishes two while it changes keys."""


class SignatureMethod(StrEnum):
    """What we sign with and let others sign with: RSA of PKCS #1 v1.5 (RFC 6931 §2.3)."""

    RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    RSA_SHA384 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"
    RSA_SHA512 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"
    RSA_SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"


DEFAULT_METHODS: Final = frozenset(
    {SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA384, SignatureMethod.RSA_SHA512}
)
"""Those that need no permission; RSA with SHA-1 is taken where a service provider's settings say so."""


class EcdsaMethod(StrEnum):
    """What service providers with a key on a curve sign with (RFC 6931 §2.3.6); we never do."""

    ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
    ECDSA_SHA384 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"
    ECDSA_SHA512 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"


_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    SignatureMethod.RSA_SHA256: hashes.SHA256(),
    SignatureMethod.RSA_SHA384: hashes.SHA384(),
    SignatureMethod.RSA_SHA512: hashes.SHA512(),
    SignatureMethod.RSA_SHA1: hashes.SHA1(),  # noqa: S303 - only where it is permitted, see accepts()
    EcdsaMethod.ECDSA_SHA256: hashes.SHA256(),
    EcdsaMethod.ECDSA_SHA384: hashes.SHA384(),
    EcdsaMethod.ECDSA_SHA512: hashes.SHA512(),
}
_CURVES: Final = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)


SHA1: Final = "http://www.w3.org/2000/09/xmldsig#sha1"


def not_taken(method: str | None) -> str:
    """What to call a method of signing or digesting that is refused: most who meet this have left their
    software at SHA-1, and are told so."""
    if method in {SHA1, SignatureMethod.RSA_SHA1}:
        return "SHA-1, which is not taken unless the application's settings allow it"
    return "a method that is not taken"


class SigningKey:
    """One of our keys with its certificate; `load` makes it. The representation shows neither."""

    __slots__ = ("certificate", "fingerprint", "private", "xmlsec_key")

    def __init__(self, private: rsa.RSAPrivateKey, certificate: x509.Certificate) -> None:
        self.private: Final = private
        self.certificate: Final = certificate.public_bytes(serialization.Encoding.DER)
        self.fingerprint: Final = hashlib.sha256(self.certificate).hexdigest()
        self.xmlsec_key: Final = _xmlsec_private(private, self.certificate)

    @classmethod
    def load(cls, key_pem: bytes, certificate_pem: bytes) -> SigningKey:
        """From PEM, not encrypted; raises ValueError for anything but RSA of 2048 bits or more with a
        certificate of the same key."""
        try:
            private = serialization.load_pem_private_key(key_pem, None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise ValueError("the key is not a private key in PEM without a pass phrase") from None
        try:
            certificate = x509.load_pem_x509_certificate(certificate_pem)
            public = certificate.public_key()
        except (ValueError, UnsupportedAlgorithm):
            raise ValueError("the certificate is not one in PEM") from None
        if not isinstance(private, rsa.RSAPrivateKey) or private.key_size < MIN_RSA_BITS:
            raise ValueError(f"the key is not RSA of {MIN_RSA_BITS} bits or more")
        if public != private.public_key():
            raise ValueError("key and certificate do not belong together")
        return cls(private, certificate)

    def sign(self, octets: bytes, method: SignatureMethod) -> bytes:
        """The signature over octets, as a redirect carries it (saml-bindings §3.4.4.1)."""
        return self.private.sign(octets, padding.PKCS1v15(), _HASHES[method])

    def __repr__(self) -> str:
        return f"SigningKey(fingerprint={self.fingerprint!r}, <hidden>)"


class VerificationKey:
    """One public key of somebody else."""

    __slots__ = ("public", "xmlsec_key")

    def __init__(self, public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> None:
        self.public: Final = public
        self.xmlsec_key: Final = _xmlsec_public(public)

    def fits(self, method: str) -> bool:
        """Whether the method is one of this kind of key."""
        kind = SignatureMethod if isinstance(self.public, rsa.RSAPublicKey) else EcdsaMethod
        return method in kind.__members__.values()

    def verifies(self, signature: bytes, octets: bytes, method: str) -> bool:
        """Whether the signature over octets was made with the key; the method fits."""
        algorithm = _HASHES[method]
        try:
            if isinstance(self.public, rsa.RSAPublicKey):
                self.public.verify(signature, octets, padding.PKCS1v15(), algorithm)
            else:
                self.public.verify(_ecdsa_der(signature, self.public), octets, ec.ECDSA(algorithm))
        except InvalidSignature:
            return False
        return True


class VerificationKeys:
    """The keys that one service provider may sign with; `sha1` whether also with RSA and SHA-1."""

    __slots__ = ("keys", "sha1")

    def __init__(self, keys: tuple[VerificationKey, ...], *, sha1: bool = False) -> None:
        self.keys: Final = keys
        self.sha1: Final = sha1

    @classmethod
    def of(cls, certificates: Iterable[bytes], *, sha1: bool = False) -> VerificationKeys:
        """From DER certificates in the order in which to try them. Those that `public_key` refuses are passed
        over, as one bad key in metadata must not make the good ones useless."""
        keys: list[VerificationKey] = []
        for certificate in certificates:
            try:
                found = public_key(certificate)
            except ValueError:
                continue
            if all(found != known.public for known in keys):
                keys.append(VerificationKey(found))
        return cls(tuple(keys[:MAX_VERIFICATION_KEYS]), sha1=sha1)

    def accepts(self, method: str) -> bool:
        """Whether a signature of that method is looked at, by a key or not."""
        if method == SignatureMethod.RSA_SHA1:
            return self.sha1
        return method in _HASHES

    def fitting(self, method: str) -> tuple[VerificationKey, ...]:
        """The keys that may have made a signature of that method."""
        return tuple(key for key in self.keys if key.fits(method))

    def __bool__(self) -> bool:
        return bool(self.keys)


def public_key(certificate: bytes) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey:
    """The key in a DER certificate; ValueError says why it is of no use: no certificate, neither RSA nor a
    NIST curve, too short."""
    try:
        found = x509.load_der_x509_certificate(certificate).public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("not a certificate with a known kind of key") from None
    if isinstance(found, rsa.RSAPublicKey):
        if found.key_size < MIN_RSA_BITS:
            raise ValueError(f"an RSA key of {found.key_size} bits, fewer than {MIN_RSA_BITS}")
        return found
    if isinstance(found, ec.EllipticCurvePublicKey) and isinstance(found.curve, _CURVES):
        return found
    raise ValueError("a key that is neither RSA nor on the curves P-256, P-384 or P-521")


def make_signing_key(common_name: str, days: int = 3650) -> tuple[bytes, bytes]:
    """A new RSA key and a self-signed certificate for it, both PEM. The name has at most 64 characters."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=MADE_RSA_BITS)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
    began = datetime.now(UTC) - timedelta(hours=1)  # clocks of those who look at the dates may be behind
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .sign(private, hashes.SHA256())
    )
    return _pem(private), certificate.public_bytes(serialization.Encoding.PEM)


def _pem(private: rsa.RSAPrivateKey) -> bytes:
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return private.private_bytes(encoding, form, serialization.NoEncryption())


def _xmlsec_private(private: rsa.RSAPrivateKey, certificate: bytes) -> xmlsec.Key:
    key = xmlsec.Key.from_memory(_pem(private), xmlsec.constants.KeyDataFormatPem, None)
    key.load_cert_from_memory(certificate, xmlsec.constants.KeyDataFormatCertDer)
    return key


def _xmlsec_public(public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> xmlsec.Key:
    # The bare key, so that no code ever looks at the certificate it came in.
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return xmlsec.Key.from_memory(
        public.public_bytes(encoding, form), xmlsec.constants.KeyDataFormatPem, None
    )


def _ecdsa_der(signature: bytes, public: ec.EllipticCurvePublicKey) -> bytes:
    """XML-DSig writes r and s side by side (RFC 6931 §2.3.6), Java's libraries in redirects as DER."""
    size = (public.key_size + 7) // 8
    if len(signature) != 2 * size:
        return signature
    return utils.encode_dss_signature(
        int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
    )
