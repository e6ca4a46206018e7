"""What the answer to a request tells of the password policy when the client has asked (draft-behera §6.2).

A refused bind always tells nothing: the same octets for a wrong password, an unknown name, a lock, and
whatever else keeps an account out, or the control would tell strangers what the result code does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from govdir.directory.admission import Bound
from govdir.directory.errors import (
    MustChangePassword,
    OldPasswordNeeded,
    PasswordChangeNotAllowed,
    PasswordNotReadable,
    PasswordTooLong,
    PasswordTooShort,
    PasswordTooYoung,
    PasswordUsedBefore,
    RuleViolation,
)
from govdir.ldap.codec.controls.password_policy import PolicyError, PolicyState, encode_policy_state
from govdir.ldap.codec.messages import Control
from govdir.ldap.server.controls import Asked

_NOTHING_TO_SAY: Final = (encode_policy_state(PolicyState()),)

_ERRORS: Final[Mapping[type[BaseException], PolicyError]] = {
    MustChangePassword: PolicyError.CHANGE_AFTER_RESET,
    PasswordChangeNotAllowed: PolicyError.PASSWORD_MOD_NOT_ALLOWED,
    OldPasswordNeeded: PolicyError.MUST_SUPPLY_OLD_PASSWORD,
    PasswordNotReadable: PolicyError.INSUFFICIENT_PASSWORD_QUALITY,
    PasswordTooShort: PolicyError.PASSWORD_TOO_SHORT,
    PasswordTooYoung: PolicyError.PASSWORD_TOO_YOUNG,
    PasswordUsedBefore: PolicyError.PASSWORD_IN_HISTORY,
    PasswordTooLong: PolicyError.PASSWORD_TOO_LONG,
}

_RULES: Final[Mapping[str, PolicyError]] = {
    "password-length": PolicyError.PASSWORD_TOO_SHORT,
    "password-too-long": PolicyError.PASSWORD_TOO_LONG,
}
_RULES_ON_PASSWORDS: Final = "password-"
"""So the names of all rules begin that judge a password by itself (policy.password_rules)."""


def told_of_bind(asked: Asked, bound: Bound) -> tuple[Control, ...]:
    """What goes with a bind that succeeded."""
    if not asked.password_policy:
        return ()
    return (encode_policy_state(state_of_bind(bound)),)


def state_of_bind(bound: Bound) -> PolicyState:
    """The seconds before the password expires, once the policy wants them told, or the logins left though it
    has; and whether it must be changed before anything else, because others have set it or it has expired."""
    error = None
    if bound.reset:
        error = PolicyError.CHANGE_AFTER_RESET
    elif bound.caller.must_change:
        error = PolicyError.PASSWORD_EXPIRED
    is_counted = bound.expires_soon and error is None and bound.grace_left is None
    seconds = bound.expires_in_seconds if is_counted else None
    return PolicyState(seconds, bound.grace_left, error)


def told_of_success(asked: Asked) -> tuple[Control, ...]:
    """What goes with a change that succeeded."""
    return _NOTHING_TO_SAY if asked.password_policy else ()


def told_of_refusal(asked: Asked, error: BaseException) -> tuple[Control, ...]:
    """What goes with the refusal of any request."""
    if not asked.password_policy:
        return ()
    why = policy_error(error)
    return _NOTHING_TO_SAY if why is None else (encode_policy_state(PolicyState(error=why)),)


def policy_error(error: BaseException) -> PolicyError | None:
    """What the policy has against it; None where it is not the policy that refuses."""
    if isinstance(error, RuleViolation) and error.rule.startswith(_RULES_ON_PASSWORDS):
        return _RULES.get(error.rule, PolicyError.INSUFFICIENT_PASSWORD_QUALITY)
    return _ERRORS.get(type(error))
