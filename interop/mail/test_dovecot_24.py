"""Dovecot 2.4 with the files an administrator gets for it; 2.3 is tried at greater length."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from govdir.mailservers.doveadm import Doveadm
from interop.mail.certificates import make_certificate
from interop.mail.dovecot import Dovecot
from interop.mail.imap import AT_ONCE_SECONDS, folders, subjects, wait_until_closed
from interop.mail.letters import wait_until_delivered
from interop.mail.town import (
    ALIAS_DOMAIN,
    BOX,
    DOMAIN,
    EXPIRED,
    MUST_CHANGE,
    PENDING,
    REVOKED,
    SEND_BLOCKED,
    SUSPENDED,
    Town,
)
from interop.programs import missing

UNPACKED: Final = Path("var/dovecot-2.4").resolve()
SHARED: Final = f"Shared/{BOX}"
NEARLY_FULL: Final = "=?UTF-8?B?SOG7mXAgdGjGsCBz4bqvcCDEkeG6p3kgLyBNYWlsYm94IG5lYXJseSBmdWxs?="


@pytest.fixture(scope="module")
def dovecot(town: Town) -> Iterator[Dovecot]:
    """One of its own below where it is unpacked."""
    if not (UNPACKED / "usr/sbin/dovecot").exists():
        missing("Dovecot 2.4 is not unpacked (scripts/unpacked-dovecot var/dovecot-2.4)")
    with tempfile.TemporaryDirectory(prefix="govdir-", dir=UNPACKED / "tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        make_certificate(folder / "imap", "localhost")
        files = town.files(folder / "files", "dovecot-24", "dovecot")
        keys = folder / "imap.crt", folder / "imap.key"
        running = Dovecot(folder / "i", files, *keys, root=UNPACKED)
        running.start()
        try:
            yield running
        finally:
            running.stop()


@pytest.fixture(scope="module")
def doveadm(town: Town, dovecot: Dovecot) -> Doveadm:
    """How govdir asks it; the shared mailbox's group has been let in."""
    made = Doveadm(f"http://127.0.0.1:{dovecot.doveadm_port}", town.doveadm_key_file)
    made.grant(BOX, "box-sonv")
    return made


def test_the_state_decides_who_gets_in_and_who_receives(town: Town, dovecot: Dovecot) -> None:
    people = ("nvminh", SEND_BLOCKED, MUST_CHANGE, EXPIRED, SUSPENDED, REVOKED, PENDING)
    let_in = [uid for uid in people if dovecot.lets_in(town.address_of(uid), town.password_of(uid))]
    taken = [uid for uid in people if dovecot.deliver(town.address_of(uid), "thử")[0] == 250]
    assert let_in == ["nvminh", SEND_BLOCKED]
    assert taken == ["nvminh", SEND_BLOCKED, MUST_CHANGE, EXPIRED, SUSPENDED]


def test_send_blocked_means_no_login_for_sending(town: Town, dovecot: Dovecot) -> None:
    def log_in(uid: str) -> str:
        who = town.address_of(uid), town.password_of(uid)
        return dovecot.doveadm("auth", "test", "-x", "service=smtp", *who, check=False)

    assert "auth failed" in log_in(SEND_BLOCKED)
    assert "auth succeeded" in log_in("nvminh")


def test_names_are_addresses_of_any_kind_and_never_filters(town: Town, dovecot: Dovecot) -> None:
    password = town.password_of("tqan")
    for name in (f"an.tran@{DOMAIN}", f"TQAn@{DOMAIN}", f"tqan@{ALIAS_DOMAIN}"):
        assert dovecot.lets_in(name, password)
    for name in (f"tqa*@{DOMAIN}", f"x)(|(mail=tqan@{DOMAIN})(mail=tqan@{DOMAIN}", f"an@{DOMAIN}"):
        assert not dovecot.lets_in(name, password)


def test_everybody_who_receives_is_listed(town: Town, dovecot: Dovecot) -> None:
    listed = dovecot.doveadm("user", "*").split()
    assert {BOX, town.address_of("nvminh"), town.address_of(SUSPENDED)} < {*listed}
    assert not {town.address_of(REVOKED), town.address_of(PENDING)} & {*listed}


def test_a_full_mailbox_takes_no_more_until_it_is_given_more(town: Town, dovecot: Dovecot) -> None:
    address = town.address_of("dvty")
    assert dovecot.deliver(address, "vừa", 700 << 10)[0] == 250
    assert dovecot.fits(address, 700 << 10).startswith("552 5.2.2")
    assert dovecot.deliver(address, "quá", 700 << 10)[0] == 552
    with town.changed(town.dn_of("dvty"), mailQuota=str(4 << 20)):
        assert dovecot.fits(address, 700 << 10) == "DUNNO"
        assert dovecot.deliver(address, "quá", 700 << 10)[0] == 250
    assert dovecot.deliver(BOX, "không giới hạn", 700 << 10)[0] == 250


def test_a_message_too_large_for_the_mailbox_is_refused_before_it_is_taken(
    town: Town, dovecot: Dovecot
) -> None:
    address = town.address_of("tvut")
    assert dovecot.fits(address, 99 << 10) == "DUNNO"
    assert dovecot.fits(address, 110 << 10).startswith("552 5.2.2")
    session = dovecot.imap(address, town.password_of("tvut"))
    assert session.append("INBOX", "", "", b"Subject: x\r\n\r\n" + b"x" * (110 << 10))[0] == "NO"
    assert dovecot.deliver(address, "lớn", 110 << 10)[0] == 250


def test_a_shared_mailbox_is_its_owner_s_and_delegates(
    town: Town, dovecot: Dovecot, doveadm: Doveadm
) -> None:
    assert dovecot.deliver(BOX, "công văn")[0] == 250
    delegate = dovecot.imap(town.address_of("ltbdao"), town.password_of("ltbdao"))
    assert SHARED in folders(delegate)
    assert "công văn" in subjects(delegate, SHARED)
    delegate.select(f'"{SHARED}"')
    assert delegate.create(f'"{SHARED}/Xong"')[0] == "OK"
    assert delegate.copy("1", f'"{SHARED}/Xong"')[0] == "OK"
    assert delegate.store("1", "+FLAGS", r"(\Seen \Deleted)")[0] == "OK"
    assert delegate.expunge()[0] == "OK"
    with town.changed(town.dn_of("ltbdao"), mailQuota=str(10 << 10)):
        again = dovecot.imap(town.address_of("ltbdao"), town.password_of("ltbdao"))
        message = b"Subject: to\r\n\r\n" + b"x" * (20 << 10)
        assert again.append("INBOX", "", "", message)[0] == "NO"
        assert again.append(f'"{SHARED}"', "", "", message)[0] == "OK"
    owner = dovecot.imap(town.address_of("nvminh"), town.password_of("nvminh"))
    assert folders(owner) == ["INBOX", SHARED, f"{SHARED}/Xong"]
    stranger = dovecot.imap(town.address_of("tqan"), town.password_of("tqan"))
    assert folders(stranger) == ["INBOX"]
    assert stranger.select(f'"{SHARED}"')[0] == "NO"


def test_govdir_ends_sessions(town: Town, dovecot: Dovecot, doveadm: Doveadm) -> None:
    session = dovecot.imap(town.address_of("mvxuan"), town.password_of("mvxuan"))
    assert doveadm.kick(town.address_of("mvxuan"))
    assert wait_until_closed(session) < AT_ONCE_SECONDS
    assert not doveadm.kick(town.address_of("mvxuan"))


def test_a_letter_tells_that_the_mailbox_is_nearly_full(town: Town, dovecot: Dovecot) -> None:
    for program in (Path("/bin/sh"), Path("/bin/date")):  # which nothing else there needs
        lent = UNPACKED / "usr/bin" / program.name
        if not lent.exists():
            shutil.copy(program.resolve(), lent)
    owner = town.address_of("ptvan")
    dovecot.doveadm("expunge", "-u", owner, "mailbox", "INBOX", "all")
    with town.changed(town.dn_of("ptvan"), mailQuota=str(200 << 10)):
        assert dovecot.deliver(owner, "nearly", 197 << 10)[0] == 250
        wait_until_delivered(dovecot, owner, NEARLY_FULL)
        assert dovecot.deliver(owner, "too much", 40 << 10)[0] == 552
