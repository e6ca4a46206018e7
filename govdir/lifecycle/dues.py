"""What is due for one mailbox at one moment: pure decisions over facts, the pack and the calendar.

Terms of months run from one moment to the same time of the same (or the last) day of a later month, in the
province's zone; whatever ends at a moment is due at that very moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

from govdir.directory.password_policy import add_months
from govdir.lifecycle.calendar import WorkingDays
from govdir.lifecycle.facts import Facts
from govdir.mailattrs.address_terms import Term
from govdir.mailattrs.moments import day_of
from govdir.mailattrs.states import OPEN, Services, State, demanded, services
from govdir.policy.citation import Citation
from govdir.policy.duties import Consequence, Inactivity
from govdir.policy.model import Pack


class What(StrEnum):
    """What may be due; the values are the words of `--json`."""

    SEND_BLOCK = "send-block"
    REVOCATION = "revocation"
    DELEGATION_END = "delegation-end"
    PASSWORD_EXPIRED = "password-expired"  # noqa: S105 - a word, no password
    SERVICES = "services"
    EXPIRY_WARNING = "expiry-warning"
    INACTIVITY_WARNING = "inactivity-warning"
    INACTIVITY_ALERT = "inactivity-alert"
    INACTIVITY_SUSPENSION = "inactivity-suspension"
    INACTIVITY_REVOCATION = "inactivity-revocation"
    UNCONFIRMED_REVOCATION = "unconfirmed-revocation"
    MISUSE_REPORT = "misuse-report"
    OWNER_LEFT = "owner-left"
    ADDRESS_WARNING = "address-warning"
    ADDRESS_END = "address-end"


DATED: Final = frozenset(
    {
        What.SEND_BLOCK,
        What.REVOCATION,
        What.DELEGATION_END,
        What.PASSWORD_EXPIRED,
        What.SERVICES,
        What.ADDRESS_END,
    }
)
"""What falls due at a moment that stands in the entry, whoever uses the mailbox."""

CLOSING: Final = frozenset(
    {What.INACTIVITY_SUSPENSION, What.INACTIVITY_REVOCATION, What.UNCONFIRMED_REVOCATION}
)
"""What closes a mailbox for want of use."""

TOLD: Final = frozenset({What.EXPIRY_WARNING, What.MISUSE_REPORT, What.OWNER_LEFT, What.ADDRESS_WARNING})
"""What changes nothing in the directory: somebody is to be told."""

ADDRESS_WARNING: Final = timedelta(days=14)
"""So long before an address ends its holder is told, who tells correspondents."""


class Due(Struct, frozen=True):
    """`what` has been due `since` then, by that rule. `base`: when the mailbox was last used. `term`: that of
    the further address that ends."""

    what: What
    since: datetime
    citation: Citation
    base: datetime | None = None
    term: Term | None = None


class Unused(Struct, frozen=True):
    """`what` becomes of a mailbox at `end` if nobody uses it until then; `base`: when it was last used."""

    what: What
    base: datetime
    end: datetime


def dues(facts: Facts, pack: Pack, days: WorkingDays, now: datetime) -> tuple[Due, ...]:
    """Everything due for the mailbox, what its own dates say first. A mailbox that is revoked has no more but
    its further addresses' ends, nor has a list."""
    found = [*_addresses(facts, pack, now)]
    if facts.is_list:
        return tuple(found)
    if facts.state in (State.REVOKED, State.DELETED, State.PENDING):
        return (*found, *_services(facts, pack, now))
    found += _delegation(facts, pack, now)
    by_date = _by_date(facts, now)
    if by_date is not None:
        return (by_date, *found)
    found += _services(facts, pack, now)
    found += _expiry_warning(facts, pack, now)
    found += _misuse(facts, pack, now)
    found += _owner_left(facts, pack, now)
    if pack.lifecycle.inactivity is not None:
        found += _inactivity(facts, pack.lifecycle.inactivity, days, now)
    return tuple(found)


def moments(facts: Facts) -> Iterator[datetime]:
    """When something of DATED falls due for the mailbox, or did."""
    yield from (term.until for term in facts.terms)
    if facts.state in (State.REVOKED, State.DELETED):
        return
    for moment in (facts.send_block_at, facts.revoke_at, facts.delegate_until, facts.password_ends):
        if moment is not None:
            yield moment


def expected_services(facts: Facts, now: datetime) -> Services:
    """What mail servers should see."""
    expired = facts.password_ends is not None and facts.password_ends <= now
    return services(facts.state, must_change_password=facts.must_change or expired)


def last_used(facts: Facts) -> datetime | None:
    """When the time without use began: with the last access, else the creation; never before this home was
    made or the mailbox was opened again, nor while its holder was excused."""
    opened = facts.since if facts.state in OPEN else None
    known = (facts.known_since, facts.created, facts.last_access, facts.exempt_until, opened)
    return max((moment for moment in known if moment is not None), default=None)


def if_unused(facts: Facts, rule: Inactivity) -> Unused | None:
    """None where the rule is not for the mailbox in its present state, or nobody knows when it was used."""
    base = last_used(facts)
    if base is None or facts.state not in OPEN or not _is_signed_in_to(facts):
        return None
    if facts.kind in rule.alert_kinds:
        what = What.INACTIVITY_ALERT
    elif facts.kind in rule.kinds:
        suspends = rule.consequence is Consequence.SUSPEND
        what = What.INACTIVITY_SUSPENSION if suspends else What.INACTIVITY_REVOCATION
    else:
        return None
    return Unused(what, base, add_months(base, rule.months))


def _by_date(facts: Facts, now: datetime) -> Due | None:
    asked = demanded(facts.state, facts.send_block_at, facts.revoke_at, now)
    if asked is State.REVOKED and facts.revoke_at is not None:
        return Due(What.REVOCATION, facts.revoke_at, facts.date_citation)
    if asked is not facts.state and facts.send_block_at is not None:
        return Due(What.SEND_BLOCK, facts.send_block_at, facts.date_citation)
    return None


def _delegation(facts: Facts, pack: Pack, now: datetime) -> Iterator[Due]:
    if facts.delegate_until is not None and facts.delegate_until <= now:
        yield Due(What.DELEGATION_END, facts.delegate_until, pack.sharing.delegates_citation)


def _addresses(facts: Facts, pack: Pack, now: datetime) -> Iterator[Due]:
    """No regulation says how long a former address receives; that it is given to nobody else, all do."""
    for term in facts.terms:
        if term.until <= now:
            yield Due(What.ADDRESS_END, term.until, pack.unique_citation, term=term)
        elif term.until - ADDRESS_WARNING <= now and facts.state in OPEN:
            since = term.until - ADDRESS_WARNING
            yield Due(What.ADDRESS_WARNING, since, pack.unique_citation, term=term)


def _services(facts: Facts, pack: Pack, now: datetime) -> Iterator[Due]:
    """A password that has expired; or a pack that was changed after the entry was written."""
    expected = expected_services(facts, now)
    right = frozenset(service.decode() for service in expected.enabled)
    if facts.services == right and facts.status == expected.account_status.decode():
        return
    expired = facts.password_ends is not None and facts.password_ends <= now and facts.state in OPEN
    if expired and not facts.must_change and facts.password_ends is not None:
        citation = facts.rotation_citation or pack.state_citation
        yield Due(What.PASSWORD_EXPIRED, facts.password_ends, citation)
    else:
        yield Due(What.SERVICES, now, pack.state_citation)


def _expiry_warning(facts: Facts, pack: Pack, now: datetime) -> Iterator[Due]:
    end = facts.password_ends
    if end is None or end <= now or facts.state not in OPEN or facts.must_change:
        return
    since = end - timedelta(days=pack.lifecycle.expiry_warning_days)
    if since <= now and facts.rotation_citation is not None:
        yield Due(What.EXPIRY_WARNING, since, facts.rotation_citation)


def _misuse(facts: Facts, pack: Pack, now: datetime) -> Iterator[Due]:
    """Until the agency has confirmed what it did about it: reminders are counted, not dated."""
    reminders = pack.lifecycle.reminders
    if reminders is not None and facts.reminders >= reminders and facts.state in OPEN:
        yield Due(What.MISUSE_REPORT, now, pack.lifecycle.reminders_citation or pack.misuse)


def _owner_left(facts: Facts, pack: Pack, now: datetime) -> Iterator[Due]:
    """Until the mailbox is handed over to somebody in office."""
    if facts.owner_left_at is not None and facts.owner_left_at <= now:
        yield Due(What.OWNER_LEFT, facts.owner_left_at, pack.sharing.owner_citation)


def _inactivity(facts: Facts, rule: Inactivity, days: WorkingDays, now: datetime) -> Iterator[Due]:
    if facts.exempt_until is not None and now < facts.exempt_until:
        return
    if facts.state is State.SUSPENDED:
        yield from _unconfirmed(facts, rule, days, now)
        return
    unused = if_unused(facts, rule)
    if unused is None:
        return
    told = facts.notice_at is not None and facts.notice_at >= unused.base
    only_told = unused.what is What.INACTIVITY_ALERT
    if unused.end <= now:
        if not (only_told and told):
            yield Due(unused.what, unused.end, rule.citation, unused.base)
    elif rule.warn_months is not None and not only_told and not told:
        warned = add_months(unused.base, rule.warn_months)
        if warned <= now:
            yield Due(What.INACTIVITY_WARNING, warned, rule.warn_citation or rule.citation, unused.base)


def _unconfirmed(facts: Facts, rule: Inactivity, days: WorkingDays, now: datetime) -> Iterator[Due]:
    """The notice that counts was given on the day of the suspension or after it, not of something earlier."""
    if rule.revoke_working_days is None or facts.notice_at is None:
        return
    if facts.since is None or day_of(facts.notice_at) < day_of(facts.since):
        return
    end = days.later(facts.notice_at, rule.revoke_working_days)
    if end <= now:
        yield Due(What.UNCONFIRMED_REVOCATION, end, rule.revoke_citation or rule.citation, facts.notice_at)


def _is_signed_in_to(facts: Facts) -> bool:
    """Whether sign-ins show its use: a body's mailbox without a password is used by other accounts."""
    return facts.password_set is not None or (facts.kind is not None and facts.kind.is_personal)
