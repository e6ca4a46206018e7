"""The SASL mechanisms there are, and which of them a connection may use as it is now."""

from __future__ import annotations

from govdir.directory.scram import MECHANISM as SCRAM
from govdir.directory.service import Directory
from govdir.ldap.server.client_certificates import ClientCertificates
from govdir.ldap.server.refusals import AuthMethodNotSupported, ConfidentialityRequired
from govdir.ldap.server.sasl import ChannelOf, Mechanism
from govdir.ldap.server.sasl_external import External
from govdir.ldap.server.sasl_plain import Plain
from govdir.ldap.server.sasl_scram import Scram
from govdir.ldap.server.session import Session

EXTERNAL = "EXTERNAL"
PLAIN = "PLAIN"


class Mechanisms:
    """Those of one server; `clients` None: certificates of clients are not asked for."""

    def __init__(self, directory: Directory, clients: ClientCertificates | None = None) -> None:
        self._directory = directory
        self._clients = clients

    def offered(self, session: Session) -> tuple[str, ...]:
        """What supportedSASLMechanisms says on this connection (RFC 4513 §5.2.1.6, §6.1)."""
        names = []
        if self._clients is not None and session.certificate() is not None:
            names.append(EXTERNAL)
        if session.passwords_allowed:
            names.append(PLAIN)
        if self._directory.scram.enabled:
            names.append(SCRAM)
        return tuple(names)

    def begin(self, name: str, session: Session, channel_of: ChannelOf) -> Mechanism:
        """A new exchange. Raises AuthMethodNotSupported for a mechanism that the connection may not use, and
        ConfidentialityRequired where that is because others could read the password."""
        directory = self._directory
        certificate = None if name != EXTERNAL else session.certificate()
        if self._clients is not None and certificate is not None:
            return External(directory, channel_of, self._clients, certificate)
        if name == PLAIN:
            if not session.passwords_allowed:
                raise ConfidentialityRequired(
                    "hãy bật TLS trước khi gửi mật mã (start TLS before sending a password)"
                )
            return Plain(directory, channel_of)
        if name == SCRAM and directory.scram.enabled:
            return Scram(directory, channel_of)
        if name == EXTERNAL:
            raise AuthMethodNotSupported(
                "EXTERNAL needs a client certificate under TLS, and ldapi is not there"
            )
        raise AuthMethodNotSupported(
            "no such SASL mechanism here (supportedSASLMechanisms lists those there are): "
            "use a simple bind over TLS"
        )
