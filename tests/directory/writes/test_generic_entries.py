"""Entries that are no mailboxes, below an ou of the administrator's own: as in any LDAP server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from govdir.directory.caller import Role
from govdir.directory.errors import DirectoryError, InsufficientAccessRights, ObjectClassViolation
from govdir.ldap.codec.messages import ModifyOperation
from tests.directory.building import ADMIN, SONV, SUFFIX, Town, open_town

FREE = f"ou=free,{SUFFIX}"
PASSWORD = "Song-Hau-7894"

KINDS: dict[str, dict[str, str | Sequence[str]]] = {
    "cn=printer": {"objectClass": "device", "serialNumber": "7", "owner": ADMIN},
    "cn=a+serialNumber=5": {"objectClass": "device"},
    "cn=Ai Đó": {"objectClass": "person", "sn": "Đó", "userPassword": PASSWORD},
    "cn=staff": {"objectClass": "organizationalPerson", "sn": "x", "title": "y"},
    "uid=inet": {"objectClass": "inetOrgPerson", "sn": "x", "cn": "y", "mail": "a@example.vn"},
    "cn=resident": {"objectClass": "residentialPerson", "sn": "a", "l": "b"},
    "cn=Room 1": {"objectClass": "room", "roomNumber": "1"},
    "c=VN": {"objectClass": "country"},
    "l=Cần Thơ": {"objectClass": "locality"},
    "o=elsewhere": {"objectClass": "organization"},
    "ou=unit": {"objectClass": "organizationalUnit"},
    "dc=x": {"objectClass": "domain"},
    "cn=group": {"objectClass": "groupOfNames", "member": ADMIN},
    "cn=unique": {"objectClass": "groupOfUniqueNames", "uniqueMember": ADMIN},
    "cn=role": {"objectClass": "organizationalRole", "roleOccupant": ADMIN},
    "cn=app": {"objectClass": "applicationProcess"},
    "uid=account": {"objectClass": "account", "host": "a"},
    "uid=login": {"objectClass": ("account", "simpleSecurityObject"), "userPassword": PASSWORD},
    "documentIdentifier=1": {"objectClass": "document", "documentVersion": "2"},
    "cn=anything": {"objectClass": ("device", "extensibleObject"), "mail": "x@example.vn", "mailQuota": "5"},
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, furnished: Path) -> Iterator[Town]:
    with open_town(tmp_path_factory.mktemp("generic") / "town.db", furnished) as town:
        town.add(FREE, {"objectClass": "organizationalUnit"}, town.admin())
        yield town


@pytest.mark.parametrize("rdn", KINDS)
def test_an_administrator_adds_changes_renames_and_deletes_it(shared: Town, rdn: str) -> None:
    admin = shared.admin()
    dn = f"{rdn},{FREE}"
    assert shared.add(dn, KINDS[rdn], admin) == dn
    shared.change(dn, ModifyOperation.ADD, "description", "một mục", handle=admin)
    name = rdn.partition("=")[0]
    new = "c=LA" if name == "c" else f"{name}=other"
    shared.rename(dn, new, handle=admin)
    assert shared.values(f"{new},{FREE}", "description") == ("một mục",)
    shared.delete(f"{new},{FREE}", admin)
    assert not shared.exists(f"{new},{FREE}")


def test_an_entry_that_must_have_a_password_has_one(shared: Town) -> None:
    classes = ("account", "simpleSecurityObject")
    dn = f"uid=must,{FREE}"
    with pytest.raises(ObjectClassViolation, match="userPassword"):
        shared.add(dn, {"objectClass": classes}, shared.admin())
    shared.add(dn, {"objectClass": classes, "userPassword": PASSWORD}, shared.admin())
    with pytest.raises(ObjectClassViolation, match="userPassword"):
        shared.change(dn, ModifyOperation.DELETE, "userPassword", handle=shared.admin())
    shared.replace(dn, "description", "x", handle=shared.admin())
    assert shared.bound(dn, PASSWORD)
    shared.add(f"uid=free,{FREE}", {"objectClass": "account"}, shared.admin())
    with pytest.raises(ObjectClassViolation, match="userPassword"):
        shared.replace(f"uid=free,{FREE}", "objectClass", *classes, handle=shared.admin())


class TestExtensibleObject:
    """RFC 4512 §4.3: any user attribute of the schema."""

    def test_it_does_away_with_may_but_not_with_must_or_syntax(self, shared: Town) -> None:
        for values in ({"sn": "a", "objectClass": ("person", "extensibleObject")}, {"jpegPhoto": "x"}):
            entry: dict[str, str | Sequence[str]] = {"objectClass": ("account", "extensibleObject"), **values}
            with pytest.raises(DirectoryError):
                shared.add(f"l=a,{FREE}", entry, shared.admin())
        with pytest.raises(DirectoryError, match=r"^nosuch: .*attribute type undefined"):
            shared.add(
                f"cn=b,{FREE}", {"objectClass": ("device", "extensibleObject"), "nosuch": "1"}, shared.admin()
            )

    def test_it_gives_nobody_rights(self, shared: Town) -> None:
        shared.person("hoa", "Lê Hoa", below=SONV)
        hoa = shared.caller(Role.PERSON, f"uid=hoa,{SONV}")
        with pytest.raises(InsufficientAccessRights):
            shared.change(
                f"uid=hoa,{SONV}", ModifyOperation.ADD, "objectClass", "extensibleObject", handle=hoa
            )

    def test_a_mailbox_keeps_its_rules_under_it(self, shared: Town) -> None:
        shared.person("binh", "Lê Bình", below=SONV)
        dn = f"uid=binh,{SONV}"
        shared.change(dn, ModifyOperation.ADD, "objectClass", "extensibleObject", handle=shared.admin())
        shared.replace(dn, "serialNumber", "77", handle=shared.admin())
        (address,) = shared.values(dn, "mail")
        with pytest.raises(DirectoryError):
            shared.replace(dn, "mail", "not an address", handle=shared.admin())
        assert shared.values(dn, "mail") == (address,)
