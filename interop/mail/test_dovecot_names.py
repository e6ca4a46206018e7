"""By which names people log in, with which passwords, and how much fits."""

from __future__ import annotations

import imaplib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import ldap3
import pytest

from interop.conftest import connect
from interop.mail.dovecot import Dovecot
from interop.mail.imap import AT_ONCE_SECONDS, subjects, wait_for_group, wait_until_closed
from interop.mail.town import ALIAS_DOMAIN, BOX, DOMAIN, PENDING, REVOKED, SONV, Town
from interop.server import SUFFIX

WRONG_UNTIL_LOCKED = 10


@pytest.fixture(autouse=True, scope="module")
def found(dovecot: Dovecot) -> None:
    """govdir was there first and has found Dovecot by now."""
    wait_for_group(dovecot)


class TestNames:
    def test_an_alias_opens_the_mailbox_itself(self, town: Town, dovecot: Dovecot) -> None:
        assert dovecot.deliver(f"an.tran@{DOMAIN}", "cho Ân")[0] == 250
        session = dovecot.imap(f"an.tran@{DOMAIN}", town.password_of("tqan"))
        assert "cho Ân".encode().decode() in subjects(session)
        assert f"user=<{town.address_of('tqan')}>" in dovecot.log.splitlines()[-1]

    def test_so_does_an_address_of_an_alias_domain(self, town: Town, dovecot: Dovecot) -> None:
        home = dovecot.doveadm("user", "-f", "home", f"tqan@{ALIAS_DOMAIN}").strip()
        assert home == dovecot.doveadm("user", "-f", "home", f"tqan@{DOMAIN}").strip()
        assert dovecot.lets_in(f"tqan@{ALIAS_DOMAIN}", town.password_of("tqan"))

    def test_capitals_do_not_matter(self, town: Town, dovecot: Dovecot) -> None:
        assert dovecot.lets_in("TQAn@CanTho.gov.VN", town.password_of("tqan"))

    def test_a_mailbox_keeps_its_folder_when_it_is_renamed(self, town: Town, dovecot: Dovecot) -> None:
        home = dovecot.doveadm("user", "-f", "home", town.address_of("ntyen")).strip()
        assert home == dovecot.doveadm("user", "-f", "home", f"ntyen@{DOMAIN}").strip()
        assert home.rpartition("/")[2].count("-") == 4

    @pytest.mark.parametrize(
        "name",
        [
            f"*@{DOMAIN}",
            f"nvmin*@{DOMAIN}",
            f"nvminh@{DOMAIN})(mail=*",
            f"x)(|(mail=nvminh@{DOMAIN})(mail=nvminh@{DOMAIN}",
            f"nvminh\\2a@{DOMAIN}",
            f"nvminh@{DOMAIN}\\",
            "",
        ],
    )
    def test_a_name_is_never_a_filter(self, town: Town, dovecot: Dovecot, name: str) -> None:
        assert not dovecot.lets_in(name, town.password_of("nvminh"))

    def test_a_name_does_not_end_at_a_nul(self, town: Town, dovecot: Dovecot) -> None:
        session = imaplib.IMAP4("127.0.0.1", dovecot.imap_port, timeout=10)
        name = f"nvminh@{DOMAIN}"
        with pytest.raises(imaplib.IMAP4.error):
            session.authenticate("PLAIN", lambda _: f"\0{name}\0x\0{town.password_of('nvminh')}".encode())
        session.shutdown()

    def test_a_dot_in_a_name_parts_nothing(self, town: Town, dovecot: Dovecot) -> None:
        assert dovecot.deliver(f"an@{DOMAIN}", "không có người này")[0] == 550
        assert dovecot.deliver(f"an.tran@{DOMAIN}", "có người này")[0] == 250

    def test_everybody_who_receives_is_listed_and_nobody_else(self, town: Town, dovecot: Dovecot) -> None:
        with connect(town.server) as admin:
            admin.search(SUFFIX, "(&(objectClass=gdMailbox)(enabledService=deliver))", attributes=["mail"])
            receiving = sorted(str(entry["mail"]) for entry in admin.entries)
        listed = sorted(dovecot.doveadm("user", "*").split())
        assert listed == receiving
        assert BOX in listed
        assert not {town.address_of(REVOKED), town.address_of(PENDING)} & {*listed}


@pytest.fixture
def newcomer(town: Town) -> Iterator[tuple[str, str, str]]:
    """DN, address and password of somebody who has signed in and chosen a password."""
    given, chosen = "Cau-tre-lac-leo-4417", "Ghe-xuong-xuoi-9035"
    with connect(town.server) as admin:
        dn = f"uid=lvmoi,{SONV}"
        person = {"cn": "Lê Văn Mới", "sn": "Lê", "userPassword": given}
        assert admin.add(dn, ["inetOrgPerson", "gdPerson", "gdMailbox"], person), admin.result
        choose(town, dn, given, chosen)
        assert admin.search(dn, "(mail=*)", ldap3.BASE, attributes=["mail"])
        yield dn, str(admin.entries[0]["mail"]), chosen
        assert admin.delete(dn), admin.result


def choose(town: Town, dn: str, old: str, new: str) -> None:
    """Somebody chooses another password."""
    with connect(town.server, dn, old) as own:
        assert own.extend.standard.modify_password(old_password=old, new_password=new), own.result


class TestPasswords:
    def test_one_with_vietnamese_letters(
        self, town: Town, dovecot: Dovecot, newcomer: tuple[str, str, str]
    ) -> None:
        dn, address, password = newcomer
        choose(town, dn, password, "Bến-Ninh-Kiều-1836")
        assert dovecot.lets_in(address, "Bến-Ninh-Kiều-1836")
        assert not dovecot.lets_in(address, "Bến-Ninh-Kiêu-1836")
        assert not dovecot.lets_in(address, password)

    def test_one_that_somebody_else_sets_ends_the_sessions(
        self, town: Town, dovecot: Dovecot, newcomer: tuple[str, str, str]
    ) -> None:
        dn, address, password = newcomer
        session = dovecot.imap(address, password)
        with connect(town.server) as admin:
            assert admin.extend.standard.modify_password(dn, new_password="Xuoi-dong-Hau-Giang-5")
        assert wait_until_closed(session) < AT_ONCE_SECONDS
        assert not dovecot.lets_in(address, "Xuoi-dong-Hau-Giang-5")

    def test_guessing_locks_the_account(self, dovecot: Dovecot, newcomer: tuple[str, str, str]) -> None:
        _, address, password = newcomer
        assert dovecot.lets_in(address, password)
        guesses = [f"doan-thu-{number}" for number in range(WRONG_UNTIL_LOCKED)]
        with ThreadPoolExecutor(WRONG_UNTIL_LOCKED) as guessing:
            assert not any(guessing.map(lambda guess: dovecot.lets_in(address, guess), guesses))
        assert not dovecot.lets_in(address, password)


class TestSizes:
    def test_a_full_mailbox_takes_no_more_until_it_is_given_more(self, town: Town, dovecot: Dovecot) -> None:
        address = town.address_of("dvty")
        assert dovecot.deliver(address, "vừa", 700 << 10)[0] == 250
        code, text = dovecot.deliver(address, "quá", 700 << 10)
        assert (code, "Quota exceeded" in text) == (552, True)
        with town.changed(town.dn_of("dvty"), mailQuota=str(4 << 20)):
            assert dovecot.deliver(address, "quá", 700 << 10)[0] == 250
        assert dovecot.deliver(address, "lại quá", 700 << 10)[0] == 552

    def test_a_quota_of_nought_is_none(self, dovecot: Dovecot) -> None:
        (storage,) = (
            line for line in dovecot.doveadm("quota", "get", "-u", BOX).splitlines() if "STORAGE" in line
        )
        assert storage.split()[4] == "-"
        assert dovecot.deliver(BOX, "không giới hạn", 700 << 10)[0] == 250

    def test_postfix_is_told_before_it_takes_a_message(self, town: Town, dovecot: Dovecot) -> None:
        full, small = town.address_of("dvty"), town.address_of("tvut")
        with town.changed(town.dn_of("dvty"), mailQuota=str(8 << 20)):
            assert dovecot.fits(full, 2 << 20) == "DUNNO"
        assert dovecot.fits(full, 2 << 20).startswith("552 5.2.")
        assert dovecot.fits(small, 99 << 10) == "DUNNO"
        assert dovecot.fits(small, 110 << 10).startswith("552 5.2.3")
        assert dovecot.fits(f"khongco@{DOMAIN}", 1) == "DUNNO"

    def test_what_postfix_took_is_delivered_whatever_its_size(self, town: Town, dovecot: Dovecot) -> None:
        assert dovecot.deliver(town.address_of("tvut"), "lớn", 110 << 10)[0] == 250

    def test_nobody_files_a_message_too_large_for_the_mailbox(self, town: Town, dovecot: Dovecot) -> None:
        address = town.address_of("tvut")
        session = dovecot.imap(address, town.password_of("tvut"))
        status, told = session.append("INBOX", "", "", b"Subject: x\r\n\r\n" + b"x" * (110 << 10))
        assert (status, told[0].startswith(b"[LIMIT]")) == ("NO", True)
        assert session.append("INBOX", "", "", b"Subject: x\r\n\r\n" + b"x" * (90 << 10))[0] == "OK"
