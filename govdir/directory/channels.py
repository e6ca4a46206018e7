"""What a login is for: the channel it comes through.

A mail server checks a person's password by binding as that person on a connection on which it was bound as
itself before; what it is for, or what it last asked about that person, tells the channel.
"""

from __future__ import annotations

from typing import Final

# A program of one's own; a service whose protocol is not known; the web site; an application over SAML.
LDAP: Final = "ldap"
MAIL: Final = "mail"
WEB: Final = "web"
SSO: Final = "sso"

MAIL_CHANNELS: Final = frozenset({"imap", "pop3", "smtp", "sieve"})
"""Channels that are values of enabledService: who lacks the value does not get in by them."""
