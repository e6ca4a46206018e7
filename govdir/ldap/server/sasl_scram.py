"""SASL SCRAM-SHA-256 (RFC 5802, RFC 7677): the password is proved and never sent.

Names that nobody has, accounts without keys and wrong passwords differ in nothing that a client is told.
"""

from __future__ import annotations

from msgspec import Struct

from govdir.directory.errors import InvalidCredentials
from govdir.directory.image import Record
from govdir.directory.salt_names import salted_as
from govdir.directory.scram import ClientFirst, ScramExchange, read_client_first
from govdir.directory.secrets import NOBODYS, unpack_secrets
from govdir.directory.service import Directory
from govdir.directory.sign_in_names import find_named, read_identity
from govdir.ldap.server.sasl import Challenge, ChannelOf, Proven, authorized


class _Begun(Struct, frozen=True):
    """After the first message: `record` is None where the name is nobody's, or has no keys; `sealed` are
    those that were used."""

    first: ClientFirst
    exchange: ScramExchange
    record: Record | None
    sealed: bytes | None

    def __repr__(self) -> str:
        return "_Begun(<hidden>)"


class Scram:
    """One exchange."""

    def __init__(self, directory: Directory, channel_of: ChannelOf) -> None:
        self.authcid = ""
        self._directory = directory
        self._channel_of = channel_of
        self._begun: _Begun | None = None

    async def step(self, credentials: bytes | None) -> Challenge | Proven:
        """See sasl.Mechanism."""
        begun = self._begun
        if begun is not None:
            return await self._finish(begun, credentials or b"")
        if credentials is None:
            return Challenge(b"")
        begun = self._begun = self._begin(credentials)
        return Challenge(begun.exchange.server_first)

    def _begin(self, message: bytes) -> _Begun:
        first = read_client_first(message)
        self.authcid = first.authcid
        directory = self._directory
        name = read_identity(directory, first.authcid)
        record = find_named(directory, name)
        # The same is done for a name that nobody has: who measures it would tell them apart.
        secrets = unpack_secrets(NOBODYS if record is None else record.secrets)
        sealed = None if record is None else secrets.scram
        opened = directory.scram.open(sealed or directory.scram.nothing)
        nobody = directory.scram.of_nobody(salted_as(directory.vocabulary, name))
        keys = None if sealed is None else opened
        known = record if keys is not None else None
        return _Begun(first, ScramExchange(first, keys or nobody), known, sealed)

    async def _finish(self, begun: _Begun, message: bytes) -> Proven:
        directory, record = self._directory, begun.record
        final = begun.exchange.finish(message)
        if final is None or record is None or not _still_has(record, begun.sealed):
            directory.logins.disproved(record)
            raise InvalidCredentials
        channel = self._channel_of(record.dn)
        bound = await directory.logins.proved(record, channel)
        return Proven(authorized(directory, bound, begun.first.authzid), channel, final)


def _still_has(record: Record, sealed: bytes | None) -> bool:
    """Whether the password is still the one the exchange began with."""
    return record.alive and unpack_secrets(record.secrets).scram == sealed
