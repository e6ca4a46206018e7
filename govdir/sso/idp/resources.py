"""What all parts of the identity provider work with."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from secrets import token_hex
from typing import Final, Protocol

from govdir.directory import channels
from govdir.directory.ports import Clock, SlowWork
from govdir.directory.service import Directory
from govdir.sso.idp.key_ring import KeyRing
from govdir.sso.idp.name_ids import NameIds
from govdir.sso.idp.outcomes import Visitor
from govdir.sso.idp.registry import Registry
from govdir.sso.idp.release import Release
from govdir.sso.idp.site import Site
from govdir.sso.model import Happened, Kind, Session, factors_word
from govdir.sso.pace import Pace
from govdir.sso.ports import BackChannel, Keeping, Sessions, Trail
from govdir.sso.sign_in.throttle import network_of

_ID_OCTETS: Final = 20  # core §1.3.4 wants at least 128 bits and recommends 160


STRANGERS_BURST: Final = 1000
STRANGERS_SECONDS: Final = 10.0
"""Refusals of one network's browsers that are signed in to nothing, as many as the trail keeps: anybody can
cause any number, and a line is kept for a year. The access log has all of them."""


BEGINNINGS_BURST: Final = 3000
BEGINNINGS_SECONDS: Final = 0.1
"""Sign-ins that the browsers behind one address may begin: a province's staff behind one at eight in the
morning. Each is kept for an hour, so that a stranger's come to some 40 MB and no more."""


class Flow(Protocol):
    """A sign-in under way."""

    @property
    def id(self) -> str:
        """What /sign-in?flow= takes."""


class SignIns(Protocol):
    """What is needed of sso.sign_in."""

    def begin(
        self,
        purpose: str,
        *,
        force: Session | None = None,
        step_up: Session | None = None,
        needs_code: bool = False,
        name_hint: str = "",
        through: str = channels.WEB,
    ) -> Awaitable[Flow]:
        """A sign-in that goes on at the path `purpose`. `force`: this session is proved anew; `step_up`: it
        lacks the second factor only, which is all that is asked. `through`: the channel of the access."""


@dataclass(slots=True)
class Resources:
    """Ports, and what is worked out once. `keys` is put in place anew when they are renewed."""

    site: Site
    keys: KeyRing
    name_ids: NameIds
    release: Release
    registry: Registry
    directory: Directory
    sessions: Sessions
    keeping: Keeping
    trail: Trail
    back_channel: BackChannel
    sign_ins: SignIns
    slow: SlowWork
    clock: Clock
    strangers: Pace
    beginnings: Pace

    def may_begin(self, visitor: Visitor) -> bool:
        """Whether something more may be kept for browsers of that network; counts it."""
        return not self.beginnings.wait_seconds(network_of(visitor.network).decode())

    def note(
        self,
        kind: Kind,
        outcome: str,
        visitor: Visitor,
        *,
        entity_id: str = "",
        channel: str = "",
        detail: str = "",
    ) -> None:
        """One line of the trail about this visitor, unless it is one refusal of strangers too many."""
        account, session = visitor.account, visitor.session
        is_strangers = account is None and kind is Kind.REFUSAL
        if is_strangers and self.strangers.wait_seconds(network_of(visitor.network).decode()):
            return
        self.trail.note(
            Happened(
                at=self.clock.now(),
                kind=kind,
                outcome=outcome,
                entry_uuid="" if account is None else account.entry_uuid,
                who="" if account is None else account.shown,
                entity_id=entity_id,
                channel=channel,
                factors="" if session is None else factors_word(session.factors),
                network=visitor.network,
                agent=visitor.agent,
                detail=detail,
            )
        )


def new_id() -> str:
    """An identifier of a message or a session index: an NCName nobody can guess."""
    return "_" + token_hex(_ID_OCTETS)
