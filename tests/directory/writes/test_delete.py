"""Deleting: leaves only, with the references and addresses that go along."""

from __future__ import annotations

import pytest

from govdir.directory.errors import DirectoryError, RuleViolation
from tests.directory.building import SONV, SUFFIX, Town

AN = f"uid=an,{SONV}"
LIST = f"cn=all,ou=lists,{SUFFIX}"


@pytest.mark.parametrize(("dn", "code"), [(SUFFIX, 66), (f"ou=orgs,{SUFFIX}", 66), (AN, 32), ("uid", 34)])
def test_what_cannot_be_deleted_is_refused(town: Town, dn: str, code: int) -> None:
    with pytest.raises(DirectoryError) as refusal:
        town.delete(dn)
    assert refusal.value.code == code


def test_references_to_a_deleted_entry_end(town: Town) -> None:
    town.person("an", "Lê An")
    town.person("chi", "Vũ Chi")
    chi = f"uid=chi,{SONV}"
    town.add(
        LIST, {"objectClass": "gdMailList", "mail": "all@cantho.gov.vn", "member": (AN, chi), "owner": AN}
    )
    town.replace(SONV, "gdItAdmin", AN)
    town.delete(AN)
    assert town.values(LIST, "member") == (chi,)
    assert town.values(LIST, "owner") == town.values(SONV, "gdItAdmin") == ()


def test_an_entry_that_another_one_needs_stays(town: Town) -> None:
    town.person("an", "Lê An")
    town.add(LIST, {"objectClass": "groupOfNames", "member": AN})
    with pytest.raises(DirectoryError) as refusal:
        town.delete(AN)
    assert refusal.value.code == 53
    assert "member" in refusal.value.diagnostic
    assert town.exists(AN)


def test_the_address_of_a_short_mistake_is_free_again(town: Town) -> None:
    town.person("an", "Lê An")
    mail = town.values(AN, "mail")
    town.delete(AN)
    town.person("an", "Lê An")
    assert town.values(AN, "mail") == mail


def test_an_address_that_was_known_for_longer_than_a_day_is_never_given_again(town: Town) -> None:
    town.person("an", "Lê An")
    (mail,) = town.values(AN, "mail")
    town.clock.pass_time(days=1, seconds=1)
    town.delete(AN)
    assert mail in town.directory.image.retired_addresses
    with pytest.raises(RuleViolation):
        town.person("an", "Lê An", mail=mail)
    with pytest.raises(DirectoryError) as refusal:
        town.add(AN, {"objectClass": "inetOrgPerson", "cn": "x", "sn": "x", "mail": mail})
    assert refusal.value.code == 19


def test_the_address_of_an_account_that_was_used_is_retired_at_once(town: Town) -> None:
    town.person("an", "Lê An", userPassword="Hoa-sen-trang-927")
    (mail,) = town.values(AN, "mail")
    town.bound(AN, "Hoa-sen-trang-927")
    town.delete(AN)
    assert mail in town.directory.image.retired_addresses


def test_an_entry_created_at_a_time_without_seconds_is_deleted_like_any_other(town: Town) -> None:
    dn = town.person("*", "Đặng Thị Mơ", createTimestamp="202001010000Z")
    town.delete(dn)
    assert not town.exists(dn)
