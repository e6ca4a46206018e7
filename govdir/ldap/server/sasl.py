"""SASL binds (RFC 4422, RFC 4513 §5.2): what the steps of its mechanisms come to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from govdir.directory.admission import Bound
from govdir.directory.errors import DirectoryError, InvalidCredentials, ProtocolError
from govdir.directory.proxying import Proxying
from govdir.directory.service import Directory
from govdir.directory.sign_in_names import find_named, read_identity

ChannelOf = Callable[[bytes], str]
"""What a bind as the entry of this DN (UTF-8) is for, on one connection (directory.channels)."""


class Challenge(Struct, frozen=True):
    """The server's part of a step after which the client must send another one."""

    octets: bytes

    def __repr__(self) -> str:
        return "Challenge(<hidden>)"


class Proven(Struct, frozen=True):
    """The client has proved who it is, by `channel`; `octets` is what it is told at last, if anything."""

    bound: Bound
    channel: str
    octets: bytes | None = None


class Mechanism(Protocol):
    """One exchange. `authcid` is who the client says it is, "" while it has not."""

    authcid: str

    async def step(self, credentials: bytes | None) -> Challenge | Proven:
        """Takes what the client has sent, None for a request without credentials. Raises DirectoryError, by
        which the exchange ends."""


class Exchange(Struct, frozen=True, eq=False):
    """An exchange under way: a bind with another mechanism ends it (RFC 4513 §5.2.1.2)."""

    name: str
    mechanism: Mechanism


def authorized(directory: Directory, bound: Bound, authzid: str) -> Bound:
    """What comes of a proof where the client asks to act as `authzid` ("": as itself).

    Raises InvalidCredentials where it may not, whatever the reason.
    """
    if not authzid:
        return bound
    if bound.seen is not None:
        named = find_named(directory, read_identity(directory, authzid))
        if named is bound.seen.record:
            return bound
    try:
        return Proxying(directory, directory.as_caller(bound.caller, bound.seen)).bound(authzid)
    except DirectoryError:
        raise InvalidCredentials from None


def text_of(octets: bytes, what: str) -> str:
    """A part of credentials; raises ProtocolError for what is no text."""
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        raise ProtocolError(f"{what}: not UTF-8") from None
    if "\0" in text:
        raise ProtocolError(f"{what}: holds NUL")
    return text
