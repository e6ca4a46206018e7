"""The programs that govdir writes a configuration for: which identity each asks under."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from govdir.policy.texts import Wording


class Program(Struct, frozen=True):
    """One program, by the `name` that `govdir service add --for` takes.

    `kind` is gdServiceKind, what the access rules speak of; `channel` is gdServiceChannel, what the logins it
    checks are for where its searches do not tell, "" where they do or it checks none. `sessions`: it has
    open sessions that govdir ends; `asks`: it asks the policy service. `page` is its page below docs/clients,
    `then` what is run on the mail server once the files are there, "" where the page says more.
    """

    name: str
    title: Wording
    kind: str = "mail"
    channel: str = ""
    sessions: bool = False
    asks: bool = False
    page: str = ""
    then: str = ""


PROGRAMS: Final = {
    program.name: program
    for program in (
        Program(
            "postfix",
            Wording("Postfix 3", "Postfix 3"),
            asks=True,
            page="postfix",
            then="sh /etc/postfix/govdir/setup.sh && postfix check && postfix reload",
        ),
        Program("dovecot", Wording("Dovecot 2.4", "Dovecot 2.4"), sessions=True, page="dovecot"),
        Program("dovecot-2.3", Wording("Dovecot 2.3", "Dovecot 2.3"), sessions=True, page="dovecot"),
        Program("exim", Wording("Exim 4", "Exim 4"), channel="smtp", asks=True, page="exim"),
        Program(
            "freeradius", Wording("FreeRADIUS 3", "FreeRADIUS 3"), kind="login", channel="vpn", page="radius"
        ),
    )
}
