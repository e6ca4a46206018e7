"""Envelope addresses as a mail server looks them up, and who is meant."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.directory.image import Record
from govdir.mailattrs.envelope import MAX_ADDRESS, MAX_HOPS, Envelopes, part_of, readings, tidied
from tests.directory.building import SONV, SOTTTT, SUFFIX, Town, open_town

DOMAIN = "cantho.gov.vn"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(tmp_path_factory.mktemp("envelope") / "town.db") as town:
        town.person("lan", "Trần Thị Lan", mailLocalAddress="lan.cu@cantho.gov.vn")
        town.person("mai", "Phạm Xuân Mai", SOTTTT)
        town.add(f"cn=all,ou=lists,{SUFFIX}", {"objectClass": "gdMailList", "mail": "all@cantho.gov.vn"})
        town.add(f"ou=domains,{SUFFIX}", {"objectClass": "organizationalUnit"})
        town.add(
            f"associatedDomain=cantho.gov.vn,ou=domains,{SUFFIX}",
            {"objectClass": "gdMailDomain", "gdDomainAlias": "soctrang.gov.vn"},
        )
        yield town


def found(town: Town, address: str) -> str | None:
    return uid(Envelopes(town.directory.image, DOMAIN).holder(address))


def uid(record: Record | None) -> str | None:
    return None if record is None else record.rdn.decode().partition("=")[2]


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("ALL@CanTho.gov.VN", "all@cantho.gov.vn"),
        ("all", "all@cantho.gov.vn"),
        ("all@cantho.gov.vn.", "all@cantho.gov.vn"),
        ("all@cantho.gov.vn@", "all@cantho.gov.vn"),
        ('"all"@cantho.gov.vn', "all@cantho.gov.vn"),
        ('"a\\ll"@cantho.gov.vn', "all@cantho.gov.vn"),
        ("all%cantho.gov.vn", "all@cantho.gov.vn"),
        ("cantho.gov.vn!all", "all@cantho.gov.vn"),
        ("@relay.example,@b.example:all@cantho.gov.vn", "all@cantho.gov.vn"),
        ("", ""),
        ("  ", ""),
        ("x" * MAX_ADDRESS + "@cantho.gov.vn", ""),
    ],
)
def test_an_address_is_read_as_the_mail_server_reads_it(address: str, same: str) -> None:
    assert tidied(address, DOMAIN) == same


@pytest.mark.parametrize(
    "address",
    [
        "all%cantho.gov.vn@mx.example.com",
        "all@cantho.gov.vn@mx.example.com",
        '"all@cantho.gov.vn"@[192.0.2.1]',
        "cantho.gov.vn!all@mx.example.com",
        "all%cantho.gov.vn%mx@mx.example.com",
    ],
)
def test_a_recipient_is_found_within_an_address_of_the_mail_servers_own(town: Town, address: str) -> None:
    envelopes = Envelopes(town.directory.image, DOMAIN)
    assert (uid(envelopes.recipient(address)), envelopes.holder(address)) == ("all", None)


@given(st.text("al%!@.", max_size=60))
def test_addresses_within_addresses_come_to_an_end(address: str) -> None:
    assert len(list(readings(address, DOMAIN))) <= MAX_HOPS


@given(st.text(max_size=60))
def test_tidying_holds_for_whatever_comes(address: str) -> None:
    text = tidied(address, DOMAIN)
    assert text == "" or "@" in text


@pytest.mark.parametrize(
    ("address", "who"),
    [
        ("ttlan@cantho.gov.vn", "lan"),
        ("lan.cu@cantho.gov.vn", "lan"),
        ("TTLan+hop@cantho.gov.vn", "lan"),
        ("ttlan@soctrang.gov.vn", "lan"),
        ("ttlan+hop@soctrang.gov.vn", "lan"),
        ("all+1@soctrang.gov.vn.", "all"),
        ("sonv", "sonv"),
        ("+hop@cantho.gov.vn", None),
        ("ttlan@example.com", None),
        ("nguyễn@cantho.gov.vn", None),
        ("\ud800@cantho.gov.vn", None),
    ],
)
def test_a_holder_is_found_under_every_form_that_reaches(town: Town, address: str, who: str | None) -> None:
    assert found(town, address) == who


@pytest.mark.parametrize(
    ("login", "who"),
    [
        ("ttlan@cantho.gov.vn", "lan"),
        ("lan", "lan"),
        ("LAN", "lan"),
        ("sonv", None),
        (" ", None),
        ("ai", None),
    ],
)
def test_an_account_is_found_by_address_or_uid(town: Town, login: str, who: str | None) -> None:
    assert uid(Envelopes(town.directory.image, DOMAIN).account(login)) == who


def test_a_uid_that_two_have_is_nobodys(town: Town) -> None:
    town.person("hai", "Nguyễn Văn Hai", SONV)
    town.person("hai", "Nguyễn Văn Hải", SOTTTT)
    assert Envelopes(town.directory.image, DOMAIN).account("hai") is None


def test_a_part_of_an_entry_leaves_the_rest_encoded(town: Town) -> None:
    record = town.directory.image.find(town.directory.path_of(f"uid=lan,{SONV}") or ())
    assert record is not None
    part = part_of(record, frozenset({"mail", "enabledservice"}))
    assert [each.text for each in part] == ["enabledService", "mail"]
    assert part.text("mail") == "ttlan@cantho.gov.vn"
