"""What a right password lets in: worked out once for a version of the entry, until the clock turns it."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from govdir.directory import channels
from govdir.directory.caller import Caller, Role
from govdir.directory.identity import Seen, Warrant, caller_of, signs_in
from govdir.directory.image import Record
from govdir.directory.password_policy import (
    expires_at,
    is_locked,
    must_change,
    next_turn,
)
from govdir.directory.password_state import state_of
from govdir.directory.rules import PasswordRules


class Bound(Struct, frozen=True):
    """A successful bind: the identity, the seconds its password lives on (None: no end in sight), and the
    entry as it was proved to be (None for anonymous). `warrant`: whether who acts as it still may (None: it
    is nobody else)."""

    caller: Caller
    expires_in_seconds: int | None = None
    seen: Seen | None = None
    warrant: Warrant | None = None


class Admitted(Struct, frozen=True):
    """An account that lets its owner in, as it was seen at one moment.

    `services` are the values of its enabledService; `expires` is when its password does, None if never;
    `holds_until` the first moment at which this may be otherwise though the entry is not changed.
    """

    seen: Seen
    caller: Caller
    services: frozenset[str]
    expires: datetime | None = None
    holds_until: datetime | None = None

    def to(self, channel: str) -> str | None:
        """The channel it is let in by, None where it is not; a service is let in to do its work, by LDAP."""
        caller = self.caller
        if caller.role is Role.SERVICE:
            return channels.LDAP
        return channel if channels.admits(channel, self.services, must_change=caller.must_change) else None

    def bound(self, now: datetime) -> Bound:
        """The bind at `now`, which is before `holds_until`."""
        remains = 0 if self.caller.must_change else None
        if remains is None and self.expires is not None:
            remains = (self.expires - now) // _SECOND
        return Bound(self.caller, remains, self.seen)


_SECOND = timedelta(seconds=1)


def admitted(record: Record, rules: PasswordRules, now: datetime) -> Admitted | None:
    """Whom the right password of this entry lets in at `now`; None for a locked or closed account."""
    attributes = record.shape.attributes(record.body)
    policy, state = rules.policy(attributes), state_of(attributes)
    if (policy is not None and is_locked(policy, state, now)) or not signs_in(attributes):
        return None
    caller = caller_of(record, attributes)
    services = frozenset(text.lower() for text in attributes.texts("enabledService"))
    seen = Seen.of(record)
    if policy is None:
        return Admitted(seen, caller, services)
    if must_change(policy, state, now):
        caller = replace(caller, must_change=True)
    return Admitted(seen, caller, services, expires_at(policy, state), next_turn(policy, state, now))
