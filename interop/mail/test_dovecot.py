"""Debian's Dovecot with the files an administrator gets: who gets in, what fits, and what ends at once."""

from __future__ import annotations

import json
import poplib
import time

import pytest

from interop.mail.dovecot import Dovecot
from interop.mail.folders import open_folder
from interop.mail.imap import AT_ONCE_SECONDS, subjects, wait_for_group, wait_until_closed
from interop.mail.town import (
    EXPIRED,
    MUST_CHANGE,
    PENDING,
    REVOKED,
    SEND_BLOCKED,
    SUSPENDED,
    Town,
)

RETRY_SECONDS = 10.0


@pytest.fixture(autouse=True, scope="module")
def found(dovecot: Dovecot) -> None:
    """govdir was there first and has found Dovecot by now."""
    wait_for_group(dovecot)


def logged(town: Town, dn: str, channel: str) -> bool:
    """Whether the access log has a bind of that name for that channel."""
    lines = (json.loads(line) for line in town.server.access_log.read_text("utf-8").splitlines())
    return any(line.get("dn") == dn and line.get("channel") == channel for line in lines)


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

    @pytest.mark.parametrize("protocol", ["imap", "pop3", "smtp"])
    def test_the_access_log_says_what_somebody_logged_in_for(
        self, town: Town, dovecot: Dovecot, protocol: str
    ) -> None:
        who = town.address_of("tqan"), town.password_of("tqan")
        dovecot.doveadm("auth", "test", "-x", f"service={protocol}", *who)
        deadline = time.monotonic() + AT_ONCE_SECONDS
        while not logged(town, town.dn_of("tqan"), protocol):
            assert time.monotonic() < deadline
            time.sleep(0.02)


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
        assert subjects(dovecot.imap(address, password))[-1:] == ["trong lúc tạm khóa"]

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


class TestDovecotAway:
    def test_sessions_are_ended_once_dovecot_takes_the_key(self, town: Town, dovecot: Dovecot) -> None:
        address = town.address_of("mvxuan")
        session = dovecot.imap(address, town.password_of("mvxuan"))
        key = town.doveadm_key_file.read_bytes()
        town.doveadm_key_file.write_bytes(b"another key")
        try:
            town.set_state("mvxuan", "suspended")
            time.sleep(0.3)
            assert session.noop()[0] == "OK"
        finally:
            town.doveadm_key_file.write_bytes(key)
        try:
            wait_until_closed(session, RETRY_SECONDS)
        finally:
            town.set_state("mvxuan", "active")
        assert "refuses the key (status 401)" in town.server.events.read_text("utf-8")


class TestCache:
    """Dovecot's own cache of logins, which the files of govdir leave off."""

    def test_with_one_a_suspension_is_late_by_its_time_to_live_and_ending_sessions_does_not_help(
        self, town: Town, dovecot: Dovecot
    ) -> None:
        address, password = town.address_of("mvxuan"), town.password_of("mvxuan")
        cached = "auth_cache_size = 1M\nauth_cache_ttl = 2s\nauth_cache_negative_ttl = 0\n"
        with open_folder("cached") as folder:
            other = Dovecot(folder, dovecot.files, dovecot.certificate, dovecot.key, more=cached)
            other.start()
            try:
                begin = time.monotonic()
                assert other.lets_in(address, password)
                town.set_state("mvxuan", "suspended")
                assert not dovecot.lets_in(address, password)
                assert other.lets_in(address, password)
                while other.lets_in(address, password):
                    assert time.monotonic() - begin < 2 + AT_ONCE_SECONDS
                    time.sleep(0.05)
                assert time.monotonic() - begin > 1
            finally:
                town.set_state("mvxuan", "active")
                other.stop()
