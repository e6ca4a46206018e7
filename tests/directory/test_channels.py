"""By which channels an account gets in."""

from __future__ import annotations

import pytest

from govdir.directory.channels import MAIL_CHANNELS, admits, of_service

ALL = frozenset({"mail", "deliver", "smtp", "imap", "pop3", "sieve"})
SEND_BLOCKED = ALL - {"smtp"}
RECEIVE_ONLY = frozenset({"mail", "deliver"})


@pytest.mark.parametrize(
    ("services", "must_change", "let_in"),
    [
        (ALL, False, {"ldap", "web", "sso", "mail", "imap", "pop3", "smtp", "sieve", "vpn"}),
        (SEND_BLOCKED, False, {"ldap", "web", "sso", "mail", "imap", "pop3", "sieve", "vpn"}),
        (RECEIVE_ONLY, False, {"ldap", "web", "sso", "vpn"}),
        (frozenset({"smtp"}), False, {"ldap", "web", "sso", "mail", "smtp", "vpn"}),
        (frozenset(), False, {"ldap", "web", "sso", "vpn"}),
        (ALL, True, {"ldap", "web", "sso"}),
        (RECEIVE_ONLY, True, {"ldap", "web", "sso"}),
    ],
)
def test_services_and_a_password_to_be_changed_decide(
    services: frozenset[str], must_change: bool, let_in: set[str]
) -> None:
    asked = {"ldap", "web", "sso", "mail", "vpn", *MAIL_CHANNELS}
    assert {channel for channel in asked if admits(channel, services, must_change=must_change)} == let_in


@pytest.mark.parametrize(
    ("kind", "chosen", "channel"),
    [
        ("mail", "", "mail"),
        ("mail", " SMTP ", "smtp"),
        ("portal", "", "web"),
        ("login", "", "login"),
        ("addressbook", "", "login"),
        ("personnel", "", "login"),
        ("login", "vpn", "vpn"),
        ("", "", "login"),
    ],
)
def test_a_service_says_what_its_logins_are_for_else_its_kind_does(
    kind: str, chosen: str, channel: str
) -> None:
    assert of_service(kind, chosen) == channel
