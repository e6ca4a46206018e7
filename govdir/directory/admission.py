"""What a right password lets in: worked out once for a version of the entry, until the clock turns it."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from govdir.directory import channels
from govdir.directory.caller import Caller, Role
from govdir.directory.identity import Seen, Warrant, caller_of, signs_in
from govdir.directory.image import Record
from govdir.directory.password_policy import PasswordState
from govdir.directory.password_state import state_of
from govdir.directory.rules import PasswordRules
from govdir.directory.usability import usability_of


class Bound(Struct, frozen=True):
    """A successful bind: the identity, the seconds its password lives on (None: no end in sight), and the
    entry as it was proved to be (None for anonymous). `warrant`: whether who acts as it still may (None: it
    is nobody else).

    `expires_soon`: the policy wants the owner to be told. `grace_left`: how many logins are left with the
    expired password it was made with, None where it has not expired or there are none to count. `reset`:
    somebody else has set the password.
    """

    caller: Caller
    expires_in_seconds: int | None = None
    seen: Seen | None = None
    warrant: Warrant | None = None
    expires_soon: bool = False
    grace_left: int | None = None
    reset: bool = False


class Admitted(Struct, frozen=True):
    """An account that lets its owner in, as it was seen at one moment.

    `services` are the values of its enabledService; `expires` is when its password does or did, None if
    never, `warned_from` the moment from which its owner is told; `grace_left`: the logins left though it has,
    None where none are counted; `holds_until` the first moment at which this may be otherwise though the
    entry is not changed.
    """

    seen: Seen
    caller: Caller
    services: frozenset[str]
    expires: datetime | None = None
    holds_until: datetime | None = None
    warned_from: datetime | None = None
    grace_left: int | None = None
    reset: bool = False

    def to(self, channel: str) -> str | None:
        """The channel it is let in by, None where it is not; a service is let in to do its work, by LDAP.

        An expired password opens no mail, whatever logins are left with it.
        """
        caller = self.caller
        if caller.role is Role.SERVICE:
            return channels.LDAP
        only_to_change = caller.must_change or self.grace_left is not None
        return channel if channels.admits(channel, self.services, must_change=only_to_change) else None

    def bound(self, now: datetime) -> Bound:
        """The bind at `now`, which is before `holds_until`."""
        remains = 0 if self.caller.must_change else None
        if remains is None and self.expires is not None:
            remains = (self.expires - now) // _SECOND
        soon = self.warned_from is not None and now >= self.warned_from
        return Bound(self.caller, remains, self.seen, None, soon, self.grace_left, self.reset)


_SECOND = timedelta(seconds=1)


def admitted(
    record: Record, rules: PasswordRules, now: datetime, state: PasswordState | None = None
) -> Admitted | None:
    """Whom the right password of this entry lets in at `now`; None for an account that is barred.

    `state` is what is known besides the entry's attributes, too; None: nothing.
    """
    attributes = record.shape.attributes(record.body)
    policy = rules.policy(attributes)
    found = usability_of(policy, state or state_of(attributes), now, is_open=signs_in(attributes))
    if found.bar is not None or found.is_spent:
        return None
    caller = caller_of(record, attributes)
    services = frozenset(text.lower() for text in attributes.texts("enabledService"))
    if found.must_change:
        caller = replace(caller, must_change=True)
    warned_from = None
    if policy is not None and found.expires is not None and policy.expire_warning_seconds:
        warned_from = found.expires - timedelta(seconds=policy.expire_warning_seconds)
    return Admitted(
        Seen.of(record),
        caller,
        services,
        found.expires,
        found.turns,
        warned_from=warned_from,
        grace_left=found.grace_left,
        reset=found.reset,
    )
