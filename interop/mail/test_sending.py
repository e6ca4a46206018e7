"""People hand mail in with their login: who may, as whom, and to which lists."""

from __future__ import annotations

import smtplib
from contextlib import AbstractContextManager

import pytest

from interop.mail.dovecot import Dovecot
from interop.mail.letters import letter, wait_for, wait_until_delivered
from interop.mail.postfix import Postfix
from interop.mail.town import (
    ACTIVE,
    ALIAS_DOMAIN,
    BOX,
    DOMAIN,
    EXPIRED,
    INTERNAL,
    MUST_CHANGE,
    NESTED_LIST,
    OPERATOR,
    PENDING,
    RENAMED,
    REVOKED,
    SEND_BLOCKED,
    SONV,
    STAFF_LIST,
    SUSPENDED,
    Town,
)

OK = 250
STAFF = ("nvminh", "ltbdao", "ptvan", "tqan", RENAMED, "tvut")


def signed_in(postfix: Postfix, town: Town, uid: str) -> AbstractContextManager[smtplib.SMTP]:
    return postfix.login(town.address_of(uid), town.password_of(uid))


def answer(session: smtplib.SMTP, sender: str, recipient: str) -> tuple[int, str]:
    """To an envelope: what MAIL or RCPT says."""
    session.rset()
    code, text = session.mail(sender)
    if code == OK:
        code, text = session.rcpt(recipient)
    return code, text.decode()


def send(session: smtplib.SMTP, sender: str, recipient: str) -> str:
    """Sends a letter; its subject."""
    message = letter(sender, recipient)
    assert session.send_message(message, sender, [recipient]) == {}
    return str(message["Subject"])


# -- who


@pytest.mark.parametrize("uid", [SEND_BLOCKED, SUSPENDED, MUST_CHANGE, EXPIRED, REVOKED, PENDING])
def test_who_may_not_send_is_not_let_in(town: Town, postfix: Postfix, uid: str) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError), signed_in(postfix, town, uid):
        pass


def test_a_login_by_an_alias_is_that_person_s(town: Town, postfix: Postfix, dovecot: Dovecot) -> None:
    for name in (f"an.tran@{DOMAIN}", f"tqan@{ALIAS_DOMAIN}"):
        with postfix.login(name, town.password_of("tqan")) as session:
            subject = send(session, town.address_of("tqan"), town.address_of("mvxuan"))
        wait_for(dovecot, town.address_of("mvxuan"), town.password_of("mvxuan"), subject)


def test_no_login_is_offered_without_encryption_or_on_port_25(postfix: Postfix) -> None:
    with smtplib.SMTP("127.0.0.1", postfix.submission_port, timeout=30) as session:
        session.ehlo()
        assert "auth" not in session.esmtp_features
        assert session.docmd("AUTH PLAIN")[0] == 530
    with postfix.outside() as session:
        assert "auth" not in session.esmtp_features


def test_nobody_hands_mail_in_without_a_login(town: Town, postfix: Postfix) -> None:
    with smtplib.SMTP("127.0.0.1", postfix.submission_port, timeout=30) as session:
        session.starttls()
        for sender in (town.address_of("tqan"), "khach@example.org"):
            assert answer(session, sender, town.address_of("nvminh"))[0] in (553, 554)


@pytest.mark.parametrize(
    ("state", "told"), [("sendblocked", "nguoi quan tri"), ("suspended", "Dieu 5"), ("revoked", "Dieu 5")]
)
def test_a_session_that_is_open_already_is_felt_too(
    town: Town, postfix: Postfix, state: str, told: str
) -> None:
    """The login was checked before; the policy service and the map of senders look again at each message."""
    address = town.address_of("mvxuan")
    with signed_in(postfix, town, "mvxuan") as session:
        assert answer(session, address, town.address_of("nvminh"))[0] == OK
        town.set_state("mvxuan", state)
        try:
            code, text = answer(session, address, town.address_of("nvminh"))
            assert 500 <= code < 600, text
            code, text = answer(session, "", town.address_of("nvminh"))
            assert (code, told in text) == (550, True), text
        finally:
            town.set_state("mvxuan", "active")
        assert answer(session, address, town.address_of("nvminh"))[0] == OK


# -- as whom


@pytest.mark.parametrize(
    "sender",
    [f"tqan@{DOMAIN}", f"an.tran@{DOMAIN}", f"tqan@{ALIAS_DOMAIN}", f"TQAn@{DOMAIN.upper()}", ""],
    ids=["own", "alias", "alias domain", "other case", "none"],
)
def test_people_send_under_their_own_addresses(town: Town, postfix: Postfix, sender: str) -> None:
    with signed_in(postfix, town, "tqan") as session:
        assert answer(session, sender, "ai@example.net")[0] == OK


@pytest.mark.parametrize(
    "sender",
    [
        f"nvminh@{DOMAIN}",
        f"an.tran@{DOMAIN}.example.net",
        f"khongco@{DOMAIN}",
        f"dvkhoa@{DOMAIN}",
        STAFF_LIST,
        BOX,
        "ai@example.net",
        f"tqan@sonv.{DOMAIN}",
    ],
)
def test_nobody_sends_under_another_s_address(town: Town, postfix: Postfix, sender: str) -> None:
    with signed_in(postfix, town, "tqan") as session:
        code, text = answer(session, sender, town.address_of("nvminh"))
    assert 550 <= code <= 554, text


@pytest.mark.parametrize("uid", ["nvminh", "ltbdao"], ids=["owner", "delegate"])
def test_owner_and_delegate_send_as_the_agency(
    town: Town, postfix: Postfix, dovecot: Dovecot, uid: str
) -> None:
    with signed_in(postfix, town, uid) as session:
        subject = send(session, BOX, town.address_of("mvxuan"))
    wait_for(dovecot, town.address_of("mvxuan"), town.password_of("mvxuan"), subject)


def test_a_former_delegate_sends_as_the_agency_no_more(town: Town, postfix: Postfix) -> None:
    with signed_in(postfix, town, "ptvan") as session:
        assert answer(session, BOX, town.address_of("mvxuan"))[0] == 553


def test_a_delegate_whose_authorisation_is_withdrawn_stops_in_the_same_session(
    town: Town, postfix: Postfix
) -> None:
    with signed_in(postfix, town, "ltbdao") as session:
        assert answer(session, BOX, town.address_of("mvxuan"))[0] == OK
        with town.changed(SONV, gdDelegate=[town.dn_of("ptvan")]):
            assert answer(session, BOX, town.address_of("mvxuan"))[0] == 553
        assert answer(session, BOX, town.address_of("mvxuan"))[0] == OK


def test_the_map_of_senders_forgets_who_may_not_send(town: Town, postfix: Postfix) -> None:
    assert postfix.ask("senders", town.address_of(SEND_BLOCKED)) is None
    assert postfix.ask("senders", BOX) is not None


# -- to which lists


@pytest.mark.parametrize("uid", ["nvminh", "ltbdao"], ids=["owner", "delegate"])
def test_the_agency_writes_to_its_staff(town: Town, postfix: Postfix, dovecot: Dovecot, uid: str) -> None:
    with signed_in(postfix, town, uid) as session:
        subject = send(session, BOX, STAFF_LIST)
    for each in (*STAFF, SUSPENDED, MUST_CHANGE, SEND_BLOCKED):
        wait_until_delivered(dovecot, town.address_of(each), subject)


@pytest.mark.parametrize("address", [STAFF_LIST, INTERNAL, NESTED_LIST, f"internal@{ALIAS_DOMAIN}"])
def test_an_outsider_s_mail_to_a_list_is_refused(postfix: Postfix, address: str) -> None:
    with postfix.outside() as session:
        code, text = answer(session, "khach@example.org", address)
    assert (code, "Dieu 11 khoan 5" in text) == (550, True), text


def test_a_member_writes_to_the_list_no_more_than_an_outsider(town: Town, postfix: Postfix) -> None:
    with signed_in(postfix, town, "tqan") as session:
        for address in (STAFF_LIST, INTERNAL):
            code, text = answer(session, town.address_of("tqan"), address)
            assert (code, "Dieu 11 khoan 5" in text) == (550, True), text


def test_who_runs_the_system_writes_to_everybody(town: Town, postfix: Postfix, dovecot: Dovecot) -> None:
    with signed_in(postfix, town, OPERATOR) as session:
        subject = send(session, town.address_of(OPERATOR), INTERNAL)
    for uid in {*ACTIVE, SUSPENDED, MUST_CHANGE} - {"dvty"}:
        wait_until_delivered(dovecot, town.address_of(uid), subject)


def test_who_is_revoked_is_gone_from_all_lists_at_once(town: Town, postfix: Postfix) -> None:
    address = town.address_of("mvxuan")
    for list_ in (INTERNAL, NESTED_LIST):
        assert address in str(postfix.ask("lists", list_)).split(",")
    town.set_state("mvxuan", "revoked")
    try:
        for list_ in (INTERNAL, NESTED_LIST):
            assert address not in str(postfix.ask("lists", list_)).split(",")
    finally:
        town.set_state("mvxuan", "active")


def test_a_revoked_member_gets_nothing_that_is_sent_from_then_on(
    town: Town, postfix: Postfix, dovecot: Dovecot
) -> None:
    begin = len(postfix.log)
    town.set_state("mvxuan", "revoked")
    try:
        with signed_in(postfix, town, "nvminh") as session:
            subject = send(session, BOX, NESTED_LIST)
        wait_until_delivered(dovecot, town.address_of("tqan"), subject)
        postfix.wait_until_empty(20)
    finally:
        town.set_state("mvxuan", "active")
    sent = [line for line in postfix.log[begin:].splitlines() if "orig_to=<lienlac.sonv@" in line]
    assert any(" to=<tqan@" in line for line in sent)
    assert not any(" to=<mvxuan@" in line for line in sent)


def test_lists_on_a_list_are_opened_and_nobody_gets_a_letter_twice(
    town: Town, postfix: Postfix, dovecot: Dovecot
) -> None:
    with signed_in(postfix, town, "ltbdao") as session:
        subject = send(session, BOX, NESTED_LIST)
    for uid in ("mvxuan", *STAFF):
        wait_until_delivered(dovecot, town.address_of(uid), subject)
    postfix.wait_until_empty(20)
    wait_until_delivered(dovecot, town.address_of("tqan"), subject)


def test_who_is_send_blocked_sends_to_no_list_from_an_open_session(town: Town, postfix: Postfix) -> None:
    with signed_in(postfix, town, OPERATOR) as session:
        assert answer(session, town.address_of(OPERATOR), INTERNAL)[0] == OK
        town.set_state(OPERATOR, "sendblocked")
        try:
            assert 550 <= answer(session, town.address_of(OPERATOR), INTERNAL)[0] <= 554
        finally:
            town.set_state(OPERATOR, "active")


def test_a_sender_s_own_limit_counts_for_what_is_handed_in(town: Town, postfix: Postfix) -> None:
    message = letter(town.address_of("tvut"), "ai@example.net", size=150 << 10)
    with signed_in(postfix, town, "tvut") as session, pytest.raises(smtplib.SMTPException) as refusal:
        session.send_message(message)
    assert "552" in str(refusal.value)
    assert "5.3.4" in str(refusal.value)


def test_a_size_that_was_not_declared_is_found_at_the_end(town: Town, postfix: Postfix) -> None:
    text = letter(town.address_of("tvut"), "ai@example.net", size=150 << 10).as_string()
    with signed_in(postfix, town, "tvut") as session:
        assert answer(session, town.address_of("tvut"), "ai@example.net")[0] == OK
        code, said = session.data(text)
    assert (code, said.startswith(b"5.3.4")) == (552, True), said
