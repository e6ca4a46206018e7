"""Certificates that clients present under TLS, for SASL EXTERNAL: asked for, never demanded.

The handshake proves that the client has the key; whether the certificate is good is looked at when a bind
asks for it. So a client with one that is not goes on as one without, an open connection cannot outlive its
revocation at the next bind, and a resumed TLS session is held to today's authorities.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from OpenSSL import SSL, crypto

from govdir.directory.certificates import OwnerBy, Presented
from govdir.ldap.server.tls_files import TlsFilesError, read_file

# End entity, three authorities in between, the root: more is nobody's.
MAX_DEPTH: Final = 4

_FOR_CLIENTS: Final = frozenset({ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})


ClientCertificate = tuple[crypto.X509, Sequence[crypto.X509]]
"""What a client has presented, and what it sent with it."""


class Untrusted(Exception):
    """A certificate that proves nothing here; the text says why and holds nothing of it."""


class ClientCertificates:
    """Which certificates are taken, and how they tell whose they are.

    `authority` is a PEM file of authorities' certificates; `revocations` one of their current revocation
    lists, None where revocation is not looked at. With it an authority without a list, or with one past its
    time, lets nobody in, nor does any that it has certified.

    Raises:
        TlsFilesError: a file is missing or not PEM.
    """

    def __init__(self, authority: Path, revocations: Path | None, mappings: frozenset[OwnerBy]) -> None:
        self.mappings = mappings
        self._authority = authority
        self._revocations = revocations
        self._store = self._load()

    def reload(self) -> None:
        """Reads the files again; on TlsFilesError what was read before stays."""
        self._store = self._load()

    def prepare(self, context: SSL.Context) -> None:
        """Has connections of this context ask for a certificate, and name the authorities."""
        context.set_verify(SSL.VERIFY_PEER, _take_any)
        context.set_verify_depth(MAX_DEPTH)
        context.load_client_ca(str(self._authority).encode())

    def check(self, certificate: crypto.X509, chain: Sequence[crypto.X509]) -> Presented:
        """What the certificate says, if one of the authorities has issued it for clients, it is in force now
        and not revoked; `chain` is what the client sent with it. Raises Untrusted."""
        try:
            crypto.X509StoreContext(self._store, certificate, chain).verify_certificate()
        except crypto.X509StoreContextError as error:
            raise Untrusted(error.args[0] if error.args else "not verified") from None
        try:
            return _read(certificate.to_cryptography())
        except ValueError:
            raise Untrusted("not of the form of a certificate") from None

    def _load(self) -> crypto.X509Store:
        store = crypto.X509Store()
        try:
            for authority in x509.load_pem_x509_certificates(read_file(self._authority)):
                store.add_cert(crypto.X509.from_cryptography(authority))
        except ValueError as error:
            raise TlsFilesError(f"{self._authority}: not PEM certificates of authorities") from error
        if self._revocations is not None:
            try:
                for one in _split_crls(read_file(self._revocations)):
                    store.add_crl(x509.load_pem_x509_crl(one))
            except ValueError as error:
                raise TlsFilesError(f"{self._revocations}: not PEM revocation lists") from error
            store.set_flags(crypto.X509StoreFlags.CRL_CHECK | crypto.X509StoreFlags.CRL_CHECK_ALL)
        return store


def presented_by(connection: SSL.Connection | None) -> ClientCertificate | None:
    """What the client at the other end has presented, None for nothing."""
    certificate = None if connection is None else connection.get_peer_certificate()
    if connection is None or certificate is None:
        return None
    return certificate, connection.get_peer_cert_chain() or ()


def _take_any(
    connection: SSL.Connection, certificate: crypto.X509, error: int, depth: int, verified: int
) -> bool:
    """Whatever is presented is taken for now: see the head of this module."""
    del connection, certificate, error, depth, verified
    return True


_END_OF_CRL: Final = b"-----END X509 CRL-----"


def _split_crls(text: bytes) -> list[bytes]:
    parts = text.split(_END_OF_CRL)
    if len(parts) == 1:
        raise ValueError("no revocation list")
    return [part + _END_OF_CRL for part in parts[:-1]]


def _read(certificate: x509.Certificate) -> Presented:
    """Raises Untrusted for one that is not for clients, ValueError for one that cannot be read."""
    extensions = certificate.extensions
    try:
        usage = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        if _FOR_CLIENTS.isdisjoint(usage):
            raise Untrusted("not for TLS clients")
    except x509.ExtensionNotFound:
        pass
    try:
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        addresses = tuple(names.get_values_for_type(x509.RFC822Name))
    except x509.ExtensionNotFound:
        addresses = ()
    return Presented(certificate.public_bytes(Encoding.DER), certificate.subject.rfc4514_string(), addresses)
