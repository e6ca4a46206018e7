"""The secrets a new home starts with: random bytes, an authority and a certificate for this host."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from govdir.cli.private_files import write_private
from govdir.directory.cookies import SECRET_OCTETS

AUTHORITY_DAYS = 3650
CERTIFICATE_DAYS = 397  # the longest that client platforms accept of a server's certificate
CLOCK_SLACK = timedelta(hours=1)  # clients whose clock is a little behind

PrivateKey = ec.EllipticCurvePrivateKey


def write_secret(path: Path) -> None:
    """Random bytes from the system's source."""
    write_private(path, secrets.token_bytes(SECRET_OCTETS))


def write_certificates(*, authority: Path, certificate: Path, key: Path, organization: str) -> None:
    """A self-signed authority, and a server certificate under it for localhost and this host's names.

    The authority's key is used once and forgotten: nobody can issue a second certificate in its name.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority_certificate = _authority(authority_key, organization, now)
    server_key = ec.generate_private_key(ec.SECP256R1())
    server_certificate = _server(server_key, authority_certificate, authority_key, now)
    write_private(authority, authority_certificate.public_bytes(serialization.Encoding.PEM))
    write_private(certificate, server_certificate.public_bytes(serialization.Encoding.PEM))
    write_private(
        key,
        server_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )


def host_names() -> tuple[str, ...]:
    """What clients call this machine; no resolver is asked, it may not answer for long."""
    return tuple(dict.fromkeys(name for name in ("localhost", socket.gethostname()) if name.isascii()))


def _authority(key: PrivateKey, organization: str, now: datetime) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, f"govdir CA {now:%Y-%m-%d}"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        _builder(name, name, key, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )


def _server(
    key: PrivateKey, authority: x509.Certificate, authority_key: PrivateKey, now: datetime
) -> x509.Certificate:
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in host_names()]
    names += [x509.IPAddress(ipaddress.ip_address(address)) for address in ("127.0.0.1", "::1")]
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    return (
        _builder(
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
            authority.subject,
            key,
            now,
            CERTIFICATE_DAYS,
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(issuer_key, critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SLACK)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
