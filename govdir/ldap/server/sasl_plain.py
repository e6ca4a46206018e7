"""SASL PLAIN (RFC 4616): a name that people know and a password, as good and as costly as a simple bind."""

from __future__ import annotations

from govdir.directory.errors import InvalidCredentials, ProtocolError
from govdir.directory.image import Record
from govdir.directory.service import Directory
from govdir.directory.sign_in_names import find_named, read_identity
from govdir.ldap.server.sasl import Challenge, ChannelOf, Proven, authorized, text_of


class Plain:
    """One exchange; the name is an address, a uid or a DN."""

    def __init__(self, directory: Directory, channel_of: ChannelOf) -> None:
        self.authcid = ""
        self._directory = directory
        self._channel_of = channel_of

    async def step(self, credentials: bytes | None) -> Challenge | Proven:
        """See sasl.Mechanism."""
        if credentials is None:
            return Challenge(b"")
        parts = credentials.split(b"\0")
        if len(parts) != 3:
            raise ProtocolError("PLAIN: credentials are an authorization identity, a name and a password")
        authzid = text_of(parts[0], "PLAIN: the authorization identity")
        self.authcid = text_of(parts[1], "PLAIN: the name")
        if not self.authcid:
            raise ProtocolError("PLAIN: the name is empty")
        if not parts[2]:
            raise InvalidCredentials
        return await self._proved(authzid, parts[2])

    async def _proved(self, authzid: str, password: bytes) -> Proven:
        directory = self._directory
        name = read_identity(directory, self.authcid)

        def find() -> Record | None:
            return find_named(directory, name)

        record = find()
        dn = b"" if record is None else record.dn
        channel = self._channel_of(dn)
        bound = None if record is None else directory.bind_at_once(dn, password, channel)
        if bound is None:
            bound = await directory.logins.bind_found(dn.decode(), find, password, channel)
        return Proven(authorized(directory, bound, authzid), channel)
