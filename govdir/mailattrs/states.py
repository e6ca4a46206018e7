"""The life of a mailbox, and what mail servers see of it.

One state (gdState) is kept; accountStatus and enabledService follow from it and from whether the password
must be changed, so that nobody can put them out of step.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from msgspec import Struct


class State(StrEnum):
    """Values of gdState."""

    PENDING = "pending"
    ACTIVE = "active"
    SEND_BLOCKED = "sendblocked"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    DELETED = "deleted"


class Services(Struct, frozen=True):
    """Values of accountStatus (qmail's words) and enabledService (iRedMail's), as they are stored."""

    account_status: bytes
    enabled: tuple[bytes, ...]


_ALL: Final = (b"mail", b"deliver", b"smtp", b"imap", b"pop3", b"sieve")
_RECEIVE_ONLY: Final = (b"mail", b"deliver")

_SERVICES: Final[Mapping[State, Services]] = MappingProxyType(
    {
        State.PENDING: Services(b"disabled", ()),
        State.ACTIVE: Services(b"active", _ALL),
        State.SEND_BLOCKED: Services(b"active", (b"mail", b"deliver", b"imap", b"pop3", b"sieve")),
        State.SUSPENDED: Services(b"noaccess", _RECEIVE_ONLY),
        State.REVOKED: Services(b"disabled", ()),
        State.DELETED: Services(b"deleted", ()),
    }
)
_MUST_CHANGE: Final = Services(b"active", _RECEIVE_ONLY)

_NEXT: Final[Mapping[State, frozenset[State]]] = MappingProxyType(
    {
        State.PENDING: frozenset({State.ACTIVE, State.DELETED}),
        State.ACTIVE: frozenset({State.SEND_BLOCKED, State.SUSPENDED, State.REVOKED, State.DELETED}),
        State.SEND_BLOCKED: frozenset({State.ACTIVE, State.SUSPENDED, State.REVOKED, State.DELETED}),
        State.SUSPENDED: frozenset({State.ACTIVE, State.SEND_BLOCKED, State.REVOKED, State.DELETED}),
        State.REVOKED: frozenset({State.ACTIVE, State.DELETED}),
        State.DELETED: frozenset(),
    }
)


OPEN: Final = frozenset({State.ACTIVE, State.SEND_BLOCKED})
"""The states in which somebody signs in."""

STATE_OF_STATUS: Final[Mapping[str, State]] = MappingProxyType(
    {"noaccess": State.SUSPENDED, "disabled": State.REVOKED, "deleted": State.DELETED}
)
"""What an accountStatus from another directory means; every other value is an active mailbox."""

LIST_SERVICES: Final = Services(b"active", _RECEIVE_ONLY)
"""A list has no state of its own: mail to it is delivered, nobody signs in."""


def services(state: State, *, must_change_password: bool) -> Services:
    """What mail servers see. Who must change the password first may do that, and receive, nothing else.

    A bind with a password that must be changed succeeds in LDAP; leaving smtp and imap out is what makes the
    forced change real for mail programs.
    """
    if must_change_password and state in OPEN:
        return _MUST_CHANGE
    return _SERVICES[state]


def may_follow(before: State, after: State) -> bool:
    """Whether a mailbox may go from one state to the other; staying is always possible.

    A deleted mailbox stays deleted, nothing goes back to pending, and what was never approved is not revoked:
    restored afterwards, it would have passed by the approver.
    """
    return after is before or after in _NEXT[before]


def followers(state: State) -> tuple[State, ...]:
    """The states that may come next, in the order of a mailbox's life."""
    return tuple(each for each in State if each in _NEXT[state])


def demanded(
    state: State, send_block_at: datetime | None, revoke_at: datetime | None, moment: datetime
) -> State:
    """The state that the dates of a mailbox in `state` ask for at that moment, from their very second on.

    What is pending waits for its approval, whatever the date.
    """
    if state in (State.PENDING, State.REVOKED, State.DELETED):
        return state
    if revoke_at is not None and revoke_at <= moment:
        return State.REVOKED
    if state is State.ACTIVE and send_block_at is not None and send_block_at <= moment:
        return State.SEND_BLOCKED
    return state
