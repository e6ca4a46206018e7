"""What Postfix tells the policy service, and what becomes of its answers."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator

import pytest

from interop.mail.letters import letter
from interop.mail.postfix import Postfix
from interop.mail.town import ALIAS_DOMAIN, DOMAIN, STAFF_LIST, Town

LOCAL = STAFF_LIST.partition("@")[0]
HOST = "mx.example.com"
SPELLINGS = (
    STAFF_LIST,
    STAFF_LIST.upper(),
    f"{LOCAL}+1@{DOMAIN}",
    f"{LOCAL}@{ALIAS_DOMAIN}",
    f"{STAFF_LIST}.",
    f'"{LOCAL}"@{DOMAIN}',
    LOCAL,
    f"{LOCAL}%{DOMAIN}",
    f"{DOMAIN}!{LOCAL}",
    f"@relay.example:{STAFF_LIST}",
    f"{LOCAL}%{DOMAIN}@{HOST}",
    f"{STAFF_LIST}@{HOST}",
    f'"{STAFF_LIST}"@[127.0.0.1]',
)
NOBODYS = (
    "{local}%{domain}@{host}",
    "{local}@{domain}@{host}",
    '"{local}@{domain}"@{host}',
    '"{local}@{domain}"@[127.0.0.1]',
    "{domain}!{local}@{host}",
    "{domain}!{local}",
    "{local}%{domain}",
    '" {local}"@{domain}',
    '"{local} "@{domain}',
)
KIB = 1 << 10


@pytest.fixture
def at_home(postfix: Postfix) -> Iterator[Postfix]:
    """A Postfix that completes addresses by the province's own domain, as some are set up."""
    postfix.set(myorigin=DOMAIN)
    postfix.reload()
    yield postfix
    postfix.set(myorigin="$myhostname")
    postfix.reload()


def told(session: smtplib.SMTP, sender: str, recipient: str) -> tuple[int, str]:
    """What RCPT says; the envelope as it is, without smtplib's tidying."""
    session.docmd("RSET")
    session.docmd("MAIL", f"FROM:<{sender}>")
    code, text = session.docmd("RCPT", f"TO:<{recipient}>")
    return code, text.decode()


def test_no_spelling_of_a_lists_address_gets_past_its_guard(town: Town, at_home: Postfix) -> None:
    with at_home.outside() as session:
        outside = {each: told(session, "khach@example.org", each) for each in SPELLINGS}
    with at_home.login(town.address_of("tqan"), town.password_of("tqan")) as session:
        inside = {each: told(session, town.address_of("tqan"), each) for each in SPELLINGS}
    for answers in (outside, inside):
        assert {each: text for each, (code, text) in answers.items() if not 500 <= code < 600} == {}


def test_what_would_only_come_back_is_refused_at_once(town: Town, postfix: Postfix) -> None:
    """Letters to spellings that no mailbox has were taken from anybody, and returned to forged senders."""
    local, _, domain = town.address_of("tqan").partition("@")
    with postfix.outside() as session:
        for each in NOBODYS:
            recipient = each.format(local=local, domain=domain, host=HOST)
            code, text = told(session, "khach@example.org", recipient)
            assert 500 <= code < 600, (recipient, code, text)
        assert told(session, "khach@example.org", f"{local}+x@{domain}")[0] == 250


def test_of_several_recipients_the_one_who_takes_least_decides_at_the_end(
    town: Town, postfix: Postfix
) -> None:
    sender, small, other = (town.address_of(uid) for uid in ("tqan", "mvxuan", "nvminh"))
    message = letter(sender, other, size=150 * KIB).as_bytes()
    with (
        town.changed(town.dn_of("mvxuan"), maxMessageSize=str(100 * KIB)),
        postfix.login(sender, town.password_of("tqan")) as session,
    ):
        session.mail(sender)
        assert [session.rcpt(each)[0] for each in (small, other)] == [250, 250]
        code, text = session.data(message)
        assert (code, f"muc toi da cua {small}" in text.decode()) == (552, True), text
        session.rset()
        assert told(session, sender, other)[0] == 250
        assert session.data(message)[0] == 250
