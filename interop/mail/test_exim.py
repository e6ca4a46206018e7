"""Debian's Exim in a town: who gets mail, who may hand it in, what becomes of it while govdir is away."""

from __future__ import annotations

import base64
import contextlib
import shutil
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from interop.conftest import connect
from interop.mail.certificates import make_certificate
from interop.mail.exim import Exim
from interop.mail.folders import open_folder
from interop.mail.lmtp import Sink, running_sink
from interop.mail.town import (
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
    SOTTTT,
    STAFF_LIST,
    SUSPENDED,
    Town,
)

OUTSIDER = "khach@example.com"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with open_folder("exim") as folder:
        yield folder


@pytest.fixture(scope="module")
def sink(folder: Path) -> Iterator[Sink]:
    with running_sink(folder / "lmtp") as sink:
        yield sink


@pytest.fixture(scope="module")
def exim(town: Town, folder: Path, sink: Sink) -> Iterator[Exim]:
    """Exim as an administrator sets it up, in front of the sink."""
    files = town.files(folder / "files", "exim", "exim")
    exim = Exim(folder, files, folder / "lmtp")
    exim.start()
    try:
        yield exim
    finally:
        exim.stop()


def letter(subject: str, sender: str = OUTSIDER, size: int = 0) -> bytes:
    """A letter of somewhat more than `size` octets."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "undisclosed-recipients:;", subject
    message.set_content("Kính gửi quý cơ quan.\n" + ("x" * 70 + "\n") * (size // 71 + 1))
    return message.as_bytes()


def signed_in(exim: Exim, town: Town, uid: str) -> contextlib.AbstractContextManager[smtplib.SMTP]:
    return exim.signed_in(town.address_of(uid), town.password_of(uid))


def told(smtp: smtplib.SMTP, sender: str, recipient: str, size: int = 0) -> tuple[int, str]:
    """The answer to RCPT, on one line."""
    smtp.rset()
    assert smtp.mail(sender, [f"size={size}"] if size else [])[0] == 250
    code, text = smtp.rcpt(recipient)
    lines = text.decode().splitlines()
    return code, " ".join([*lines[:1], *(line.partition(" ")[2] for line in lines[1:])])


def send(smtp: smtplib.SMTP, sender: str, recipient: str, subject: str) -> None:
    smtp.rset()
    assert smtp.sendmail(sender, [recipient], letter(subject, sender)) == {}


# -- who gets mail -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "holder"),
    [
        pytest.param(f"tqan@{DOMAIN}", "tqan", id="a person"),
        pytest.param(f"TQAn@{DOMAIN.upper()}", "tqan", id="in capitals"),
        pytest.param(f"tqan+hop@{DOMAIN}", "tqan", id="with a remark"),
        pytest.param(f"an.tran@{DOMAIN}", "tqan", id="an alias"),
        pytest.param(f"ntyen@{DOMAIN}", RENAMED, id="from before a rename"),
        pytest.param(f"tqan@{ALIAS_DOMAIN}", "tqan", id="in a domain that stands for another"),
        pytest.param(f"vtmai@{DOMAIN}", SUSPENDED, id="suspended"),
        pytest.param(f"pvthu@{DOMAIN}", MUST_CHANGE, id="whose password must be changed"),
    ],
)
def test_mail_reaches_its_holder(town: Town, exim: Exim, sink: Sink, address: str, holder: str) -> None:
    with exim.outside() as smtp:
        send(smtp, OUTSIDER, address, f"for {address}")

    (reached,) = sink.wait_for(f"for {address}")
    assert reached.lower() == town.address_of(holder)


def test_mail_reaches_an_agencys_mailbox(exim: Exim, sink: Sink) -> None:
    with exim.outside() as smtp:
        send(smtp, OUTSIDER, BOX, "for the agency")

    assert sink.wait_for("for the agency") == [BOX]


@pytest.mark.parametrize("nobody", ["hvson", "bttam", "khongco", "a*", "n(v)minh", "nvminh.x", "nvminh/x"])
def test_who_is_not_there_is_refused_at_once(exim: Exim, nobody: str) -> None:
    with exim.outside() as smtp:
        code, text = told(smtp, OUTSIDER, f"{nobody}@{DOMAIN}")

    assert (code, "no such mailbox" in text) == (550, True)


def test_the_hosts_own_mail_goes_where_its_aliases_say(town: Town, exim: Exim) -> None:
    (exim.folder / "etc" / "aliases").write_text(f"postmaster: root\nroot: {town.address_of('tqan')}\n")

    assert exim.routed("postmaster@mail.cantho.gov.vn") == [town.address_of("tqan")]
    assert exim.routed("khongco@mail.cantho.gov.vn") == []


def test_a_revocation_is_felt_by_the_next_letter(town: Town, exim: Exim) -> None:
    with exim.outside() as smtp:
        assert told(smtp, OUTSIDER, town.address_of("mvxuan"))[0] == 250
        with town.changed(town.dn_of("mvxuan"), gdState="revoked"):
            assert told(smtp, OUTSIDER, town.address_of("mvxuan"))[0] == 550
        assert told(smtp, OUTSIDER, town.address_of("mvxuan"))[0] == 250


# -- who may hand it in ------------------------------------------------------------------------------------


@pytest.mark.parametrize("login", [f"tqan@{DOMAIN}", f"an.tran@{DOMAIN}", f"tqan@{ALIAS_DOMAIN}"])
def test_whoever_signs_in_sends_under_the_own_address(town: Town, exim: Exim, sink: Sink, login: str) -> None:
    with exim.signed_in(login, town.password_of("tqan")) as smtp:
        send(smtp, town.address_of("tqan"), town.address_of("mvxuan"), f"from {login}")

    assert sink.wait_for(f"from {login}") == [town.address_of("mvxuan")]
    assert f"A=govdir_plain:{town.address_of('tqan')}" in exim.log


def test_both_ways_of_signing_in_work(town: Town, exim: Exim) -> None:
    with exim.encrypted() as smtp:
        smtp.user, smtp.password = town.address_of("tqan"), town.password_of("tqan")

        assert smtp.auth("LOGIN", smtp.auth_login)[0] == 235


@pytest.mark.parametrize("uid", [SEND_BLOCKED, SUSPENDED, REVOKED, PENDING, MUST_CHANGE, EXPIRED])
def test_who_may_not_send_does_not_sign_in(town: Town, exim: Exim, uid: str) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError) as refused, signed_in(exim, town, uid):
        pass

    assert refused.value.smtp_code == 535


@pytest.mark.parametrize(
    "login", ["*", f"tqan@{DOMAIN})(mail=*", "tqan\\2a", "uid=tqan", "+govdir_plain_dn", "%s"]
)
def test_a_name_is_never_part_of_the_question(town: Town, exim: Exim, login: str) -> None:
    given = exim.signed_in(login, town.password_of("tqan"))
    with pytest.raises(smtplib.SMTPAuthenticationError) as refused, given:
        pass

    assert refused.value.smtp_code == 535


def test_passwords_of_any_signs_work(town: Town, exim: Exim) -> None:
    first, own = "Lua-chin-tam-thoi-1", 'Bưởi $h1 "x" \\N %41 {} : é'
    dn = f"uid=hvky,{SOTTTT}"
    with connect(town.server) as admin:
        person = {"cn": "Huỳnh Văn Kỳ", "sn": "Huỳnh", "userPassword": first}
        assert admin.add(dn, ["inetOrgPerson", "gdPerson", "gdMailbox"], person), admin.result
    try:
        with connect(town.server, dn, first) as himself:
            assert himself.extend.standard.modify_password(dn, first, own), himself.result
        with exim.encrypted() as smtp:
            given = base64.b64encode(f"\0hvky@{DOMAIN}\0{own}".encode()).decode()
            assert smtp.docmd("AUTH", f"PLAIN {given}")[0] == 235
    finally:
        with connect(town.server) as admin:
            assert admin.delete(dn), admin.result


def test_nobody_signs_in_without_tls(exim: Exim) -> None:
    with exim.outside() as smtp:
        assert "auth" not in smtp.esmtp_features


def test_an_open_session_ends_with_the_right_to_send(town: Town, exim: Exim) -> None:
    own, other = town.address_of("mvxuan"), town.address_of("nvminh")
    with signed_in(exim, town, "mvxuan") as smtp:
        assert told(smtp, own, other)[0] == 250
        with town.changed(town.dn_of("mvxuan"), gdState="sendblocked"):
            assert told(smtp, own, other)[0] == 550


def test_nobody_sends_as_somebody_else(town: Town, exim: Exim) -> None:
    with signed_in(exim, town, "tqan") as smtp:
        code, text = told(smtp, town.address_of("nvminh"), town.address_of("mvxuan"))

    assert (code, "may not send as nvminh" in text) == (550, True)


def test_an_outsider_does_not_use_an_address_of_ours(town: Town, exim: Exim) -> None:
    with exim.outside() as smtp:
        for own in (town.address_of("nvminh"), f"nvminh@{ALIAS_DOMAIN}"):
            code, text = told(smtp, own, town.address_of("mvxuan"))
            assert (code, "sign in" in text) == (550, True)


def test_nothing_is_relayed_for_outsiders(exim: Exim) -> None:
    with exim.outside() as smtp:
        assert told(smtp, OUTSIDER, "ai.do@example.org") == (
            550,
            "5.7.1 Khong chuyen tiep / relay not permitted",
        )


def test_a_delegate_sends_as_the_agency_and_a_former_one_does_not(town: Town, exim: Exim, sink: Sink) -> None:
    with signed_in(exim, town, "ltbdao") as smtp:
        send(smtp, BOX, town.address_of("mvxuan"), "from the agency")
    with signed_in(exim, town, "ptvan") as smtp:
        assert told(smtp, BOX, town.address_of("mvxuan"))[0] == 550

    assert sink.wait_for("from the agency") == [town.address_of("mvxuan")]


# -- lists -------------------------------------------------------------------------------------------------


def test_an_outsider_reaches_no_list(exim: Exim) -> None:
    with exim.outside() as smtp:
        for address in (INTERNAL, STAFF_LIST, NESTED_LIST):
            assert told(smtp, OUTSIDER, address)[0] == 550


def test_who_runs_the_system_writes_to_everybody(town: Town, exim: Exim, sink: Sink) -> None:
    with signed_in(exim, town, OPERATOR) as smtp:
        send(smtp, town.address_of(OPERATOR), INTERNAL, "to everybody")

    everybody = sorted(address for uid, address in town.addresses.items() if uid not in (REVOKED, PENDING))
    assert sink.wait_for("to everybody", len(everybody)) == everybody


def test_the_agency_writes_to_its_staff(town: Town, exim: Exim, sink: Sink) -> None:
    staff = sorted(
        town.address_of(uid) for uid, dn in town.dns.items() if SONV in dn and uid not in (REVOKED, PENDING)
    )
    with signed_in(exim, town, "ltbdao") as smtp:
        assert told(smtp, town.address_of("ltbdao"), STAFF_LIST)[0] == 550
        send(smtp, BOX, STAFF_LIST, "to the staff")

    assert sink.wait_for("to the staff", len(staff)) == staff


def test_a_list_on_a_list_is_opened_and_the_revoked_are_left_out(town: Town, exim: Exim) -> None:
    staff = [
        town.address_of(uid) for uid, dn in town.dns.items() if SONV in dn and uid not in (REVOKED, PENDING)
    ]

    assert exim.routed(NESTED_LIST) == sorted([*staff, town.address_of("mvxuan")])


# -- sizes -------------------------------------------------------------------------------------------------


def test_a_declared_size_over_the_own_limit_is_refused_before_the_letter(town: Town, exim: Exim) -> None:
    with signed_in(exim, town, "tvut") as smtp:
        assert told(smtp, town.address_of("tvut"), town.address_of("nvminh"), 90 << 10)[0] == 250
        assert told(smtp, town.address_of("tvut"), town.address_of("nvminh"), 110 << 10)[0] == 552


def test_an_undeclared_size_is_refused_after_the_letter(town: Town, exim: Exim) -> None:
    with signed_in(exim, town, "tvut") as smtp:
        assert told(smtp, town.address_of("tvut"), town.address_of("nvminh"))[0] == 250
        assert smtp.rcpt(town.address_of("mvxuan"))[0] == 250
        assert smtp.data(letter("too large", size=110 << 10))[0] == 552


# -- while govdir is away ----------------------------------------------------------------------------------


def test_while_govdir_is_away_nothing_is_refused_nothing_lost_and_no_secret_told(
    town: Town, exim: Exim, sink: Sink
) -> None:
    recipient = town.address_of("tqan")
    with signed_in(exim, town, "ltbdao") as smtp:
        with closed(exim.lmtp):
            send(smtp, BOX, recipient, "before it went away")
            town.server.stop()
        try:
            assert told(smtp, BOX, recipient)[0] == 451
            with exim.outside() as outside:
                assert told(outside, OUTSIDER, recipient)[0] == 451
                assert told(outside, OUTSIDER, f"khongco@{DOMAIN}")[0] == 451
            with pytest.raises(smtplib.SMTPAuthenticationError) as refused, signed_in(exim, town, "mvxuan"):
                pass
            assert refused.value.smtp_code == 435
            assert exim.waiting() == 1
            assert (
                exim.routed("khongco@mail.cantho.gov.vn") == []
            )  # the host's own mail does not depend on it
            assert sink.of("before it went away") == []
        finally:
            town.server.start()
        assert told(smtp, BOX, recipient)[0] == 250

    assert sink.wait_for("before it went away") == [recipient]
    assert "** " not in exim.log
    password = (exim.files / "etc" / "exim4" / "govdir" / "password").read_text().strip()
    assert (password in exim.log, town.password_of("mvxuan") in exim.log) == (False, False)


@contextlib.contextmanager
def closed(place: Path) -> Iterator[None]:
    """Nobody answers at the socket for a while."""
    away = place.with_name("away")
    place.rename(away)
    try:
        yield
    finally:
        away.rename(place)


def test_exim_shows_the_password_to_nobody(exim: Exim) -> None:
    shown = exim.run("-bP", "config") + exim.run("-bP", "macros") + exim.run("-bP", "routers")

    password = (exim.files / "etc" / "exim4" / "govdir" / "password").read_text().strip()
    assert ("govdir_mailbox" in shown, password in shown) == (True, False)


def test_a_directory_with_another_certificate_is_not_believed(exim: Exim, tmp_path: Path) -> None:
    with open_folder("exim-other") as folder:
        other = Exim(folder, exim.files, exim.lmtp)
        other.configure()
        make_certificate(folder / "other", "localhost")
        shutil.copyfile(folder / "other.crt", folder / "etc" / "exim4" / "govdir" / "ca.crt")

        assert "cannot be resolved at this time" in other.run("-bt", f"tqan@{DOMAIN}")
