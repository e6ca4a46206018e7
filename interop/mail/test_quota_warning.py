"""Whoever's mailbox is nearly full is told by a letter in it (Bình Phước, Điều 7 khoản 2 điểm c)."""

from __future__ import annotations

from interop.mail.dovecot import Dovecot
from interop.mail.letters import imap, subjects, wait_for
from interop.mail.town import Town

KIB = 1 << 10
WARNED = "Hộp thư sắp đầy / Mailbox nearly full"


def test_a_letter_comes_at_nine_tenths_once_whatever_fits(town: Town, dovecot: Dovecot) -> None:
    owner, password = town.address_of("ptvan"), town.password_of("ptvan")
    dovecot.doveadm("expunge", "-u", owner, "mailbox", "INBOX", "all")
    with town.changed(town.dn_of("ptvan"), mailQuota=str(200 * KIB)):
        assert dovecot.deliver(owner, "half", 100 * KIB)[0] == 250
        assert dovecot.deliver(owner, "nearly", 97 * KIB)[0] == 250
        wait_for(dovecot, owner, password, WARNED)
        assert dovecot.deliver(owner, "too much", 40 * KIB)[0] == 552
        with imap(dovecot, owner, password) as session:
            assert sorted(subjects(session)) == sorted([WARNED, "half", "nearly"])
    text = dovecot.doveadm("fetch", "-u", owner, "text.utf8", "mailbox", "INBOX", "from", "postmaster")
    assert f"Hộp thư {owner} đã dùng hơn 90% dung lượng được cấp." in text
    assert f"The mailbox {owner} is more than 90% full." in text
