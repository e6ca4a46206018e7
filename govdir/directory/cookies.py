"""What a client hands back to go on with a search: opaque, self-contained, signed, good for one caller and
one search.

Paging cookies (RFC 2696) say how far the client has got; contexts of virtual list views say nothing but that
they are ours. Nothing is kept on the server, so any number of searches go on at once, on any connection or
node.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Final

from msgspec import Struct, msgpack

from govdir.directory.caller import Caller
from govdir.directory.errors import UnwillingToPerform
from govdir.ldap.codec.controls.sorting import SortKey
from govdir.ldap.codec.messages import SearchRequest

_TAG_OCTETS = 16

# What a tag is for: nobody turns one into the other.
_COOKIE, _CONTEXT = "paged results", "virtual list view"

_encode = msgpack.Encoder().encode


SECRET_OCTETS = 32
"""As much as the digest they key (RFC 2104 §3)."""


class Position(Struct, frozen=True, array_like=True):
    """How far a paged search has got: the id of the last entry sent, how many have been sent, and the last
    one's sort key, b"" where entries come in the order of ids."""

    last_id: int = 0
    sent: int = 0
    key: bytes = b""


BEGINNING: Final = Position()

_decode = msgpack.Decoder(Position).decode


class Cookies:
    """Seals and opens positions with the directory's secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def seal(
        self, position: Position, request: SearchRequest, caller: Caller, sort: tuple[SortKey, ...] = ()
    ) -> bytes:
        """The cookie to go on with behind `position` of this search, sorted so."""
        octets = _encode(position)
        return self._tag(_COOKIE, octets, request, caller, sort) + octets

    def open(
        self, cookie: bytes, request: SearchRequest, caller: Caller, sort: tuple[SortKey, ...] = ()
    ) -> Position:
        """The position, BEGINNING for an empty cookie; raises UnwillingToPerform for one that is not ours."""
        if not cookie:
            return BEGINNING
        tag, octets = cookie[:_TAG_OCTETS], cookie[_TAG_OCTETS:]
        if not hmac.compare_digest(tag, self._tag(_COOKIE, octets, request, caller, sort)):
            raise UnwillingToPerform("paged results cookie is not of this search")
        return _decode(octets)

    def context(self, request: SearchRequest, caller: Caller, sort: tuple[SortKey, ...]) -> bytes:
        """What stands for one sorted list (draft-ietf-ldapext-ldapv3-vlv-09 §6.1)."""
        return self._tag(_CONTEXT, b"", request, caller, sort)

    def is_context(
        self, given: bytes, request: SearchRequest, caller: Caller, sort: tuple[SortKey, ...]
    ) -> bool:
        """Whether it is the one of this list."""
        return hmac.compare_digest(given, self.context(request, caller, sort))

    def _tag(
        self, use: str, octets: bytes, request: SearchRequest, caller: Caller, sort: tuple[SortKey, ...]
    ) -> bytes:
        search = (request.base.lower(), int(request.scope), repr(request.filter), caller.dn.lower())
        message = _encode((use, octets, *search, repr(sort)))
        return hmac.new(self._secret, message, sha256).digest()[:_TAG_OCTETS]
