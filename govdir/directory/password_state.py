"""What an entry's attributes say of its password (draft-behera-ldap-password-policy §5.3)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from govdir.directory.entry import Attributes
from govdir.directory.password_policy import PasswordState
from govdir.schema.errors import InvalidValue
from govdir.schema.times import parse_generalized_time

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


def state_of(
    attributes: Attributes, failures: tuple[int, ...] = (), last_success: int | None = None
) -> PasswordState:
    """The state; `failures` are the recent failed binds in microseconds since the epoch, oldest first,
    `last_success` the last login (None: never, or not known here)."""
    return PasswordState(
        changed_at=_moment(attributes, "pwdChangedTime"),
        reset=attributes.text("pwdReset") == "TRUE",
        locked_at=attributes.text("pwdAccountLockedTime"),
        failures=tuple(map(moment_at, failures)),
        grace_uses=tuple(sorted(map(parse_generalized_time, attributes.texts("pwdGraceUseTime")))),
        starts=_moment(attributes, "pwdStartTime"),
        ends=_moment(attributes, "pwdEndTime"),
        last_success=None if last_success is None else moment_at(last_success),
    )


def moment_at(microseconds: int) -> datetime:
    """Microseconds since the epoch as an aware time in UTC."""
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)


def _moment(attributes: Attributes, name: str) -> datetime | None:
    text = attributes.text(name)
    try:
        return None if text is None else parse_generalized_time(text)
    except InvalidValue:  # of the year 0000, which only an administrator can have written
        return _LONG_AGO
