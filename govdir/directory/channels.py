"""What a login is for: the channel it comes through.

A mail server checks a person's password by binding as that person on a connection on which it was bound as
itself before; what it is for, or what it last asked about that person, tells the channel.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

# A program of one's own; a mail server whose protocol is not known; any other service that checks passwords;
# the web site; an application over SAML.
LDAP: Final = "ldap"
MAIL: Final = "mail"
LOGIN: Final = "login"
WEB: Final = "web"
SSO: Final = "sso"

MAIL_CHANNELS: Final = frozenset({"imap", "pop3", "smtp", "sieve"})
"""Channels that are values of enabledService: who lacks the value does not get in by them."""

# Where a password that must be changed can be changed, so that its owner has to get there.
_OPEN_TO_CHANGE: Final = frozenset({LDAP, WEB, SSO})

_OF_KIND: Final = {"mail": MAIL, "portal": WEB}


def of_service(kind: str, chosen: str) -> str:
    """What the logins that a service checks are for: gdServiceChannel, else by its kind (gdServiceKind)."""
    return chosen.strip().lower() or _OF_KIND.get(kind, LOGIN)


def admits(channel: str, services: Collection[str], *, must_change: bool) -> bool:
    """Whether an account gets in by `channel`, its password being right and its state open.

    `services` are the values of its enabledService. A password that must be changed is good for changing it
    only (RULES: must change = portal only), whatever the stored services still say.
    """
    if channel in _OPEN_TO_CHANGE:
        return True
    if must_change:
        return False
    if channel == MAIL:
        return not MAIL_CHANNELS.isdisjoint(services)
    return channel not in MAIL_CHANNELS or channel in services
