"""Adding: what RFC 4511 §4.7 wants refused, with which code, and what the server fills in."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import normalize

import pytest

from govdir.directory.errors import ConstraintViolation, DirectoryError, NamingViolation
from govdir.ldap.codec.messages import AddRequest, Attribute
from tests.directory.building import ADMIN, SONV, SUFFIX, Town, attribute

DEVICE = {"objectClass": "device"}


def refusal(
    town: Town, dn: str, values: dict[str, str | Sequence[str]], *, as_admin: bool = False
) -> DirectoryError:
    before = town.directory.image.number
    with pytest.raises(DirectoryError) as refused:
        town.add(dn, values, town.admin() if as_admin else town.local)
    assert town.directory.image.number == before
    return refused.value


PERSON = {"objectClass": "inetOrgPerson", "cn": "An", "sn": "An"}


@pytest.mark.parametrize(
    ("values", "code", "said"),
    [
        ({**PERSON, "nosuch": "x"}, 17, "nosuch"),
        ({**PERSON, "objectClass": "noSuchClass"}, 21, "noSuchClass"),
        ({**PERSON, "createTimestamp": "yesterday"}, 21, "createTimestamp"),
        ({**PERSON, "mail": "ân@cantho.gov.vn"}, 21, "mail"),
        ({**PERSON, "title": ""}, 21, "title"),
        ({**PERSON, "cn": ("An", "an")}, 20, "cn"),
        (
            {**PERSON, "title": (normalize("NFC", "Trưởng  phòng"), normalize("NFD", "trưởng phòng"))},
            20,
            "title",
        ),
        ({**PERSON, "employeeNumber": ("1", "2")}, 19, "employeeNumber"),
        ({**PERSON, "seeAlso": ("nosuch=1", "nosuch=2")}, 21, "seeAlso"),
        ({**PERSON, "title": ()}, 2, "title"),
        ({"cn": "An", "sn": "An"}, 65, "structural"),
        ({"objectClass": "inetOrgPerson", "cn": "An"}, 65, "'sn'"),
        ({**PERSON, "serialNumber": "1"}, 65, "serialNumber"),
        ({"objectClass": "top"}, 65, "structural"),
        ({"objectClass": ("inetOrgPerson", "device"), "cn": "An", "sn": "An"}, 65, "chain"),
        ({**PERSON, "objectClass": ("inetOrgPerson", "dcObject")}, 65, "'dc'"),
        ({**PERSON, "entryDN": f"uid=x,{SONV}"}, 19, "entryDN"),
        ({**PERSON, "memberOf": f"uid=x,{SONV}"}, 19, "memberOf"),
        ({**PERSON, "pwdHistory": "x"}, 19, "pwdHistory"),
    ],
)
def test_an_entry_against_the_schema_is_refused(
    town: Town, values: dict[str, str | Sequence[str]], code: int, said: str
) -> None:
    refused = refusal(town, f"uid=an,{SONV}", values)
    assert refused.code == code
    assert said in refused.diagnostic


@pytest.mark.parametrize("name", ["entryUUID", "createTimestamp", "creatorsName", "structuralObjectClass"])
def test_what_the_server_writes_is_not_given_by_clients(town: Town, name: str) -> None:
    value = {"createTimestamp": "20200101000000Z", "creatorsName": ADMIN}.get(name, "device")
    assert refusal(town, f"cn=d,{SONV}", {**DEVICE, name: value}, as_admin=True).code == 19


def test_values_that_are_not_utf8_are_21(town: Town) -> None:
    request = AddRequest(
        f"cn=d,{SONV}", (attribute("objectClass", "device"), Attribute("description", (b"\xff\xfe",)))
    )
    with pytest.raises(DirectoryError) as refused:
        town.run(town.local.add(request))
    assert refused.value.code == 21


@pytest.mark.parametrize(
    ("dn", "code", "matched"),
    [
        (f"cn=d,ou=nosuch,{SONV}", 32, SONV),
        ("cn=d,dc=elsewhere", 53, ""),
        ("", 34, ""),
        ("cn", 34, ""),
        (f"nosuch=d,{SONV}", 34, ""),
        (SUFFIX, 68, ""),
        (f"OU=SoNV , ou=orgs,{SUFFIX}", 68, ""),
    ],
)
def test_a_place_where_nothing_can_be_added_is_refused(town: Town, dn: str, code: int, matched: str) -> None:
    refused = refusal(town, dn, {**DEVICE})
    assert (refused.code, refused.matched_dn) == (code, matched)


@pytest.mark.parametrize("rdn", ["cn=Sen  Vàng", "CN = sen vàng", normalize("NFD", "cn=sen vàng")])
def test_a_name_that_matches_an_existing_one_is_68(town: Town, rdn: str) -> None:
    town.add(f"cn=Sen Vàng,{SONV}", DEVICE)
    assert refusal(town, f"{rdn},{SONV}", DEVICE).code == 68


@pytest.mark.parametrize(
    "rdn",
    [
        "userPassword=x",
        "pwdHistory=x",
        "entryUUID=597ae2f6-16a6-1027-98f4-d28b5365dc14",
        "cn=d+memberOf=cn\\=x",
    ],
)
def test_secrets_and_what_the_server_writes_name_no_entry(town: Town, rdn: str) -> None:
    for as_admin in (False, True):
        refused = refusal(town, f"{rdn},{SONV}", {**DEVICE, "cn": "d"}, as_admin=as_admin)
        assert isinstance(refused, NamingViolation)


def test_the_values_of_the_rdn_are_added_beside_those_given(town: Town) -> None:
    town.add(f"cn=d+serialNumber=7,{SONV}", {**DEVICE, "cn": "other"})
    dn = f"serialNumber=7+cn=D,{SONV}"
    assert town.values(dn, "cn") == ("other", "d")
    assert town.values(dn, "serialNumber") == ("7",)
    town.add(f"cn=E,{SONV}", {**DEVICE, "cn": "e"})
    assert town.values(f"cn=e,{SONV}", "cn") == ("e",)


def test_the_server_stamps_a_new_entry(town: Town) -> None:
    town.add(f"cn=d,{SONV}", DEVICE, town.admin())
    town.clock.pass_time(hours=1)
    town.replace(f"cn=d,{SONV}", "description", "x")
    held = {
        name: town.values(f"cn=d,{SONV}", name)
        for name in ("creatorsName", "createTimestamp", "modifyTimestamp")
    }
    assert held["creatorsName"] == (ADMIN,)
    assert held["createTimestamp"] == ("20260302080000Z",)
    assert held["modifyTimestamp"] == ("20260302090000Z",)
    assert town.values(f"cn=d,{SONV}", "structuralObjectClass") == ("device",)
    assert len(town.values(f"cn=d,{SONV}", "entryUUID")[0]) == 36


def test_an_import_by_the_operator_keeps_identity_and_creation(town: Town) -> None:
    given = {"entryUUID": "597ae2f6-16a6-1027-98f4-d28b5365dc14", "createTimestamp": "20200101000000Z"}
    town.add(f"cn=d,{SONV}", {**DEVICE, **given})
    for name, value in given.items():
        assert town.values(f"cn=d,{SONV}", name) == (value,)


def test_options_and_other_names_are_stored_canonically(town: Town) -> None:
    town.add(f"commonName=d,{SONV}", {**DEVICE, "DESCRIPTION;Lang-VI": "máy", "2.5.4.5": "7"})
    assert town.values(f"cn=d,{SONV}", "description;lang-vi") == ("máy",)
    assert town.values(f"cn=d,{SONV}", "serialNumber") == ("7",)


def test_a_star_that_the_regulation_gives_no_uid_is_64(town: Town) -> None:
    refused = refusal(town, f"uid=*,{SONV}", {**PERSON})
    assert refused.code == 64


def test_namesakes_added_under_a_star_get_different_names(town: Town) -> None:
    given = [town.person("*", "Nguyễn Văn Minh") for _ in range(3)]
    assert given == [f"uid={uid},{SONV}" for uid in ("nvminh", "nvanminh", "nguyenvanminh")]


def test_an_address_that_is_taken_is_19_for_entries_of_every_kind(town: Town) -> None:
    town.person("an", "Lê An")
    (mail,) = town.values(f"uid=an,{SONV}", "mail")
    refused = refusal(town, f"uid=b,{SONV}", {**PERSON, "mail": mail.upper()})
    assert isinstance(refused, ConstraintViolation)
    assert refused.diagnostic.startswith("mail: ")
    assert mail not in refused.diagnostic.lower()
    assert refusal(town, f"uid=b,{SONV}", {**PERSON, "mail": ("b@x.vn", mail)}).code == 19


def test_a_bad_entry_costs_no_hash(town: Town) -> None:
    before = town.slow.done
    refusal(
        town,
        f"uid=an,{SONV}",
        {"objectClass": "inetOrgPerson", "cn": "x", "userPassword": "Hoa-sen-trang-927"},
    )
    assert town.slow.done == before


def _copy(town: Town, status: str) -> tuple[str, ...]:
    """Adds what a tree view reads of a person there is, with that status; the services of the copy."""
    original = town.person("btxuan", "Bùi Thị Xuân")
    derived = ("enabledService", "gdNameKey", "gdStateSince")
    read = {name: town.values(original, name) for name in ("objectClass", "cn", "sn", *derived)}
    copy = town.add(f"uid=khac,{SONV}", {**read, "accountStatus": status}, town.admin())
    return town.values(copy, "enabledService")


def test_what_the_server_derives_may_come_along_in_a_copy(town: Town) -> None:
    assert "imap" in _copy(town, "active")


def test_a_new_entry_that_is_meant_to_be_blocked_is_not_made_open(town: Town) -> None:
    with pytest.raises(ConstraintViolation, match=r"accountStatus.*follows from gdState and is active here"):
        _copy(town, "disabled")
