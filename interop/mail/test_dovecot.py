"""Debian's Dovecot with the files an administrator gets: who gets in, what fits, and what ends at once."""

from __future__ import annotations

import imaplib
import poplib
import socket
import time

import ldap3
import pytest

from interop.conftest import connect
from interop.mail.dovecot import Dovecot
from interop.mail.town import (
    ALIAS_DOMAIN,
    BOX,
    EXPIRED,
    MUST_CHANGE,
    PENDING,
    RENAMED,
    REVOKED,
    SEND_BLOCKED,
    SUSPENDED,
    Town,
)
from interop.server import SUFFIX

AT_ONCE_SECONDS = 2.0
"""On a busy machine; on an idle one it is a tenth of that."""


def subjects(session: imaplib.IMAP4, mailbox: str = "INBOX") -> list[str]:
    """The subjects of a mailbox's messages, in order."""
    status, count = session.select(f'"{mailbox}"', readonly=True)
    assert status == "OK", count
    found = []
    for number in range(1, int(count[0] or b"0") + 1):
        _, told = session.fetch(str(number), "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        found.append(told[0][1].decode().removeprefix("Subject: ").strip())  # type: ignore[index, union-attr]
    return found


def wait_until_closed(session: imaplib.IMAP4) -> float:
    """The seconds until the server has ended the session. Raises AssertionError if it does not."""
    begin = time.monotonic()
    session.sock.settimeout(AT_ONCE_SECONDS)
    try:
        while session.sock.recv(4096):
            pass
    except TimeoutError:
        raise AssertionError("the session is still open") from None
    except ConnectionError:
        pass
    return time.monotonic() - begin


class TestStates:
    @pytest.mark.parametrize("uid", ["nvminh", SEND_BLOCKED])
    def test_who_may_read_gets_in(self, town: Town, dovecot: Dovecot, uid: str) -> None:
        assert dovecot.lets_in(town.address_of(uid), town.password_of(uid))

    @pytest.mark.parametrize("uid", [MUST_CHANGE, EXPIRED, SUSPENDED, REVOKED, PENDING])
    def test_who_may_not_does_not_with_the_right_password(
        self, town: Town, dovecot: Dovecot, uid: str
    ) -> None:
        assert not dovecot.lets_in(town.address_of(uid), town.password_of(uid))

    @pytest.mark.parametrize("uid", ["nvminh", MUST_CHANGE, EXPIRED, SUSPENDED, SEND_BLOCKED])
    def test_a_mailbox_that_receives_takes_deliveries(self, town: Town, dovecot: Dovecot, uid: str) -> None:
        assert dovecot.deliver(town.address_of(uid), "đến nơi")[0] == 250

    @pytest.mark.parametrize("uid", [REVOKED, PENDING])
    def test_one_that_does_not_is_unknown(self, town: Town, dovecot: Dovecot, uid: str) -> None:
        code, text = dovecot.deliver(town.address_of(uid), "không đến")
        assert (code, text.split()[0]) == (550, "5.1.1")

    def test_send_blocked_means_no_login_for_sending(self, town: Town, dovecot: Dovecot) -> None:
        blocked, free = (
            dovecot.doveadm(
                "auth", "test", "-x", "service=smtp", town.address_of(uid), town.password_of(uid), check=False
            )
            for uid in (SEND_BLOCKED, "nvminh")
        )
        assert "auth failed" in blocked
        assert "auth succeeded" in free

    def test_pop3_is_as_imap(self, town: Town, dovecot: Dovecot) -> None:
        def log_in(uid: str) -> poplib.POP3:
            session = poplib.POP3("127.0.0.1", dovecot.pop3_port, timeout=10)
            session.user(town.address_of(uid))
            session.pass_(town.password_of(uid))
            return session

        log_in("nvminh").quit()
        with pytest.raises(poplib.error_proto, match="Authentication failed"):
            log_in(SUSPENDED)


class TestAtOnce:
    def test_a_suspension_ends_an_idle_session_and_refuses_the_next(
        self, town: Town, dovecot: Dovecot
    ) -> None:
        address, password = town.address_of("mvxuan"), town.password_of("mvxuan")
        session = dovecot.imap(address, password)
        session.select()
        session.send(b"a1 IDLE\r\n")
        assert session.readline().startswith(b"+")
        town.set_state("mvxuan", "suspended")
        try:
            assert wait_until_closed(session) < AT_ONCE_SECONDS
            assert not dovecot.lets_in(address, password)
            assert dovecot.deliver(address, "trong lúc tạm khóa")[0] == 250
        finally:
            town.set_state("mvxuan", "active")
        assert subjects(dovecot.imap(address, password)) == ["trong lúc tạm khóa"]

    def test_a_password_set_by_somebody_else_ends_the_sessions(self, town: Town, dovecot: Dovecot) -> None:
        password = town.password_of("mvxuan")
        session = dovecot.imap(town.address_of("mvxuan"), password)
        with connect(town.server) as admin:
            given = "Cau-tre-lac-leo-4417"
            assert admin.extend.standard.modify_password(town.dn_of("mvxuan"), new_password=given)
        assert wait_until_closed(session) < AT_ONCE_SECONDS
        assert not dovecot.lets_in(town.address_of("mvxuan"), given)
        with connect(town.server, town.dn_of("mvxuan"), given) as own:
            again = own.extend.standard.modify_password(
                old_password=given, new_password="Ghe-xuong-xuoi-9035"
            )
            assert again, own.result
        assert dovecot.lets_in(town.address_of("mvxuan"), "Ghe-xuong-xuoi-9035")

    def test_the_log_says_whose_sessions_were_ended_and_why(self, town: Town, dovecot: Dovecot) -> None:
        session = dovecot.imap(town.address_of("cvquan"), town.password_of("cvquan"))
        town.set_state("cvquan", "suspended")
        try:
            wait_until_closed(session)
        finally:
            town.set_state("cvquan", "active")
        ended = f"ended the sessions of {town.address_of('cvquan')} (closed)"
        deadline = time.monotonic() + AT_ONCE_SECONDS
        while ended not in town.server.events.read_text("utf-8"):
            assert time.monotonic() < deadline
            time.sleep(0.02)
