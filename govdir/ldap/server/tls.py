"""The server's TLS context: from PEM files, TLS 1.2 or newer, replaceable while running."""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.protocols.tls import TLSMemoryBIOProtocol
from zope.interface import implementer

from govdir.ldap.server.client_certificates import ClientCertificates
from govdir.ldap.server.tls_files import TlsFilesError, read_file

# Forward secrecy and authenticated encryption only (BSI TR-02102-2); TLS 1.3 suites are OpenSSL's own.
CIPHERS = b"ECDHE+AESGCM:ECDHE+CHACHA20"
SESSION_CONTEXT = b"govdir"


@implementer(IOpenSSLServerConnectionCreator)
class ServerTls:
    """Makes the server side of TLS connections from a certificate chain and its key.

    Connections already made keep the context they were made with. `clients` None: certificates of clients
    are not asked for.

    Raises:
        TlsFilesError: a file is missing, not PEM or encrypted, or they do not belong together.
    """

    def __init__(
        self, certificate_chain: Path, private_key: Path, clients: ClientCertificates | None = None
    ) -> None:
        self._certificate_chain = certificate_chain
        self._private_key = private_key
        self._clients = clients
        self._context = _load(certificate_chain, private_key, clients)

    def reload(self) -> None:
        """Reads the files again (SIGHUP, renewed certificate); on TlsFilesError the old context stays."""
        if self._clients is not None:
            self._clients.reload()
        self._context = _load(self._certificate_chain, self._private_key, self._clients)

    def serverConnectionForTLS(self, protocol: TLSMemoryBIOProtocol) -> SSL.Connection:  # noqa: N802 - Twisted's name
        """A connection in memory; Twisted moves the bytes."""
        del protocol
        return SSL.Connection(self._context, None)


def _load(certificate_chain: Path, private_key: Path, clients: ClientCertificates | None) -> SSL.Context:
    read_file(certificate_chain)
    key = read_file(private_key)
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_CIPHER_SERVER_PREFERENCE | SSL.OP_NO_RENEGOTIATION)
    context.set_mode(SSL.MODE_RELEASE_BUFFERS)
    context.set_cipher_list(CIPHERS)
    context.set_session_id(SESSION_CONTEXT)
    if clients is not None:
        clients.prepare(context)
    try:
        context.use_certificate_chain_file(str(certificate_chain))
    except SSL.Error as error:
        raise TlsFilesError(f"{certificate_chain}: not a PEM certificate chain") from error
    try:
        # Not by OpenSSL: it asks the terminal for a passphrase, and the server stands still.
        loaded = load_pem_private_key(key, None)
        if not isinstance(loaded, RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey):
            raise UnsupportedAlgorithm("not a key for TLS certificates")
        context.use_privatekey(loaded)
        context.check_privatekey()
    except (SSL.Error, TypeError, ValueError, UnsupportedAlgorithm) as error:
        reason = "not an unencrypted PEM key of the certificate"
        raise TlsFilesError(f"{private_key}: {reason}") from error
    return context
