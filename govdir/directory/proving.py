"""What a proved or unproved password means for somebody who signs in elsewhere than at an LDAP connection."""

from __future__ import annotations

from datetime import datetime
from enum import Enum, auto

from msgspec import Struct

from govdir.directory.entry import Attributes
from govdir.directory.identity import signs_in
from govdir.directory.image import Record
from govdir.directory.password_policy import PasswordPolicy, PasswordState
from govdir.directory.usability import Bar, seconds_left, usability_of


class Outcome(Enum):
    """How a proof came out. Everything but WRONG says that the password was right, so it may be told."""

    WRONG = auto()
    LOCKED = auto()  # after too many failed binds, for a while after some, or by an administrator
    CLOSED = auto()  # by its state, its time, or because nobody has used it for too long
    MUST_CHANGE = auto()  # it may do nothing but choose another password
    OK = auto()


class Proof(Struct, frozen=True):
    """The outcome, and what goes with it.

    `record` is None for WRONG. `until` is when a lock ends by itself, None when an administrator must end it.
    `reset` tells a password that somebody else has set from one that has expired. `expires_in_seconds` is
    how long the password lives on, None when no end is in sight.
    """

    outcome: Outcome
    record: Record | None = None
    until: datetime | None = None
    reset: bool = False
    expires_in_seconds: int | None = None


WRONG = Proof(Outcome.WRONG)


def right_password(
    record: Record,
    attributes: Attributes,
    policy: PasswordPolicy | None,
    state: PasswordState,
    now: datetime,
) -> Proof:
    """What comes of the right password of this entry; `policy` None: nothing is counted, nothing rotates.

    Whoever is here can choose another password at once: an expired one is to be changed, whatever logins a
    policy leaves with it elsewhere, or none.
    """
    found = usability_of(policy, state, now, is_open=signs_in(attributes))
    if found.bar is Bar.LOCKED or found.bar is Bar.DELAYED:
        return Proof(Outcome.LOCKED, record, until=found.until)
    if found.bar is not None:
        return Proof(Outcome.CLOSED, record)
    remains = seconds_left(found, now)
    if found.reset or found.expired:
        return Proof(Outcome.MUST_CHANGE, record, reset=state.reset, expires_in_seconds=remains)
    return Proof(Outcome.OK, record, expires_in_seconds=remains)
