"""SASL EXTERNAL (RFC 4422 appendix A, RFC 4513 §5.2.3): who the client's certificate says it is."""

from __future__ import annotations

from twisted.logger import Logger

from govdir.directory.admission import admitted
from govdir.directory.certificates import Presented, owner_of
from govdir.directory.errors import InvalidCredentials
from govdir.directory.service import Directory
from govdir.ldap.server.client_certificates import ClientCertificate, ClientCertificates, Untrusted
from govdir.ldap.server.sasl import Challenge, ChannelOf, Proven, authorized, text_of

_log = Logger(namespace="govdir.ldap")


class External:
    """One exchange: a single step. Credentials that are absent are taken for empty ones, as other servers
    do."""

    def __init__(
        self,
        directory: Directory,
        channel_of: ChannelOf,
        clients: ClientCertificates,
        certificate: ClientCertificate,
    ) -> None:
        self.authcid = ""
        self._directory = directory
        self._channel_of = channel_of
        self._clients = clients
        self._certificate = certificate

    async def step(self, credentials: bytes | None) -> Challenge | Proven:
        """See sasl.Mechanism."""
        authzid = text_of(credentials or b"", "EXTERNAL: the authorization identity")
        directory = self._directory
        presented = self._presented()
        record = owner_of(directory, presented, self._clients.mappings)
        if record is None:
            _log.info("a client's certificate was refused: nobody's, or several entries'")
            raise InvalidCredentials
        now = directory.clock.now()
        known = admitted(record, directory.password_rules, now, directory.logins.state_of(record))
        if known is None or known.caller.must_change:
            raise InvalidCredentials
        channel = self._channel_of(record.dn)
        bound = await directory.logins.proved(record, channel)
        return Proven(authorized(directory, bound, authzid), channel)

    def _presented(self) -> Presented:
        try:
            presented = self._clients.check(*self._certificate)
        except Untrusted as error:
            _log.info("a client's certificate was refused: {why}", why=str(error))
            raise InvalidCredentials from None
        self.authcid = presented.subject
        return presented
