"""What is known of an account besides its entry, as operational attributes worked out on reading.

Logins are too many to be changes: when somebody last signed in, and what failed since, stands in memory and
is stored in batches (login_facts). The policy in force follows from the kind of account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from govdir.directory.image import Record
from govdir.directory.operational import timestamp
from govdir.directory.password_policy import delayed_until, recent_failures
from govdir.directory.shape import Shape
from govdir.schema.times import format_generalized_time

if TYPE_CHECKING:
    from govdir.directory.service import Directory

_ACCOUNTS: Final = frozenset({"gdmailbox", "gdadministrator", "gdservice"})
"""Object classes of entries that sign in."""

_KIND: Final = ("gdmailboxkind", "gdorgkind", "pwdpolicysubentry")
"""What the name of the policy follows from, beside the object classes."""

_MAX_REMEMBERED: Final = 1024


def is_account(record: Record) -> bool:
    """Whether the entry is of a kind that signs in."""
    return not _ACCOUNTS.isdisjoint(record.shape.classes)


class AccountFacts:
    """The computed attributes of accounts, by key; for Image.account_facts."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._policies: dict[tuple[object, ...], Record | None] = {}
        self._era: tuple[int, int] = (-1, -1)
        self._of: Mapping[str, Callable[[Record], list[bytes]]] = {
            "pwdpolicysubentry": self._policy,
            "pwdlastsuccess": self._last_success,
            "pwdfailuretime": self._failures,
            "pwdaccounttmplockoutend": self._delay,
        }

    def of(self, key: str, record: Record) -> list[bytes]:
        """The values, none for what is no account."""
        return self._of[key](record) if is_account(record) else []

    def _policy(self, record: Record) -> list[bytes]:
        rules, image = self._directory.password_rules, self._directory.image
        era = (rules.era, image.moves)
        if era != self._era or len(self._policies) >= _MAX_REMEMBERED:
            self._policies.clear()
            self._era = era
        shape: Shape = record.shape
        key = (shape, *(shape.octets(record.body, name) for name in _KIND))
        if key not in self._policies:
            self._policies[key] = rules.entry_of(shape.attributes(record.body))
        policy = self._policies[key]
        return [] if policy is None else [policy.dn]

    def _last_success(self, record: Record) -> list[bytes]:
        at = self._directory.logins.last_success(record.id)
        return [] if at is None else [timestamp(at)]

    def _failures(self, record: Record) -> list[bytes]:
        return [_exact(at) for at in self._recent(record)]

    def _recent(self, record: Record) -> tuple[datetime, ...]:
        directory = self._directory
        policy = directory.password_rules.policy(record.shape.attributes(record.body))
        if policy is None or not directory.logins.has_failed(record.id):
            return ()
        return recent_failures(policy, directory.logins.state_of(record), directory.clock.now())

    def _delay(self, record: Record) -> list[bytes]:
        directory = self._directory
        if not directory.logins.has_failed(record.id):
            return []
        policy, now = (
            directory.password_rules.policy(record.shape.attributes(record.body)),
            directory.clock.now(),
        )
        until = None if policy is None else delayed_until(policy, directory.logins.state_of(record), now)
        return [] if until is None or until <= now else [_exact(until)]


def _exact(moment: datetime) -> bytes:
    return format_generalized_time(moment).encode("ascii")
