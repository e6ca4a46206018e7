"""What an address book shows: who takes mail, where somebody works, attributes that clients ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from govdir.directory.caller import Role
from govdir.directory.handle import Handle
from govdir.ldap.codec.messages import ModifyOperation, Scope
from tests.directory.building import SONV, SOTTTT, SUFFIX, Town, entries, names, open_town, request

OFFICE = f"ou=vanphong,{SONV}"
LIST = f"cn=all,ou=lists,{SUFFIX}"
BOOK = f"cn=roundcube,ou=services,{SUFFIX}"
STATES = ("active", "sendblocked", "suspended", "revoked", "deleted", "pending")
SHOWN = {"active", "sendblocked", "suspended"}


def populate(town: Town) -> None:
    town.add(
        OFFICE,
        {
            "objectClass": ("organizationalUnit", "gdOrganization", "gdMailbox"),
            "ou": "vanphong",
            "displayName": "Văn phòng",
            "gdOrgKind": "unit",
        },
    )
    for state in STATES:
        town.person(state, f"Nguyễn Thị {state.title()}", OFFICE)
        if state != "active":
            dn = f"uid={state},{OFFICE}"
            if state == "pending":
                town.delete(dn)
                town.person(state, "Nguyễn Thị Pending", OFFICE, gdState="pending")
            else:
                town.replace(dn, "gdState", state)
    town.person("tvbinh", "Trần Văn Bình", SONV)
    town.person("dtcuc", "Đỗ Thị Cúc", SONV, o="Đảng ủy", ou="Ban Dân vận")
    town.add(LIST, {"objectClass": "gdMailList", "mail": "all@cantho.gov.vn", "member": f"uid=tvbinh,{SONV}"})
    town.add(BOOK, {"objectClass": "gdService", "gdServiceKind": "addressbook"})


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, furnished: Path) -> Iterator[Town]:
    with open_town(tmp_path_factory.mktemp("book") / "town.db", furnished) as town:
        populate(town)
        yield town


def values(handle: Handle, dn: str, *asked: str) -> dict[str, str]:
    """An entry's attributes as they come back, each with its first value."""
    found = entries(handle.search(request("(&)", dn, Scope.BASE_OBJECT, asked)))
    return {one.type: one.values[0].decode() for entry in found for one in entry.attributes}


def test_colleagues_and_address_book_servers_see_who_takes_mail(town: Town) -> None:
    for reader in (
        town.caller(Role.PERSON, f"uid=tvbinh,{SONV}"),
        town.caller(Role.SERVICE, BOOK, "addressbook"),
    ):
        assert set(names(reader, "(sn=Nguyễn)")) == SHOWN
        assert set(names(reader, "(cn=*nguyen*)", size_limit=100)) == SHOWN
        assert "vanphong" in names(reader, "(displayName=*van phong*)")


def test_whoever_is_not_shown_sees_itself_and_is_seen_by_those_in_charge(town: Town) -> None:
    for state in ("revoked", "pending"):
        assert state in names(town.caller(Role.PERSON, f"uid={state},{OFFICE}"), "(sn=Nguyễn)")
    assert set(names(town.admin(), "(sn=Nguyễn)")) == set(STATES)


def test_mail_servers_still_see_everybody(town: Town) -> None:
    postfix = town.caller(Role.SERVICE, BOOK, "mail")
    assert set(names(postfix, "(cn=*nguyen*)")) == set(STATES)


def test_a_mailbox_that_takes_mail_again_is_shown_again(town: Town) -> None:
    reader = town.caller(Role.SERVICE, BOOK, "addressbook")
    assert "revoked" not in names(reader, "(uid=revoked)")
    town.replace(f"uid=revoked,{OFFICE}", "gdState", "active")
    assert names(reader, "(uid=revoked)") == ["revoked"]
    town.change(f"uid=revoked,{OFFICE}", ModifyOperation.REPLACE, "gdState", "revoked")
    assert names(reader, "(uid=revoked)") == []


def test_the_public_sees_who_takes_mail_and_that_where_it_is_published(
    tmp_path: Path, furnished: Path
) -> None:
    with open_town(tmp_path / "town.db", furnished, publication=True) as town:
        populate(town)
        public = town.caller(Role.ANONYMOUS)
        assert set(names(public, "(cn=*nguyen*)", size_limit=100)) == SHOWN
        assert values(public, f"uid=active,{OFFICE}", "cn", "o", "mail", "mobile", "gdMiddleName") == {
            "cn": "Nguyễn Thị Active",
            "mail": "ntactive@cantho.gov.vn",
            "o": "Sở Nội vụ",
        }


def test_where_somebody_works_follows_from_the_place(town: Town) -> None:
    reader = town.caller(Role.SERVICE, BOOK, "addressbook")
    asked = ("cn", "o", "ou")
    assert values(reader, f"uid=active,{OFFICE}", *asked) == {
        "cn": "Nguyễn Thị Active",
        "o": "Sở Nội vụ",
        "ou": "Văn phòng",
    }
    assert values(reader, f"uid=tvbinh,{SONV}", *asked) == {"cn": "Trần Văn Bình", "o": "Sở Nội vụ"}
    assert values(reader, f"uid=dtcuc,{SONV}", "o", "ou") == {"o": "Đảng ủy", "ou": "Ban Dân vận"}


def test_who_works_elsewhere_is_shown_there(town: Town) -> None:
    dn = f"uid=tvbinh,{SONV}"
    town.replace(dn, "gdOrg", SOTTTT)
    assert values(town.admin(), dn, "o", "ou") == {"o": "Sở Thông tin và Truyền thông"}
    town.replace(dn, "gdOrg", f"ou=nosuch,{SUFFIX}")
    assert values(town.admin(), dn, "o", "ou") == {"o": "Sở Nội vụ"}
    town.replace(dn, "gdOrg", OFFICE)
    assert values(town.admin(), dn, "o", "ou") == {"o": "Sở Nội vụ", "ou": "Văn phòng"}
    town.replace(dn, "gdOrg")


def test_it_comes_under_the_names_that_clients_ask_for_and_for_those_only(town: Town) -> None:
    reader = town.caller(Role.SERVICE, BOOK, "addressbook")
    asked = ("company", "department", "mozillaNickname", "xmozillanickname", "workurl", "carphone")
    assert values(reader, f"uid=active,{OFFICE}", *asked) == {
        "company": "Sở Nội vụ",
        "department": "Văn phòng",
    }
    assert not {"o", "ou"} & set(values(reader, f"uid=active,{OFFICE}"))
    assert not {"o", "ou"} & set(values(town.admin(), f"uid=active,{OFFICE}", "*", "+"))
    assert values(town.caller(Role.SERVICE, BOOK, "mail"), f"uid=active,{OFFICE}", "o", "ou") == {}


def test_a_body_gets_no_organisation_from_above(town: Town) -> None:
    assert values(town.admin(), OFFICE, "o", "ou") == {"ou": "vanphong"}


def test_a_person_may_have_what_thunderbird_shows_besides(town: Town) -> None:
    dn = f"uid=tvbinh,{SONV}"
    town.change(dn, ModifyOperation.ADD, "objectClass", "mozillaAbPersonAlpha")
    town.replace(dn, "mozillaNickname", "Bình gù")
    reader = town.caller(Role.SERVICE, BOOK, "addressbook")
    assert values(reader, dn, "xmozillanickname") == {"xmozillanickname": "Bình gù"}
    assert names(reader, "(|(cn=*zz*)(mozillaNickname=*binh gu*))", size_limit=100) == ["tvbinh"]
