"""Paging cookies (RFC 2696): opaque, self-contained, signed, good for one caller and one search.

Nothing is kept on the server, so any number of paged searches go on at once, on any connection or node.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from msgspec import Struct, msgpack

from govdir.directory.caller import Caller
from govdir.directory.errors import UnwillingToPerform
from govdir.ldap.codec.messages import SearchRequest

_TAG_OCTETS = 16

_encode = msgpack.Encoder().encode


SECRET_OCTETS = 32
"""As much as the digest they key (RFC 2104 §3)."""


class _Position(Struct, frozen=True, array_like=True):
    """The id of the last entry sent and how many have been sent."""

    last_id: int
    sent: int


_decode = msgpack.Decoder(_Position).decode


class Cookies:
    """Seals and opens positions with the directory's secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def seal(self, last_id: int, sent: int, request: SearchRequest, caller: Caller) -> bytes:
        """The cookie to go on after entry `last_id`."""
        position = _encode(_Position(last_id, sent))
        return self._tag(position, request, caller) + position

    def open(self, cookie: bytes, request: SearchRequest, caller: Caller) -> tuple[int, int]:
        """The position (0, 0 for an empty cookie); raises UnwillingToPerform for one that is not ours."""
        if not cookie:
            return 0, 0
        tag, position = cookie[:_TAG_OCTETS], cookie[_TAG_OCTETS:]
        if not hmac.compare_digest(tag, self._tag(position, request, caller)):
            raise UnwillingToPerform("paged results cookie is not of this search")
        held = _decode(position)
        return held.last_id, held.sent

    def _tag(self, position: bytes, request: SearchRequest, caller: Caller) -> bytes:
        search = (request.base.lower(), int(request.scope), repr(request.filter), caller.dn.lower())
        message = _encode((position, *search))
        return hmac.new(self._secret, message, sha256).digest()[:_TAG_OCTETS]
