"""Mail from outside comes in over SMTP and is read over IMAP: under which address, in which state."""

from __future__ import annotations

import imaplib
import smtplib

import pytest

from interop.mail.dovecot import Dovecot
from interop.mail.letters import imap, letter, wait_for, wait_until_delivered
from interop.mail.postfix import Postfix
from interop.mail.town import (
    ALIAS_DOMAIN,
    BOX,
    DOMAIN,
    EXPIRED,
    MUST_CHANGE,
    PENDING,
    RENAMED,
    REVOKED,
    SEND_BLOCKED,
    SUSPENDED,
    Town,
)
from interop.server import free_port

SOMEBODY = "khach@example.org"
UNKNOWN = 550


def deliver(postfix: Postfix, recipient: str, *, size: int = 0) -> str:
    """Sends a letter from outside; its subject."""
    message = letter(SOMEBODY, recipient, size=size)
    with postfix.outside() as session:
        assert session.send_message(message, SOMEBODY, [recipient]) == {}
    return str(message["Subject"])


def refusal(postfix: Postfix, recipient: str, *, sender: str = SOMEBODY, size: int = 0) -> tuple[int, str]:
    """What an outsider is told, at whatever step."""
    with postfix.outside() as session:
        try:
            refused = session.send_message(letter(sender, recipient, size=size), sender, [recipient])
        except smtplib.SMTPRecipientsRefused as error:
            refused = error.recipients
        except smtplib.SMTPResponseException as error:
            return error.smtp_code, str(error.smtp_error)
    assert refused, f"{recipient} was accepted"
    code, text = refused[recipient]
    return code, text.decode()


@pytest.mark.parametrize(
    ("address", "uid"),
    [
        (f"nvminh@{DOMAIN}", "nvminh"),
        (f"NVMinh@{DOMAIN.upper()}", "nvminh"),
        (f"nvminh+hop@{DOMAIN}", "nvminh"),
        (f"an.tran@{DOMAIN}", "tqan"),
        (f"ntyen@{DOMAIN}", RENAMED),
        (f"tqan@{ALIAS_DOMAIN}", "tqan"),
        (f"an.tran@{ALIAS_DOMAIN}", "tqan"),
        (f"ntyen@{ALIAS_DOMAIN}", RENAMED),
        (f"dvkhoa@{DOMAIN}", SEND_BLOCKED),
    ],
    ids=[
        "primary", "other case", "with a remark", "alias", "before a rename", "alias domain",
        "alias in the alias domain", "renamed in the alias domain", "send-blocked",
    ],
)  # fmt: skip
def test_a_letter_is_read_by_whom_it_is_for(
    town: Town, postfix: Postfix, dovecot: Dovecot, address: str, uid: str
) -> None:
    subject = deliver(postfix, address)
    wait_for(dovecot, town.address_of(uid), town.password_of(uid), subject)


@pytest.mark.parametrize("uid", ["nvminh", "ltbdao"], ids=["owner", "delegate"])
def test_a_letter_to_an_agency_is_read_by_its_owner_and_delegate(
    town: Town, postfix: Postfix, dovecot: Dovecot, uid: str
) -> None:
    subject = deliver(postfix, BOX)
    folder = f"Shared/{BOX}"
    wait_for(dovecot, town.address_of(uid), town.password_of(uid), subject, folder=folder)


def test_a_former_delegate_does_not_see_the_agency_s_mail(
    town: Town, postfix: Postfix, dovecot: Dovecot
) -> None:
    wait_until_delivered(dovecot, BOX, deliver(postfix, BOX))
    with imap(dovecot, town.address_of("ptvan"), town.password_of("ptvan")) as session:
        assert session.select(f"Shared/{BOX}")[0] == "NO"


@pytest.mark.parametrize("uid", [SUSPENDED, MUST_CHANGE, EXPIRED])
def test_who_may_not_sign_in_still_receives(town: Town, postfix: Postfix, dovecot: Dovecot, uid: str) -> None:
    wait_until_delivered(dovecot, town.address_of(uid), deliver(postfix, town.address_of(uid)))
    with (
        pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"),
        imap(dovecot, town.address_of(uid), town.password_of(uid)),
    ):
        pass


@pytest.mark.parametrize("uid", [REVOKED, PENDING])
def test_mail_to_a_closed_mailbox_is_refused_at_once(town: Town, postfix: Postfix, uid: str) -> None:
    assert refusal(postfix, town.address_of(uid))[0] == UNKNOWN


@pytest.mark.parametrize(
    "address",
    [
        f"khongco@{DOMAIN}",
        f"*@{DOMAIN}",
        f"nvminh)(mail=*@{DOMAIN}",
        f"nvminh%40{DOMAIN}@{DOMAIN}",
        f"hvson@{ALIAS_DOMAIN}",
        f"ai.do@sonv.{DOMAIN}",
    ],
)
def test_mail_to_nobody_is_refused_for_good(postfix: Postfix, address: str) -> None:
    code, _ = refusal(postfix, address)
    assert 500 <= code < 600


def test_a_mailbox_revoked_and_restored_is_felt_at_the_next_recipient(town: Town, postfix: Postfix) -> None:
    address = town.address_of("mvxuan")
    with postfix.outside() as session:
        session.mail(SOMEBODY)
        assert session.rcpt(address)[0] == 250
        town.set_state("mvxuan", "revoked")
        assert session.rcpt(address)[0] == UNKNOWN
        town.set_state("mvxuan", "active")
        assert session.rcpt(address)[0] == 250


def test_somebody_renamed_gets_mail_under_both_addresses(
    town: Town, postfix: Postfix, dovecot: Dovecot
) -> None:
    for address in (f"ntyen@{DOMAIN}", town.address_of(RENAMED)):
        subject = deliver(postfix, address)
        wait_for(dovecot, town.address_of(RENAMED), town.password_of(RENAMED), subject)


def test_nobody_relays_through_it(postfix: Postfix) -> None:
    assert refusal(postfix, "ai@example.net") == (554, "5.7.1 <ai@example.net>: Relay access denied")


@pytest.mark.parametrize("sender", [f"nvminh@{DOMAIN}", f"khongco@{DOMAIN}", BOX, f"nvminh@{ALIAS_DOMAIN}"])
def test_from_outside_nobody_sends_under_our_addresses(postfix: Postfix, sender: str) -> None:
    code, text = refusal(postfix, f"tqan@{DOMAIN}", sender=sender)
    assert (code, "for those who log in" in text) == (554, True)


def test_bounces_and_hosts_below_our_domain_may_write(postfix: Postfix) -> None:
    with postfix.outside() as session:
        for sender in ("", f"root@may1.{DOMAIN}"):
            session.mail(sender)
            assert session.rcpt(f"tqan@{DOMAIN}")[0] == 250
            session.rset()


def test_the_mailbox_s_own_limit_decides_how_much_fits_in_a_message(town: Town, postfix: Postfix) -> None:
    code, text = refusal(postfix, town.address_of("tvut"), size=150 << 10)
    assert (code, text.startswith("5.3.4")) == (552, True)
    deliver(postfix, town.address_of("tqan"), size=150 << 10)


def test_a_larger_limit_in_the_directory_counts_for_the_next_message(
    town: Town, postfix: Postfix, dovecot: Dovecot
) -> None:
    with town.changed(town.dn_of("tvut"), maxMessageSize=str(300 << 10)):
        subject = deliver(postfix, town.address_of("tvut"), size=150 << 10)
        wait_for(dovecot, town.address_of("tvut"), town.password_of("tvut"), subject)
    assert refusal(postfix, town.address_of("tvut"), size=150 << 10)[0] == 552


def test_nobody_sends_more_than_the_regulation_s_largest_message(town: Town, postfix: Postfix) -> None:
    with postfix.outside() as session:
        session.ehlo()
        assert session.esmtp_features["size"] == str(35 << 20)


FULL = (552, "5.2.2 <{address}>: Recipient address rejected: The mailbox is full")


def test_a_full_mailbox_takes_no_more_and_says_so_before_the_message_is_sent(
    town: Town, postfix: Postfix, dovecot: Dovecot
) -> None:
    address, code, text = town.address_of("dvty"), *FULL
    wait_until_delivered(dovecot, address, deliver(postfix, address, size=600 << 10))
    assert refusal(postfix, address, size=600 << 10) == (code, text.format(address=address))
    for another in (f"dvty+hop@{DOMAIN}", f"dvty@{ALIAS_DOMAIN}"):
        assert refusal(postfix, another, size=600 << 10)[0] == code
    deliver(postfix, address, size=100 << 10)
    with town.changed(town.dn_of("dvty"), mailQuota=str(4 << 20)):
        wait_until_delivered(dovecot, address, deliver(postfix, address, size=600 << 10))
    assert "Quota exceeded" not in postfix.log
    # Letters to the staff, which come later, are to fit.
    dovecot.doveadm("expunge", "-u", address, "mailbox", "INBOX", "all")


def test_on_one_host_dovecot_is_asked_about_room_on_its_socket(
    town: Town, postfix: Postfix, dovecot: Dovecot
) -> None:
    """It stands below Postfix's queue, where smtpd is shut in; here it has a second name there."""
    (dovecot.folder / "spool/private/quota-status").chmod(0o666)
    place = postfix.folder / "queue/private/quota-status"
    place.hardlink_to(dovecot.folder / "spool/private/quota-status")
    with postfix.asking(f"inet:127.0.0.1:{dovecot.quota_port}", "unix:private/quota-status"):
        with town.changed(town.dn_of("ptvan"), mailQuota="1000"):
            assert refusal(postfix, town.address_of("ptvan"), size=9000)[0] == FULL[0]
        deliver(postfix, town.address_of("ptvan"), size=9000)


def test_while_dovecot_does_not_say_whether_there_is_room_mail_is_taken(
    town: Town, postfix: Postfix, dovecot: Dovecot
) -> None:
    with postfix.asking(f"inet:127.0.0.1:{dovecot.quota_port}", f"inet:127.0.0.1:{free_port()}"):
        subject = deliver(postfix, town.address_of("ptvan"), size=9000)
    wait_until_delivered(dovecot, town.address_of("ptvan"), subject)


def test_an_agency_s_mailbox_has_no_limit_of_space(town: Town, dovecot: Dovecot) -> None:
    said = dovecot.doveadm("-f", "tab", "quota", "get", "-u", BOX)
    (line,) = [line for line in said.splitlines() if "STORAGE" in line]
    assert line.split("\t")[3] == "-"
