"""Account usability (Sun's control 1.3.6.1.4.1.42.2.27.9.5.8): the answer on each entry of a search."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from govdir.ldap.codec import ber
from govdir.ldap.codec.controls.oids import ACCOUNT_USABLE
from govdir.ldap.codec.messages import Control

_AVAILABLE: Final = 0x80
_NOT_AVAILABLE: Final = 0xA1
_NEVER: Final = -1


class Unusable(Struct, frozen=True):
    """Why an account does not sign in freely: closed or locked; its password set by others; expired, with
    logins left (None: not counted); seconds until a lock ends by itself (None: it does not)."""

    inactive: bool = False
    reset: bool = False
    expired: bool = False
    grace_logins_left: int | None = None
    unlocks_in_seconds: int | None = None


def encode_usable(expires_in_seconds: int | None) -> Control:
    """For an account that may sign in; None: its password does not expire."""
    seconds = _NEVER if expires_in_seconds is None else expires_in_seconds
    return Control(ACCOUNT_USABLE, False, ber.integer(seconds, _AVAILABLE))


def encode_unusable(why: Unusable) -> Control:
    """For one that may not."""
    value = ber.sequence(
        ber.boolean(why.inactive, 0x80),
        ber.boolean(why.reset, 0x81),
        ber.boolean(why.expired, 0x82),
        b"" if why.grace_logins_left is None else ber.integer(why.grace_logins_left, 0x83),
        b"" if why.unlocks_in_seconds is None else ber.integer(why.unlocks_in_seconds, 0x84),
        tag=_NOT_AVAILABLE,
    )
    return Control(ACCOUNT_USABLE, False, value)
