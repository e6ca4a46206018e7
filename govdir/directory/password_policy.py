"""When a password must be changed and when an account is locked: pure decisions over values and the time.

The states are those of draft-behera-ldap-password-policy; ages are calendar months, as the regulations
count them ("3 tháng"). Nothing here may be asked before the password has proved right (or, for locks,
before a check of the same cost was made): answers would tell strangers about the account.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from msgspec import Struct

from govdir.directory import passwords
from govdir.schema.errors import InvalidValue
from govdir.schema.times import parse_generalized_time

PROVINCE_ZONE: Final = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Where the regulations' days begin and end: UTC+7 without summer time since 1975, so no zone database."""

LOCKED_BY_HAND: Final = "000001010000Z"
"""The pwdAccountLockedTime that only an administrator ends (draft-behera §5.3.3)."""

_RECORDED_FAILURES: Final = 5
"""Kept where a policy does not say (draft-behera §5.2.18)."""

_LONGEST_DELAY_SECONDS: Final = 86_400
_MOST_DOUBLINGS: Final = 17  # of a second, more than a day

Earlier = tuple[tuple[int, bytes], ...]
"""Earlier passwords, oldest first: when each was replaced, in microseconds since the epoch, and its hash."""


class PasswordPolicy(Struct, frozen=True):
    """The clockwork of one kind of account.

    `max_age_months` is the regulation's, `max_age_seconds` a policy entry's own; a password expires at the
    earlier of both, never when there is neither (None, 0). `history_length` counts the present password and
    the ones before it that cannot be chosen again, 0 for none. `max_failures` 0: no lock-out;
    `failure_window_seconds` 0: failures count until the next success; `lock_seconds` 0: a lock lasts
    until an administrator ends it. `min_age_seconds` is how long a password must be kept.

    `check_quality` is pwdCheckQuality: 0 asks nothing of a password, 1 what can be seen of it, 2 refuses what
    cannot be seen (a hash). `min_length`, `max_length` count characters, 0: no bound of the policy's own.
    `grace_logins` after it has expired, for `grace_seconds` (0: without end). `max_idle_seconds` without use
    close the account, 0: never. After n failures the account lets nobody in for min_delay · 2^(n-1) seconds,
    at most max_delay (0: unbounded). Of failures `max_recorded_failures` are kept, 0: as many as are needed.
    """

    max_age_months: int | None = None
    history_length: int = 5
    max_failures: int = 0
    failure_window_seconds: int = 0
    lock_seconds: int = 0
    must_change_after_reset: bool = True
    min_age_seconds: int = 0
    max_age_seconds: int = 0
    check_quality: int = 2
    min_length: int = 0
    max_length: int = 0
    expire_warning_seconds: int = 14 * 86_400
    grace_logins: int = 0
    grace_seconds: int = 0
    owner_may_change: bool = True
    old_password_needed: bool = False
    min_delay_seconds: int = 0
    max_delay_seconds: int = 0
    max_idle_seconds: int = 0
    max_recorded_failures: int = 0


class PasswordState(Struct, frozen=True):
    """What is known of one account.

    `changed_at` None when unknown; `reset` when someone else set the password; `locked_at` the text of
    pwdAccountLockedTime (which may be LOCKED_BY_HAND, a time that `datetime` does not have); `failures`
    the failed binds since the last success, oldest first; `grace_uses` the logins since the password expired;
    `starts`, `ends` when the password may be used at all; `last_success` None when never or unknown.
    """

    changed_at: datetime | None = None
    reset: bool = False
    locked_at: str | None = None
    failures: tuple[datetime, ...] = ()
    grace_uses: tuple[datetime, ...] = ()
    starts: datetime | None = None
    ends: datetime | None = None
    last_success: datetime | None = None


class PasswordChange(Struct, frozen=True):
    """What to store with a new password; failures and a lock are cleared with it."""

    changed_at: datetime
    reset: bool
    history: Earlier

    def __repr__(self) -> str:
        return f"PasswordChange(changed_at={self.changed_at!r}, reset={self.reset!r}, history=<hidden>)"


def is_locked(policy: PasswordPolicy, state: PasswordState, now: datetime) -> bool:
    """Whether a lock is in force: from its time on (inclusive) until it ends (exclusive).

    A lock by hand holds under every policy; a time in the future is a lock that has not begun.
    """
    if state.locked_at is None:
        return False
    since = _lock_moment(state.locked_at)
    if since is None:
        return True
    if now < since:
        return False
    return not policy.lock_seconds or now < since + timedelta(seconds=policy.lock_seconds)


def lock_ends(policy: PasswordPolicy, state: PasswordState) -> datetime | None:
    """When a lock that is in force ends by itself; None when only an administrator ends it."""
    since = None if state.locked_at is None else _lock_moment(state.locked_at)
    if since is None or not policy.lock_seconds:
        return None
    return since + timedelta(seconds=policy.lock_seconds)


def lock_begins(state: PasswordState) -> datetime | None:
    """When a lock that is set begins or began; None where there is none, or one by hand."""
    return None if state.locked_at is None else _lock_moment(state.locked_at)


def _lock_moment(text: str) -> datetime | None:
    """None for a lock without end, which an unreadable time is taken for."""
    if text == LOCKED_BY_HAND:
        return None
    try:
        return parse_generalized_time(text)
    except InvalidValue:
        return None


def recent_failures(policy: PasswordPolicy, state: PasswordState, now: datetime) -> tuple[datetime, ...]:
    """The failures that count: younger than the window and the password, and after an earlier lock that has
    ended."""
    earliest: datetime | None = None
    if policy.failure_window_seconds:
        earliest = now - timedelta(seconds=policy.failure_window_seconds)
    if state.locked_at is not None and not is_locked(policy, state, now):
        since = _lock_moment(state.locked_at)
        if since is not None and since <= now and (earliest is None or earliest < since):
            earliest = since
    changed = state.changed_at
    return tuple(
        at
        for at in state.failures
        if (earliest is None or at > earliest) and (changed is None or at >= changed)
    )


def delayed_until(policy: PasswordPolicy, state: PasswordState, now: datetime) -> datetime | None:
    """Until when the failures keep the account from being let in; None where the policy has no delays."""
    failures = recent_failures(policy, state, now) if policy.min_delay_seconds else ()
    if not failures:
        return None
    longest = policy.max_delay_seconds or _LONGEST_DELAY_SECONDS
    seconds = policy.min_delay_seconds << min(len(failures) - 1, _MOST_DOUBLINGS)
    return failures[-1] + timedelta(seconds=min(seconds, longest))


def failures_kept(policy: PasswordPolicy) -> int:
    """How many failures are worth remembering."""
    return max(
        policy.max_recorded_failures or max(policy.max_failures, _RECORDED_FAILURES), policy.max_failures
    )


def should_lock(policy: PasswordPolicy, state: PasswordState, now: datetime) -> bool:
    """Whether the failures, the latest included, reach the limit."""
    return policy.max_failures > 0 and len(recent_failures(policy, state, now)) >= policy.max_failures


def add_months(moment: datetime, months: int) -> datetime:
    """The same local time `months` calendar months later, in UTC; in a month too short, its last day."""
    local = moment.astimezone(PROVINCE_ZONE)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day).astimezone(UTC)


def expires_at(policy: PasswordPolicy, state: PasswordState) -> datetime | None:
    """The moment the password expires, None when it does not."""
    changed = state.changed_at
    if changed is None:
        return None
    ends = None if policy.max_age_months is None else add_months(changed, policy.max_age_months)
    if policy.max_age_seconds:
        own = changed + timedelta(seconds=policy.max_age_seconds)
        ends = own if ends is None else min(ends, own)
    return ends


def longest_months(months: int) -> int:
    """The most seconds that so many calendar months in a row can have."""
    starts = (
        datetime(year, month, 1, tzinfo=PROVINCE_ZONE) for year in (2023, 2024) for month in range(1, 13)
    )
    return max((add_months(start, months) - start) // timedelta(seconds=1) for start in starts)


def is_expired(policy: PasswordPolicy, state: PasswordState, now: datetime) -> bool:
    """Whether the password's time is over; at the very moment it is."""
    end = expires_at(policy, state)
    return end is not None and now >= end


def is_too_young(policy: PasswordPolicy, state: PasswordState, now: datetime) -> bool:
    """Whether the owner must keep the password for longer; never one that must be changed."""
    given = state.reset and policy.must_change_after_reset
    if state.changed_at is None or given or is_expired(policy, state, now):
        return False
    return now < state.changed_at + timedelta(seconds=policy.min_age_seconds)


def is_in_history(policy: PasswordPolicy, present: bytes | None, earlier: Earlier, candidate: bytes) -> bool:
    """Whether the candidate is one of the latest `history_length` passwords, the present one included.

    Checks hashes one by one: slow work, at most `history_length` times a login.
    """
    return any(passwords.is_same(stored, candidate) for stored in _latest(policy, present, earlier))


def _latest(policy: PasswordPolicy, present: bytes | None, earlier: Earlier) -> Sequence[bytes]:
    """The hashes that count, the newest first."""
    newest_first = [stored for _, stored in reversed(earlier)]
    if present is not None:
        newest_first.insert(0, present)
    return newest_first[: policy.history_length]


def after_change(
    policy: PasswordPolicy, present: bytes | None, earlier: Earlier, now: datetime, *, by_owner: bool
) -> PasswordChange:
    """What a change at `now` leaves behind; `present` is the hash that is being replaced, None when
    there is none.

    As many hashes are kept as `is_in_history` will look at beside the new one.
    """
    kept = earlier if present is None else (*earlier, (_microseconds(now), present))
    room = max(0, policy.history_length - 1)
    return PasswordChange(
        changed_at=now,
        reset=policy.must_change_after_reset and not by_owner,
        history=kept[len(kept) - room :] if len(kept) > room else kept,
    )


def _microseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
