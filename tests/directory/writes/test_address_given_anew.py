"""`mail: *`, and `uid=*` as a new name: the address the regulation gives for the present name and place."""

from __future__ import annotations

import pytest

from govdir.directory.errors import EntryAlreadyExists, NamingViolation, RuleViolation
from tests.directory.building import SONV, SOTTTT, SUFFIX, Town


def test_a_new_name_brings_its_own_address_and_the_old_one_stays_as_an_alias(town: Town) -> None:
    town.person("nvminh", "Nguyễn Văn Minh")
    dn = town.person("ltbdao", "Lê Thị Bích Đào")
    town.replace(dn, "cn", "Lê Thị Bích Hoa")
    town.replace(dn, "mail", "*")
    assert town.values(dn, "mail") == ("ltbhoa@cantho.gov.vn",)
    assert town.values(dn, "mailLocalAddress") == ("ltbdao@cantho.gov.vn",)
    assert town.values(dn, "gdPreviousAddress") == ("ltbdao@cantho.gov.vn",)


def test_an_address_that_still_is_a_form_of_the_name_is_kept(town: Town) -> None:
    town.person("nvminh", "Nguyễn Văn Minh")
    second = town.person("second", "Nguyễn Văn Minh")
    town.replace(second, "mail", "*")
    assert town.values(second, "mail") == ("nvanminh@cantho.gov.vn",)
    assert town.values(second, "mailLocalAddress") == ()


def test_a_new_entry_may_ask_for_its_address_outright(town: Town) -> None:
    dn = town.person("*", "Trần Quốc Ân", mail="*")
    assert town.values(dn, "mail") == ("tqan@cantho.gov.vn",)


def test_where_the_regulation_has_no_address_left_a_human_decides(town: Town) -> None:
    for uid in "abc":
        town.person(uid, "Nguyễn Văn Minh")
    dn = town.person("d", "Trần Quốc Ân")
    town.replace(dn, "cn", "Nguyễn Văn Minh")
    with pytest.raises(RuleViolation) as refusal:
        town.replace(dn, "mail", "*")
    assert refusal.value.rule == "address-exhausted"


def test_a_unit_that_moves_asks_for_the_address_of_its_new_place(town: Town) -> None:
    unit = {"objectClass": ("organizationalUnit", "gdOrganization", "gdMailbox"), "displayName": "Văn phòng"}
    town.add(f"ou=vanphong,{SONV}", unit)
    town.rename(f"ou=vanphong,{SONV}", "ou=vanphong", SOTTTT)
    moved = f"ou=vanphong,{SOTTTT}"
    assert town.values(moved, "mail") == ("vanphong.sonv@cantho.gov.vn",)
    town.replace(moved, "mail", "*")
    assert town.values(moved, "mail") == ("vanphong.sotttt@cantho.gov.vn",)
    assert town.values(moved, "mailLocalAddress") == ("vanphong.sonv@cantho.gov.vn",)


def test_uid_star_names_a_moved_person_by_its_address(town: Town) -> None:
    dn = town.person("old", "Lê Thị Bích Đào")
    town.rename(dn, "uid=*", SOTTTT)
    moved = f"uid=ltbdao,{SOTTTT}"
    assert town.values(moved, "uid") == ("ltbdao",)
    assert town.values(moved, "mail") == ("ltbdao@cantho.gov.vn",)


def test_a_name_that_is_taken_at_the_new_place_is_refused_also_when_it_was_derived(town: Town) -> None:
    dn = town.person("old", "Lê Thị Bích Đào")
    town.person("ltbdao", "Trần Quốc Ân", below=SOTTTT)
    with pytest.raises(EntryAlreadyExists):
        town.rename(dn, "uid=*", SOTTTT)
    assert town.exists(dn)


def test_what_has_no_address_cannot_be_named_by_one(town: Town) -> None:
    with pytest.raises(NamingViolation):
        town.rename(SONV, "uid=*")


def test_a_body_may_be_named_by_the_label_the_regulation_gives(town: Town) -> None:
    body = {"objectClass": ("organizationalUnit", "gdOrganization", "gdMailbox")}
    dn = town.add(f"ou=*,ou=orgs,{SUFFIX}", {**body, "displayName": "Sở Ngoại vụ"})
    assert dn == f"ou=songoaivu,ou=orgs,{SUFFIX}"
    assert town.values(dn, "gdOrgCode") == town.values(dn, "ou") == ("songoaivu",)
    unit = town.add(f"ou=*,{dn}", {**body, "displayName": "Văn phòng"})
    assert unit == f"ou=vanphong,{dn}"


def test_the_asterisk_that_asks_for_a_label_is_no_value_of_the_body(town: Town) -> None:
    body = {
        "objectClass": ("organizationalUnit", "gdOrganization", "gdMailbox"),
        "displayName": "Sở Ngoại vụ",
    }
    with_rdn_attribute = town.add(f"ou=*,ou=orgs,{SUFFIX}", {**body, "ou": "*"})
    assert town.values(with_rdn_attribute, "ou") == ("songoaivu",)

    town.rename(with_rdn_attribute, "ou=ngoaivu")
    town.rename(f"ou=ngoaivu,ou=orgs,{SUFFIX}", "ou=*")
    assert town.values(with_rdn_attribute, "ou") == ("songoaivu",)


def test_a_label_that_names_a_sibling_already_is_refused(town: Town) -> None:
    body = {"objectClass": ("organizationalUnit", "gdOrganization"), "displayName": "Văn phòng"}
    town.add(f"ou=*,{SONV}", body)
    with pytest.raises(EntryAlreadyExists):
        town.add(f"ou=*,{SONV}", body)
