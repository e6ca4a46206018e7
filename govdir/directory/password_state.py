"""What an entry's attributes say of its password (draft-behera-ldap-password-policy §5.3)."""

from __future__ import annotations

from datetime import UTC, datetime

from govdir.directory.entry import Attributes
from govdir.directory.password_policy import PasswordState
from govdir.schema.times import parse_generalized_time


def state_of(attributes: Attributes, failures: tuple[int, ...] = ()) -> PasswordState:
    """The state; `failures` are the recent failed binds in microseconds since the epoch, oldest first."""
    changed_at = attributes.text("pwdChangedTime")
    return PasswordState(
        changed_at=None if changed_at is None else parse_generalized_time(changed_at),
        reset=attributes.text("pwdReset") == "TRUE",
        locked_at=attributes.text("pwdAccountLockedTime"),
        failures=tuple(datetime.fromtimestamp(at / 1_000_000, UTC) for at in failures),
    )
