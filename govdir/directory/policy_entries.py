"""Password policies as entries (draft-behera-ldap-password-policy §5.2): read, and written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import structs

from govdir.directory.entry import Attributes
from govdir.directory.password_policy import PasswordPolicy, longest_months

POLICY_CLASS: Final = "pwdpolicy"
"""Key of the object class."""

NUMBERS: Final[Mapping[str, str]] = {
    "pwdMinAge": "min_age_seconds",
    "pwdMaxAge": "max_age_seconds",
    "pwdCheckQuality": "check_quality",
    "pwdMinLength": "min_length",
    "pwdMaxLength": "max_length",
    "pwdExpireWarning": "expire_warning_seconds",
    "pwdGraceAuthnLimit": "grace_logins",
    "pwdGraceExpiry": "grace_seconds",
    "pwdMaxFailure": "max_failures",
    "pwdFailureCountInterval": "failure_window_seconds",
    "pwdLockoutDuration": "lock_seconds",
    "pwdMinDelay": "min_delay_seconds",
    "pwdMaxDelay": "max_delay_seconds",
    "pwdMaxIdle": "max_idle_seconds",
    "pwdMaxRecordedFailure": "max_recorded_failures",
}
"""Attributes that are a field of PasswordPolicy as they stand."""

_FLAGS: Final[Mapping[str, str]] = {
    "pwdMustChange": "must_change_after_reset",
    "pwdAllowUserChange": "owner_may_change",
    "pwdSafeModify": "old_password_needed",
}
_MAX_SECONDS: Final = 100 * 366 * 86_400
"""No time of a policy means more than a century; sums of longer ones leave what `datetime` has."""


def in_force(base: PasswordPolicy, entry: Attributes) -> PasswordPolicy:
    """The policy of an entry: what the entry does not say is as in `base`.

    The months of `base` stay beside a pwdMaxAge: the earlier end counts, so that no entry can put it off.
    """
    found: dict[str, int | bool] = {}
    for name, field in NUMBERS.items():
        value = number_of(entry, name)
        if value is not None:
            found[field] = min(value, _MAX_SECONDS)
    for name, field in _FLAGS.items():
        text = entry.text(name)
        if text is not None:
            found[field] = text == "TRUE"
    if entry.text("pwdLockout") == "FALSE":
        found["max_failures"] = 0
    remembered = number_of(entry, "pwdInHistory")
    if remembered is not None:
        # The draft counts former passwords; the present one is never chosen again while any count.
        found["history_length"] = remembered + 1 if remembered else 0
    return structs.replace(base, **found)


def number_of(entry: Attributes, name: str) -> int | None:
    """The value of a numeric attribute, 0 for a negative one; None where there is none."""
    text = entry.text(name)
    return None if text is None else max(0, int(text))


def seconds_of(entry: Attributes, name: str) -> int:
    """A time of a policy entry, 0 where it says none; at most a century."""
    return min(number_of(entry, name) or 0, _MAX_SECONDS)


def attributes_of(policy: PasswordPolicy, minimum_length: int = 0) -> Iterator[tuple[str, str]]:
    """All that a policy entry says of `policy`; calendar months as the most seconds they can have, so that
    the months decide and the entry tells what they come to. `minimum_length` is the regulation's."""
    told = policy
    if policy.max_age_months is not None and not policy.max_age_seconds:
        told = structs.replace(policy, max_age_seconds=longest_months(policy.max_age_months))
    yield "pwdAttribute", "userPassword"
    yield "pwdLockout", "TRUE" if policy.max_failures else "FALSE"
    yield "pwdInHistory", str(max(1, policy.history_length - 1) if policy.history_length else 0)
    for name, field in NUMBERS.items():
        value: int = getattr(told, field)
        yield name, str(max(value, minimum_length) if name == "pwdMinLength" else value)
    for name, field in _FLAGS.items():
        yield name, "TRUE" if getattr(policy, field) else "FALSE"
