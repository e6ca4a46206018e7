"""An agency's mailbox in IMAP: its owner and delegates find it among their folders, and nobody else does."""

from __future__ import annotations

import imaplib

from interop.mail.dovecot import Dovecot
from interop.mail.imap import AT_ONCE_SECONDS, folders, subjects, wait_for_group, wait_until_closed
from interop.mail.town import BOX, SONV, Town

SHARED = f"Shared/{BOX}"


def session_of(town: Town, dovecot: Dovecot, uid: str) -> imaplib.IMAP4:
    """Somebody's session, once govdir has opened the shared mailbox to its group, soon after the start."""
    wait_for_group(dovecot)
    return dovecot.imap(town.address_of(uid), town.password_of(uid))


def test_owner_and_delegate_find_it_among_their_folders(town: Town, dovecot: Dovecot) -> None:
    assert dovecot.deliver(BOX, "công văn đến")[0] == 250
    for uid in ("nvminh", "ltbdao"):
        session = session_of(town, dovecot, uid)
        assert SHARED in folders(session)
        assert "công văn đến" in subjects(session, SHARED)


def test_others_neither_see_nor_open_it(town: Town, dovecot: Dovecot) -> None:
    for uid in ("ptvan", "tqan", "mvxuan"):
        session = session_of(town, dovecot, uid)
        assert not any(name.startswith("Shared") for name in folders(session))
        for name in (SHARED, f"{SHARED}/INBOX"):
            assert session.select(f'"{name}"')[0] == "NO"
        assert session.append(f'"{SHARED}"', "", "", b"Subject: x\r\n\r\nx\r\n")[0] == "NO"


def test_a_delegate_marks_files_and_deletes(town: Town, dovecot: Dovecot) -> None:
    dovecot.deliver(BOX, "để xử lý")
    delegate = session_of(town, dovecot, "ltbdao")
    number = str(subjects(delegate, SHARED).index("để xử lý") + 1)
    delegate.select(f'"{SHARED}"')
    assert delegate.create(f'"{SHARED}/Xong"')[0] == "OK"
    assert delegate.store(number, "+FLAGS", r"(\Seen \Flagged)")[0] == "OK"
    assert delegate.copy(number, f'"{SHARED}/Xong"')[0] == "OK"
    assert delegate.append(f'"{SHARED}"', "", "", b"Subject: them vao\r\n\r\nx\r\n")[0] == "OK"
    assert delegate.store(number, "+FLAGS", r"(\Deleted)")[0] == "OK"
    assert delegate.expunge()[0] == "OK"

    owner = session_of(town, dovecot, "nvminh")
    assert subjects(owner, f"{SHARED}/Xong") == ["để xử lý"]
    _, flags = owner.fetch("1", "(FLAGS)")
    assert b"\\Seen" in flags[0]
    assert b"\\Flagged" in flags[0]
    present = subjects(owner, SHARED)
    assert "them vao" in present
    assert "để xử lý" not in present


def test_a_delegate_s_own_quota_does_not_count_there(town: Town, dovecot: Dovecot) -> None:
    with town.changed(town.dn_of("ltbdao"), mailQuota=str(10 << 10)):
        delegate = session_of(town, dovecot, "ltbdao")
        message = b"Subject: to\r\n\r\n" + b"x" * (20 << 10)
        assert delegate.append("INBOX", "", "", message)[0] == "NO"
        assert delegate.append(f'"{SHARED}"', "", "", message)[0] == "OK"


def test_nobody_deletes_its_inbox_or_passes_it_on(town: Town, dovecot: Dovecot) -> None:
    delegate = session_of(town, dovecot, "ltbdao")
    assert delegate.delete(f'"{SHARED}"')[0] == "NO"
    assert delegate.delete(f'"{SHARED}/INBOX"')[0] == "NO"
    assert "ACL" not in delegate.capabilities


def test_who_is_no_longer_authorised_is_thrown_out_and_finds_nothing(town: Town, dovecot: Dovecot) -> None:
    delegate = session_of(town, dovecot, "ltbdao")
    delegate.select(f'"{SHARED}"')
    with town.changed(SONV, gdDelegate=[town.dn_of("ptvan")]):
        assert wait_until_closed(delegate) < AT_ONCE_SECONDS
        former = session_of(town, dovecot, "ltbdao")
        assert folders(former) == ["INBOX"]
        assert former.select(f'"{SHARED}"')[0] == "NO"
        assert SHARED in folders(session_of(town, dovecot, "ptvan"))
    assert SHARED in folders(session_of(town, dovecot, "ltbdao"))


def test_a_suspended_box_is_closed_to_its_owner_too_and_goes_on_receiving(
    town: Town, dovecot: Dovecot
) -> None:
    owner = session_of(town, dovecot, "nvminh")
    town.change(SONV, gdState="suspended")
    try:
        assert wait_until_closed(owner) < AT_ONCE_SECONDS
        assert folders(dovecot.imap(town.address_of("nvminh"), town.password_of("nvminh"))) == ["INBOX"]
        assert dovecot.deliver(BOX, "trong lúc tạm khóa")[0] == 250
    finally:
        town.change(SONV, gdState="active")
    assert "trong lúc tạm khóa" in subjects(session_of(town, dovecot, "nvminh"), SHARED)
