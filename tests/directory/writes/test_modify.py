"""Modifying: all or nothing, checked at the end, by the codes of RFC 4511 §4.6."""

from __future__ import annotations

import pytest

from govdir.directory.errors import ConstraintViolation, DirectoryError, ObjectClassViolation
from govdir.ldap.codec.messages import Change, ModifyOperation, ModifyRequest
from tests.directory.building import SONV, SUFFIX, Town, attribute, names

ADD, DELETE, REPLACE = ModifyOperation.ADD, ModifyOperation.DELETE, ModifyOperation.REPLACE
AN = f"uid=an,{SONV}"
Step = tuple[ModifyOperation, str, tuple[str, ...]]


@pytest.fixture
def town(town: Town) -> Town:
    town.add(AN, {"objectClass": "inetOrgPerson", "cn": "An", "sn": "An", "title": "x"})
    return town


def modify(town: Town, *steps: Step, dn: str = AN, as_admin: bool = False) -> None:
    changes = tuple(Change(operation, attribute(name, values)) for operation, name, values in steps)
    town.run((town.admin() if as_admin else town.local).modify(ModifyRequest(dn, changes)))


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        (((DELETE, "uid", ()),), 67),
        (((DELETE, "uid", ("AN",)),), 67),
        (((REPLACE, "uid", ("binh",)),), 67),
        (((REPLACE, "uid", ()),), 67),
        (((DELETE, "sn", ()),), 65),
        (((REPLACE, "sn", ()),), 65),
        (((REPLACE, "objectClass", ("device",)),), 69),
        (((REPLACE, "objectClass", ("person",)),), 69),
        (((DELETE, "objectClass", ()),), 65),
        (((REPLACE, "objectClass", ("top",)),), 65),
        (((ADD, "objectClass", ("noSuchClass",)),), 21),
        (((ADD, "objectClass", ("device",)),), 65),
        (((ADD, "objectClass", ("dcObject",)),), 65),
        (((ADD, "serialNumber", ("1",)),), 65),
        (((ADD, "employeeNumber", ("1", "2")),), 19),
        (((REPLACE, "title", ("x", "X")),), 20),
        (((REPLACE, "title", ("",)),), 21),
        (((REPLACE, "memberOf", (AN,)),), 19),
        (((REPLACE, "pwdHistory", ("x",)),), 19),
        (((ADD, "nosuch", ("x",)),), 17),
    ],
)
def test_a_modification_is_refused_with_its_code_and_changes_nothing(
    town: Town, steps: tuple[Step, ...], code: int
) -> None:
    before = town.local.read(AN).as_messages()
    with pytest.raises(DirectoryError) as refusal:
        modify(town, (REPLACE, "description", ("also",)), *steps)
    assert refusal.value.code == code
    assert town.local.read(AN).as_messages() == before


@pytest.mark.parametrize(
    "steps",
    [
        ((DELETE, "sn", ()), (ADD, "sn", ("Lê",))),
        ((DELETE, "uid", ("an",)), (ADD, "uid", ("AN",))),
        ((REPLACE, "uid", ("binh", "an")),),
        ((ADD, "objectClass", ("dcObject",)), (ADD, "dc", ("x",))),
        ((DELETE, "objectClass", ()), (ADD, "objectClass", ("top", "inetOrgPerson"))),
        ((REPLACE, "description", ()),),
        ((DELETE, "title", ()), (ADD, "title", ("a",)), (DELETE, "title", ("A",))),
    ],
)
def test_only_the_end_of_all_changes_is_judged(town: Town, steps: tuple[Step, ...]) -> None:
    modify(town, *steps)


@pytest.mark.parametrize("name", ["entryUUID", "createTimestamp", "entryDN", "structuralObjectClass"])
def test_what_the_server_writes_is_not_changed_even_by_the_administrator(town: Town, name: str) -> None:
    with pytest.raises(ConstraintViolation):
        modify(town, (REPLACE, name, ("x",)), as_admin=True)


def test_a_missing_entry_is_32_with_the_deepest_there_is(town: Town) -> None:
    with pytest.raises(DirectoryError) as refusal:
        modify(town, (REPLACE, "title", ("x",)), dn=f"uid=x,ou=y,{SONV}")
    assert (refusal.value.code, refusal.value.matched_dn) == (32, SONV)


def test_the_suffix_entry_can_be_modified(town: Town) -> None:
    modify(town, (REPLACE, "description", ("Thành phố",)), dn=SUFFIX)
    assert town.values(SUFFIX, "description") == ("Thành phố",)
    assert town.exists(AN)


def test_an_address_another_entry_holds_is_19(town: Town) -> None:
    town.person("chi", "Vũ Chi")
    (mail,) = town.values(f"uid=chi,{SONV}", "mail")
    with pytest.raises(ConstraintViolation):
        modify(town, (ADD, "mail", (mail.upper(),)))
    modify(town, (ADD, "mail", ("free@cantho.gov.vn",)))
    modify(town, (REPLACE, "mail", ("FREE@cantho.gov.vn", "more@cantho.gov.vn")))
    assert town.values(AN, "mail") == ("FREE@cantho.gov.vn", "more@cantho.gov.vn")


def test_search_finds_the_new_values_and_not_the_old(town: Town) -> None:
    modify(town, (REPLACE, "cn", ("Bình",)))
    assert names(town.local, "(cn=an)") == []
    assert names(town.local, "(cn=B*)") == ["an"]


@pytest.mark.parametrize("lost", ["gdMailbox", "gdPerson"])
def test_a_regulated_class_is_taken_off_and_put_back(town: Town, lost: str) -> None:
    dn = town.person("*", "Vũ Văn Chi")
    before = town.values(dn, "mail") + town.values(dn, "accountStatus") + town.values(dn, "gdNameKey")

    modify(town, (DELETE, "objectClass", (lost,)), dn=dn, as_admin=True)
    assert town.values(dn, "accountStatus" if lost == "gdMailbox" else "gdNameKey") == ()
    modify(town, (ADD, "objectClass", (lost,)), dn=dn, as_admin=True)

    after = town.values(dn, "mail") + town.values(dn, "accountStatus") + town.values(dn, "gdNameKey")
    assert after == before


def test_an_address_goes_with_its_class_by_request_only(town: Town) -> None:
    dn, alias = town.person("*", "Vũ Văn Chi"), "chi.sonv@cantho.gov.vn"
    modify(town, (ADD, "mailLocalAddress", (alias,)), dn=dn, as_admin=True)
    leave = (DELETE, "objectClass", ("gdMailbox",))

    with pytest.raises(ObjectClassViolation, match="mailLocalAddress"):
        modify(town, leave, dn=dn, as_admin=True)
    modify(town, leave, (DELETE, "mailLocalAddress", ()), dn=dn, as_admin=True)

    modify(town, (ADD, "mail", (alias,)))
    assert town.values(AN, "mail") == (alias,)
