"""Whether somebody is on a list: by name, by search, through other lists, at the same cost for any number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from govdir.mailattrs import list_membership
from govdir.mailattrs.list_members import may_send, search_of
from govdir.mailattrs.list_membership import ListMembership
from govdir.policy.load import load_province
from tests.directory.building import SONV, SOTTTT, SUFFIX, Town, open_town

LAN, HUY = (f"uid={uid},{SONV}" for uid in ("lan", "huy"))
MAI = f"uid=mai,{SOTTTT}"
PEOPLE = {LAN: "ttlan@cantho.gov.vn", HUY: "lqhuy@cantho.gov.vn", MAI: "pxmai@cantho.gov.vn"}


def named(name: str) -> str:
    return f"cn={name},ou=lists,{SUFFIX}"


STAFF_URL = f"ldap:///{SONV}?mail?sub?(&(objectClass=gdPerson)(enabledService=deliver))"
LISTS = {
    "byname": {"member": (LAN,)},
    "bysearch": {"memberURL": STAFF_URL},
    "nested": {"member": (named("byname"),)},
    "nestedsearch": {"member": (named("bysearch"), MAI)},
    "ring": {"member": (named("nested"),)},
    "outer": {"member": (named("ring"),)},
    "empty": {"member": (named("ring"),)},
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(Path(tmp_path_factory.mktemp("membership")) / "town.db") as town:
        town.person("lan", "Trần Thị Lan")
        town.person("huy", "Lê Quang Huy")
        town.person("mai", "Phạm Xuân Mai", SOTTTT)
        for name, members in LISTS.items():
            facts = {
                "objectClass": "gdMailList",
                "mail": f"{name}@cantho.gov.vn",
                "gdSenderPolicy": "members",
            }
            town.add(named(name), {**facts, **members})
        town.replace(named("byname"), "member", LAN, named("ring"))  # a list on itself, through two others
        town.replace(named("empty"), "member", named("empty"))
        yield town


ON = {
    "byname": {LAN},
    "bysearch": {LAN, HUY},
    "nested": {LAN},
    "nestedsearch": {LAN, HUY, MAI},
    "ring": {LAN},
    "outer": {LAN},
    "empty": set(),
}


def is_on(town: Town, list_dn: str, person: str) -> bool:
    return ListMembership(town.directory, search_of(town.local))(list_dn, person)


@pytest.mark.parametrize("name", LISTS)
def test_everybody_on_a_list_is_found_and_nobody_else(town: Town, name: str) -> None:
    assert {person for person in PEOPLE if is_on(town, named(name), person)} == ON[name]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("person", PEOPLE)
def test_where_members_may_send_those_on_the_list_do(town: Town, name: str, person: str) -> None:
    entry, search, pack = town.local.read(named(name)), search_of(town.local), load_province("cantho")
    is_on = ListMembership(town.directory, search)
    verdict = may_send(named(name), entry, PEOPLE[person], search, pack, is_on=is_on)
    assert verdict.allowed == (person in ON[name])


def test_names_in_other_spellings_are_the_same(town: Town) -> None:
    assert is_on(town, named("byname").upper(), LAN.replace("uid=", "UID = ").upper())


@pytest.mark.parametrize("dn", [named("khongco"), "dc=elsewhere"])
def test_nobody_is_on_a_list_that_is_not_there(town: Town, dn: str) -> None:
    assert not is_on(town, dn, LAN)


def test_the_members_of_a_list_are_not_walked_through(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    membership = ListMembership(town.directory, search_of(town.local))
    monkeypatch.setattr(membership, "_key", lambda dn: asked.append(dn) or dn)
    monkeypatch.setattr(list_membership, "finds", lambda *_: False)
    membership(named("nestedsearch"), LAN)
    assert len(asked) <= 1 + len(LISTS)
