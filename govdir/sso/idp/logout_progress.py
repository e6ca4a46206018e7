"""A logout under way: which applications are left, as values that are kept between two steps of a browser."""

from __future__ import annotations

import re
from datetime import timedelta
from secrets import token_hex
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from govdir.directory.ports import Clock
from govdir.sso.idp.outcomes import StepState
from govdir.sso.model import Kept
from govdir.sso.ports import Keeping
from govdir.sso.saml.model import LogoutRequest, NameId

LASTS: Final = timedelta(minutes=10)
"""How long the applications may take together; then nobody waits for the answer any more."""

_ID_OCTETS: Final = 20
_PREFIX: Final = "slo:"
_REQUEST_ID: Final = re.compile(r"_([0-9a-f]{40})-[0-9a-f]{8}")


class Step(Struct, frozen=True):
    """One application to sign out of. `request_id` is that of the LogoutRequest it was sent last."""

    entity_id: str
    name_id: NameId
    session_index: str
    state: StepState = StepState.WAITING
    request_id: str = ""


class Initiator(Struct, frozen=True):
    """The service provider whose LogoutRequest began it, and where its answer goes.

    `binding` and `location` "" when it wants or can take none.
    """

    entity_id: str
    request_id: str
    relay_state: str | None
    binding: str = ""
    location: str = ""

    def __repr__(self) -> str:
        return f"Initiator({self.entity_id!r}, <hidden>)"


class Progress(Struct, frozen=True):
    """`request`: a LogoutRequest that has not been carried out yet, for the browser comes with its cookies
    next. `missed`: something could not be reached that is not among the steps. `answered`: it is over.
    `browser`: the mark of the one it belongs to, from when that is first seen. Applications learn the id, by
    the requests that they are sent, and shall not see to which others somebody was known, and as whom."""

    initiator: Initiator | None = None
    request: LogoutRequest | None = None
    signed: bool = False
    steps: tuple[Step, ...] = ()
    missed: bool = False
    answered: bool = False
    browser: bytes = b""
    id: str = ""
    version: int = 0

    @property
    def asked(self) -> Step | None:
        """The application the browser is at."""
        return next((step for step in self.steps if step.state is StepState.ASKED), None)

    @property
    def waiting(self) -> Step | None:
        """The application that comes next."""
        return next((step for step in self.steps if step.state is StepState.WAITING), None)

    @property
    def is_finished(self) -> bool:
        """No application is left to ask, nor to wait for."""
        return self.request is None and self.asked is None and self.waiting is None

    @property
    def is_complete(self) -> bool:
        """All applications have signed out."""
        return not self.missed and all(step.state is StepState.DONE for step in self.steps)

    def with_step(self, step: Step, **changes: object) -> Progress:
        """The same with that step changed."""
        changed = replace(step, **changes)
        return replace(self, steps=tuple(changed if one is step else one for one in self.steps))

    def new_request_id(self) -> str:
        """The ID of a LogoutRequest to the next application; its answer leads back here."""
        return f"_{self.id}-{token_hex(4)}"


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Progress).decode


def logout_of(request_id: str | None) -> str | None:
    """The logout that sent the request with this ID; None for what is no ID of ours."""
    match = _REQUEST_ID.fullmatch(request_id or "")
    return None if match is None else match[1]


class Logouts:
    """Logouts of all browsers."""

    def __init__(self, keeping: Keeping, clock: Clock) -> None:
        self._keeping = keeping
        self._clock = clock

    async def begin(self, progress: Progress) -> Progress:
        """Keeps a new one; it comes back with its id."""
        return await self._put(replace(progress, id=token_hex(_ID_OCTETS), version=0)) or progress

    async def change(self, progress: Progress) -> Progress | None:
        """Keeps a changed one; None when another request of the browser was quicker."""
        return await self._put(replace(progress, version=progress.version + 1))

    async def find(self, logout_id: str) -> Progress | None:
        """None once it is over for long, or was never there."""
        kept = await self._keeping.get(_PREFIX + logout_id)
        if kept is None or kept.expires <= self._clock.now():
            return None
        try:
            return _decode(kept.payload)
        except msgspec.MsgspecError:
            return None

    async def of_browser(self, logout_id: str, mark: bytes) -> Progress | None:
        """The same for its page, None in any other browser than its own: the first that comes."""
        progress = await self.find(logout_id)
        if progress is None or progress.browser == mark:
            return progress
        if progress.browser:
            return None
        bound = await self.change(replace(progress, browser=mark))
        return bound or await self.of_browser(logout_id, mark)

    async def _put(self, progress: Progress) -> Progress | None:
        expires = self._clock.now() + LASTS
        stored = await self._keeping.put(
            Kept(_PREFIX + progress.id, progress.version, expires, _encode(progress))
        )
        return progress if stored else None
