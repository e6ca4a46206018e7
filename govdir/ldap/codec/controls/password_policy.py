"""The password policy response (draft-behera-ldap-password-policy-11 §6.2); a request has no value."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from msgspec import Struct

from govdir.ldap.codec import ber
from govdir.ldap.codec.controls.oids import PASSWORD_POLICY
from govdir.ldap.codec.controls.values import only_sequence
from govdir.ldap.codec.messages import Control

_WARNING: Final = 0xA0
_ERROR: Final = 0x81
_TIME_BEFORE_EXPIRATION: Final = 0x80
_GRACE_REMAINING: Final = 0x81


class PolicyError(IntEnum):
    """Why the policy refuses, or what it demands."""

    PASSWORD_EXPIRED = 0
    ACCOUNT_LOCKED = 1
    CHANGE_AFTER_RESET = 2
    PASSWORD_MOD_NOT_ALLOWED = 3
    MUST_SUPPLY_OLD_PASSWORD = 4
    INSUFFICIENT_PASSWORD_QUALITY = 5
    PASSWORD_TOO_SHORT = 6
    PASSWORD_TOO_YOUNG = 7
    PASSWORD_IN_HISTORY = 8
    PASSWORD_TOO_LONG = 9


class PolicyState(Struct, frozen=True):
    """Seconds before the password expires, or logins that are left after it has; an error. All may be None:
    there is nothing to say."""

    expires_in_seconds: int | None = None
    grace_logins_left: int | None = None
    error: PolicyError | None = None


def encode_policy_state(state: PolicyState) -> Control:
    """The control that answers; a warning is of one kind, grace before time."""
    warning = b""
    if state.grace_logins_left is not None:
        warning = ber.integer(state.grace_logins_left, _GRACE_REMAINING)
    elif state.expires_in_seconds is not None:
        warning = ber.integer(state.expires_in_seconds, _TIME_BEFORE_EXPIRATION)
    value = ber.sequence(
        ber.tlv(_WARNING, warning) if warning else b"",
        b"" if state.error is None else ber.integer(state.error, _ERROR),
    )
    return Control(PASSWORD_POLICY, False, value)


def decode_policy_state(control: Control) -> PolicyState:
    """The answer; raises DecodeError."""
    content = only_sequence(control, "PasswordPolicyResponseValue")
    seconds = grace = error = None
    if content.next_tag() == _WARNING:
        warning = content.enter(_WARNING, "warning")
        if warning.next_tag() == _GRACE_REMAINING:
            grace = warning.integer(_GRACE_REMAINING, "graceAuthNsRemaining")
        else:
            seconds = warning.integer(_TIME_BEFORE_EXPIRATION, "timeBeforeExpiration")
        warning.expect_end("warning")
    if content.next_tag() == _ERROR:
        error = PolicyError(content.integer(_ERROR, "error", high=max(PolicyError)))
    content.ignore_extensions()
    return PolicyState(seconds, grace, error)
