"""Requests that wait while somebody signs in, or until the browser comes back with its cookies."""

from __future__ import annotations

from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Final

import msgspec
from msgspec import Struct

from govdir.directory.ports import Clock
from govdir.sso.model import Kept
from govdir.sso.ports import Keeping
from govdir.sso.saml.model import AuthnRequest

CONTINUE: Final = "/saml/sso/continue?flow="
"""Where a browser goes on; the pending request's id follows."""

WAITS: Final = timedelta(minutes=60)
"""As long as a sign-in page left open can be used."""

_ID_OCTETS: Final = 24
_PREFIX: Final = "sso:"


class Pending(Struct, frozen=True):
    """An AuthnRequest of a known service provider that was found good, with the end point of its answer.

    `seen`: when a browser had come with it and its cookies. `proved_before`: when the session then standing
    had last been proved; ForceAuthn is met by a later proof. `channel` is the binding's word in the trail.
    """

    request: AuthnRequest
    acs: str
    relay_state: str | None
    channel: str
    seen: datetime | None = None
    proved_before: datetime | None = None
    id: str = ""
    version: int = 0

    @property
    def path(self) -> str:
        """Where it goes on."""
        return CONTINUE + self.id

    def __repr__(self) -> str:
        return f"Pending(of {self.request.issuer!r}, <hidden>)"


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Pending).decode


class PendingRequests:
    """Pending requests of all browsers."""

    def __init__(self, keeping: Keeping, clock: Clock) -> None:
        self._keeping = keeping
        self._clock = clock

    async def put(self, pending: Pending) -> Pending:
        """Keeps a new one, or a changed one unless another request was quicker; it comes back with its id."""
        is_new = not pending.id
        held = msgspec.structs.replace(
            pending,
            id=pending.id or token_urlsafe(_ID_OCTETS),
            version=0 if is_new else pending.version + 1,
        )
        await self._keeping.put(
            Kept(_PREFIX + held.id, held.version, self._clock.now() + WAITS, _encode(held))
        )
        return held

    async def find(self, pending_id: str) -> Pending | None:
        """None once it is over, or was never there."""
        kept = await self._keeping.get(_PREFIX + pending_id)
        if kept is None or kept.expires <= self._clock.now():
            return None
        try:
            return _decode(kept.payload)
        except msgspec.MsgspecError:
            return None


def waiting_in(path: str) -> str | None:
    """The pending request's id when a sign-in with this purpose is for one."""
    return path.removeprefix(CONTINUE) if path.startswith(CONTINUE) else None
