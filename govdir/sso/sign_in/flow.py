"""A sign-in under way: what of it is kept between two requests of one browser."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from secrets import token_urlsafe
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from govdir.directory import channels
from govdir.directory.ports import Clock
from govdir.sso.model import Factor, Kept
from govdir.sso.ports import Keeping
from govdir.sso.sign_in.browser import Browser
from govdir.sso.sign_in.steps import Step

FLOW_MINUTES: Final = 60
"""How long a sign-in page that was opened and left alone can still be used: over a meeting."""

PROVED_MINUTES: Final = 10
"""How long a right password carries a sign-in on: time to set up a second factor, none to leave the desk."""

_FLOW_ID_OCTETS: Final = 24


class FlowLost(LookupError):
    """There is no such sign-in: unknown, over, or begun by another browser. The page offers a fresh start."""


class Overtaken(FlowLost):
    """Another request on the same sign-in was quicker, or it is done: the page shows how it stands now."""


class Stage(Enum):
    """What is asked now."""

    PASSWORD = "password"  # noqa: S105 - the word
    CODE = "code"
    NEW_PASSWORD = "new-password"  # noqa: S105 - the word
    ENROLMENT = "enrolment"
    RECOVERY = "recovery"
    NOTICE = "notice"
    DONE = "done"


class Proved(Struct, frozen=True, array_like=True):
    """Whose password was right and when; `proof` is what the account was then (directory.identity)."""

    entry_uuid: str
    proof: bytes
    at: datetime
    factors: frozenset[Factor]
    must_change: str = ""  # a steps.Reason
    days_left: int | None = None


class FlowState(Struct, frozen=True):
    """What is kept. `visit` is the mark of the browser, b"" until it is first seen; `session` the key of the
    session that this sign-in takes the place of, `account` the entryUUID it belongs to; `step_up` that its
    password counts as proved. `sealed` is a secret being set up or recovery codes being shown, encrypted;
    `through` the channel (directory.channels) of whoever asked for it."""

    purpose: bytes
    path: str
    began: datetime
    name: str = ""
    visit: bytes = b""
    needs_code: bool = False
    session: bytes = b""
    account: str = ""
    step_up: bool = False
    stage: Stage = Stage.PASSWORD
    proved: Proved | None = None
    wrong_codes: int = 0
    sealed: bytes = b""
    signed_in: bytes = b""
    through: str = channels.WEB

    def __repr__(self) -> str:
        return f"FlowState(stage={self.stage}, <hidden>)"

    @property
    def aim(self) -> bytes | str:
        """The purpose, whichever it is."""
        return self.path or self.purpose


class Flow(Struct, frozen=True):
    """A sign-in as its page shows it. `purpose` is what `begin` was given; `step` what is asked now, None
    once it is done: then `signed_in` is the key of the session that came of it."""

    id: str
    purpose: bytes | str
    step: Step | None
    signed_in: bytes = b""

    def __repr__(self) -> str:
        return f"Flow(step={type(self.step).__name__}, <hidden>)"


class Held(Struct, frozen=True):
    """A flow as it is kept, to be put back by `Flows.put` unless another request was quicker."""

    id: str
    version: int
    expires: datetime
    state: FlowState

    def with_state(self, **changes: object) -> Held:
        """The same with a changed state."""
        return replace(self, state=replace(self.state, **changes))


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(FlowState).decode


class Flows:
    """The flows of all browsers, in storage."""

    def __init__(self, keeping: Keeping, clock: Clock) -> None:
        self._keeping = keeping
        self._clock = clock

    async def begin(self, state: FlowState) -> Held:
        """A new one, kept for an hour."""
        held = Held(
            token_urlsafe(_FLOW_ID_OCTETS), 0, self._clock.now() + timedelta(minutes=FLOW_MINUTES), state
        )
        if not await self._keeping.put(_kept(held)):
            raise FlowLost  # 192 random bits twice
        return held

    async def find(self, flow_id: str, browser: Browser) -> Held:
        """The flow, which from the first time belongs to that browser. Raises FlowLost."""
        held = await self._stored(flow_id)
        mark = browser.mark
        if not mark:
            raise FlowLost
        if not held.state.visit:
            return await self.put(held.with_state(visit=mark))
        if held.state.visit != mark:
            raise FlowLost
        return held

    async def unbound(self, flow_id: str) -> FlowState:
        """The flow whoever asks; for those who made it. Raises FlowLost."""
        return (await self._stored(flow_id)).state

    async def put(self, held: Held) -> Held:
        """Keeps the changed state, and returns it with its new version. Raises Overtaken."""
        changed = replace(held, version=held.version + 1)
        if not await self._keeping.put(_kept(changed)):
            raise Overtaken
        return changed

    async def drop(self, flow_id: str) -> None:
        """It is over."""
        await self._keeping.drop(flow_id)

    async def _stored(self, flow_id: str) -> Held:
        kept = await self._keeping.get(flow_id)
        if kept is None or kept.expires <= self._clock.now():
            raise FlowLost
        try:
            state = _decode(kept.payload)
        except msgspec.MsgspecError:  # something else is kept under that id
            raise FlowLost from None
        return Held(kept.id, kept.version, kept.expires, state)


def _kept(held: Held) -> Kept:
    return Kept(held.id, held.version, held.expires, _encode(held.state))
