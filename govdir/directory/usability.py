"""Whether an account lets its owner in at a moment, once the password has proved right: one decision for
binds, the web site and the account usability control.

Nothing here may be asked before the password has proved right, except by those who may read the entry's
operational attributes: it would tell strangers about the account.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from msgspec import Struct

from govdir.directory.password_policy import (
    PasswordPolicy,
    PasswordState,
    delayed_until,
    expires_at,
    is_locked,
    lock_begins,
    lock_ends,
)


class Bar(Enum):
    """What keeps an account from being let in though its password is right."""

    CLOSED = auto()  # its state does not sign in
    NOT_YET = auto()  # before pwdStartTime
    OVER = auto()  # from pwdEndTime on
    DELAYED = auto()  # for a while after failures
    IDLE = auto()  # not used for longer than pwdMaxIdle
    LOCKED = auto()  # after too many failures, or by hand


class Usability(Struct, frozen=True):
    """What the right password comes to.

    `until` is when a lock or delay ends by itself, None where it does not. `expires` is when the password
    does or did, None if never. `grace_left` counts the logins that are left although it has expired, None
    where it has not or where the policy has none. `turns` is the first moment at which all this may be
    otherwise though neither the entry nor the failures change.
    """

    bar: Bar | None = None
    until: datetime | None = None
    reset: bool = False
    expired: bool = False
    expires: datetime | None = None
    grace_left: int | None = None
    turns: datetime | None = None

    @property
    def must_change(self) -> bool:
        """Whether the account may do nothing but choose another password; where there are logins left after
        it has expired, these come first."""
        return self.reset or (self.expired and self.grace_left is None)

    @property
    def is_spent(self) -> bool:
        """Whether the password has expired and no login is left."""
        return self.grace_left == 0


def usability_of(
    policy: PasswordPolicy | None, state: PasswordState, now: datetime, *, is_open: bool
) -> Usability:
    """The account at `now`; `is_open`: its state signs in; `policy` None: nothing is counted or rotates."""
    bar, until = _bar(policy, state, now, is_open=is_open)
    if policy is None:
        return Usability(bar, until, turns=_next(now, state.starts, state.ends))
    expires = expires_at(policy, state)
    expired = expires is not None and now >= expires
    return Usability(
        bar,
        until,
        reset=state.reset and policy.must_change_after_reset,
        expired=expired,
        expires=expires,
        grace_left=_grace_left(policy, state, expires, now),
        turns=_next(
            now,
            state.starts,
            state.ends,
            lock_begins(state),
            until,
            expires,
            _grace_ends(policy, expires),
            _idle_from(policy, state),
        ),
    )


def _bar(
    policy: PasswordPolicy | None, state: PasswordState, now: datetime, *, is_open: bool
) -> tuple[Bar | None, datetime | None]:
    """In the order of draft-behera §7.1; the state of a mailbox, which the draft does not know, comes behind
    a lock, which people are told how to end."""
    if state.starts is not None and now < state.starts:
        return Bar.NOT_YET, None
    if state.ends is not None and now >= state.ends:
        return Bar.OVER, None
    if policy is not None:
        if is_locked(policy, state, now):
            return Bar.LOCKED, lock_ends(policy, state)
        delayed = delayed_until(policy, state, now)
        if delayed is not None and now < delayed:
            return Bar.DELAYED, delayed
        idle = _idle_from(policy, state)
        if idle is not None and now >= idle:
            return Bar.IDLE, None
    return (None if is_open else Bar.CLOSED), None


def _idle_from(policy: PasswordPolicy, state: PasswordState) -> datetime | None:
    """A new password is a sign of life, too: otherwise nobody could open an idle account again."""
    used = [at for at in (state.last_success, state.changed_at) if at is not None]
    if not policy.max_idle_seconds or not used:
        return None
    return max(used) + timedelta(seconds=policy.max_idle_seconds)


def _grace_left(
    policy: PasswordPolicy, state: PasswordState, expires: datetime | None, now: datetime
) -> int | None:
    if not policy.grace_logins or expires is None or now < expires:
        return None
    ends = _grace_ends(policy, expires)
    if ends is not None and now >= ends:
        return 0
    return max(0, policy.grace_logins - len(state.grace_uses))


def _grace_ends(policy: PasswordPolicy, expires: datetime | None) -> datetime | None:
    if expires is None or not policy.grace_seconds:
        return None
    return expires + timedelta(seconds=policy.grace_seconds)


_SECOND: Final = timedelta(seconds=1)


def seconds_left(usability: Usability, now: datetime) -> int | None:
    """Whole seconds before the password expires, 0 when it has, None when it does not."""
    return None if usability.expires is None else max(0, (usability.expires - now) // _SECOND)


def _next(now: datetime, *moments: datetime | None) -> datetime | None:
    return min((at for at in moments if at is not None and at > now), default=None)
